"""Brings a case to a mediator: offer, accept, decline, run out of time, next one, one level up."""

import re
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.casework import STAFF, case_words, facts_of, move, place_of, record
from handlers.notifying import ask_operator, tell_person
from handlers.service import Service
from handlers.speaking import spoken_time
from handlers.steps import Utterance
from mediation.assignment import Candidate, Chosen, choose_mediator
from mediation.committees import Committee
from mediation.lifecycle import CaseAction, CaseStatus
from mediation.regions import ancestry
from mediation.routing import Routing, escalate
from mediation.vocabulary import CommitteeKind, DisputeType, RiskGrade
from storage import cases, deadlines, outbox, registry
from storage.tables import CaseRow, MediatorRow, OfferRow

OFFER_DEADLINES = ("offer_reminder", "offer_expiry")
SYSTEM = "system"


async def committees_for(session: AsyncSession, service: Service, place: str | None) -> list[Committee]:
    """Return all committees whose area holds a place; for an unknown place those of the city."""
    return await registry.list_committees_of(
        session, list(ancestry(place or service.rules.rulebook.service.city_region))
    )


async def offer_next(
    session: AsyncSession, service: Service, case: CaseRow, *, now: datetime, why: str = ""
) -> OfferRow | None:
    """Offer the case to the next suitable mediator, going up level by level; None when nobody is left.

    `why` is the sentence told to the applicant when the case changes hands; "" at the first offer.
    """
    excluded = await cases.list_offered_mediators(session, case.id)
    committee = registry.as_committee(
        await registry.get_committee(session, case.committee_id), reachable=True
    )
    while True:
        candidates = await registry.list_candidates(session, committee.id)
        parties = await _parties_among(session, case, candidates)
        chosen = choose_mediator(candidates, type=DisputeType(case.dispute_type), excluded=excluded | parties)
        if chosen:
            return await _offer(session, service, case, chosen, now=now, why=why)
        above = await _next_above(session, service, case, committee)
        if above is None:
            await give_up(session, service, case, now=now)
            return None
        committee = above.committee
        case.committee_id = committee.id
        move(case, CaseAction.ESCALATE)
        await record(session, case, "escalated", at=now, actor=SYSTEM, committee=committee.name)
        why = why or "".join(above.reasons)


async def _parties_among(session: AsyncSession, case: CaseRow, candidates: list[Candidate]) -> frozenset[int]:
    """Mediators who are a party themselves, by account or by a name that the story names."""
    own = await registry.find_mediator_of_person(session, case.applicant_id)
    parties = {own.id} if own else set()
    for candidate in candidates:
        mediator = await registry.get_mediator(session, candidate.mediator_id)
        if is_party(mediator.name, respondent=case.respondent or "", story=case.summary):
            parties.add(mediator.id)
    return frozenset(parties)


def is_party(name: str, *, respondent: str, story: str) -> bool:
    """Whether a mediator of this name may be the other side; "找赵春生调解过" does not make him one."""
    if name in respondent:
        return True
    return bool(re.search(re.escape(name) + r"(?!.{0,8}(?:调解|说和|评理|来管|调过))", story))


async def _next_above(
    session: AsyncSession, service: Service, case: CaseRow, current: Committee
) -> Routing | None:
    committees = await committees_for(session, service, case.place)
    routing = escalate(current, facts_of(case), committees, service.rules.rulebook.routing)
    return routing if routing and routing.committee.reachable else None


async def find_above(session: AsyncSession, service: Service, case: CaseRow) -> Routing | None:
    """Return the next committee upward that can be reached, None when there is none."""
    current = registry.as_committee(await registry.get_committee(session, case.committee_id), reachable=True)
    return await _next_above(session, service, case, current)


async def _offer(
    session: AsyncSession, service: Service, case: CaseRow, chosen: Chosen, *, now: datetime, why: str
) -> OfferRow:
    rules = service.rules
    mediator = await registry.get_mediator(session, chosen.mediator_id)
    committee = await registry.get_committee(session, mediator.committee_id)
    limit = rules.rulebook.deadlines.offer_for(
        RiskGrade(case.grade), green_channel=committee.kind == CommitteeKind.ENTERPRISE
    )
    calendar = rules.rulebook.calendar
    due_at = calendar.after(now, limit.within)
    case.committee_id = committee.id
    move(case, CaseAction.OFFER)
    offer = await cases.add_offer(
        session,
        case_id=case.id,
        mediator_id=mediator.id,
        committee_id=committee.id,
        offered_at=now,
        due_at=due_at,
    )
    mediator.last_offered_at = now
    deadlines.add_deadline(
        session,
        kind="offer_reminder",
        subject_id=offer.id,
        due_at=calendar.after(now, limit.reminder_after),
    )
    deadlines.add_deadline(session, kind="offer_expiry", subject_id=offer.id, due_at=due_at)
    await record(
        session,
        case,
        "offered",
        at=now,
        actor=SYSTEM,
        mediator=mediator.name,
        committee=committee.name,
        because=list(chosen.because),
    )
    await tell_mediator(
        session,
        service,
        mediator,
        offer_card(service, case, offer, because=chosen.because, now=now),
        key=f"offer:{offer.id}",
        now=now,
        case=case,
        until=spoken_time(due_at, now=now, phrases=rules.phrases),
    )
    if why:
        facts = {
            "case_no": case.case_no,
            "why": why,
            "committee": committee.name,
            "until": spoken_time(due_at, now=now, phrases=rules.phrases),
        }
        await tell_applicant(
            session, service, case, Utterance("resident.reassigned", facts), key=f"re:{offer.id}", now=now
        )
    return offer


def offer_card(
    service: Service, case: CaseRow, offer: OfferRow, *, because: tuple[str, ...] = (), now: datetime
) -> tuple[Utterance, ...]:
    """Return the card of an offer with its two answers."""
    phrases = service.rules.phrases
    known = [phrases.text(f"words.because_{code}") for code in because if f"words.because_{code}" in phrases]
    facts = {
        **case_words(case, rules=service.rules),
        "why": "、".join(known) or phrases.text("words.because_only"),
        "until": spoken_time(offer.due_at, now=now, phrases=phrases),
    }
    return Utterance("mediator.offer", facts), Utterance("mediator.offer_choices")


async def tell_mediator(
    session: AsyncSession,
    service: Service,
    mediator: MediatorRow,
    utterances: tuple[Utterance, ...],
    *,
    key: str,
    now: datetime,
    case: CaseRow | None = None,
    until: str = "",
    what: str = "operator.brief_offer",
) -> bool:
    """Queue a message for a mediator; False when the mediator is bound to no account."""
    if mediator.person_id is None:
        return False
    return await tell_person(
        session, service, mediator.person_id, utterances, key=key, now=now, what=what, until=until, case=case
    )


async def tell_applicant(
    session: AsyncSession, service: Service, case: CaseRow, *utterances: Utterance, key: str, now: datetime
) -> None:
    """Queue a message for the applicant; somebody who left the account is called instead."""
    told = await tell_person(
        session,
        service,
        case.applicant_id,
        utterances,
        key=key,
        now=now,
        what="operator.brief_notice",
        case=case,
    )
    if not told:
        await ask_operator(
            session,
            service,
            "operator.undelivered",
            kind=outbox.TOLD,
            key=key,
            now=now,
            person_id=case.applicant_id,
            case_id=case.id,
            facts={
                **_contact(service, case),
                "text": "\n".join(service.rules.phrases.fill(one.key, one.facts) for one in utterances),
            },
        )


def _contact(service: Service, case: CaseRow) -> dict[str, object]:
    text = service.rules.phrases.text
    return {
        "name": case.applicant_name or text("words.name_unknown"),
        "phone": case.applicant_phone or text("words.phone_unknown"),
    }


async def give_up(session: AsyncSession, service: Service, case: CaseRow, *, now: datetime) -> None:
    """Nobody is left: an operator has to find somebody; whoever comes on duty later is asked again."""
    first_time = not await cases.list_offered_mediators(session, case.id)
    move(case, CaseAction.GIVE_UP)
    await record(session, case, "unassigned", at=now, actor=SYSTEM)
    rules = service.rules
    entries = await cases.list_timeline(session, case.id)
    await ask_operator(
        session,
        service,
        "operator.unassigned",
        kind="unassigned",
        key=f"unassigned:{case.id}:{entries[-1].seq}",
        now=now,
        person_id=case.applicant_id,
        case_id=case.id,
        grade=RiskGrade(case.grade),
        facts={
            "case_no": case.case_no,
            "type": rules.type_name(case.dispute_type),
            "place": place_of(case, rules=rules),
            **_contact(service, case),
        },
    )
    if not first_time:
        await tell_applicant(
            session,
            service,
            case,
            Utterance("resident.unassigned", {"case_no": case.case_no}),
            key=f"unassigned:{case.id}:{entries[-1].seq}",
            now=now,
        )


async def accept(session: AsyncSession, service: Service, offer: OfferRow, *, now: datetime) -> CaseRow:
    """The mediator takes the case; the applicant hears who and by when."""
    case = await cases.get_case(session, offer.case_id)
    mediator = await registry.get_mediator(session, offer.mediator_id)
    committee = await registry.get_committee(session, offer.committee_id)
    rules = service.rules
    move(case, CaseAction.ACCEPT)
    offer.state, offer.answered_at = "accepted", now
    case.mediator_id, case.accepted_at = mediator.id, now
    case.contact_due_at = rules.rulebook.calendar.after(
        now, rules.rulebook.deadlines.contact[RiskGrade(case.grade)]
    )
    await deadlines.cancel_deadlines(session, kinds=OFFER_DEADLINES, subject_id=offer.id)
    await record(session, case, "accepted", at=now, actor=f"mediator:{mediator.id}", mediator=mediator.name)
    facts = {
        "mediator": mediator.name,
        "case_no": case.case_no,
        "committee": committee.name,
        "until": spoken_time(case.contact_due_at, now=now, phrases=rules.phrases),
    }
    await tell_applicant(
        session, service, case, Utterance("resident.accepted", facts), key=f"accepted:{offer.id}", now=now
    )
    await session.flush()
    return case


async def decline(
    session: AsyncSession, service: Service, offer: OfferRow, *, reason: str, now: datetime
) -> CaseRow:
    """The mediator does not take the case: the next one is asked."""
    case = await cases.get_case(session, offer.case_id)
    mediator = await registry.get_mediator(session, offer.mediator_id)
    move(case, CaseAction.DECLINE)
    offer.state, offer.answered_at, offer.reason = "declined", now, reason
    await deadlines.cancel_deadlines(session, kinds=OFFER_DEADLINES, subject_id=offer.id)
    await record(
        session,
        case,
        "declined",
        at=now,
        actor=f"mediator:{mediator.id}",
        audience=STAFF,
        mediator=mediator.name,
        reason=reason,
    )
    await session.flush()
    why = service.rules.phrases.text("words.why_declined")
    await offer_next(session, service, case, now=now, why=why)
    return case


async def expire(session: AsyncSession, service: Service, offer: OfferRow, *, now: datetime) -> None:
    """Nobody answered in time: the mediator is told, the next one is asked."""
    case = await cases.get_case(session, offer.case_id)
    mediator = await registry.get_mediator(session, offer.mediator_id)
    move(case, CaseAction.EXPIRE)
    offer.state, offer.answered_at = "expired", now
    await deadlines.cancel_deadlines(session, kinds=OFFER_DEADLINES, subject_id=offer.id)
    await record(session, case, "expired", at=now, actor=SYSTEM, audience=STAFF, mediator=mediator.name)
    await tell_mediator(
        session,
        service,
        mediator,
        (Utterance("mediator.offer_expired", {"case_no": case.case_no}),),
        key=f"expired:{offer.id}",
        now=now,
        case=case,
        what="operator.brief_expired",
    )
    await session.flush()
    why = service.rules.phrases.text("words.why_expired")
    await offer_next(session, service, case, now=now, why=why)


async def offer_waiting_cases(
    session: AsyncSession, service: Service, mediator: MediatorRow, *, now: datetime
) -> None:
    """Somebody came on duty: cases of the committee, or of its area, that wait for anybody are offered."""
    committee = await registry.get_committee(session, mediator.committee_id)
    waiting = await cases.list_cases_waiting(
        session, committee_id=committee.id, area=committee.region, status=CaseStatus.UNASSIGNED.value
    )
    candidates = await registry.list_candidates(session, committee.id)
    able = [one for one in candidates if one.mediator_id == mediator.id]
    for case in waiting:
        declined = await cases.list_offered_mediators(session, case.id, state="declined")
        parties = await _parties_among(session, case, able)
        chosen = choose_mediator(able, type=DisputeType(case.dispute_type), excluded=declined | parties)
        if chosen:
            await _offer(session, service, case, chosen, now=now, why="")


async def inform_committee(
    session: AsyncSession,
    service: Service,
    committee: Committee,
    utterances: tuple[Utterance, ...],
    *,
    key: str,
    now: datetime,
    case: CaseRow | None = None,
    told_already: int | None = None,
) -> bool:
    """Tell all mediators of a committee something; False when nobody there can be reached.

    `told_already` is a mediator who need not hear it twice.
    """
    told = False
    for mediator in await registry.list_mediators(session, committee.id):
        if mediator.id == told_already:
            told = True
            continue
        told |= await tell_mediator(
            session,
            service,
            mediator,
            utterances,
            key=f"{key}:{mediator.id}",
            now=now,
            case=case,
            what="operator.brief_alarm",
        )
    return told


async def note_reminder(
    session: AsyncSession, case: CaseRow, mediator: MediatorRow, *, now: datetime
) -> None:
    """A mediator was reminded of an offer: a step for the staff's eyes."""
    await record(session, case, "reminded", at=now, actor=SYSTEM, audience=STAFF, mediator=mediator.name)
