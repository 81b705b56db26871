"""The search index of cases: keyed hashes of words, so that the database alone tells no words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from storage.console_tables import SearchWordRow
from storage.sealing import current_sealer
from storage.tables import CaseRow, TimelineRow

WORD_BITS = 63
SUPPLEMENTED = "supplemented"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that was searched for: found under any of the whole words, else under all the pieces."""

    whole: tuple[int, ...]
    pieces: tuple[int, ...]


def hash_word(word: str) -> int:
    """Return the first 63 bits of a word's keyed hash."""
    return int(current_sealer().digest(f"word:{word}")[:16], 16) & ((1 << WORD_BITS) - 1)


async def replace_words(session: AsyncSession, case_id: int, words: Iterable[str]) -> None:
    """Keep exactly these words for a case."""
    wanted = {hash_word(word) for word in words}
    kept = set(await session.scalars(select(SearchWordRow.word).where(SearchWordRow.case_id == case_id)))
    if gone := kept - wanted:
        await session.execute(
            delete(SearchWordRow).where(SearchWordRow.case_id == case_id, SearchWordRow.word.in_(gone))
        )
    if fresh := wanted - kept:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        rows = [{"word": word, "case_id": case_id} for word in sorted(fresh)]
        await session.execute(insert(SearchWordRow).on_conflict_do_nothing(), rows)


async def forget_words(session: AsyncSession, case_id: int) -> None:
    """A case cannot be found by words any more."""
    await session.execute(delete(SearchWordRow).where(SearchWordRow.case_id == case_id))


async def list_supplements(session: AsyncSession, case_id: int) -> list[TimelineRow]:
    """Return what was added to a case after it was filed."""
    statement = select(TimelineRow).where(TimelineRow.case_id == case_id, TimelineRow.event == SUPPLEMENTED)
    return list(await session.scalars(statement))


async def narrow_terms(session: AsyncSession, terms: Sequence[Term]) -> list[tuple[int, ...]] | None:
    """Return for each term the words that count: those whole words that exist, else its pieces.

    A tuple of several whole words means any of them; pieces come as tuples of one. None when some term
    is found nowhere.
    """
    words = sorted({word for term in terms for word in (*term.whole, *term.pieces)})
    if not words:
        return None
    found = (
        await session.execute(
            select(*(exists(select(literal(1)).where(SearchWordRow.word == word)) for word in words))
        )
    ).one()
    known = {word for word, is_there in zip(words, found, strict=True) if is_there}
    narrowed: list[tuple[int, ...]] = []
    for term in terms:
        if whole := tuple(word for word in term.whole if word in known):
            narrowed.append(whole)
        elif term.pieces and known.issuperset(term.pieces):
            narrowed.extend((piece,) for piece in term.pieces)
        else:
            return None
    return narrowed


def has_words(words: tuple[int, ...]) -> ColumnElement[bool]:
    """Return the condition that a case has one of the words."""
    other = aliased(SearchWordRow)
    return exists(
        select(literal(1)).where(other.word.in_(words), other.case_id == CaseRow.id).correlate(CaseRow)
    )
