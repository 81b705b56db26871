"""The board (看板): what is new, waiting, due, overdue, red; filters in the address; search; live."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action
from bot.console.routing import Page
from bot.console.visit import Visit
from bot.console.wording import clock, status_kind
from handlers import casework
from handlers.searching import read_terms
from mediation.calendar import CHINA_TIME
from mediation.vocabulary import CommitteeKind, DisputeType, RiskGrade
from storage import console_board, console_case, console_search
from storage.console_board import BoardCase, Column, Cursor, Wanted

PAGE_SIZE = 50
FILTERS = ("q", "type", "place", "grade", "kind", "mine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for; unknown values count as not given."""

    column: Column
    query: dict[str, str]
    after: Cursor | None

    @property
    def address(self) -> dict[str, str]:
        """The filters as they stand in an address, the column with them."""
        return {"tab": self.column.value, **self.query}


def read_query(visit: Visit) -> Asked:
    """Read column, filters and cursor of an address."""
    known: dict[str, set[str]] = {
        "type": set(DisputeType),
        "grade": set(RiskGrade),
        "kind": set(CommitteeKind),
        "mine": {"1"},
    }
    query: dict[str, str] = {}
    for name in FILTERS:
        value = visit.query.get(name, "").strip()[:80]
        if name == "place" and not (value.isascii() and value.isdigit()):
            continue
        if value and (name not in known or value in known[name]):
            query[name] = value
    tab = visit.query.get("tab", "")
    column = Column(tab) if tab in set(Column) else (Column.ALL if "q" in query else Column.NEW)
    return Asked(column=column, query=query, after=_read_cursor(visit.query.get("after", "")))


def _read_cursor(text: str) -> Cursor | None:
    """Read `1764000000000000.17` (microseconds and id) or `.17`."""
    at, _, case_id = text.partition(".")
    if not (text.isascii() and case_id.isdigit() and len(case_id) < 19):
        return None
    if not at:
        return Cursor(None, int(case_id))
    if not at.isdigit() or len(at) > 16:
        return None
    return Cursor(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(at)), int(case_id))


def _write_cursor(cursor: Cursor) -> str:
    since = cursor.at - datetime.fromtimestamp(0, UTC) if cursor.at else None
    return f"{since // timedelta(microseconds=1) if since is not None else ''}.{cursor.case_id}"


async def _wanted(session: AsyncSession, visit: Visit, asked: Asked) -> Wanted | None:
    """Return what is wanted of storage, None when the words are found nowhere."""
    words: list[tuple[int, ...]] = []
    if "q" in asked.query:
        found = await console_search.narrow_terms(session, read_terms(asked.query["q"]))
        if found is None:
            return None
        words = found
    return Wanted(
        **_day(visit.now),
        area=visit.area,
        now=visit.now,
        dispute_type=asked.query.get("type", ""),
        place=asked.query.get("place", ""),
        grade=asked.query.get("grade", ""),
        committee_kind=asked.query.get("kind", ""),
        changed_by=visit.operator.id if "mine" in asked.query else None,
        words=tuple(words),
    )


def _day(now: datetime) -> dict[str, Any]:
    today = now.astimezone(CHINA_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"today": today, "tomorrow": today + timedelta(days=1)}


async def show_board(visit: Visit) -> web.StreamResponse:
    """Show one column with the counts of all; for htmx and live refresh only these."""
    asked = read_query(visit)
    async with visit.service.database.unit_of_work() as session:
        wanted = await _wanted(session, visit, asked)
        rows: list[BoardCase] = []
        if wanted is not None:
            rows = await console_board.list_board(
                session, asked.column, wanted, after=asked.after, limit=PAGE_SIZE + 1
            )
        plain = wanted or Wanted(**_day(visit.now), area=visit.area, now=visit.now)
        counts = await console_board.count_board(
            session, [one for one in Column if one is not Column.ALL], plain
        )
        calls = (
            await console_case.count_open_calls(session, area=visit.area) if visit.may(Action.CALLS) else 0
        )
        areas = [] if visit.is_fragment else await console_board.list_areas(session, visit.area)
        if "q" in asked.query and not visit.is_fragment:
            await visit.note(session, "saw", "search", subject="board", q=asked.query["q"], found=len(rows))
            await session.commit()
    shown = rows[:PAGE_SIZE]
    more = {}
    if wanted is not None and len(rows) > PAGE_SIZE:
        more = {
            **asked.address,
            "after": _write_cursor(console_board.cursor_of(asked.column, wanted, shown[-1].case)),
        }
    rules = visit.service.rules
    return await visit.render(
        "board_part.html" if visit.is_fragment else "board.html",
        asked=asked,
        rows=shown,
        counts=counts,
        calls=calls,
        most=console_board.MOST_COUNTED,
        areas=areas,
        types=[(one.value, rules.type_name(one)) for one in DisputeType],
        kinds=[(one.value, rules.phrases.text(f"words.kind_of_{one}")) for one in CommitteeKind],
        more=more,
        place_of=lambda case: casework.place_of(case, rules=rules),
        clock=lambda row: clock(row, work=visit.work(session)),
        status_kind=status_kind,
    )


PAGES = (Page(method="GET", path="/", action=Action.BOARD, view=show_board),)
