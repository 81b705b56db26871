"""Call tasks (电话任务): taken by an operator, made, the answer written down as if it were said in chat."""

from collections.abc import Mapping
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
from storage.console_places import case_or_nowhere_within
from storage.console_tables import CallHandlingRow
from storage.tables import CallTaskRow, InquiryRow

MORNING = 9
LATER_TODAY = {"soon": timedelta(minutes=30), "later": timedelta(hours=2)}
TOLD = "told"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What an operator wrote down for one thing that was told or asked."""

    choice: str = ""
    words: str = ""
    amount: float | None = None


class Left(StrEnum):
    """What is left for the person of a call when it is written down."""

    NOTHING = "nothing"
    OPEN = "open"
    NEXT = "next"


def choices_of(work: Work, task: CallTaskRow, inquiry: InquiryRow | None) -> tuple[Choice, ...]:
    """Return the answers to a task, () where only words are written down."""
    phrases = work.rules.phrases
    if inquiry is None:
        return (Choice(key=TOLD, label=work.text("console.call_told")),) if task.kind == outbox.TOLD else ()
    if inquiry.kind == "help":
        return ()
    confirms = inquiry.kind == inquiring.CONFIRMATION
    asked = phrases["party.confirmation_words" if confirms else inquiring.phrase_of(inquiry)].choices
    return tuple(Choice(key=one.key, label=one.label) for one in asked)


def asks_amount(inquiry: InquiryRow | None) -> bool:
    """Whether a sum of money may belong to the answer."""
    return inquiry is not None and inquiry.kind in {"receipt", "receipt_part"}


async def take(work: Work, task_id: int, *, operator_id: int, area: str, over: bool) -> None:
    """One operator makes this call; `over` takes it from a colleague. Raises RefusedCallError."""
    for task in await _same_call(work, task_id, area=area):
        handling = await console_case.handling_of(work.session, task.id)
        if handling.operator_id not in {None, operator_id} and not over:
            raise RefusedCallError("taken")
        handling.operator_id, handling.taken_at = operator_id, work.now


async def not_reached(
    work: Work, task_id: int, *, operator_id: int, area: str, again: Again, words: str
) -> datetime:
    """Nobody answered: called again later; returns when."""
    again_at = _again_at(work.now, again)
    for task in await _same_call(work, task_id, area=area):
        handling = await _own(work, task.id, operator_id)
        handling.tries += 1
        handling.again_at, handling.note = again_at, words
    return again_at


def _again_at(now: datetime, again: Again) -> datetime:
    if again is not Again.TOMORROW:
        return now + LATER_TODAY[again]
    tomorrow = now.astimezone(CHINA_TIME) + timedelta(days=1)
    return tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0)


async def reached(
    work: Work, task_id: int, *, operator_id: int, area: str, noted: Mapping[int, Noted]
) -> tuple[Left, int]:
    """Write down what was said to each thing that was told or asked in one call, by the ids of their tasks.

    Returns what is left for this person, with the task to go on with: NEXT where an answer led to a question
    that can be asked at once, OPEN where something was left without an answer (the person wants to think it
    over). Raises RefusedCallError: no_words, no_choice, no_amount, done, taken.
    """
    tasks = await _same_call(work, task_id, area=area)
    asked = {task.id: await _inquiry_of(work, task) for task in tasks}
    given = {task.id: noted[task.id] for task in tasks if noted.get(task.id, Noted()) != Noted()}
    if not given:
        raise RefusedCallError("no_choice" if any(asked.values()) else "no_words")
    for task in tasks:
        handling = await _own(work, task.id, operator_id)
        if task.id in given:
            await _note(work, task, asked[task.id], given[task.id], handling)
    await work.session.flush()
    left = await outbox.list_same_call(
        work.session, tasks[0], *case_or_nowhere_within(CallTaskRow.case_id, area)
    )
    left = [task for task in left if task.state == "open"]
    following = [task.id for task in left if task.id not in asked]
    if following:
        return Left.NEXT, following[0]
    return (Left.OPEN, left[0].id) if left else (Left.NOTHING, task_id)


async def _note(
    work: Work, task: CallTaskRow, inquiry: InquiryRow | None, noted: Noted, handling: CallHandlingRow
) -> None:
    labels = {one.key: one.label for one in choices_of(work, task, inquiry)}
    task = await outbox.get_call_task(work.session, task.id)
    if inquiry is not None and task.state == "open":  # what was said before may have ended it
        await _settle(work, task, inquiry, noted)
        await work.session.flush()
        task = await outbox.get_call_task(work.session, task.id)
        if inquiry.state == "open":
            handling.tries, handling.note = handling.tries + 1, noted.words
            return
    elif inquiry is None and not noted.words and noted.choice != TOLD:
        raise RefusedCallError("no_words")
    task.state, task.outcome, task.done_at = "done", noted.words or labels.get(noted.choice), work.now
    if task.case_id is not None and noted.words:
        case = await cases.get_case(work.session, task.case_id)
        text = work.text("console.noted_call", text=noted.words)
        await work.record(case, "note", audience=FOR_STAFF, text=text, step="called", call_task=task.id)


async def _settle(work: Work, task: CallTaskRow, inquiry: InquiryRow, noted: Noted) -> None:
    """Give the answer to the question as the person would have in chat.

    A confirmation needs no code on the phone: the operator knows whom he calls.
    """
    choice = noted.choice
    if inquiry.kind == "receipt_part" or (inquiry.kind == "receipt" and choice == "2"):
        if noted.amount is None:
            raise RefusedCallError("no_amount")
        choice = "2"
    elif inquiry.kind == "help":
        if not noted.words:
            raise RefusedCallError("no_words")
        choice = "1"
    elif choice not in {one.key for one in choices_of(work, task, inquiry)}:
        raise RefusedCallError("no_choice")
    if inquiry.kind == inquiring.CONFIRMATION:
        choice = {"1": "yes", "2": "no"}[choice]
    answer = Answer(choice=choice, words=noted.words, amount=noted.amount)
    await inquiries.settle(work, inquiry, answer, how=BY_CALL)


async def _same_call(work: Work, task_id: int, *, area: str) -> list[CallTaskRow]:
    """Return what is told and asked in the same call as a task, which is open; raises RefusedCallError."""
    task = await outbox.get_call_task(work.session, task_id)
    if task.state != "open":
        raise RefusedCallError("done")
    return await outbox.list_same_call(work.session, task, *case_or_nowhere_within(CallTaskRow.case_id, area))


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
