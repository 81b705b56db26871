"""Call tasks (电话任务): the list by urgency, one task with its question, and what came of the call."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action
from bot.console.gate import RefusedError
from bot.console.routing import Page, Subject, View
from bot.console.visit import Visit
from handlers import calling
from handlers.calling import Again, Choice, Left, Noted, RefusedCallError
from storage import console_case, operators, outbox
from storage.console_case import Call
from storage.console_places import case_or_nowhere_within
from storage.console_tables import CallHandlingRow
from storage.tables import CallTaskRow

PAGE_SIZE = 100
NUMBER = re.compile(r"[0-9]{1,18}")


async def list_tasks(visit: Visit) -> web.StreamResponse:
    """Show the calls to make, the most pressing first, or those that were made."""
    state = "done" if visit.query.get("state") == "done" else "open"
    mine = visit.query.get("mine") == "1"
    conditions: list[Any] = [
        CallTaskRow.state == state,
        *case_or_nowhere_within(CallTaskRow.case_id, visit.area),
    ]
    if state == "open":
        conditions.append(console_case.opens_call(visit.area))
    if mine:
        conditions.append(CallHandlingRow.operator_id == visit.operator.id)
    async with visit.service.database.unit_of_work() as session:
        rows = await console_case.list_calls(
            session, *conditions, limit=PAGE_SIZE + 1, urgent_first=state == "open"
        )
        names = await _takers(session, rows)
        together = await outbox.count_same_call(
            session,
            [row.row.person_id for row in rows if row.row.state == "open"],
            *case_or_nowhere_within(CallTaskRow.case_id, visit.area),
        )
    return await visit.render(
        "calls_part.html" if visit.is_fragment else "calls.html",
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        names=names,
        together=together,
        state=state,
        mine=mine,
    )


async def _takers(session: AsyncSession, rows: list[Call]) -> dict[int, str]:
    ids = [row.handling.operator_id for row in rows if row.handling and row.handling.operator_id]
    return await operators.names_of(session, ids)


async def show_task(visit: Visit) -> web.StreamResponse:
    """Show one call with what is to be asked."""
    return await _task_page(visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell or ask in a call, and the answers to it."""

    call: Call
    choices: tuple[Choice, ...]
    asks_amount: bool


async def _task_page(visit: Visit, *, code: str = "", status: int = 200) -> web.StreamResponse:
    async with visit.service.database.unit_of_work() as session:
        task = await session.get_one(CallTaskRow, visit.number("task_id"))
        within = case_or_nowhere_within(CallTaskRow.case_id, visit.area)
        together = [task] if task.state != "open" else await outbox.list_same_call(session, task, *within)
        rows = await console_case.list_calls(
            session, CallTaskRow.id.in_([one.id for one in together]), limit=len(together), urgent_first=True
        )
        names = await _takers(session, rows)
        items = [_item(visit, session, call) for call in rows]
    return await visit.render(
        "call.html",
        call=next(one for one in rows if one.row.id == task.id),
        items=items,
        names=names,
        code=code,
        given={name: visit.given(name) for name in visit.posted},
        status=status,
    )


def _item(visit: Visit, session: AsyncSession, call: Call) -> Item:
    inquiry = call.inquiry if call.inquiry and call.inquiry.state == "open" else None
    return Item(
        call=call,
        choices=calling.choices_of(visit.work(session), call.row, inquiry),
        asks_amount=calling.asks_amount(inquiry),
    )


async def take_task(visit: Visit) -> web.StreamResponse:
    """Take a call, or take it over from a colleague."""

    async def work(session: AsyncSession) -> str:
        await calling.take(
            visit.work(session),
            visit.number("task_id"),
            operator_id=visit.operator.id,
            area=visit.area,
            over=visit.given("over") == "1",
        )
        return visit.service.rules.phrases.text("console.said_taken")

    return await _change(
        visit, work, action="call_taken", where=lambda: visit.request.path.removesuffix("/take")
    )


async def note_reached(visit: Visit) -> web.StreamResponse:
    """Write down the answers."""
    left, following = Left.NOTHING, 0

    async def work(session: AsyncSession) -> str:
        nonlocal left, following
        left, following = await calling.reached(
            visit.work(session),
            visit.number("task_id"),
            operator_id=visit.operator.id,
            area=visit.area,
            noted=_noted(visit),
        )
        return visit.service.rules.phrases.text(f"console.said_called_{left}")

    def where() -> str:
        return f"/calls/{following}" if left is Left.NEXT else "/calls"

    return await _change(visit, work, action="call_made", where=where)


def _noted(visit: Visit) -> dict[int, Noted]:
    """Return what was written down for each task; the fields of the page's own task have no number."""
    own = visit.number("task_id")
    numbers = {name.partition("_")[2] for name in visit.posted}
    others = {int(number): f"_{number}" for number in numbers if NUMBER.fullmatch(number)}
    return {
        task_id: Noted(
            choice=visit.given(f"choice{mark}"),
            words=visit.given(f"words{mark}", most=2000),
            amount=_amount(visit.given(f"amount{mark}")),
        )
        for task_id, mark in {own: "", **others}.items()
    }


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
            area=visit.area,
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
    visit: Visit,
    work: Callable[[AsyncSession], Any],
    *,
    action: str,
    where: Callable[[], str] = lambda: "/calls",
) -> web.StreamResponse:
    """Do one step with a call in a transaction and go on: to the list, or to a call."""
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
            return await visit.go(where(), say=said)
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
