"""The delivery log (送达): every notice with its true state, the stuck ones first to see."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.console.access import Action
from bot.console.routing import Page, Subject
from bot.console.visit import Visit
from storage import console_case
from storage.console_places import case_or_nowhere_within
from storage.tables import OutboxRow

PAGE_SIZE = 50
STUCK_AFTER = timedelta(minutes=30)
STATES = ("pending", "sent", "called", "dropped")


async def list_notices(visit: Visit) -> web.StreamResponse:
    """Show notices newest first; `stuck` are those that wait for long or went by a call."""
    chosen = visit.query.get("state", "")
    before = visit.query.get("before", "")
    conditions: list[Any] = [*case_or_nowhere_within(OutboxRow.case_id, visit.area)]
    if chosen == "stuck":
        conditions += console_case.stuck_since(visit.now - STUCK_AFTER)
    elif chosen in STATES:
        conditions.append(OutboxRow.state == chosen)
    if before.isascii() and before.isdigit() and len(before) < 19:
        conditions.append(OutboxRow.id < int(before))
    async with visit.service.database.unit_of_work() as session:
        rows = await console_case.list_notices(session, *conditions, limit=PAGE_SIZE + 1)
    shown = rows[:PAGE_SIZE]
    more = {"state": chosen, "before": shown[-1].row.id} if len(rows) > PAGE_SIZE else {}
    return await visit.render("delivery.html", rows=shown, chosen=chosen, more=more)


async def show_notice(visit: Visit) -> web.StreamResponse:
    """Show one notice with every attempt."""
    notice_id = visit.number("notice_id")
    async with visit.service.database.unit_of_work() as session:
        rows = await console_case.list_notices(session, OutboxRow.id == notice_id, limit=1)
        attempts = await console_case.list_attempts(session, notice_id)
    return await visit.render("notice.html", notice=rows[0], attempts=attempts)


PAGES = (
    Page(method="GET", path="/delivery", action=Action.DELIVERY, view=list_notices, seen="delivery"),
    Page(
        method="GET",
        path="/delivery/{notice_id:[0-9]{1,18}}",
        action=Action.DELIVERY,
        view=show_notice,
        subject=Subject.NOTICE,
        seen="notice",
    ),
)
