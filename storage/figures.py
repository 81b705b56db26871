"""The statements behind the start page's numbers; the list behind a number uses the same conditions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.console_places import case_within, region_within
from storage.tables import CaseRow, CommitteeRow, InquiryRow

TOWNSHIP_LENGTH = 9
RATING = "follow_up_rating"
SETTLED_STATUSES = ("performing", "closed")
UNSETTLED_STATUSES = ("terminated",)
DROPPED_STATUSES = ("withdrawn", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which cases are counted: filed in a time, in an area, and whatever narrows it further.

    `result` is settled, unsettled, dropped or going; `origin` is who handed the case over, or its source when
    nobody did; `ids` are given where SQL alone cannot say it.
    """

    area: str
    since: datetime
    until: datetime
    dispute_type: str = ""
    place: str = ""
    grade: str = ""
    result: str = ""
    rating: str = ""
    origin: str = ""
    ids: tuple[int, ...] | None = None


def _conditions(chosen: Chosen) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [CaseRow.filed_at >= chosen.since, CaseRow.filed_at < chosen.until]
    if chosen.area:
        found.append(case_within(chosen.area))
    if chosen.place:
        found.append(region_within(CaseRow.place, chosen.place))
    if chosen.dispute_type:
        found.append(CaseRow.dispute_type == chosen.dispute_type)
    if chosen.grade:
        found.append(CaseRow.grade == chosen.grade)
    if chosen.result:
        found.append(_result(chosen.result))
    if chosen.origin:
        found.append(_origin() == chosen.origin)
    if chosen.ids is not None:
        found.append(CaseRow.id.in_(chosen.ids))
    return found


def _origin() -> ColumnElement[str]:
    """Who handed a case over, its source when nobody did; no parameters: it is grouped by."""
    return case((CaseRow.referred_by == literal_column("''"), CaseRow.source), else_=CaseRow.referred_by)


def _result(result: str) -> ColumnElement[bool]:
    known = {"settled": SETTLED_STATUSES, "unsettled": UNSETTLED_STATUSES, "dropped": DROPPED_STATUSES}
    if result in known:
        return CaseRow.status.in_(known[result])
    return CaseRow.status.not_in([*SETTLED_STATUSES, *UNSETTLED_STATUSES, *DROPPED_STATUSES])


async def count_cases(session: AsyncSession, chosen: Chosen) -> int:
    """Return how many cases are meant."""
    return await session.scalar(select(func.count(CaseRow.id)).where(*_conditions(chosen))) or 0


async def count_by_day(session: AsyncSession, chosen: Chosen, days: Sequence[datetime]) -> list[int]:
    """Return how many cases were filed between each two neighbouring times of `days`."""
    counts = [
        func.count().filter(CaseRow.filed_at >= begin, CaseRow.filed_at < end)
        for begin, end in pairwise(days)
    ]
    row = (await session.execute(select(*counts).select_from(CaseRow).where(*_conditions(chosen)))).one()
    return [int(value) for value in row]


async def count_by_type(session: AsyncSession, chosen: Chosen) -> dict[str, int]:
    """Return how many cases of each type."""
    return await _grouped(session, chosen, CaseRow.dispute_type)


async def count_by_township(session: AsyncSession, chosen: Chosen) -> dict[str, int]:
    """Return how many cases whose place is known to the township, by its code."""
    grouped = await _grouped(session, chosen, func.substr(CaseRow.place, 1, TOWNSHIP_LENGTH))
    return {code: count for code, count in grouped.items() if len(code) == TOWNSHIP_LENGTH}


async def count_by_grade(session: AsyncSession, chosen: Chosen) -> dict[str, int]:
    """Return how many cases of each grade of danger."""
    return await _grouped(session, chosen, CaseRow.grade)


async def count_by_origin(session: AsyncSession, chosen: Chosen) -> dict[str, int]:
    """Return how many cases each body handed over, and how many came from each source by themselves."""
    return await _grouped(session, chosen, _origin())


async def count_by_status(session: AsyncSession, chosen: Chosen) -> dict[str, int]:
    """Return how many cases stand in each status."""
    return await _grouped(session, chosen, CaseRow.status)


async def _grouped(session: AsyncSession, chosen: Chosen, column: Any) -> dict[str, int]:
    statement = select(column, func.count()).where(*_conditions(chosen)).group_by(column)
    return {str(value or ""): count for value, count in (await session.execute(statement)).all()}


async def list_acceptances(
    session: AsyncSession, chosen: Chosen
) -> list[tuple[int, datetime, datetime | None]]:
    """Return (id, filed, accepted) of every case, None where nobody has accepted it."""
    statement = select(CaseRow.id, CaseRow.filed_at, CaseRow.accepted_at).where(*_conditions(chosen))
    return [(case_id, filed, accepted) for case_id, filed, accepted in (await session.execute(statement))]


async def list_ratings(session: AsyncSession, chosen: Chosen) -> list[tuple[int, str]]:
    """Return (case id, rating from 1 to 5) as parties answered in return visits, newest first."""
    statement = (
        select(InquiryRow.case_id, InquiryRow.answer)
        .join(CaseRow, CaseRow.id == InquiryRow.case_id)
        .where(
            InquiryRow.kind == RATING,
            InquiryRow.state == "answered",
            InquiryRow.answered_at >= chosen.since,
            InquiryRow.answered_at < chosen.until,
            *([case_within(chosen.area)] if chosen.area else []),
        )
        .order_by(InquiryRow.id.desc())
    )
    return [(case_id, answer) for case_id, answer in (await session.execute(statement)).all()]


async def list_cases(
    session: AsyncSession, chosen: Chosen, *, after: int = 0, limit: int
) -> list[tuple[CaseRow, str]]:
    """Return cases with the names of their committees, newest first, those before a case's id."""
    statement = (
        select(CaseRow, CommitteeRow.name)
        .join(CommitteeRow, CommitteeRow.id == CaseRow.committee_id)
        .where(*_conditions(chosen))
        .order_by(CaseRow.id.desc())
        .limit(limit)
    )
    if after:
        statement = statement.where(CaseRow.id < after)
    return [(case, committee) for case, committee in (await session.execute(statement)).all()]


async def list_rated(
    session: AsyncSession, case_ids: Sequence[int], *, limit: int
) -> list[tuple[CaseRow, str]]:
    """Return some cases with the names of their committees, newest first."""
    statement = (
        select(CaseRow, CommitteeRow.name)
        .join(CommitteeRow, CommitteeRow.id == CaseRow.committee_id)
        .where(CaseRow.id.in_(case_ids))
        .order_by(CaseRow.id.desc())
        .limit(limit)
    )
    return [(case, committee) for case, committee in (await session.execute(statement)).all()]
