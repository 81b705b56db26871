"""The subsidy ledger (以案定补): which cases are paid for, why or why not, and what to look at again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from config.subsidy_rules import SubsidyRules
from handlers.asking import spoken_number
from handlers.service import Service
from handlers.subsidy_facts import Matter, Period, gather, known_by, period
from mediation.agreement import Side
from mediation.calendar import CHINA_TIME, Span
from mediation.lifecycle import CaseStatus, EndReason
from mediation.subsidy import (
    GradeReason,
    Objection,
    Suspicion,
    bare_text,
    grade_of,
    objections_to,
    overlap,
)
from mediation.vocabulary import CommitteeKind
from storage import subsidies


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One case of the ledger.

    `grade` is a code of the rule file (`grade_name` its name), "" when the case does not count; `amount` is
    in yuan. `because` are the reasons of the grade, or what speaks against paying. `earlier` are cases, and
    the own number when it was closed before, that may have been paid for already: one dispute counts once.
    `words` say all that in sentences.
    """

    case_id: int
    case_no: str
    committee: str
    mediator: str
    type_name: str
    ended_on: date | None
    counts: bool
    grade: str = ""
    grade_name: str = ""
    amount: float = 0.0
    because: tuple[GradeReason | Objection, ...] = ()
    earlier: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """Something to look at again: what, in which cases, whose, and in words."""

    kind: Suspicion
    case_nos: tuple[str, ...]
    committee: str
    mediator: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    service: Service
    rules: SubsidyRules
    span: Period
    matters: tuple[Matter, ...]

    def text(self, key: str, **facts: object) -> str:
        return self.service.rules.phrases.fill(key, facts)

    def after(self, at: datetime, span: Span) -> datetime:
        return self.service.rules.rulebook.calendar.after(at, span)

    @property
    def agreed_here(self) -> list[Matter]:
        """The cases that ended or were agreed on in the period."""
        return [
            one
            for one in self.matters
            if self.span.holds(one.case.ended_at)
            or any(self.span.holds(row.drafted_at) for row in one.agreements)
        ]

    def between_same_parties(self) -> Iterator[list[Matter]]:
        """Every group of cases between the same two parties."""
        found: defaultdict[frozenset[str], list[Matter]] = defaultdict(list)
        for one in self.matters:
            for mark in one.pairs:
                found[mark].append(one)
        seen: set[tuple[int, ...]] = set()
        for group in found.values():
            ids = tuple(one.case.id for one in group)
            if len(ids) > 1 and ids not in seen:
                seen.add(ids)
                yield group


async def list_claims(
    session: AsyncSession, service: Service, *, rules: SubsidyRules, since: date, until: date
) -> tuple[Claim, ...]:
    """Return the ledger of the Chinese days from `since` to `until`, by case number.

    A case stands in the period in which it ended; one that has not ended, in that of its agreement. The
    ledger is worked out anew from what stands now: a dispute settled again later leaves its old period.
    """
    span = period(since, until)
    ledger = _Ledger(service=service, rules=rules, span=span, matters=await gather(session, span=span))
    later, earlier = _same_disputes(ledger)
    claims = [
        _claim(ledger, one, later=later.get(one.case.id), earlier=earlier.get(one.case.id, ()))
        for one in ledger.agreed_here
        if one.case.ended_at is None or span.holds(one.case.ended_at)
    ]
    return tuple(sorted(claims, key=lambda claim: claim.case_no))


def _same_disputes(ledger: _Ledger) -> tuple[dict[int, Matter], dict[int, tuple[str, ...]]]:
    """Return what replaces a case, and the numbers of those it replaces, by the id of the case."""
    later: dict[int, Matter] = {}
    earlier: defaultdict[int, list[str]] = defaultdict(list)
    for group in ledger.between_same_parties():
        paid = [one for one in group if not objections_to(one.conduct())]
        paid.sort(key=lambda one: (one.case.filed_at, one.case.id))
        for index, one in enumerate(paid):
            replacing = [other for other in paid[index + 1 :] if _is_same(ledger, one, other)]
            if replacing:
                later[one.case.id] = replacing[-1]
                earlier[replacing[-1].case.id].append(one.case.case_no)
    return later, {case_id: tuple(sorted(numbers)) for case_id, numbers in earlier.items()}


def _is_same(ledger: _Ledger, one: Matter, other: Matter) -> bool:
    rule = ledger.rules.same_dispute
    return (
        one.case.dispute_type == other.case.dispute_type
        and other.case.filed_at <= ledger.after(one.case.filed_at, rule.within)
        and overlap(one.case.summary, other.case.summary) >= rule.overlap
    )


def _claim(ledger: _Ledger, one: Matter, *, later: Matter | None, earlier: Sequence[str]) -> Claim:
    case, rules = one.case, ledger.rules
    found = objections_to(one.conduct())
    failed = found == (Objection.FAILED,) and _is_paid_failure(one, rules)
    claim = Claim(
        case_id=case.id,
        case_no=case.case_no,
        committee=one.committee.name,
        mediator=one.mediator,
        type_name=ledger.service.rules.type_name(case.dispute_type, case.subtype),
        ended_on=case.ended_at.astimezone(CHINA_TIME).date() if case.ended_at else None,
        counts=later is None and (failed or not found),
    )
    if not claim.counts:
        because = found or (Objection.REPLACED,)
        number = later.case.case_no if later else ""
        words = tuple(ledger.text(f"subsidy.objection_{code}", case_no=number) for code in because)
        return replace(claim, because=because, words=words)
    grade, reasons = grade_of(one.effort(), rules.grade_rules())
    before = (*earlier, *([case.case_no] if one.times_closed > 1 else []))
    words = (ledger.text("subsidy.counts_failed" if failed else "subsidy.counts"),)
    words += tuple(_reason_words(ledger, one, reason) for reason in reasons)
    if before:
        words += (ledger.text("subsidy.earlier", case_nos="、".join(before)),)
    return replace(
        claim,
        grade=grade,
        grade_name=rules.grade_name(grade),
        amount=rules.amount_for(grade, CommitteeKind(one.committee.kind), failed=failed),
        because=reasons,
        earlier=before,
        words=words,
    )


def _is_paid_failure(one: Matter, rules: SubsidyRules) -> bool:
    return (
        rules.failed.share > 0
        and one.case.status == CaseStatus.TERMINATED
        and EndReason(one.case.end_reason or EndReason.OTHER) in rules.failed.reasons
        and one.sessions >= rules.failed.sessions_from
    )


def _reason_words(ledger: _Ledger, one: Matter, reason: GradeReason) -> str:
    effort = one.effort()
    return ledger.text(
        f"subsidy.because_{reason}",
        amount=spoken_number(effort.amount or 0),
        people=effort.people or 0,
        risk=ledger.text(f"words.grade_{effort.risk}"),
        sessions=effort.sessions,
        days=effort.days,
    )


async def list_suspicions(
    session: AsyncSession, service: Service, *, rules: SubsidyRules, since: date, until: date
) -> tuple[Suspect, ...]:
    """Return what to look at again in the cases that ended or were agreed on in the days, kind by kind."""
    span = period(since, until)
    ledger = _Ledger(service=service, rules=rules, span=span, matters=await gather(session, span=span))
    mediators = await _known_mediators(session, ledger)
    found = [
        *_same_parties(ledger),
        *_same_texts(ledger),
        *_many_a_day(ledger),
        *(suspect for one in ledger.agreed_here for suspect in _of_one_case(ledger, one, mediators)),
    ]
    order = list(Suspicion)
    return tuple(sorted(found, key=lambda one: (order.index(one.kind), one.case_nos)))


async def _known_mediators(session: AsyncSession, ledger: _Ledger) -> Mapping[int, frozenset[str]]:
    """Return what the mediators of each committee are known by."""
    rows = await subsidies.list_mediators_of(session, (one.case.committee_id for one in ledger.agreed_here))
    hashes = await subsidies.list_phone_hashes(session, (row.person_id for row in rows if row.person_id))
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for row in rows:
        found[row.committee_id] |= known_by(row.person_id, None, hashes)
    return found


def _suspect(ledger: _Ledger, kind: Suspicion, group: Sequence[Matter], **facts: object) -> Suspect:
    return Suspect(
        kind=kind,
        case_nos=tuple(one.case.case_no for one in group),
        committee="、".join(dict.fromkeys(one.committee.name for one in group)),
        mediator="、".join(dict.fromkeys(one.mediator for one in group if one.mediator)),
        words=ledger.text(f"subsidy.suspicion_{kind}", count=len(group), **facts),
    )


def _same_parties(ledger: _Ledger) -> Iterator[Suspect]:
    """Several cases between the same two parties, filed not too far from each other."""
    here = {one.case.id for one in ledger.agreed_here}
    for group in ledger.between_same_parties():
        last = max(one.case.filed_at for one in group)
        near = [
            one for one in group if ledger.after(one.case.filed_at, ledger.rules.same_dispute.within) >= last
        ]
        if len(near) >= ledger.rules.suspicions.same_parties_from and here & {one.case.id for one in near}:
            yield _suspect(ledger, Suspicion.SAME_PARTIES, near)


def _same_texts(ledger: _Ledger) -> Iterator[Suspect]:
    found: defaultdict[tuple[int, str], list[Matter]] = defaultdict(list)
    for one in ledger.agreed_here:
        row, case = one.agreement, one.case
        if row is None or case.mediator_id is None or row.state == "draft":
            continue
        names = [case.applicant_name or "", case.respondent_name or "", case.respondent or ""]
        text = bare_text(row.words, names=names)
        if len(text) >= ledger.rules.suspicions.shortest_text:
            found[case.mediator_id, text].append(one)
    for group in found.values():
        if len(group) >= ledger.rules.suspicions.same_text_from:
            yield _suspect(ledger, Suspicion.SAME_TEXT, group)


def _many_a_day(ledger: _Ledger) -> Iterator[Suspect]:
    found: defaultdict[tuple[int, date], list[Matter]] = defaultdict(list)
    for one in ledger.agreed_here:
        row = one.agreement
        if (
            row is not None
            and row.effective_at
            and one.case.mediator_id
            and ledger.span.holds(row.effective_at)
        ):
            found[one.case.mediator_id, row.effective_at.astimezone(CHINA_TIME).date()].append(one)
    for (_, day), group in found.items():
        if len(group) > ledger.rules.suspicions.agreements_a_day:
            spoken = ledger.text("words.date", year=day.year, month=day.month, day=day.day)
            yield _suspect(ledger, Suspicion.MANY_A_DAY, group, day=spoken)


def _of_one_case(ledger: _Ledger, one: Matter, mediators: Mapping[int, frozenset[str]]) -> Iterable[Suspect]:
    case, row = one.case, one.agreement
    if one.known_by[Side.APPLICANT] & one.known_by[Side.RESPONDENT]:
        yield _suspect(ledger, Suspicion.ONE_PERSON, [one])
    for side, known in one.known_by.items():
        if known & mediators.get(case.committee_id, frozenset()):
            spoken = ledger.text(f"words.side_{side}")
            yield _suspect(ledger, Suspicion.PARTY_IS_MEDIATOR, [one], side=spoken)
    if row is not None:
        how = {
            Side.APPLICANT: row.applicant_confirmed_how,
            Side.RESPONDENT: row.respondent_confirmed_how,
        }
        for side in (side for side in Side if how[side] == "call"):
            yield _suspect(ledger, Suspicion.CALL_ONLY, [one], side=ledger.text(f"words.side_{side}"))
        for side in (Side(name) for name in one.silent if not how[Side(name)]):
            yield _suspect(ledger, Suspicion.NEVER_CONFIRMED, [one], side=ledger.text(f"words.side_{side}"))
    soon = ledger.after(case.filed_at, ledger.rules.suspicions.closed_within)
    if case.status == CaseStatus.CLOSED and case.ended_at is not None and case.ended_at <= soon:
        yield _suspect(ledger, Suspicion.TOO_FAST, [one])
