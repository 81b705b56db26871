"""Puts questions to people about a case, one at a time, and to whom an operator must put them by phone."""

import secrets
from datetime import datetime
from typing import Any

from config.rulebook import AnswerDeadline
from handlers.mediating.parties import contact
from handlers.mediating.work import Work
from handlers.notifying import tell_person
from handlers.speaking import as_text, compose
from handlers.steps import Utterance
from mediation.agreement import Side
from storage import cases, inquiries, outbox
from storage.tables import CaseRow, InquiryRow

DEADLINES = ("inquiry_reminder", "inquiry_due")
CONFIRMATION = "confirmation"
UNREMINDED = frozenset({"follow_up", "follow_up_rating", "meeting"})


def phrase_of(inquiry: InquiryRow) -> str:
    """Return the phrase by which a question is asked."""
    return f"party.ask_{inquiry.kind}"


async def ask(
    work: Work,
    case: CaseRow,
    *,
    person_id: int,
    side: Side | str,
    kind: str,
    facts: dict[str, Any],
    subject_id: int | None = None,
    due_at: datetime | None = None,
) -> InquiryRow:
    """Ask a question now, or as soon as the person has answered those before it.

    A confirmation carries a one-time code of six digits that only this person gets. `due_at` is given
    where the matter itself has a time; else the rule file's span counts from the moment of asking.
    """
    if kind == CONFIRMATION:
        facts = {**facts, "code": f"{secrets.randbelow(10**6):06d}"}
    inquiry = await inquiries.add_inquiry(
        work.session,
        case_id=case.id,
        person_id=person_id,
        side=str(side),
        kind=kind,
        subject_id=subject_id,
        facts=facts,
        now=work.now,
    )
    inquiry.due_at = due_at
    if await inquiries.find_open(work.session, person_id) is None:
        await _open(work, inquiry)
    return inquiry


async def open_next(work: Work, person_id: int) -> None:
    """Ask what waits next for a person."""
    if await inquiries.find_open(work.session, person_id) is None:
        queued = await inquiries.find_queued(work.session, person_id)
        if queued is not None:
            await _open(work, queued)


def limit_of(work: Work, kind: str) -> AnswerDeadline:
    """Return how long a question of a kind waits."""
    limits = work.limits
    match kind:
        case "consent":
            return limits.consent
        case "confirmation":
            return limits.confirmation
        case "help":
            return limits.help
        case "receipt" | "done":
            return limits.payment.answer
        case _:
            return limits.both_agree


async def _open(work: Work, inquiry: InquiryRow) -> None:
    limit = limit_of(work, inquiry.kind)
    due_at = inquiry.due_at or work.after(limit.within)
    if inquiry.kind.startswith("follow_up"):
        due_at = work.after(work.limits.follow_up.answer_within)
    if due_at <= work.now:  # what it was about is over: nobody is asked any more
        inquiry.state = "silent"
        await open_next(work, inquiry.person_id)
        return
    inquiry.state, inquiry.asked_at, inquiry.due_at = "open", work.now, due_at
    await work.session.flush()
    case = await cases.get_case(work.session, inquiry.case_id)
    told = await _say(work, case, inquiry, key=message_key(inquiry))
    if not told:
        await have_it_asked(work, case, inquiry)
    elif inquiry.kind not in UNREMINDED:
        work.due("inquiry_reminder", inquiry.id, at=work.after(limit.reminder_after))
    work.due("inquiry_due", inquiry.id, at=due_at)


ASKING_KEYS = frozenset({"inquiry", "inquiry_again"})
"""How the keys of messages that ask begin."""


def message_key(inquiry: InquiryRow) -> str:
    """Return the key of the message that asks a question."""
    return f"inquiry:{inquiry.id}"


def reminder_key(inquiry: InquiryRow) -> str:
    """Return the key of the message that asks a question once more."""
    return f"inquiry_again:{inquiry.id}"


def question(work: Work, inquiry: InquiryRow) -> Utterance:
    """Return a question as its person reads it."""
    return Utterance(phrase_of(inquiry), _facts(work, inquiry))


async def _say(work: Work, case: CaseRow, inquiry: InquiryRow, *, key: str) -> bool:
    return await tell_person(
        work.session,
        work.service,
        inquiry.person_id,
        (question(work, inquiry),),
        key=key,
        now=work.now,
        what="operator.brief_question",
        until=work.spoken(inquiry.due_at) if inquiry.due_at else "",
        case=case,
    )


def _facts(work: Work, inquiry: InquiryRow) -> dict[str, object]:
    until = work.spoken(inquiry.due_at) if inquiry.due_at else ""
    return {"claimed": "", "alone": "", **inquiry.facts, "until": until}


async def have_it_asked(work: Work, case: CaseRow, inquiry: InquiryRow) -> None:
    """Somebody whom no message reaches is asked by an operator, who writes down the answer."""
    facts = {**_facts(work, inquiry), "code": work.text("operator.code_by_call")}
    reply = compose((Utterance(phrase_of(inquiry), facts),), rules=work.rules)
    assert reply is not None  # noqa: S101 - one utterance was given
    known = {"name": work.text("words.name_unknown"), "phone": work.text("words.phone_unknown")}
    who = contact(work, case, Side(inquiry.side)) if inquiry.side in set(Side) else known
    text = work.text("operator.ask", case_no=case.case_no, text=as_text(reply), **who)
    await outbox.add_call_task(
        work.session,
        kind=f"{outbox.ASKED}{inquiry.kind}",
        text=text,
        dedupe_key=f"inquiry:{inquiry.id}",
        now=work.now,
        person_id=inquiry.person_id,
        case_id=case.id,
        inquiry_id=inquiry.id,
    )


async def not_delivered(work: Work, inquiry_id: int) -> None:
    """The message that asks did not get through: an operator asks, who never sees the code in it."""
    inquiry = await inquiries.get_inquiry(work.session, inquiry_id)
    if inquiry.state == "open":
        await have_it_asked(work, await cases.get_case(work.session, inquiry.case_id), inquiry)


async def remind(work: Work, inquiry: InquiryRow) -> None:
    """Ask once more."""
    case = await cases.get_case(work.session, inquiry.case_id)
    await _say(work, case, inquiry, key=reminder_key(inquiry))


async def close(
    work: Work, inquiry: InquiryRow, *, state: str, answer: str = "", words: str | None = None
) -> None:
    """Note how a question ended; the next one is asked."""
    inquiry.state, inquiry.answer, inquiry.words, inquiry.answered_at = state, answer, words, work.now
    await work.cancel(*DEADLINES, subject_id=inquiry.id)
    await outbox.close_call_task(work.session, inquiry_id=inquiry.id, now=work.now)
    for key in (message_key(inquiry), reminder_key(inquiry)):
        await outbox.forget(work.session, key=key, now=work.now)
    await work.session.flush()


async def drop(
    work: Work, case: CaseRow, *, kinds: tuple[str, ...] | None = None, subject_id: int | None = None
) -> None:
    """The open questions of a case need no answer any more; whoever was asked is asked the next one."""
    waiting = await inquiries.list_people_waiting(work.session, case.id)
    for inquiry in await inquiries.list_inquiries(work.session, case_id=case.id):
        wanted = kinds is None or inquiry.kind in kinds
        if inquiry.state in inquiries.LIVE and wanted and subject_id in {None, inquiry.subject_id}:
            await close(work, inquiry, state="cancelled")
    for person_id in waiting:
        await open_next(work, person_id)
