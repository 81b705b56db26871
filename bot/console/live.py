"""Tells open boards that something has happened: one look at the database serves all browsers."""

import asyncio
from contextlib import suppress

import structlog
from aiohttp import web
from sqlalchemy.exc import DBAPIError

from bot.console.visit import Visit
from handlers.service import Service
from storage import console_board

log = structlog.get_logger()
LOOK_EVERY = 2.0
HEARTBEAT_EVERY = 20.0


class Live:
    """Server-sent events. Every step of a case writes its timeline, so the newest entry tells of all news.

    Looking costs two steps down an index each two seconds and process, and only while somebody listens; it
    works the same with and without Redis.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._closing = asyncio.Event()
        self._listening: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None

    async def close(self, _: web.Application) -> None:
        """End all streams, so that the server can stop."""
        self._closing.set()
        for news in self._listening:
            news.set()
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def stream(self, visit: Visit) -> web.StreamResponse:
        """Send `changed` whenever something happened, a comment when nothing did; ends with the session."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "X-Accel-Buffering": "no",
                "Cache-Control": "no-store",
            }
        )
        news = asyncio.Event()
        self._listening.add(news)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await response.prepare(visit.request)
            await response.write(b"retry: 3000\n\n")
            while not self._closing.is_set() and await self._still_in(visit):
                try:
                    async with asyncio.timeout(HEARTBEAT_EVERY):
                        await news.wait()
                    news.clear()
                    await response.write(b"event: changed\ndata: 1\n\n")
                except TimeoutError:
                    await response.write(b": still here\n\n")
        except ConnectionResetError:
            pass  # the browser went away
        finally:
            self._listening.discard(news)
        return response

    async def _still_in(self, visit: Visit) -> bool:
        sessions, now = visit.console.sessions, self._service.now()
        return await sessions.find(visit.session.token, now=now, awake=False) is not None

    async def _look(self) -> None:
        known = await self._newest()
        while self._listening:
            await asyncio.sleep(LOOK_EVERY)
            newest = await self._newest()
            if newest != known:
                known = newest
                for news in self._listening:
                    news.set()

    async def _newest(self) -> tuple[int, int, int]:
        """Return what changes with every step, every new call and every call that was made."""
        try:
            async with self._service.database.unit_of_work() as session:
                return await console_board.newest(session)
        except (DBAPIError, OSError):
            log.warning("board cannot look for news")
            return (-1, -1, -1)
