"""What the hotline desk looks up while somebody speaks: who called before, what is alike nearby."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.console_places import case_within, region_within
from storage.console_tables import AccessRow
from storage.desk_tables import IntakeDraftRow
from storage.sealing import current_sealer
from storage.tables import CaseRow, PersonRow

MOST_EARLIER = 6
MOST_COMPARED = 200


async def list_persons_by_phone(session: AsyncSession, phone: str) -> list[PersonRow]:
    """Return everybody who left this number, newest first."""
    statement = (
        select(PersonRow)
        .where(PersonRow.phone_hash == current_sealer().digest(phone))
        .order_by(PersonRow.id.desc())
    )
    return list(await session.scalars(statement))


async def list_cases_of_persons(
    session: AsyncSession, person_ids: Sequence[int], *, area: str
) -> list[CaseRow]:
    """Return the latest cases in which some persons are a party and that lie in an area, newest first."""
    statement = (
        select(CaseRow)
        .where(or_(CaseRow.applicant_id.in_(person_ids), CaseRow.respondent_id.in_(person_ids)))
        .order_by(CaseRow.id.desc())
        .limit(MOST_EARLIER)
    )
    if area:
        statement = statement.where(case_within(area))
    return list(await session.scalars(statement))


async def list_cases_near(
    session: AsyncSession, *, place: str, since: datetime, area: str
) -> list[tuple[int, str]]:
    """Return (id, story) of the latest cases filed in a place since a time that lie in an area."""
    statement = (
        select(CaseRow.id, CaseRow.summary)
        .where(region_within(CaseRow.place, place), CaseRow.filed_at >= since)
        .order_by(CaseRow.filed_at.desc())
        .limit(MOST_COMPARED)
    )
    if area:
        statement = statement.where(case_within(area))
    return [(case_id, story) for case_id, story in (await session.execute(statement)).all()]


async def list_cases_by_id(session: AsyncSession, case_ids: Sequence[int]) -> list[CaseRow]:
    """Return some cases in the given order."""
    found = {row.id: row for row in await session.scalars(select(CaseRow).where(CaseRow.id.in_(case_ids)))}
    return [found[case_id] for case_id in case_ids if case_id in found]


async def list_filed_by(
    session: AsyncSession, operator_id: int, *, since: datetime, limit: int
) -> list[CaseRow]:
    """Return the cases that an operator filed since a time, newest first."""
    statement = (
        select(CaseRow)
        .join(AccessRow, AccessRow.case_id == CaseRow.id)
        .where(
            AccessRow.operator_id == operator_id,
            AccessRow.action == "intake",
            AccessRow.at >= since,
        )
        .order_by(AccessRow.seq.desc())
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def load_draft(session: AsyncSession, operator_id: int) -> Any:
    """Return the kept state of an operator's unfinished call, None when there is none."""
    row = await session.get(IntakeDraftRow, operator_id)
    return row.state if row else None


async def save_draft(session: AsyncSession, operator_id: int, state: Any, *, now: datetime) -> None:
    """Keep the state of an operator's unfinished call; None forgets it."""
    row = await session.get(IntakeDraftRow, operator_id)
    if state is None:
        if row is not None:
            await session.delete(row)
    elif row is None:
        session.add(IntakeDraftRow(operator_id=operator_id, state=state, updated_at=now))
    else:
        row.state, row.updated_at = state, now
    await session.flush()
