"""Gathers what the subsidy ledger needs to know of cases: agreement, performance, sessions, people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from mediation.agreement import AgreementForm, Side
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseStatus
from mediation.subsidy import Conduct, Effort, same_pairs
from mediation.vocabulary import RiskGrade
from storage import subsidies
from storage.sealing import current_sealer
from storage.tables import AgreementRow, CaseRow, CommitteeRow

MET = frozenset({"session", "meeting_held"})
STEPS = (*sorted(MET), "accepted", "closed", "reopened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Chinese days, the last one included, as times: from `start` up to `end`."""

    start: datetime
    end: datetime

    def holds(self, at: datetime | None) -> bool:
        """Whether a time lies in it."""
        return at is not None and self.start <= at < self.end


def period(since: date, until: date) -> Period:
    """Return the days from `since` to `until`, both included."""
    start, last = (datetime.combine(day, time(), tzinfo=CHINA_TIME) for day in (since, until))
    return Period(start=start, end=last + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One case as the ledger sees it.

    `performed` tells how each obligation of the agreement was found performed ("" for not at all), `agreed`
    is the sum of its payments in yuan. `silent` are the sides that let the time to confirm it pass. `steps`
    are (event, time). `known_by` holds person ids and phone hashes of each side.
    """

    case: CaseRow
    committee: CommitteeRow
    mediator: str
    agreements: tuple[AgreementRow, ...]
    performed: tuple[str, ...]
    agreed: float | None
    silent: tuple[str, ...]
    steps: tuple[tuple[str, datetime], ...]
    known_by: Mapping[Side, frozenset[str]]

    @property
    def agreement(self) -> AgreementRow | None:
        """The version in effect, else the latest."""
        return _standing(self.agreements)

    @property
    def pairs(self) -> frozenset[frozenset[str]]:
        """The marks by which another case between the same two parties is found."""
        return same_pairs(self.known_by[Side.APPLICANT], self.known_by[Side.RESPONDENT])

    @property
    def sessions(self) -> int:
        """Days on which both sides met or a session was recorded: several records of a day are one."""
        return len({at.astimezone(CHINA_TIME).date() for event, at in self.steps if event in MET})

    @property
    def times_closed(self) -> int:
        """How often the case was closed, the last time included."""
        return sum(event == "closed" for event, _ in self.steps)

    @property
    def days(self) -> int:
        """Days of mediation: from acceptance, or the last reopening, to the agreement or the end."""
        end = (self.agreement.effective_at if self.agreement else None) or self.case.ended_at
        begun = [at for event, at in self.steps if event == "accepted"][:1]
        begun += [at for event, at in self.steps if event == "reopened"]
        if end is None or not any(at <= end for at in begun):
            return 0
        since = max(at for at in begun if at <= end)
        return (end.astimezone(CHINA_TIME).date() - since.astimezone(CHINA_TIME).date()).days

    def effort(self) -> Effort:
        """Return what the case took. Money is what was agreed on; what was asked for, where none was."""
        form = self.agreement.form if self.agreement else ""
        return Effort(
            oral=form == AgreementForm.ORAL,
            amount=self.case.amount if self.agreed is None else self.agreed,
            people=self.case.people,
            risk=RiskGrade(self.case.grade),
            sessions=self.sessions,
            days=self.days,
        )

    def conduct(self) -> Conduct:
        """Return how the case was brought to its end."""
        row = self.agreement
        if row is None:
            return Conduct(status=CaseStatus(self.case.status))
        return Conduct(
            status=CaseStatus(self.case.status),
            confirmed={
                Side.APPLICANT: row.applicant_confirmed_how,
                Side.RESPONDENT: row.respondent_confirmed_how,
            },
            concluded=row.state == "effective",
            performed=self.performed,
        )


def _standing(rows: Sequence[AgreementRow]) -> AgreementRow | None:
    return next((row for row in rows if row.state == "effective"), rows[-1] if rows else None)


async def gather(session: AsyncSession, *, span: Period) -> tuple[Matter, ...]:
    """Return what ended or was agreed on in a period, and every other case of the same people."""
    rows = await subsidies.list_cases_between(session, since=span.start, until=span.end)
    people = _parties(rows)
    hashes = await subsidies.list_phone_hashes(session, people)
    people |= await subsidies.list_people_with(session, hashes.values())
    others = await subsidies.list_cases_of_people(session, people)
    return await _as_matters(session, sorted({*rows, *others}, key=lambda case: case.id))


def _parties(rows: Iterable[CaseRow]) -> set[int]:
    return {person_id for case in rows for person_id in (case.applicant_id, case.respondent_id) if person_id}


async def _as_matters(session: AsyncSession, rows: Sequence[CaseRow]) -> tuple[Matter, ...]:
    ids = [case.id for case in rows]
    versions = await subsidies.list_agreements_of(session, ids)
    standing = {case_id: row.id for case_id, of in versions.items() if (row := _standing(of))}
    performance = await subsidies.list_performance(session, standing.values())
    silent = await subsidies.list_silent_sides(session, standing.values())
    steps = await subsidies.list_steps_of(session, ids, events=STEPS)
    committees = await subsidies.list_committees_by_id(session, (case.committee_id for case in rows))
    names = await subsidies.list_mediator_names(
        session, (case.mediator_id for case in rows if case.mediator_id)
    )
    hashes = await subsidies.list_phone_hashes(session, _parties(rows))
    found = []
    for case in rows:
        promised = performance.get(standing.get(case.id, 0), ())
        sums = [amount for _, amount in promised if amount is not None]
        found.append(
            Matter(
                case=case,
                committee=committees[case.committee_id],
                mediator=names.get(case.mediator_id or 0, ""),
                agreements=versions.get(case.id, ()),
                performed=tuple(how for how, _ in promised),
                agreed=sum(sums) if sums else None,
                silent=silent.get(standing.get(case.id, 0), ()),
                steps=steps.get(case.id, ()),
                known_by={
                    Side.APPLICANT: known_by(case.applicant_id, case.applicant_phone, hashes),
                    Side.RESPONDENT: known_by(case.respondent_id, case.respondent_phone, hashes),
                },
            )
        )
    return tuple(found)


def known_by(person_id: int | None, phone: str | None, hashes: Mapping[int, str]) -> frozenset[str]:
    """Return everything a person is recognised by: the id, the phone it left, the phone in the case."""
    found = {f"person:{person_id}"} if person_id else set()
    if person_id is not None and person_id in hashes:
        found.add(hashes[person_id])
    if phone:
        found.add(current_sealer().digest(phone))
    return frozenset(found)
