"""Files a complaint as a case: number, committee, timeline, first offer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.assigning import committees_for, inform_committee, offer_next
from handlers.casework import STAFF, case_words, record
from handlers.conversation import Draft
from handlers.notifying import ask_operator
from handlers.service import Service
from handlers.speaking import spoken_time
from handlers.steps import Utterance
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseStatus
from mediation.routing import CaseFacts, Routing, route
from mediation.vocabulary import Audience, CaseSource, DisputeType, Referrer, RegionLevel, RiskGrade
from storage import cases, people
from storage.tables import AccountRow, CaseRow, PersonRow


class NoCommitteeError(Exception):
    """There is not one committee to give a case to: the service was not prepared."""


async def file_case(
    session: AsyncSession,
    service: Service,
    *,
    account: AccountRow | None,
    person: PersonRow,
    draft: Draft,
    now: datetime,
) -> tuple[Utterance, ...]:
    """File the draft and return what the applicant hears."""
    _, said = await open_case(session, service, account=account, person=person, draft=draft, now=now)
    return said


async def open_case(
    session: AsyncSession,
    service: Service,
    *,
    account: AccountRow | None,
    person: PersonRow,
    draft: Draft,
    now: datetime,
    actor: str = "",
    source: CaseSource = CaseSource.REQUESTED,
    referred_by: Referrer | None = None,
    **noted: Any,
) -> tuple[CaseRow, tuple[Utterance, ...]]:
    """File the draft; return the case and what the applicant hears.

    `account` is None for somebody who is not in chat, `actor` who wrote it down when it was not the
    applicant, `source` and `referred_by` where it comes from (案件来源), `noted` what else the first step of
    the timeline tells.
    """
    routing = await route_draft(session, service, draft)
    case = await _add_case(
        session, service, account=account, person=person, draft=draft, routing=routing, now=now
    )
    case.source, case.referred_by = source.value, referred_by.value if referred_by else ""
    _remember_person(person, draft)
    await cases.attach_to_case(session, draft.attachments, case_id=case.id)
    await record(
        session,
        case,
        "filed",
        at=now,
        actor=actor or f"person:{person.id}",
        story=list(draft.story),
        because=list(draft.because),
        rule=routing.rule,
        reasons=list(routing.reasons),
        **noted,
    )
    if case.name_hidden:
        known_to = STAFF | {Audience.APPLICANT}
        await record(session, case, "name_hidden", at=now, actor=f"person:{person.id}", audience=known_to)
    offer = await offer_next(session, service, case, now=now)
    await _inform(session, service, case, routing, now=now)
    if offer is None:
        until = service.rules.rulebook.calendar.after(
            now, service.rules.rulebook.deadlines.contact[RiskGrade(case.grade)]
        )
    else:
        until = offer.due_at
    return case, _tell_filed(service, case, routing, until=until, found=offer is not None, now=now)


async def route_draft(session: AsyncSession, service: Service, draft: Draft) -> Routing:
    """Return the committee that would get a draft as it stands, and why; raises NoCommitteeError."""
    facts = CaseFacts(
        type=draft.type or DisputeType.OTHER,
        subtype=draft.subtype,
        place=draft.place,
        grade=draft.grade,
        people=draft.people,
        groups=draft.groups,
        against=_authority(service, draft),
    )
    committees = await committees_for(session, service, draft.place)
    routing = route(facts, committees, service.rules.rulebook.routing)
    if routing is None:
        raise NoCommitteeError
    return routing


def _authority(service: Service, draft: Draft) -> RegionLevel | None:
    """Return the level whose own authority or cadres are the other side."""
    respondent = draft.respondent or ""
    return next(
        (
            level
            for level, words in service.rules.words.authorities.items()
            if any(word in respondent for word in words)
        ),
        None,
    )


async def _add_case(
    session: AsyncSession,
    service: Service,
    *,
    account: AccountRow | None,
    person: PersonRow,
    draft: Draft,
    routing: Routing,
    now: datetime,
) -> CaseRow:
    year = now.astimezone(CHINA_TIME).year
    prefix = service.rules.rulebook.service.case_number_prefix
    number = await cases.next_number(session, f"case:{year}")
    words = draft.place_words
    if not words and draft.latitude is not None and draft.place is None:
        words = service.rules.phrases.text(
            "words.place_shared", latitude=draft.latitude, longitude=draft.longitude
        )
    case = CaseRow(
        case_no=f"{prefix}{year}-{number:06d}",
        status=CaseStatus.FILED.value,
        dispute_type=(draft.type or DisputeType.OTHER).value,
        subtype=draft.subtype,
        place=draft.place,
        place_words=words or None,
        latitude=draft.latitude,
        longitude=draft.longitude,
        applicant_id=person.id,
        account_id=account.id if account else None,
        applicant_name=draft.name,
        applicant_phone=draft.phone,
        name_hidden=draft.name_hidden,
        respondent=draft.respondent,
        summary=draft.text,
        grade=draft.grade.value,
        risk=sorted(draft.risk),
        groups=sorted(draft.groups),
        amount=draft.amount,
        people=draft.people,
        since_on=draft.since,
        committee_id=routing.committee.id,
        filed_at=now,
    )
    session.add(case)
    await session.flush()
    return case


def _remember_person(person: PersonRow, draft: Draft) -> None:
    """The next case need not ask for name and phone again."""
    if draft.name:
        person.name = draft.name
    if draft.phone:
        people.set_phone(person, draft.phone)


async def _inform(
    session: AsyncSession, service: Service, case: CaseRow, routing: Routing, *, now: datetime
) -> None:
    """Committees that must know of it are told; when nobody there can be reached, an operator calls."""
    for committee in routing.informed:
        facts = {**case_words(case, rules=service.rules), "committee": routing.committee.name}
        told = await inform_committee(
            session,
            service,
            committee,
            (Utterance("mediator.informed", facts),),
            key=f"informed:{case.id}",
            now=now,
            case=case,
        )
        await record(
            session, case, "informed", at=now, actor="system", audience=STAFF, committee=committee.name
        )
        if not told:
            await ask_operator(
                session,
                service,
                "operator.inform",
                kind="inform",
                key=f"inform:{case.id}:{committee.id}",
                now=now,
                case_id=case.id,
                grade=RiskGrade(case.grade),
                facts={"committee": committee.name, **case_words(case, rules=service.rules)},
            )


def _tell_filed(
    service: Service, case: CaseRow, routing: Routing, *, until: datetime, found: bool, now: datetime
) -> tuple[Utterance, ...]:
    rules = service.rules
    calendar = rules.rulebook.calendar
    facts = {
        "case_no": case.case_no,
        "committee": routing.committee.name,
        "why": "".join(routing.reasons),
        "until": spoken_time(until, now=now, phrases=rules.phrases),
    }
    said = [Utterance("resident.filed" if found else "resident.filed_without_mediator", facts)]
    if not calendar.is_open(now):
        opens = spoken_time(calendar.next_opening(now), now=now, phrases=rules.phrases)
        said.append(Utterance("resident.closed_hours", {"opens": opens}))
    return tuple(said)
