"""Call tasks (电话任务): the list by urgency, one task with its question, and what came of the call."""

from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action
from bot.console.gate import RefusedError
from bot.console.routing import Page, Subject, View
from bot.console.visit import Visit
from handlers import calling
from handlers.calling import Again, RefusedCallError
from storage import console_case, operators
from storage.console_case import Call
from storage.console_places import case_or_nowhere_within
from storage.console_tables import CallHandlingRow
from storage.tables import CallTaskRow

PAGE_SIZE = 100


async def list_tasks(visit: Visit) -> web.StreamResponse:
    """Show the calls to make, the most pressing first, or those that were made."""
    state = "done" if visit.query.get("state") == "done" else "open"
    mine = visit.query.get("mine") == "1"
    conditions: list[Any] = [
        CallTaskRow.state == state,
        *case_or_nowhere_within(CallTaskRow.case_id, visit.area),
    ]
    if mine:
        conditions.append(CallHandlingRow.operator_id == visit.operator.id)
    async with visit.service.database.unit_of_work() as session:
        rows = await console_case.list_calls(
            session, *conditions, limit=PAGE_SIZE + 1, urgent_first=state == "open"
        )
        names = await _takers(session, rows)
    return await visit.render(
        "calls_part.html" if visit.is_fragment else "calls.html",
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        names=names,
        state=state,
        mine=mine,
    )


async def _takers(session: AsyncSession, rows: list[Call]) -> dict[int, str]:
    ids = [row.handling.operator_id for row in rows if row.handling and row.handling.operator_id]
    return await operators.names_of(session, ids)


async def show_task(visit: Visit) -> web.StreamResponse:
    """Show one call with what is to be asked."""
    return await _task_page(visit)


async def _task_page(visit: Visit, *, code: str = "", status: int = 200) -> web.StreamResponse:
    async with visit.service.database.unit_of_work() as session:
        rows = await console_case.list_calls(
            session, CallTaskRow.id == visit.number("task_id"), limit=1, urgent_first=True
        )
        call = rows[0]
        names = await _takers(session, rows)
        open_inquiry = call.inquiry if call.inquiry and call.inquiry.state == "open" else None
        choices = calling.choices_of(visit.work(session), open_inquiry)
    return await visit.render(
        "call.html",
        call=call,
        names=names,
        choices=choices,
        asks_amount=calling.asks_amount(open_inquiry),
        code=code,
        given={name: visit.given(name) for name in ("choice", "words", "amount", "again")},
        status=status,
    )


async def take_task(visit: Visit) -> web.StreamResponse:
    """Take a call, or take it over from a colleague."""

    async def work(session: AsyncSession) -> str:
        await calling.take(
            visit.work(session),
            visit.number("task_id"),
            operator_id=visit.operator.id,
            over=visit.given("over") == "1",
        )
        return visit.service.rules.phrases.text("console.said_taken")

    return await _change(visit, work, action="call_taken", back=True)


async def note_reached(visit: Visit) -> web.StreamResponse:
    """Write down the answer."""

    async def work(session: AsyncSession) -> str:
        done = await calling.reached(
            visit.work(session),
            visit.number("task_id"),
            operator_id=visit.operator.id,
            choice=visit.given("choice"),
            words=visit.given("words", most=2000),
            amount=_amount(visit.given("amount")),
        )
        return visit.service.rules.phrases.text("console.said_called" if done else "console.said_open")

    return await _change(visit, work, action="call_made")


async def note_not_reached(visit: Visit) -> web.StreamResponse:
    """Nobody answered: again later."""
    again = visit.given("again")
    if again not in set(Again):
        raise RefusedError(400, "bad_form")

    async def work(session: AsyncSession) -> str:
        at = await calling.not_reached(
            visit.work(session),
            visit.number("task_id"),
            operator_id=visit.operator.id,
            again=Again(again),
            words=visit.given("words", most=2000),
        )
        return visit.service.rules.phrases.text("console.said_again", at=visit.work(session).spoken(at))

    return await _change(visit, work, action="call_missed")


def _amount(text: str) -> float | None:
    try:
        amount = float(text.replace(",", ""))
    except ValueError:
        return None
    return amount if 0 < amount < 10**12 else None


async def _change(
    visit: Visit, work: Callable[[AsyncSession], Any], *, action: str, back: bool = False
) -> web.StreamResponse:
    """Do one step with a call in a transaction and go back to the list, or to the call."""
    task_id = visit.number("task_id")
    async with visit.service.database.unit_of_work() as session:
        try:
            said = await work(session)
        except RefusedCallError as refused:
            code = refused.code
        else:
            task = await session.get_one(CallTaskRow, task_id)
            await visit.note(session, "changed", action, subject=f"call_task:{task_id}", case_id=task.case_id)
            await session.commit()
            visit.service.wake_delivery()
            return await visit.go(f"/calls/{task_id}" if back else "/calls", say=said)
    return await _task_page(visit, code=code, status=409 if code in {"done", "taken"} else 422)


def _task(method: Any, path: str, view: View, *, seen: str = "") -> Page:
    return Page(
        method=method,
        path="/calls/{task_id:[0-9]{1,18}}" + path,
        action=Action.CALLS,
        view=view,
        subject=Subject.CALL_TASK,
        seen=seen,
    )


PAGES = (
    Page(method="GET", path="/calls", action=Action.CALLS, view=list_tasks),
    _task("GET", "", show_task, seen="call_task"),
    _task("POST", "/take", take_task),
    _task("POST", "/reached", note_reached),
    _task("POST", "/missed", note_not_reached),
)
