"""Operators of the console and their calls in hand."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.console_tables import OperatorRow


async def add_operator(
    session: AsyncSession, *, login: str, name: str, role: str, area: str, password_hash: str, now: datetime
) -> OperatorRow:
    """Add an operator; the login name must be free."""
    row = OperatorRow(
        login=login, name=name, role=role, area=area, password_hash=password_hash, created_at=now
    )
    session.add(row)
    await session.flush()
    return row


async def find_operator(session: AsyncSession, operator_id: int) -> OperatorRow | None:
    """Return an operator."""
    return await session.get(OperatorRow, operator_id)


async def find_operator_by_login(session: AsyncSession, login: str) -> OperatorRow | None:
    """Return the operator with a login name, locked, so that failures are counted one by one."""
    statement = select(OperatorRow).where(OperatorRow.login == login).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def list_operators(session: AsyncSession) -> list[OperatorRow]:
    """Return all operators, those who left too, by login name."""
    return list(await session.scalars(select(OperatorRow).order_by(OperatorRow.login)))


async def count_operators(session: AsyncSession) -> int:
    """Return how many operators there are."""
    return await session.scalar(select(func.count()).select_from(OperatorRow)) or 0


async def names_of(session: AsyncSession, operator_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of some operators."""
    statement = select(OperatorRow).where(OperatorRow.id.in_(set(operator_ids)))
    return {row.id: row.name for row in await session.scalars(statement)}
