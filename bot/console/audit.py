"""The audit (审计): who saw, changed and exported what, and whether the record is whole."""

from datetime import UTC, datetime, time, timedelta

from aiohttp import web

from bot.console.access import Action
from bot.console.routing import Page
from bot.console.visit import Visit
from mediation.calendar import CHINA_TIME
from storage import console_access, console_case, operators

PAGE_SIZE = 100
VERBS = ("saw", "changed", "exported", "signed")


async def list_entries(visit: Visit) -> web.StreamResponse:
    """Show entries newest first, by verb, operator, case and day."""
    return await _page(visit, verified=None)


async def verify(visit: Visit) -> web.StreamResponse:
    """Check the whole chain and say what was found."""
    async with visit.service.database.unit_of_work() as session:
        verified = await console_access.verify_accesses(session)
    return await _page(visit, verified=verified)


async def _page(visit: Visit, *, verified: console_access.Verified | None) -> web.StreamResponse:
    query = {name: visit.query.get(name, "").strip()[:40] for name in ("verb", "who", "case", "day")}
    since = _day(query["day"])
    before = visit.query.get("before", "")
    async with visit.service.database.unit_of_work() as session:
        staff = await operators.list_operators(session)
        by_login = {row.login: row.id for row in staff}
        found = await console_case.find_case_by_number(session, query["case"]) if query["case"] else None
        missing = bool(query["case"]) and found is None
        rows = (
            []
            if missing
            else await console_access.list_accesses(
                session,
                area=visit.area,
                verb=query["verb"] if query["verb"] in VERBS else "",
                operator_id=by_login.get(query["who"]),
                case_id=found.case_id if found else None,
                since=since,
                until=since + timedelta(days=1) if since else None,
                before_seq=int(before)
                if before.isascii() and before.isdigit() and len(before) < 19
                else None,
                limit=PAGE_SIZE + 1,
            )
        )
        shown = rows[:PAGE_SIZE]
        numbers = await console_case.case_numbers(session, [row.case_id for row in shown if row.case_id])
    more = {**query, "before": shown[-1].seq} if len(rows) > PAGE_SIZE else {}
    return await visit.render(
        "audit.html",
        rows=shown,
        numbers=numbers,
        names={row.id: row.name for row in staff},
        staff=[(row.login, row.name) for row in staff],
        query=query,
        more=more,
        verified=verified,
    )


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), CHINA_TIME).astimezone(UTC)
    except ValueError:
        return None


PAGES = (
    Page(method="GET", path="/audit", action=Action.AUDIT, view=list_entries, seen="audit"),
    Page(method="POST", path="/audit", action=Action.AUDIT, view=verify),
)
