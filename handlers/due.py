"""What happens when a deadline arrives."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import assigning, educating
from handlers.conversation import load_state
from handlers.mediating import (
    agreeing,
    following_up,
    inquiries,
    inviting,
    meeting,
    performing,
    rooms,
    terms,
)
from handlers.mediating.work import Work
from handlers.notifying import ask_operator, tell_person
from handlers.receiving import give_up_message, retry_message
from handlers.service import Service
from handlers.speaking import spoken_time
from handlers.steps import Utterance
from storage import cases, people, registry
from storage.tables import AccountRow, DeadlineRow, PersonRow

DueHandler = Callable[[AsyncSession, Service, DeadlineRow, datetime], Awaitable[None]]


async def remind_of_offer(session: AsyncSession, service: Service, due: DeadlineRow, now: datetime) -> None:
    """A mediator has not answered yet: one reminder."""
    offer = await cases.get_offer(session, due.subject_id)
    if offer.state != "open":
        return
    case = await cases.get_case(session, offer.case_id)
    mediator = await registry.get_mediator(session, offer.mediator_id)
    until = spoken_time(offer.due_at, now=now, phrases=service.rules.phrases)
    facts = {"case_no": case.case_no, "until": until}
    await assigning.tell_mediator(
        session,
        service,
        mediator,
        (Utterance("mediator.offer_reminder", facts), Utterance("mediator.offer_choices")),
        key=f"remind:{offer.id}",
        now=now,
        case=case,
        until=until,
        what="operator.brief_reminder",
    )
    await assigning.note_reminder(session, case, mediator, now=now)


async def expire_offer(session: AsyncSession, service: Service, due: DeadlineRow, now: datetime) -> None:
    """A mediator has not answered in time: the next one is asked."""
    offer = await cases.get_offer(session, due.subject_id)
    if offer.state == "open":
        await assigning.expire(session, service, offer, now=now)


async def remind_of_conversation(
    session: AsyncSession, service: Service, due: DeadlineRow, now: datetime
) -> None:
    """Somebody stopped in the middle: one reminder."""
    account = await session.get_one(AccountRow, due.subject_id)
    state = load_state(await people.load_conversation(session, account.id))
    if state.draft is not None:
        await tell_person(
            session,
            service,
            account.person_id,
            (Utterance("resident.reminder"),),
            key=f"conversation:{due.id}",
            now=now,
            what="operator.brief_unfinished",
        )


async def expire_conversation(
    session: AsyncSession, service: Service, due: DeadlineRow, now: datetime
) -> None:
    """Nothing more came: the dialogue is put away, and an operator asks after a told complaint."""
    account = await session.get_one(AccountRow, due.subject_id)
    person = await session.get_one(PersonRow, account.person_id)
    state = load_state(await people.load_conversation(session, account.id))
    await people.save_conversation(session, account.id, None, now=now)
    if state.draft is None or not state.draft.story:
        return
    text = service.rules.phrases.text
    await ask_operator(
        session,
        service,
        "operator.unfinished",
        kind="unfinished",
        key=f"unfinished:{due.id}",
        now=now,
        person_id=person.id,
        grade=state.draft.grade,
        facts={
            "name": state.draft.name or person.name or text("words.name_unknown"),
            "phone": state.draft.phone or person.phone or text("words.phone_unknown"),
            "text": state.draft.text,
        },
    )
    await tell_person(
        session,
        service,
        person.id,
        (Utterance("resident.expired"),),
        key=f"expired:{due.id}",
        now=now,
        what="operator.brief_unfinished",
    )


def _on_case(step: Callable[[Work, int], Awaitable[None]]) -> DueHandler:
    """A deadline whose step needs only its subject."""

    async def handle(session: AsyncSession, service: Service, due: DeadlineRow, now: datetime) -> None:
        await step(Work(session=session, service=service, now=now), due.subject_id)

    return handle


HANDLERS: dict[str, DueHandler] = {
    "inquiry_reminder": _on_case(inquiries.remind),
    "inquiry_due": _on_case(inquiries.fall_silent),
    "consent_due": _on_case(inviting.consent_due),
    "consent_end": _on_case(inviting.consent_end),
    "term_warning": _on_case(terms.warn),
    "term_due": _on_case(terms.run_out),
    "room_idle": _on_case(rooms.fall_idle),
    "meeting_reminder": _on_case(meeting.remind),
    "meeting_over": _on_case(meeting.ask_how_it_went),
    "agreement_due": _on_case(agreeing.remind_mediator),
    "court_reminder": _on_case(agreeing.remind_of_court),
    "payment_reminder": _on_case(partial(performing.remind, today=False)),
    "payment_today": _on_case(partial(performing.remind, today=True)),
    "payment_check": _on_case(performing.check),
    "follow_up": _on_case(following_up.visit),
    "offer_reminder": remind_of_offer,
    "offer_expiry": expire_offer,
    "conversation_reminder": remind_of_conversation,
    "conversation_expiry": expire_conversation,
    "retry_message": retry_message,
    educating.ROUND: educating.go_round,
}
MAX_ATTEMPTS = 8


async def report_failed(
    session: AsyncSession, service: Service, due: DeadlineRow, *, error: str, now: datetime
) -> None:
    """A deadline's step failed again and again: an operator must look."""
    due.state = "failed"
    if due.kind == "retry_message":
        await give_up_message(session, service, due, error=error, now=now)
        return
    await ask_operator(
        session,
        service,
        "operator.failed_deadline",
        kind="failed_deadline",
        key=f"failed_deadline:{due.id}",
        now=now,
        facts={"kind": due.kind, "deadline_id": due.id, "error": error},
    )
