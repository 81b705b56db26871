"""Persons, their accounts and unfinished conversations."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.sealing import current_sealer
from storage.tables import AccountRow, ConversationRow, PersonRow


async def lock_account(
    session: AsyncSession, *, channel: str, address: str, now: datetime
) -> tuple[AccountRow, PersonRow]:
    """Return the account and its person, made at the first contact, locked for this transaction.

    The lock makes messages of one account take their turn on every replica.
    """
    found = await _find_account_for_update(session, channel=channel, address=address)
    if found is None:
        person = PersonRow(created_at=now)
        session.add(person)
        await session.flush()
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        made = await session.execute(
            insert(AccountRow)
            .values(
                person_id=person.id,
                channel=channel,
                address=address,
                reachable=True,
                window_remaining=0,
                code_failures=0,
            )
            .on_conflict_do_nothing()
            .returning(AccountRow.id)
        )
        if made.scalar() is None:  # another replica met this person first
            await session.delete(person)
        found = await _find_account_for_update(session, channel=channel, address=address)
        assert found is not None  # noqa: S101 - inserted above or by the one that was first
    owner = await session.get_one(PersonRow, found.person_id)
    return found, owner


async def _find_account_for_update(session: AsyncSession, *, channel: str, address: str) -> AccountRow | None:
    statement = (
        select(AccountRow)
        .where(AccountRow.channel == channel, AccountRow.address == address)
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def list_accounts(session: AsyncSession, person_id: int) -> list[AccountRow]:
    """Return a person's accounts, the one last used first."""
    statement = select(AccountRow).where(AccountRow.person_id == person_id)
    accounts = list(await session.scalars(statement))
    return sorted(
        accounts,
        key=lambda account: (account.last_inbound_at is None, -_seconds(account.last_inbound_at), account.id),
    )


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def open_window(account: AccountRow, *, now: datetime, messages: int, span: timedelta) -> None:
    """Note that the platform lets us send some messages for a while; never narrows a wider window."""
    until = now + span
    if account.window_until is None or account.window_until <= now:
        account.window_remaining = 0
    account.window_remaining = max(account.window_remaining, messages)
    account.window_until = until if account.window_until is None else max(account.window_until, until)


async def spend_window(session: AsyncSession, account_id: int) -> None:
    """Take one message off the account's window."""
    await session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.window_remaining > 0)
        .values(window_remaining=AccountRow.window_remaining - 1)
    )


async def close_window(session: AsyncSession, account_id: int) -> None:
    """Note that the platform refused: no message until the person writes again."""
    await session.execute(update(AccountRow).where(AccountRow.id == account_id).values(window_remaining=0))


async def mark_unreachable(session: AsyncSession, account_id: int) -> None:
    """Note that the person left or blocked the account."""
    await session.execute(update(AccountRow).where(AccountRow.id == account_id).values(reachable=False))


def set_phone(person: PersonRow, phone: str | None) -> None:
    """Keep a phone number sealed, with its keyed hash for finding it; None forgets it."""
    person.phone = phone
    person.phone_hash = current_sealer().digest(phone) if phone else None


def forget(person: PersonRow) -> None:
    """Erase what is known of a person; accounts stay, so that cases that must be kept stay whole."""
    person.name = person.phone = person.phone_hash = None
    person.short_sentences = False


async def load_conversation(session: AsyncSession, account_id: int) -> Any:
    """Return the stored state of the account's dialogue, None when there is none."""
    row = await session.get(ConversationRow, account_id)
    return row.state if row else None


async def save_conversation(session: AsyncSession, account_id: int, state: Any, *, now: datetime) -> None:
    """Keep the state of the account's dialogue; None forgets it."""
    row = await session.get(ConversationRow, account_id)
    if state is None:
        await session.execute(delete(ConversationRow).where(ConversationRow.account_id == account_id))
    elif row is None:
        session.add(ConversationRow(account_id=account_id, state=state, updated_at=now))
    else:
        row.state, row.updated_at = state, now


async def list_without_account(session: AsyncSession, phone: str) -> list[PersonRow]:
    """Return the people of this number who never wrote to us, the latest first."""
    statement = (
        select(PersonRow)
        .outerjoin(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(PersonRow.phone_hash == current_sealer().digest(phone), AccountRow.id.is_(None))
        .order_by(PersonRow.id.desc())
    )
    return list(await session.scalars(statement))


async def find_reachable_by_phone(session: AsyncSession, phone: str) -> PersonRow | None:
    """Return who left this number and can be written to, the one who wrote last; None when nobody."""
    statement = (
        select(PersonRow)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(PersonRow.phone_hash == current_sealer().digest(phone), AccountRow.reachable.is_(True))
        .order_by(AccountRow.last_inbound_at.desc(), PersonRow.id.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()
