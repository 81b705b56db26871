"""Where a case, a call or a notice lies, for the areas of operators."""

from typing import Any

from sqlalchemy import SQLColumnExpression, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from storage.tables import CallTaskRow, CaseRow, CommitteeRow, OutboxRow

NOWHERE = ""


async def place_of_case(session: AsyncSession, case_id: int) -> str | None:
    """Return the region code of a case's place, else of its committee; None when there is no such case."""
    statement = (
        select(func.coalesce(CaseRow.place, CommitteeRow.region))
        .join(CommitteeRow, CommitteeRow.id == CaseRow.committee_id)
        .where(CaseRow.id == case_id)
    )
    return await session.scalar(statement)


async def place_of_call_task(session: AsyncSession, task_id: int) -> str | None:
    """Return the place of a call task's case, "" when it has none; None when there is no such task."""
    row = await session.get(CallTaskRow, task_id)
    if row is None:
        return None
    return NOWHERE if row.case_id is None else await place_of_case(session, row.case_id)


async def place_of_notice(session: AsyncSession, notice_id: int) -> str | None:
    """Return the place of a notice's case, "" when it has none; None when there is no such notice."""
    row = await session.get(OutboxRow, notice_id)
    if row is None:
        return None
    return NOWHERE if row.case_id is None else await place_of_case(session, row.case_id)


def region_within(column: SQLColumnExpression[Any], area: str) -> ColumnElement[bool]:
    """Return the condition that a region code lies in an area, as a range that an index serves."""
    return and_(column >= area, column < str(int(area) + 1))


def case_within(area: str) -> ColumnElement[bool]:
    """Return the condition that a case lies in an area: by its place, else by its committee's region."""
    committees = select(CommitteeRow.id).where(region_within(CommitteeRow.region, area))
    return or_(
        region_within(CaseRow.place, area),
        and_(CaseRow.place.is_(None), CaseRow.committee_id.in_(committees)),
    )


def case_or_nowhere_within(case_id: SQLColumnExpression[Any], area: str) -> list[ColumnElement[bool]]:
    """Return the conditions that what belongs to a case lies in an area.

    What belongs to no case is for those who see everywhere.
    """
    return [case_id.in_(select(CaseRow.id).where(case_within(area)))] if area else []
