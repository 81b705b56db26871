"""Questions put to people about a case: one open question per person, the others wait their turn."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import InquiryRow

LIVE = ("queued", "open")


async def add_inquiry(
    session: AsyncSession,
    *,
    case_id: int,
    person_id: int,
    side: str,
    kind: str,
    subject_id: int | None,
    facts: dict[str, Any],
    now: datetime,
) -> InquiryRow:
    """Keep a question that is to be asked."""
    row = InquiryRow(
        case_id=case_id,
        person_id=person_id,
        side=side,
        kind=kind,
        subject_id=subject_id,
        facts=facts,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def get_inquiry(session: AsyncSession, inquiry_id: int) -> InquiryRow:
    """Return a question, locked for this transaction."""
    return await session.get_one(InquiryRow, inquiry_id, with_for_update=True, populate_existing=True)


async def find_open(session: AsyncSession, person_id: int) -> InquiryRow | None:
    """Return the question that waits for a person's answer, locked."""
    statement = (
        select(InquiryRow)
        .where(InquiryRow.person_id == person_id, InquiryRow.state == "open")
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def find_queued(session: AsyncSession, person_id: int) -> InquiryRow | None:
    """Return the next question that waits to be asked, locked."""
    statement = (
        select(InquiryRow)
        .where(InquiryRow.person_id == person_id, InquiryRow.state == "queued")
        .order_by(InquiryRow.id)
        .limit(1)
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def list_inquiries(
    session: AsyncSession, *, case_id: int, kind: str | None = None, subject_id: int | None = None
) -> list[InquiryRow]:
    """Return the questions of a case, oldest first."""
    statement = select(InquiryRow).where(InquiryRow.case_id == case_id).order_by(InquiryRow.id)
    if kind is not None:
        statement = statement.where(InquiryRow.kind == kind)
    if subject_id is not None:
        statement = statement.where(InquiryRow.subject_id == subject_id)
    return list(await session.scalars(statement))


async def list_closed(session: AsyncSession, *, person_id: int, kind: str) -> list[InquiryRow]:
    """Return the questions of a kind that a person need not answer any more, newest first."""
    statement = (
        select(InquiryRow)
        .where(
            InquiryRow.person_id == person_id,
            InquiryRow.kind == kind,
            InquiryRow.state.not_in(LIVE),
        )
        .order_by(InquiryRow.id.desc())
    )
    return list(await session.scalars(statement))


async def count_answered(session: AsyncSession, *, case_id: int, kind: str, answer: str) -> int:
    """Return how often a question of a case got an answer."""
    statement = (
        select(func.count())
        .select_from(InquiryRow)
        .where(InquiryRow.case_id == case_id, InquiryRow.kind == kind, InquiryRow.answer == answer)
    )
    return await session.scalar(statement) or 0


async def list_people_waiting(session: AsyncSession, case_id: int) -> list[int]:
    """Return everybody who has a live question about a case, or one behind it in the queue."""
    statement = (
        select(InquiryRow.person_id)
        .where(InquiryRow.state.in_(LIVE), InquiryRow.case_id == case_id)
        .distinct()
    )
    return list(await session.scalars(statement))
