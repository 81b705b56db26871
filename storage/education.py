"""Law education (普法): articles, whom they are for, and what became of each copy."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    delete,
    false,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.console_places import case_within, region_within
from storage.desk_tables import EducationArticleRow, EducationReaderRow
from storage.tables import AccountRow, CaseRow, MediatorRow, OutboxRow, PersonRow

MOST_SHOWN = 50


def _seen_from(area: str) -> list[ColumnElement[bool]]:
    return [region_within(EducationArticleRow.area, area)] if area else []


async def list_articles(session: AsyncSession, *, area: str) -> list[EducationArticleRow]:
    """Return the articles that somebody with an area sees, the latest first."""
    statement = (
        select(EducationArticleRow)
        .where(*_seen_from(area))
        .order_by(EducationArticleRow.updated_at.desc(), EducationArticleRow.id.desc())
        .limit(MOST_SHOWN)
    )
    return list(await session.scalars(statement))


async def place_of_article(session: AsyncSession, article_id: int) -> str | None:
    """Return the area of an article's author, None when there is no such article."""
    statement = select(EducationArticleRow.area).where(EducationArticleRow.id == article_id)
    return await session.scalar(statement)


async def get_article(session: AsyncSession, article_id: int) -> EducationArticleRow:
    """Return an article, locked for this transaction."""
    return await session.get_one(
        EducationArticleRow, article_id, with_for_update=True, populate_existing=True
    )


async def add_article(
    session: AsyncSession, *, operator_id: int, area: str, title: str, now: datetime
) -> EducationArticleRow:
    """Keep a fresh article without text."""
    row = EducationArticleRow(
        operator_id=operator_id, area=area, title=title, body="", types=[], places=[], created_at=now,
        updated_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def delete_article(session: AsyncSession, article_id: int) -> None:
    """Throw an article away that nobody has got."""
    await session.execute(delete(EducationArticleRow).where(EducationArticleRow.id == article_id))


def _for_whom(*, types: Collection[str], places: Sequence[str], area: str, since: datetime) -> Select[int]:
    """Return the persons who are a party to such a case and may be written to.

    Who wants no articles, who is a mediator here, and who is in a case in danger (a screen that lights up
    beside the wrong person can do harm) is left out.
    """
    cases: list[ColumnElement[bool]] = [CaseRow.filed_at >= since]
    if types:
        cases.append(CaseRow.dispute_type.in_(types))
    if places or area:
        cases.append(or_(*(case_within(place) for place in places or (area,))))
    parties: CompoundSelect[int] = union(
        select(CaseRow.applicant_id).where(*cases),
        select(CaseRow.respondent_id).where(CaseRow.respondent_id.is_not(None), *cases),
    )
    in_danger = and_(CaseRow.grade == "red", CaseRow.ended_at.is_(None))
    return (
        select(PersonRow.id)
        .where(
            PersonRow.id.in_(parties),
            PersonRow.no_education == false(),
            PersonRow.id.in_(select(AccountRow.person_id).where(AccountRow.reachable)),
            PersonRow.id.not_in(
                select(MediatorRow.person_id).where(
                    MediatorRow.person_id.is_not(None), MediatorRow.left_at.is_(None)
                )
            ),
            PersonRow.id.not_in(select(CaseRow.applicant_id).where(in_danger)),
            PersonRow.id.not_in(
                select(CaseRow.respondent_id).where(in_danger, CaseRow.respondent_id.is_not(None))
            ),
        )
        .order_by(PersonRow.id)
    )


async def count_readers(
    session: AsyncSession, *, types: Collection[str], places: Sequence[str], area: str, since: datetime
) -> int:
    """Return how many persons an article would be for."""
    found = _for_whom(types=types, places=places, area=area, since=since).order_by(None).subquery()
    return await session.scalar(select(func.count()).select_from(found)) or 0


async def add_readers(
    session: AsyncSession, article: EducationArticleRow, *, area: str, since: datetime
) -> int:
    """Note whom an article is for; returns how many."""
    persons = list(
        await session.scalars(_for_whom(types=article.types, places=article.places, area=area, since=since))
    )
    session.add_all(EducationReaderRow(article_id=article.id, person_id=one) for one in persons)
    await session.flush()
    return len(persons)


async def list_ready(
    session: AsyncSession,
    article_id: int,
    *,
    now: datetime,
    keep_free: int,
    heard_before: datetime,
    limit: int,
) -> list[tuple[EducationReaderRow, AccountRow]]:
    """Return waiting readers with an account that may be written to now and still has room for a notice.

    Who got an article after `heard_before`, or has asked for none since, goes on waiting.
    """
    other = aliased(EducationReaderRow)
    statement = (
        select(EducationReaderRow, AccountRow)
        .join(AccountRow, AccountRow.person_id == EducationReaderRow.person_id)
        .join(PersonRow, PersonRow.id == EducationReaderRow.person_id)
        .where(
            EducationReaderRow.article_id == article_id,
            EducationReaderRow.state == "waiting",
            PersonRow.no_education == false(),
            AccountRow.reachable,
            AccountRow.window_until > now,
            AccountRow.window_remaining > keep_free,
            ~select(other.id)
            .where(other.person_id == EducationReaderRow.person_id, other.queued_at > heard_before)
            .exists(),
            ~select(OutboxRow.id)
            .where(OutboxRow.account_id == AccountRow.id, OutboxRow.state == "pending")
            .exists(),
        )
        .order_by(EducationReaderRow.id, AccountRow.last_inbound_at.desc())
        .limit(limit)
    )
    ready: dict[int, tuple[EducationReaderRow, AccountRow]] = {}
    for reader, account in (await session.execute(statement)).all():
        ready.setdefault(reader.id, (reader, account))
    return list(ready.values())


async def find_queued(session: AsyncSession, dedupe_key: str) -> int | None:
    """Return the id of a queued message."""
    return await session.scalar(select(OutboxRow.id).where(OutboxRow.dedupe_key == dedupe_key))


async def miss_waiting(session: AsyncSession, article_id: int) -> None:
    """The article's time is over: who still waits does not get it."""
    await session.execute(
        update(EducationReaderRow)
        .where(EducationReaderRow.article_id == article_id, EducationReaderRow.state == "waiting")
        .values(state="missed")
    )


def _fate() -> ColumnElement[str]:
    """What became of a copy: of the outbox once it is queued there."""
    return func.coalesce(OutboxRow.state, EducationReaderRow.state)


async def count_reached(session: AsyncSession, article_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return per article how many copies are waiting, pending, sent, dropped or missed."""
    statement = (
        select(EducationReaderRow.article_id, _fate(), func.count())
        .outerjoin(OutboxRow, OutboxRow.id == EducationReaderRow.outbox_id)
        .where(EducationReaderRow.article_id.in_(article_ids))
        .group_by(EducationReaderRow.article_id, _fate())
    )
    counted: dict[int, dict[str, int]] = {one: {} for one in article_ids}
    for article_id, fate, count in (await session.execute(statement)).all():
        counted[article_id][fate] = count
    return counted


async def list_reached(
    session: AsyncSession, article_id: int, *, fate: str, after: int, limit: int
) -> list[tuple[int, str | None, str, datetime | None]]:
    """Return readers as (id, name, what became of it, when it was sent), those of one fate or all ("")."""
    statement = (
        select(EducationReaderRow.id, PersonRow.name, _fate(), OutboxRow.sent_at)
        .join(PersonRow, PersonRow.id == EducationReaderRow.person_id)
        .outerjoin(OutboxRow, OutboxRow.id == EducationReaderRow.outbox_id)
        .where(EducationReaderRow.article_id == article_id, EducationReaderRow.id > after)
        .order_by(EducationReaderRow.id)
        .limit(limit)
    )
    if fate:
        statement = statement.where(_fate() == fate)
    return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(statement)).all()]
