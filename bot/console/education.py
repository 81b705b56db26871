"""Law education (普法): articles are written, given to people with such disputes, and followed up."""

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action, sees
from bot.console.routing import Page, Subject, View
from bot.console.visit import Visit
from handlers import educating
from handlers.educating import LONGEST_TITLE, ArticleError
from mediation.vocabulary import DisputeType
from storage import console_board, education
from storage.desk_tables import EducationArticleRow

HOME = "/education"
LONGEST_BODY = 600
PAGE_SIZE = 50
LARGEST = 256 * 1024
FATES = ("sent", "pending", "waiting", "dropped", "missed")


async def list_articles(visit: Visit) -> web.StreamResponse:
    """Show the articles with how many people each has reached."""
    async with visit.service.database.unit_of_work() as session:
        rows = await education.list_articles(session, area=visit.area)
        reached = await education.count_reached(session, [row.id for row in rows])
    return await visit.render("education.html", rows=rows, reached=reached, longest=LONGEST_TITLE)


async def begin_article(visit: Visit) -> web.StreamResponse:
    """Begin an article under its title."""
    text = visit.service.rules.phrases.text
    title = visit.given("title", most=LONGEST_TITLE)
    if not title:
        return await visit.go(HOME, say=text("console_education.error_no_text"))
    async with visit.service.database.unit_of_work() as session:
        row = await education.add_article(
            session, operator_id=visit.operator.id, area=visit.area, title=title, now=visit.now
        )
        await visit.note(session, "changed", "article_written", subject=f"article:{row.id}")
        await session.commit()
    return await visit.go(f"{HOME}/{row.id}", say=text("console_education.started"))


async def show_article(visit: Visit) -> web.StreamResponse:
    """Show an article: as a form until it is pushed, then with its readers."""
    async with visit.service.database.unit_of_work() as session:
        row = await education.get_article(session, visit.number("article_id"))
        return await _page(session, visit, row)


async def _page(
    session: AsyncSession, visit: Visit, row: EducationArticleRow, *, code: str = "", status: int = 200
) -> web.Response:
    service = visit.service
    fate = visit.query.get("fate", "")
    fate = fate if fate in FATES else ""
    given = visit.query.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    readers = await education.list_reached(session, row.id, fate=fate, after=after, limit=PAGE_SIZE + 1)
    reached = await education.count_reached(session, [row.id])
    areas = await console_board.list_areas(session, visit.area)
    count = None if row.pushed_at else await educating.count_readers(session, service, row, now=visit.now)
    return await visit.render(
        "education_article.html",
        row=row,
        code=code,
        most=LONGEST_BODY,
        count=count,
        reached=reached[row.id],
        fates=FATES,
        fate=fate,
        readers=readers[:PAGE_SIZE],
        more={"fate": fate, "after": readers[PAGE_SIZE - 1][0]} if len(readers) > PAGE_SIZE else {},
        words=educating.words_of(service, row),
        types=[(one.value, service.rules.type_name(one)) for one in DisputeType],
        areas=areas,
        limits=service.rules.delivery.education,
        status=status,
    )


async def save_article(visit: Visit) -> web.StreamResponse:
    """Keep what was written and whom it is for."""
    async with visit.service.database.unit_of_work() as session:
        row = await education.get_article(session, visit.number("article_id"))
        if row.pushed_at is not None:
            return await _page(session, visit, row, code="pushed", status=409)
        known = {one.code for one in await console_board.list_areas(session, visit.area)}
        row.title = visit.given("title", most=LONGEST_TITLE) or row.title
        row.body = visit.given("body", most=LONGEST_BODY).replace("\r\n", "\n")
        row.types = sorted(set(visit.all_given("types")) & set(DisputeType))
        row.places = sorted(one for one in set(visit.all_given("places")) & known if sees(row.area, one))
        row.updated_at = visit.now
        try:
            educating.check(visit.service, row)
        except ArticleError as error:
            await session.commit()
            return await _page(session, visit, row, code=error.code, status=422)
        await visit.note(session, "changed", "article_edited", subject=f"article:{row.id}")
        await session.commit()
    return await visit.go(f"{HOME}/{row.id}", say=visit.service.rules.phrases.text("console_education.saved"))


async def push_article(visit: Visit) -> web.StreamResponse:
    """Send an article on its way."""
    text = visit.service.rules.phrases.text
    async with visit.service.database.unit_of_work() as session:
        row = await education.get_article(session, visit.number("article_id"))
        try:
            count = await educating.push(session, visit.service, row, now=visit.now)
        except ArticleError as error:
            return await _page(session, visit, row, code=error.code, status=422)
        await visit.note(session, "changed", "article_pushed", subject=f"article:{row.id}", count=count)
        await session.commit()
    visit.service.wake_delivery()
    return await visit.go(f"{HOME}/{row.id}", say=text("console_education.pushed", count=count))


async def stop_article(visit: Visit) -> web.StreamResponse:
    """Let nobody else get the article."""
    async with visit.service.database.unit_of_work() as session:
        row = await education.get_article(session, visit.number("article_id"))
        if row.pushed_at is not None:
            await educating.stop(session, row, now=visit.now)
            await visit.note(session, "changed", "article_stopped", subject=f"article:{row.id}")
            await session.commit()
    return await visit.go(
        f"{HOME}/{row.id}", say=visit.service.rules.phrases.text("console_education.stopped")
    )


async def drop_article(visit: Visit) -> web.StreamResponse:
    """Throw an article away that was not pushed."""
    async with visit.service.database.unit_of_work() as session:
        row = await education.get_article(session, visit.number("article_id"))
        if row.pushed_at is not None:
            return await _page(session, visit, row, code="pushed", status=409)
        await education.delete_article(session, row.id)
        await visit.note(session, "changed", "article_dropped", subject=f"article:{row.id}")
        await session.commit()
    return await visit.go(HOME, say=visit.service.rules.phrases.text("console_education.dropped"))


ONE = f"{HOME}/{{article_id:[0-9]{{1,18}}}}"
STEPS: Mapping[str, View] = {
    "": save_article, "/push": push_article, "/stop": stop_article, "/drop": drop_article,
}  # fmt: skip
PAGES = (
    Page(method="GET", path=HOME, action=Action.EDUCATION, view=list_articles),
    Page(method="POST", path=HOME, action=Action.EDUCATION, view=begin_article),
    Page(
        method="GET",
        path=ONE,
        action=Action.EDUCATION,
        view=show_article,
        subject=Subject.ARTICLE,
        seen="article",
    ),
    *(
        Page(
            method="POST",
            path=f"{ONE}{step}",
            action=Action.EDUCATION,
            view=view,
            subject=Subject.ARTICLE,
            largest_body=LARGEST,
        )
        for step, view in STEPS.items()
    ),
)
