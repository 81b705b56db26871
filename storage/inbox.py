"""The inbox: each message once, with its stored reply."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import InboxRow


async def find_message(session: AsyncSession, *, channel: str, key: str) -> InboxRow | None:
    """Return the stored message of a platform key."""
    statement = select(InboxRow).where(InboxRow.channel == channel, InboxRow.message_key == key)
    return (await session.scalars(statement)).one_or_none()


async def add_message(
    session: AsyncSession,
    *,
    channel: str,
    key: str,
    account_id: int,
    kind: str,
    body: Any,
    now: datetime,
    state: str = "handled",
) -> InboxRow | None:
    """Keep a message; None when it is already kept.

    While another replica handles the same message, PostgreSQL waits here for its commit and SQLite
    at the beginning of the transaction: so a repeat can always read the finished reply.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = await session.execute(
        insert(InboxRow)
        .values(
            channel=channel,
            message_key=key,
            account_id=account_id,
            received_at=now,
            kind=kind,
            body=body,
            state=state,
            attempts=1,
            error="",
        )
        .on_conflict_do_nothing()
        .returning(InboxRow.id)
    )
    message_id = made.scalar()
    return None if message_id is None else await session.get_one(InboxRow, message_id)


async def count_since(session: AsyncSession, *, account_id: int, since: datetime) -> int:
    """Return how many messages of an account arrived since a time."""
    statement = (
        select(func.count())
        .select_from(InboxRow)
        .where(InboxRow.account_id == account_id, InboxRow.received_at > since)
    )
    return await session.scalar(statement) or 0


async def has_later_unhandled(session: AsyncSession, *, account_id: int, after_id: int) -> bool:
    """Whether a later message of the account still waits: then one answer at the end is enough."""
    statement = select(InboxRow.id).where(
        InboxRow.account_id == account_id, InboxRow.state == "failed", InboxRow.id > after_id
    )
    return await session.scalar(statement.limit(1)) is not None


async def get_message(session: AsyncSession, message_id: int) -> InboxRow:
    """Return a stored message, locked for this transaction."""
    return await session.get_one(InboxRow, message_id, with_for_update=True)


async def erase_messages(session: AsyncSession, *, account_id: int) -> None:
    """Erase what an account wrote and what it was answered; that there was a message stays."""
    await session.execute(
        update(InboxRow).where(InboxRow.account_id == account_id).values(body={}, reply=None)
    )
