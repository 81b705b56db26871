"""Deadlines as rows: whatever is due at a time is claimed here by one clock only."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import DeadlineRow


def add_deadline(session: AsyncSession, *, kind: str, subject_id: int, due_at: datetime) -> None:
    """Note that something is due."""
    session.add(DeadlineRow(kind=kind, subject_id=subject_id, due_at=due_at))


async def cancel_deadlines(session: AsyncSession, *, kinds: tuple[str, ...], subject_id: int) -> None:
    """Nothing is due any more for this subject."""
    await session.execute(
        update(DeadlineRow)
        .where(
            DeadlineRow.kind.in_(kinds), DeadlineRow.subject_id == subject_id, DeadlineRow.state == "waiting"
        )
        .values(state="cancelled")
    )


async def claim_due(session: AsyncSession, *, now: datetime) -> DeadlineRow | None:
    """Lock and return the earliest thing that is due and that no other clock holds."""
    statement = (
        select(DeadlineRow)
        .where(DeadlineRow.state == "waiting", DeadlineRow.due_at <= now)
        .order_by(DeadlineRow.due_at, DeadlineRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def get_deadline(session: AsyncSession, deadline_id: int) -> DeadlineRow:
    """Return one deadline, locked for this transaction."""
    return await session.get_one(DeadlineRow, deadline_id, with_for_update=True)


async def count_due(session: AsyncSession, *, now: datetime) -> int:
    """Return how many things are due and not done."""
    statement = (
        select(func.count())
        .select_from(DeadlineRow)
        .where(DeadlineRow.state == "waiting", DeadlineRow.due_at <= now)
    )
    return await session.scalar(statement) or 0
