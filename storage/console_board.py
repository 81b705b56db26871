"""The board's statements: cases by column and filter, page by page, and bounded counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from mediation.regions import Region
from mediation.vocabulary import CommitteeKind, RegionLevel
from storage.console_access import changed_by
from storage.console_places import case_within, region_within
from storage.console_search import has_words
from storage.console_tables import SearchWordRow
from storage.tables import (
    AwareTime,
    CallTaskRow,
    CaseRow,
    CommitteeRow,
    Id,
    MediatorRow,
    OfferRow,
    RegionRow,
    TimelineRow,
)

MOST_COUNTED = 1000
WAITING = ("filed", "offered", "unassigned")
TERM_RUNS = ("mediating", "confirming")
"""Where the term of mediation counts: neither before both sides agreed to it nor once an agreement stands."""
TOWNSHIP_LENGTH = 9
COUNTY_LENGTH = 6


BoardSelect = Select[CaseRow, str, str, str, datetime]


class Column(StrEnum):
    """The columns of the board."""

    NEW = "new"
    WAITING = "waiting"
    DUE = "due"
    OVERDUE = "overdue"
    RED = "red"
    INVITING = "inviting"
    GREEN = "green"
    """The enterprises' green channel (涉企绿色通道): what an enterprise committee has in hand."""
    ALL = "all"


OLDEST_FIRST = frozenset({Column.WAITING, Column.INVITING, Column.RED, Column.GREEN})
BY_DUE_TIME = frozenset({Column.DUE, Column.OVERDUE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases are wanted. `today` and `tomorrow` are the local day's begin and end.

    `words` are the narrowed terms of a search: every tuple must be met, by any of its words.
    """

    area: str
    now: datetime
    today: datetime
    tomorrow: datetime
    dispute_type: str = ""
    place: str = ""
    grade: str = ""
    committee_kind: str = ""
    changed_by: int | None = None
    words: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the sort time of its last case (None when sorted by number only) and its id."""

    at: datetime | None
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCase:
    """One line of the board. `answer_by` is when the mediator who was asked must have answered."""

    case: CaseRow
    committee: str
    committee_kind: str
    mediator: str | None
    answer_by: datetime | None


def _in_column(column: Column, wanted: Wanted) -> list[ColumnElement[bool]]:
    live = CaseRow.ended_at.is_(None)
    match column:
        case Column.NEW:
            return [live, CaseRow.filed_at >= wanted.today]
        case Column.WAITING:
            return [_stands_at(WAITING)]
        case Column.DUE:
            return [_stands_at(TERM_RUNS), CaseRow.due_at >= wanted.now, CaseRow.due_at < wanted.tomorrow]
        case Column.OVERDUE:
            return [_stands_at(TERM_RUNS), CaseRow.due_at < wanted.now]
        case Column.RED:
            return [live, CaseRow.grade == literal_column("'red'")]
        case Column.INVITING:
            return [CaseRow.status == literal_column("'inviting'")]
        case Column.GREEN:
            return [live, CaseRow.committee_id.in_(_of_kind(CommitteeKind.ENTERPRISE))]
        case Column.ALL:
            return []


def _stands_at(statuses: Sequence[str]) -> ColumnElement[bool]:
    """Written out: only then a partial index is known to hold all of them."""
    return CaseRow.status.in_([literal_column(f"'{status}'") for status in statuses])


def _of_kind(kind: str) -> Select[int]:
    return select(CommitteeRow.id).where(CommitteeRow.kind == kind)


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.area:
        conditions.append(case_within(wanted.area))
    if wanted.place:
        conditions.append(region_within(CaseRow.place, wanted.place))
    if wanted.dispute_type:
        conditions.append(CaseRow.dispute_type == wanted.dispute_type)
    if wanted.grade:
        conditions.append(CaseRow.grade == wanted.grade)
    if wanted.committee_kind:
        conditions.append(CaseRow.committee_id.in_(_of_kind(wanted.committee_kind)))
    if wanted.changed_by is not None:
        conditions.append(changed_by(wanted.changed_by))
    return conditions


async def list_board(
    session: AsyncSession, column: Column, wanted: Wanted, *, after: Cursor | None, limit: int
) -> list[BoardCase]:
    """Return one page of a column, in its order, after a cursor."""
    statement = (
        select(CaseRow, CommitteeRow.name, CommitteeRow.kind, MediatorRow.name, OfferRow.due_at)
        .join(CommitteeRow, CommitteeRow.id == CaseRow.committee_id)
        .outerjoin(MediatorRow, MediatorRow.id == CaseRow.mediator_id)
        .outerjoin(OfferRow, and_(OfferRow.case_id == CaseRow.id, OfferRow.state == literal_column("'open'")))
        .where(*_in_column(column, wanted), *_filters(wanted))
        .limit(limit)
    )
    statement = _found(statement, wanted) if wanted.words else _sorted(statement, column)
    if after is not None:
        statement = statement.where(_beyond(column, wanted, after))
    rows = (await session.execute(statement)).all()
    return [
        BoardCase(case=case, committee=committee, committee_kind=kind, mediator=mediator, answer_by=answer_by)
        for case, committee, kind, mediator, answer_by in rows
    ]


def _found(statement: BoardSelect, wanted: Wanted) -> BoardSelect:
    """Walk the index of the first word, newest case first."""
    first, *others = wanted.words
    if len(first) > 1:
        return statement.where(*map(has_words, wanted.words)).order_by(CaseRow.id.desc())
    return (
        statement.join(SearchWordRow, SearchWordRow.case_id == CaseRow.id)
        .where(SearchWordRow.word == first[0], *map(has_words, others))
        .order_by(SearchWordRow.case_id.desc())
    )


def _sorted(statement: BoardSelect, column: Column) -> BoardSelect:
    if column in BY_DUE_TIME:
        return statement.order_by(CaseRow.due_at, CaseRow.id)
    if column in OLDEST_FIRST:
        return statement.order_by(CaseRow.filed_at, CaseRow.id)
    return statement.order_by(CaseRow.filed_at.desc(), CaseRow.id.desc())


def _beyond(column: Column, wanted: Wanted, after: Cursor) -> ColumnElement[bool]:
    if wanted.words or after.at is None:
        key = SearchWordRow.case_id if wanted.words and len(wanted.words[0]) == 1 else CaseRow.id
        return key < after.case_id
    end = tuple_(literal(after.at, AwareTime), literal(after.case_id, Id))
    if column in BY_DUE_TIME:
        return tuple_(CaseRow.due_at, CaseRow.id) > end
    if column in OLDEST_FIRST:
        return tuple_(CaseRow.filed_at, CaseRow.id) > end
    return tuple_(CaseRow.filed_at, CaseRow.id) < end


def cursor_of(column: Column, wanted: Wanted, case: CaseRow) -> Cursor:
    """Return the cursor behind a case."""
    if wanted.words:
        return Cursor(None, case.id)
    return Cursor(case.due_at if column in BY_DUE_TIME else case.filed_at, case.id)


async def count_board(session: AsyncSession, columns: Sequence[Column], wanted: Wanted) -> dict[Column, int]:
    """Return how many cases stand in some columns, at most MOST_COUNTED each, in one statement."""
    counts = [
        select(func.count())
        .select_from(
            select(literal(1).label("one"))
            .select_from(CaseRow)
            .where(*_in_column(column, wanted), *_filters(wanted))
            .limit(MOST_COUNTED)
            .subquery()
        )
        .scalar_subquery()
        .label(column.value)
        for column in columns
    ]
    row = (await session.execute(select(*counts))).one()
    return dict(zip(columns, row, strict=True))


async def list_areas(session: AsyncSession, area: str) -> list[Region]:
    """Return the counties and townships of an area ("" = everywhere), in the order of their codes."""
    statement = (
        select(RegionRow)
        .where(RegionRow.level.in_((RegionLevel.COUNTY.value, RegionLevel.TOWNSHIP.value)))
        .order_by(RegionRow.code)
    )
    if area:
        statement = statement.where(region_within(RegionRow.code, area))
    return [
        Region(code=row.code, name=row.name, level=RegionLevel(row.level), parent=row.parent)
        for row in await session.scalars(statement)
    ]


async def newest(session: AsyncSession) -> tuple[int, int, int]:
    """Return numbers that change with every step of a case, every new call and every call that was made."""
    row = (
        await session.execute(
            select(
                select(func.max(TimelineRow.id)).scalar_subquery(),
                select(func.max(CallTaskRow.id)).scalar_subquery(),
                select(func.count()).where(CallTaskRow.state == "open").scalar_subquery(),
            )
        )
    ).one()
    return (row[0] or 0, row[1] or 0, row[2] or 0)
