"""Writes a made-up quarter into an empty database in one go."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.auditing import digest_of
from storage.cases import FIRST_HASH, chain_hash
from storage.console_search import hash_word
from storage.console_tables import OperatorRow, SearchWordRow
from storage.tables import (
    AccountRow,
    AgreementRow,
    Base,
    CallTaskRow,
    CaseRow,
    CounterRow,
    DeadlineRow,
    DeliveryAttemptRow,
    InboxRow,
    InquiryRow,
    MediatorRow,
    ObligationRow,
    OfferRow,
    OutboxRow,
    PersonRow,
    TimelineRow,
    TipRow,
)

MUST_BE_EMPTY: tuple[type[Base], ...] = (CaseRow, PersonRow, MediatorRow, InboxRow, TipRow, OperatorRow)
IN_ORDER: tuple[type[Base], ...] = (
    PersonRow,
    AccountRow,
    MediatorRow,
    CaseRow,
    TimelineRow,
    OfferRow,
    AgreementRow,
    ObligationRow,
    InquiryRow,
    CallTaskRow,
    TipRow,
    OutboxRow,
    DeliveryAttemptRow,
    DeadlineRow,
    CounterRow,
)
AT_ONCE = 2000


async def is_empty(session: AsyncSession) -> bool:
    """Whether nobody and nothing but regions and committees is in the database."""
    for model in MUST_BE_EMPTY:
        if await session.scalar(select(func.count()).select_from(model)):
            return False
    return True


async def add_rows(session: AsyncSession, rows: Sequence[Base]) -> None:
    """Write rows that carry their own ids, in the order that their references ask for."""
    for model in IN_ORDER:
        own = [row for row in rows if isinstance(row, model)]
        for start in range(0, len(own), AT_ONCE):
            session.add_all(own[start : start + AT_ONCE])
            await session.flush()
            session.expunge_all()


async def add_search_words(session: AsyncSession, words: dict[int, set[str]]) -> None:
    """Make cases findable; `words` by the case's id."""
    hashes: dict[str, int] = {}
    found: list[dict[str, Any]] = []
    for case_id, said in words.items():
        unique = {hashes.setdefault(word, hash_word(word)) for word in said}
        found += [{"word": word, "case_id": case_id} for word in unique]
    table = SearchWordRow.__table__
    for start in range(0, len(found), AT_ONCE * 5):
        await session.execute(table.insert(), found[start : start + AT_ONCE * 5])  # type: ignore[attr-defined]


async def go_on_counting(session: AsyncSession) -> None:
    """Let the database go on where the given ids end (PostgreSQL does not by itself)."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for model in IN_ORDER:
        if "id" in model.__table__.c:
            name = model.__tablename__
            await session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "  # noqa: S608 - our own names
                    f"(SELECT coalesce(max(id), 1) FROM {name}))"
                )
            )


def chain(rows: Sequence[TimelineRow]) -> None:
    """Number the steps of one case and chain them, as `storage.cases.add_entry` does."""
    previous = FIRST_HASH
    for seq, row in enumerate(rows, start=1):
        row.seq, row.previous_hash = seq, previous
        row.digest = digest_of(row.content)
        row.hash = chain_hash(
            previous=previous,
            digest=row.digest,
            case_id=row.case_id,
            seq=seq,
            at=row.at,
            actor=row.actor,
            event=row.event,
            audience=row.audience,
        )
        previous = row.hash
