"""Law education (普法): an article goes out to people with such disputes, and is followed to its readers.

It never costs anybody a notice: it goes only by customer-service message into a window that the person has
opened, leaves messages of that window free, is never a template message nor a call, and a person gets at
most one in so many days (`config/rules/delivery.yaml`).
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.notifying import tell_account, text_parts
from handlers.service import Service
from storage import deadlines, education
from storage.desk_tables import EducationArticleRow
from storage.tables import DeadlineRow

ROUND = "education_round"
KEY = "education"
LONGEST_TITLE = 80
AT_ONCE = 200


class ArticleError(Exception):
    """An article that cannot go out; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def words_of(service: Service, article: EducationArticleRow) -> str:
    """Return an article as its readers get it, with the way to have no more of them."""
    return service.rules.phrases.text("console_education.message", title=article.title, body=article.body)


def check(service: Service, article: EducationArticleRow) -> None:
    """Raise ArticleError for an article without text or one that does not fit into one message."""
    if not article.title or not article.body:
        raise ArticleError("no_text")
    if any(len(text_parts(service, channel, words_of(service, article))) > 1 for channel in service.traits):
        raise ArticleError("too_long")


def _since(service: Service, now: datetime) -> datetime:
    return now - timedelta(days=service.rules.delivery.education.within_days)


async def count_readers(
    session: AsyncSession, service: Service, article: EducationArticleRow, *, now: datetime
) -> int:
    """Return how many people an article would be for."""
    return await education.count_readers(
        session,
        types=article.types,
        places=article.places,
        area=article.area,
        since=_since(service, now),
    )


async def push(
    session: AsyncSession, service: Service, article: EducationArticleRow, *, now: datetime
) -> int:
    """Send an article on its way, once; returns how many people it is for. Raises ArticleError."""
    if article.pushed_at is not None:
        raise ArticleError("pushed")
    check(service, article)
    count = await education.add_readers(session, article, area=article.area, since=_since(service, now))
    if not count:
        raise ArticleError("nobody")
    limits = service.rules.delivery.education
    article.pushed_at, article.ends_at = now, now + timedelta(days=limits.days_open)
    await _go_round(session, service, article, now=now)
    return count


async def stop(session: AsyncSession, article: EducationArticleRow, *, now: datetime) -> None:
    """Nobody gets the article any more; what is sent is sent."""
    article.ends_at = now
    await education.miss_waiting(session, article.id)
    await deadlines.cancel_deadlines(session, kinds=(ROUND,), subject_id=article.id)


async def go_round(session: AsyncSession, service: Service, due: DeadlineRow, now: datetime) -> None:
    """See who of the waiting may be written to by now; at the article's end let the others be."""
    article = await education.get_article(session, due.subject_id)
    if article.ends_at is None or article.ends_at <= now:
        await education.miss_waiting(session, article.id)
        return
    await _go_round(session, service, article, now=now)


async def _go_round(
    session: AsyncSession, service: Service, article: EducationArticleRow, *, now: datetime
) -> None:
    limits = service.rules.delivery.education
    ready = await education.list_ready(
        session,
        article.id,
        now=now,
        keep_free=limits.keep_free,
        heard_before=now - timedelta(days=limits.days_between),
        limit=AT_ONCE,
    )
    words = words_of(service, article)
    for reader, account in ready:
        key = f"{KEY}:{article.id}:{reader.person_id}"
        await tell_account(session, service, account, words, key=key, now=now)
        await session.flush()
        reader.outbox_id = await education.find_queued(session, f"{key}:0")
        reader.state, reader.queued_at = "queued", now
    wait = timedelta(seconds=1) if len(ready) == AT_ONCE else timedelta(minutes=limits.every_minutes)
    deadlines.add_deadline(session, kind=ROUND, subject_id=article.id, due_at=now + wait)
