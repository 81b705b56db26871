"""The gate before every page: who are you, may you, is it your area, is the form yours; then the audit."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from aiohttp import web
from redis.exceptions import RedisError

from bot.console import rendering
from bot.console.access import BOARD, Action, home_of, may, sees
from bot.console.routing import Page, Subject
from bot.console.sessions import csrf_fits
from bot.console.visit import CSRF_FIELD, CSRF_HEADER, Console, Visit
from storage import console_places, education, operators

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BACKGROUND_HEADER = "X-Background"
LOGIN = "/login"
PASSWORD = "/password"  # noqa: S105 - an address
PLACES = {
    Subject.CASE: ("case_id", console_places.place_of_case),
    Subject.CALL_TASK: ("task_id", console_places.place_of_call_task),
    Subject.NOTICE: ("notice_id", console_places.place_of_notice),
    Subject.ARTICLE: ("article_id", education.place_of_article),
}


class RefusedError(Exception):
    """A request that gets an error page: HTTP status and the code of the words that say why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Gate:
    """Turns pages into aiohttp handlers that let only the right people in."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def handler(self, page: Page) -> Handler:
        """Return the aiohttp handler of a page."""

        async def handle(request: web.Request) -> web.StreamResponse:
            now = self._console.service.now()
            try:
                return rendering.secured(await self._serve(page, request, now=now))
            except web.HTTPException as answer:
                rendering.secured(answer)
                raise
            except RefusedError as refused:
                return self.trouble(request, status=refused.status, code=refused.code)
            except RedisError:
                return self.trouble(request, status=503, code="sessions_away")
            except Exception:
                log.exception("console page failed", page=page.path)
                return self.trouble(request, status=500, code="failed")

        return handle

    async def _serve(self, page: Page, request: web.Request, *, now: datetime) -> web.StreamResponse:
        visit = await self._visitor(request, now=now)
        if visit is None:
            return self._to_login(request)
        if visit.operator.must_change and page.action is not Action.OWN_ACCOUNT:
            return await visit.go(PASSWORD)
        if request.path == BOARD and home_of(visit.role) != BOARD:
            return await visit.go(home_of(visit.role))
        if not may(visit.role, page.action):
            raise RefusedError(403, "not_allowed")
        if page.method == "POST":
            visit.posted = await _posted(request, largest=page.largest_body)
            given = request.headers.get(CSRF_HEADER) or visit.given(CSRF_FIELD)
            if not csrf_fits(visit.session.token, given):
                raise RefusedError(403, "stale_form")
        await self._check_place(page, visit)
        response = await page.view(visit)
        if page.seen and response.status == 200:
            await self._note_seen(page, visit)
        return response

    async def _visitor(self, request: web.Request, *, now: datetime) -> Visit | None:
        """Return who visits, None for nobody; an account that changed since has to sign in again."""
        token = request.cookies.get(self._console.cookie, "")
        awake = BACKGROUND_HEADER not in request.headers
        session = await self._console.sessions.find(token, now=now, awake=awake) if token else None
        if session is None:
            return None
        async with self._console.service.database.unit_of_work() as db:
            operator = await operators.find_operator(db, session.operator_id)
        if operator is None or not operator.active or operator.version != session.version:
            await self._console.sessions.end(token)
            return None
        return Visit(console=self._console, request=request, operator=operator, session=session, now=now)

    def _to_login(self, request: web.Request) -> web.StreamResponse:
        if "text/event-stream" in request.headers.get("Accept", ""):
            raise web.HTTPUnauthorized
        target = LOGIN
        if request.method == "GET" and "HX-Request" not in request.headers:
            target = f"{LOGIN}?{urlencode({'next': str(request.rel_url)})}" if request.path != "/" else LOGIN
        if "HX-Request" in request.headers:
            return web.Response(headers={"HX-Redirect": target})
        return web.Response(status=303, headers={"Location": target})

    async def _check_place(self, page: Page, visit: Visit) -> None:
        """What lies outside the operator's area does not exist for the operator."""
        if page.subject is Subject.NONE:
            return
        name, find = PLACES[page.subject]
        async with self._console.service.database.unit_of_work() as session:
            place = await find(session, visit.number(name))
        if place is None or not sees(visit.area, place):
            raise RefusedError(404, "not_found")

    async def _note_seen(self, page: Page, visit: Visit) -> None:
        name, _ = PLACES.get(page.subject, ("", None))
        subject_id = visit.number(name) if name else None
        async with self._console.service.database.unit_of_work() as session:
            await visit.note(
                session,
                "exported" if page.action is Action.EXPORT_CASE else "saw",
                page.seen,
                subject=f"{page.subject}:{subject_id}" if subject_id is not None else "",
                case_id=subject_id if page.subject is Subject.CASE else None,
                **({"query": str(visit.request.rel_url)} if visit.request.query_string else {}),
            )
            await session.commit()

    def trouble(self, request: web.Request, *, status: int, code: str) -> web.Response:
        """Return an error page in words, with a number that is also in the log."""
        number = secrets.token_hex(3).upper()
        log.warning("console answer", number=number, status=status, code=code, path=request.path)
        service = self._console.service
        facts: Mapping[str, Any] = {
            **rendering.shared(service, now=service.now()),
            "number": number,
            "code": code,
            "status": status,
        }
        return rendering.render(request, "trouble.html", facts, status=status)


async def _posted(request: web.Request, *, largest: int) -> Mapping[str, Any]:
    """Read a posted form of limited size."""
    if request.content_length is not None and request.content_length > largest:
        raise RefusedError(413, "too_large")
    request._client_max_size = largest  # aiohttp gives no other way to say it per route
    try:
        return await request.post()
    except web.HTTPRequestEntityTooLarge as error:
        raise RefusedError(413, "too_large") from error
    except ValueError as error:
        raise RefusedError(400, "bad_form") from error
