"""Reads timelines as they are stored, however they were changed, to check their chains."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import NullType

from storage.sealing import current_sealer
from storage.tables import CaseRow, TimelineRow

ERASED = {"erased": True}
"""What stands in the place of a content that the law wanted erased; only the service can seal it."""

RAW = NullType()
"""Columns are read without their types: what was changed by hand may not be readable as one."""

Position = tuple[int, int, int]
BEGINNING: Position = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStep:
    """One row of a timeline.

    `case_no` and `status` are those of its case, None when there is no such case. `at`, `audience` and
    `content` are None when they cannot be read. `position` is where the next page begins after it.
    """

    position: Position
    case_id: int
    case_no: str | None
    status: str | None
    seq: int
    at: datetime | None
    actor: str
    event: str
    audience: list[str] | None
    content: Any
    digest: str
    previous_hash: str
    hash: str


async def list_steps_after(session: AsyncSession, position: Position, *, most: int) -> list[StoredStep]:
    """Return the next steps of all cases, case by case in the order of their numbers.

    The status of a case is that of the same moment as its steps.
    """
    step = TimelineRow
    statement = (
        select(
            step.id,
            step.case_id,
            CaseRow.case_no,
            CaseRow.status,
            step.seq,
            type_coerce(step.at, RAW),
            step.actor,
            step.event,
            type_coerce(step.audience, RAW),
            type_coerce(step.content, RAW),
            step.digest,
            step.previous_hash,
            step.hash,
        )
        .outerjoin(CaseRow, CaseRow.id == step.case_id)
        .where(tuple_(step.case_id, step.seq, step.id) > position)
        .order_by(step.case_id, step.seq, step.id)
        .limit(most)
    )
    return [_as_step(row) for row in (await session.execute(statement)).all()]


def _as_step(row: Sequence[Any]) -> StoredStep:
    step_id, case_id, case_no, status, seq, at, actor, event, audience, content, digest, previous, own = row
    return StoredStep(
        position=(case_id, seq, step_id),
        case_id=case_id,
        case_no=case_no,
        status=status,
        seq=seq,
        at=_read_time(at),
        actor=actor,
        event=event,
        audience=_read_names(audience),
        content=_open(content),
        digest=digest,
        previous_hash=previous,
        hash=own,
    )


def _read_time(stored: Any) -> datetime | None:
    """SQLite keeps text without a zone."""
    try:
        at = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _read_names(stored: Any) -> list[str] | None:
    """SQLite keeps text; the driver of PostgreSQL has read it already."""
    try:
        names = json.loads(stored) if isinstance(stored, str) else stored
    except ValueError:
        return None
    return names if isinstance(names, list) else None


def _open(stored: Any) -> Any:
    try:
        return json.loads(current_sealer().open(bytes(stored)))
    except (TypeError, ValueError, InvalidTag):
        return None


def digest_of(content: Any) -> str:
    """Return the digest of a content as the chain takes it."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


async def list_cases_without_steps(session: AsyncSession) -> list[str]:
    """Return the numbers of cases whose whole timeline is gone."""
    any_step = select(TimelineRow.id).where(TimelineRow.case_id == CaseRow.id).exists()
    return list(await session.scalars(select(CaseRow.case_no).where(~any_step).order_by(CaseRow.id)))
