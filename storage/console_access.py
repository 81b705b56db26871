"""The access audit (查看与操作记录): who saw, changed or exported what, chained so that changes show."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from storage.cases import FIRST_HASH, next_number
from storage.console_places import case_within
from storage.console_tables import AccessRow
from storage.sealing import current_sealer
from storage.tables import CaseRow, CounterRow

SERIES = "access"
VERIFIED_AT_ONCE = 1000


async def note_access(
    session: AsyncSession,
    *,
    at: datetime,
    actor: str,
    operator_id: int | None,
    verb: str,
    action: str,
    subject: str,
    case_id: int | None = None,
    content: dict[str, Any] | None = None,
) -> AccessRow:
    """Append one entry; until this transaction ends, other entries wait for their number."""
    seq = await next_number(session, SERIES)
    last = await session.get(AccessRow, seq - 1) if seq > 1 else None
    previous = last.hash if last else FIRST_HASH
    kept = content or {}
    row = AccessRow(
        seq=seq,
        at=at,
        actor=actor,
        operator_id=operator_id,
        case_id=case_id,
        verb=verb,
        action=action,
        subject=subject[:48],
        content=kept,
        digest=hashlib.sha256(json.dumps(kept, ensure_ascii=False, sort_keys=True).encode()).hexdigest(),
        previous_hash=previous,
        hash="",
    )
    row.hash = _hash_of(row)
    session.add(row)
    await session.flush()
    return row


def _hash_of(row: AccessRow) -> str:
    """Return the keyed hash of an entry: without the service's key nobody can write the chain anew."""
    facts = [
        row.previous_hash,
        row.digest,
        row.seq,
        f"{row.at.timestamp():.6f}",
        row.actor,
        row.operator_id,
        row.case_id,
        row.verb,
        row.action,
        row.subject,
    ]
    return current_sealer().digest(json.dumps(facts))


async def list_accesses(
    session: AsyncSession,
    *,
    area: str = "",
    verb: str = "",
    operator_id: int | None = None,
    case_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_seq: int | None = None,
    limit: int,
) -> list[AccessRow]:
    """Return entries, newest first; with an area only those about its cases."""
    statement = select(AccessRow).order_by(AccessRow.seq.desc()).limit(limit)
    if area:
        statement = statement.where(AccessRow.case_id.in_(select(CaseRow.id).where(case_within(area))))
    if verb:
        statement = statement.where(AccessRow.verb == verb)
    if operator_id is not None:
        statement = statement.where(AccessRow.operator_id == operator_id)
    if case_id is not None:
        statement = statement.where(AccessRow.case_id == case_id)
    if since is not None:
        statement = statement.where(AccessRow.at >= since)
    if until is not None:
        statement = statement.where(AccessRow.at < until)
    if before_seq is not None:
        statement = statement.where(AccessRow.seq < before_seq)
    return list(await session.scalars(statement))


def changed_by(operator_id: int) -> ColumnElement[bool]:
    """Return the condition on a case that this operator has changed it."""
    return exists(
        select(AccessRow.seq).where(
            AccessRow.case_id == CaseRow.id,
            AccessRow.operator_id == operator_id,
            AccessRow.verb == "changed",
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What checking the chain found; `broken_at` is the number of the first wrong entry, None when whole."""

    checked: int
    broken_at: int | None


async def verify_accesses(session: AsyncSession) -> Verified:
    """Check every entry of the chain, from the first one to the number the counter stands at."""
    previous, checked = FIRST_HASH, 0
    async for row in _all_in_order(session):
        if row.seq != checked + 1 or row.previous_hash != previous or row.hash != _hash_of(row):
            return Verified(checked=checked, broken_at=checked + 1)
        content = json.dumps(row.content, ensure_ascii=False, sort_keys=True)
        if row.digest != hashlib.sha256(content.encode()).hexdigest():
            return Verified(checked=checked, broken_at=row.seq)
        previous, checked = row.hash, checked + 1
    counted = await session.scalar(select(CounterRow.value).where(CounterRow.name == SERIES)) or 0
    return Verified(checked=checked, broken_at=checked + 1 if counted != checked else None)


async def _all_in_order(session: AsyncSession) -> AsyncIterator[AccessRow]:
    after = 0
    while rows := list(
        await session.scalars(
            select(AccessRow)
            .where(AccessRow.seq > after)
            .order_by(AccessRow.seq)
            .limit(VERIFIED_AT_ONCE)
            .execution_options(populate_existing=True)
        )
    ):
        for row in rows:
            yield row
        after = rows[-1].seq
        session.expunge_all()


async def count_accesses(session: AsyncSession) -> int:
    """Return how many entries there are."""
    return await session.scalar(select(func.count()).select_from(AccessRow)) or 0
