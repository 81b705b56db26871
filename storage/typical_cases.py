"""Typical cases (典型案例): which closed cases there are to choose from, and what was written."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.console_places import case_within
from storage.desk_tables import TypicalCaseRow
from storage.tables import CaseRow, TimelineRow


def _within(area: str) -> list[ColumnElement[bool]]:
    return [case_within(area)] if area else []


async def list_written(session: AsyncSession, *, area: str) -> list[tuple[TypicalCaseRow, CaseRow]]:
    """Return what was written of cases in an area, the latest first."""
    statement = (
        select(TypicalCaseRow, CaseRow)
        .join(CaseRow, CaseRow.id == TypicalCaseRow.case_id)
        .where(*_within(area))
        .order_by(TypicalCaseRow.updated_at.desc())
    )
    return [(row, case) for row, case in (await session.execute(statement)).all()]


async def list_closed(
    session: AsyncSession, *, area: str, dispute_type: str, words: str, limit: int
) -> list[CaseRow]:
    """Return closed cases that nothing was written of yet, the latest first; `words` is a case number."""
    statement = (
        select(CaseRow)
        .where(
            CaseRow.status == "closed",
            CaseRow.id.not_in(select(TypicalCaseRow.case_id)),
            *_within(area),
        )
        .order_by(CaseRow.id.desc())
        .limit(limit)
    )
    if dispute_type:
        statement = statement.where(CaseRow.dispute_type == dispute_type)
    if words:
        statement = statement.where(CaseRow.case_no.endswith(words, autoescape=True))
    return list(await session.scalars(statement))


async def find_written(session: AsyncSession, case_id: int) -> TypicalCaseRow | None:
    """Return what was written of a case, locked."""
    statement = select(TypicalCaseRow).where(TypicalCaseRow.case_id == case_id).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def add_written(
    session: AsyncSession,
    *,
    case_id: int,
    operator_id: int,
    title: str,
    sections: dict[str, str],
    now: datetime,
) -> TypicalCaseRow:
    """Keep a fresh draft."""
    row = TypicalCaseRow(
        case_id=case_id,
        operator_id=operator_id,
        title=title,
        sections=sections,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def list_steps(session: AsyncSession, case_id: int) -> list[TimelineRow]:
    """Return what may be told of a mediation: investigations and recorded sessions, nothing said apart."""
    statement = (
        select(TimelineRow)
        .where(TimelineRow.case_id == case_id, TimelineRow.event == "session")
        .order_by(TimelineRow.seq)
    )
    return list(await session.scalars(statement))
