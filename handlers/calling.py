"""Call tasks (电话任务): taken by an operator, made, the answer written down as if it were said in chat."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.mediating import inquiries, inquiring
from handlers.mediating.inquiries import BY_CALL, Answer
from handlers.mediating.parties import FOR_STAFF
from handlers.mediating.work import Work
from mediation.calendar import CHINA_TIME
from storage import cases, console_case, outbox
from storage import inquiries as kept_inquiries
from storage.console_tables import CallHandlingRow
from storage.tables import CallTaskRow, InquiryRow

MORNING = 9
LATER_TODAY = {"soon": timedelta(minutes=30), "later": timedelta(hours=2)}


class Again(StrEnum):
    """When somebody who was not reached is called again."""

    SOON = "soon"
    LATER = "later"
    TOMORROW = "tomorrow"


class RefusedCallError(Exception):
    """A call cannot be taken or closed like this; the argument is a stable code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that the person may give."""

    key: str
    label: str


def choices_of(work: Work, inquiry: InquiryRow | None) -> tuple[Choice, ...]:
    """Return the answers to a task's question, () where only words are written down."""
    if inquiry is None or inquiry.kind == "help":
        return ()
    phrases = work.rules.phrases
    if inquiry.kind == inquiring.CONFIRMATION:
        labels = {one.key: one.label for one in phrases["party.confirmation_words"].choices}
        return Choice(key="yes", label=labels["1"]), Choice(key="no", label=labels["2"])
    asked = phrases[inquiring.phrase_of(inquiry)].choices
    return tuple(Choice(key=one.key, label=one.label) for one in asked)


def asks_amount(inquiry: InquiryRow | None) -> bool:
    """Whether a sum of money may belong to the answer."""
    return inquiry is not None and inquiry.kind in {"receipt", "receipt_part"}


async def take(work: Work, task_id: int, *, operator_id: int, over: bool) -> None:
    """One operator makes this call; `over` takes it from a colleague. Raises RefusedCallError."""
    await _open_task(work, task_id)
    handling = await console_case.handling_of(work.session, task_id)
    if handling.operator_id not in {None, operator_id} and not over:
        raise RefusedCallError("taken")
    handling.operator_id, handling.taken_at = operator_id, work.now


async def not_reached(work: Work, task_id: int, *, operator_id: int, again: Again, words: str) -> datetime:
    """Nobody answered: called again later; returns when."""
    await _open_task(work, task_id)
    handling = await _own(work, task_id, operator_id)
    handling.tries += 1
    handling.again_at = _again_at(work.now, again)
    handling.note = words
    return handling.again_at


def _again_at(now: datetime, again: Again) -> datetime:
    if again is not Again.TOMORROW:
        return now + LATER_TODAY[again]
    tomorrow = now.astimezone(CHINA_TIME) + timedelta(days=1)
    return tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0)


async def reached(
    work: Work, task_id: int, *, operator_id: int, choice: str, words: str, amount: float | None
) -> bool:
    """Write down what was said; False when the question stays open (the person wants to think it over).

    Raises RefusedCallError: no_words, no_choice, no_amount, done, taken.
    """
    task = await _open_task(work, task_id)
    handling = await _own(work, task_id, operator_id)
    inquiry = await _inquiry_of(work, task)
    if inquiry is None and not words:
        raise RefusedCallError("no_words")
    if inquiry is not None:
        await _settle(work, inquiry, choice=choice, words=words, amount=amount)
    await work.session.flush()
    task = await outbox.get_call_task(work.session, task_id)
    if inquiry is not None and inquiry.state == "open":
        handling.tries, handling.note = handling.tries + 1, words
        return False
    task.state, task.outcome, task.done_at = "done", words or choice, work.now
    if task.case_id is not None and words:
        case = await cases.get_case(work.session, task.case_id)
        text = work.text("console.noted_call", text=words)
        await work.record(case, "note", audience=FOR_STAFF, text=text, step="called", call_task=task_id)
    return True


async def _settle(work: Work, inquiry: InquiryRow, *, choice: str, words: str, amount: float | None) -> None:
    """Give the answer to the question as the person would have in chat."""
    known = {one.key for one in choices_of(work, inquiry)}
    if inquiry.kind == "receipt_part" or (inquiry.kind == "receipt" and choice == "2"):
        if amount is None:
            raise RefusedCallError("no_amount")
        choice = "2"
    elif inquiry.kind == "help":
        if not words:
            raise RefusedCallError("no_words")
        choice = "1"
    elif choice not in known:
        raise RefusedCallError("no_choice")
    await inquiries.settle(work, inquiry, Answer(choice=choice, words=words, amount=amount), how=BY_CALL)


async def _open_task(work: Work, task_id: int) -> CallTaskRow:
    task = await outbox.get_call_task(work.session, task_id)
    if task.state != "open":
        raise RefusedCallError("done")
    return task


async def _own(work: Work, task_id: int, operator_id: int) -> CallHandlingRow:
    """Return the handling, taken by this operator when nobody has it; raises RefusedCallError."""
    handling = await console_case.handling_of(work.session, task_id)
    if handling.operator_id not in {None, operator_id}:
        raise RefusedCallError("taken")
    if handling.operator_id is None:
        handling.operator_id, handling.taken_at = operator_id, work.now
    return handling


async def _inquiry_of(work: Work, task: CallTaskRow) -> InquiryRow | None:
    """Return the question that still waits; one that was answered meanwhile needs none."""
    if task.inquiry_id is None:
        return None
    inquiry = await kept_inquiries.get_inquiry(work.session, task.inquiry_id)
    if inquiry.state not in kept_inquiries.LIVE:
        raise RefusedCallError("done")
    return inquiry
