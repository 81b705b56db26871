"""The outbox: what must be said, in order per account, and what became of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass
from sqlalchemy.sql import ColumnElement

from storage.tables import AccountRow, CallTaskRow, DeliveryAttemptRow, OutboxRow

NEVER_URGENT = ("education:",)
"""Law education: what does not get through is not tried again and nobody is called about it."""
ALWAYS_RINGS = ("offer:", "remind:", "alarm:", "inquiry:", "inquiry_again:")
SHOWN_ANYWAY = ("offer:", "remind:", "conversation:")


async def add_outbound(
    session: AsyncSession,
    *,
    account_id: int,
    case_id: int | None,
    dedupe_key: str,
    text: str,
    brief: dict[str, str] | None,
    now: datetime,
) -> None:
    """Queue a message; the same key is queued only once."""
    known = await session.scalar(select(OutboxRow.id).where(OutboxRow.dedupe_key == dedupe_key))
    if known is None:
        session.add(
            OutboxRow(
                account_id=account_id,
                case_id=case_id,
                dedupe_key=dedupe_key,
                text=text,
                brief=brief,
                next_attempt_at=now,
                created_at=now,
            )
        )


async def claim_next(
    session: AsyncSession, *, now: datetime, lease: timedelta
) -> tuple[OutboxRow, AccountRow] | None:
    """Lease the next message that is due; a message waits for all earlier ones of its account."""
    earlier = aliased(OutboxRow)
    statement = (
        select(OutboxRow)
        .where(
            OutboxRow.state == "pending",
            OutboxRow.next_attempt_at <= now,
            (OutboxRow.leased_until.is_(None)) | (OutboxRow.leased_until < now),
            ~select(earlier.id)
            .where(
                earlier.account_id == OutboxRow.account_id,
                earlier.state == "pending",
                earlier.id < OutboxRow.id,
            )
            .exists(),
        )
        .order_by(OutboxRow.next_attempt_at, OutboxRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        return None
    row.leased_until = now + lease
    row.attempts += 1
    return row, await session.get_one(AccountRow, row.account_id)


async def get_outbound(session: AsyncSession, outbox_id: int) -> OutboxRow:
    """Return a queued message, locked for this transaction."""
    return await session.get_one(OutboxRow, outbox_id, with_for_update=True)


async def rang_lately(session: AsyncSession, row: OutboxRow, *, since: datetime) -> bool:
    """Whether the same short form rang for the account lately and is unread: once more says nothing new."""
    if row.brief is None or row.dedupe_key.startswith(ALWAYS_RINGS):
        return False
    unread = await session.scalars(
        select(OutboxRow.brief).where(
            OutboxRow.account_id == row.account_id,
            OutboxRow.state == "sent",
            OutboxRow.rung == "template",
            OutboxRow.sent_at >= since,
        )
    )
    return row.brief in list(unread)


async def send_in_full(session: AsyncSession, account_id: int, *, now: datetime) -> list[OutboxRow]:
    """Queue again, and return, what the person got only as a short template; offers are shown anyway."""
    rows = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.account_id == account_id, OutboxRow.state == "sent", OutboxRow.rung == "template")
        .order_by(OutboxRow.id)
    )
    again = []
    for row in rows:
        row.rung = "template_read"
        if not row.dedupe_key.startswith(SHOWN_ANYWAY):
            row.state, row.attempts, row.brief, row.next_attempt_at = "pending", 0, None, now
            again.append(row)
    return again


def show_now(rows: Iterable[OutboxRow], *, now: datetime) -> str:
    """Return the texts of queued messages, each once, as the answer that is given now instead of sending."""
    texts: dict[str, None] = {}
    for row in rows:
        row.state, row.sent_at = "sent", now
        texts[row.text] = None
    return "\n\n".join(texts)


async def forget(session: AsyncSession, *, key: str, now: datetime) -> None:
    """What a message was about is over: neither sent, nor in full after its template, nor told by a call."""
    await take_back(session, key=key)
    await session.execute(
        update(CallTaskRow)
        .where(CallTaskRow.dedupe_key.startswith(f"{key}:", autoescape=True), CallTaskRow.state == "open")
        .values(state="done", done_at=now)
    )
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.dedupe_key.startswith(f"{key}:", autoescape=True),
            OutboxRow.state == "sent",
            OutboxRow.rung == "template",
        )
        .values(rung="template_read")
    )


async def take_back(session: AsyncSession, *, key: str) -> bool:
    """Drop a message that nobody has seen in full yet; whether there was one."""
    rows = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.dedupe_key.startswith(f"{key}:", autoescape=True), OutboxRow.state == "pending")
        .with_for_update()
    )
    found = list(rows)
    for row in found:
        row.state = "dropped"
    return bool(found)


def note_attempt(
    session: AsyncSession, *, outbox_id: int, at: datetime, rung: str, outcome: str, code: str
) -> None:
    """Record what truly happened to one attempt."""
    session.add(DeliveryAttemptRow(outbox_id=outbox_id, at=at, rung=rung, outcome=outcome, code=code[:40]))


async def count_waiting(session: AsyncSession) -> int:
    """Return how many messages wait to be delivered."""
    return (
        await session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "pending"))
        or 0
    )


async def add_call_task(
    session: AsyncSession,
    *,
    kind: str,
    text: str,
    dedupe_key: str,
    now: datetime,
    person_id: int | None = None,
    case_id: int | None = None,
    inquiry_id: int | None = None,
    grade: Any = "none",
) -> None:
    """Ask an operator to call; the same key makes only one task."""
    known = await session.scalar(select(CallTaskRow.id).where(CallTaskRow.dedupe_key == dedupe_key))
    if known is None:
        session.add(
            CallTaskRow(
                kind=kind,
                person_id=person_id,
                case_id=case_id,
                inquiry_id=inquiry_id,
                dedupe_key=dedupe_key,
                grade=str(grade),
                text=text,
                created_at=now,
            )
        )


async def close_call_task(session: AsyncSession, *, inquiry_id: int, now: datetime) -> None:
    """The question was answered or is not asked any more: nobody has to call about it."""
    await session.execute(
        update(CallTaskRow)
        .where(CallTaskRow.inquiry_id == inquiry_id, CallTaskRow.state == "open")
        .values(state="done", done_at=now)
    )


TOLD, ASKED = "undelivered", "ask_"
"""Kinds of call tasks: something to tell a person, and (a beginning) something to ask."""


def is_to_person(task: type[CallTaskRow] | AliasedClass[CallTaskRow]) -> ColumnElement[bool]:
    """Return the condition that a call tells or asks its person something."""
    return or_(task.kind == TOLD, task.kind.startswith(ASKED, autoescape=True))


async def list_same_call(
    session: AsyncSession, task: CallTaskRow, *conditions: ColumnElement[bool]
) -> list[CallTaskRow]:
    """Return everything open that the task's person is told and asked in one call, else the task alone."""
    if task.person_id is None or not (task.kind == TOLD or task.kind.startswith(ASKED)):
        return [task]
    statement = (
        select(CallTaskRow)
        .where(
            CallTaskRow.state == "open",
            CallTaskRow.person_id == task.person_id,
            is_to_person(CallTaskRow),
            *conditions,
        )
        .order_by(CallTaskRow.id)
        .with_for_update()
    )
    return list(await session.scalars(statement))


async def count_same_call(
    session: AsyncSession, person_ids: Iterable[int | None], *conditions: ColumnElement[bool]
) -> dict[int, int]:
    """Return how much each of some people is told and asked in one call."""
    statement = (
        select(CallTaskRow.person_id, func.count())
        .where(
            CallTaskRow.state == "open",
            CallTaskRow.person_id.in_({one for one in person_ids if one is not None}),
            is_to_person(CallTaskRow),
            *conditions,
        )
        .group_by(CallTaskRow.person_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement) if row[0] is not None}


async def get_call_task(session: AsyncSession, task_id: int) -> CallTaskRow:
    """Return a call task, locked for this transaction."""
    return await session.get_one(CallTaskRow, task_id, with_for_update=True, populate_existing=True)


async def list_open_call_tasks(session: AsyncSession) -> list[CallTaskRow]:
    """Return the calls that operators still have to make, oldest first."""
    statement = select(CallTaskRow).where(CallTaskRow.state == "open").order_by(CallTaskRow.id)
    return list(await session.scalars(statement))


async def count_open_call_tasks(session: AsyncSession) -> int:
    """Return how many calls operators still have to make."""
    statement = select(func.count()).select_from(CallTaskRow).where(CallTaskRow.state == "open")
    return await session.scalar(statement) or 0
