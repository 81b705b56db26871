"""Serves the simulator's page, its phones and their news; what a phone sends goes to our own `/wechat`."""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import aiohttp
import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.wechat.envelope import Envelope
from bot.simulator.fake_wechat import Delivered, FakeMedia, create_fake_wechat
from bot.simulator.personas import Personas
from bot.simulator.phones import Entry, Phones, Shown, Speaker, entry_id, stamp
from bot.simulator.posting import ANSWER_WITHIN, Nodes, Platform
from config.settings import Settings

PREFIX = "/simulator"
PAGES = Path(__file__).parent / "pages"
MAX_BODY = 4 * 1024 * 1024
TROUBLE_PAUSE = 1.0

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}
_SILENCE = b"#!AMR\n" + b"\x3c" + bytes(31)
"""One frame of nothing (AMR-NB): the simulator records words, not sound."""

_log = structlog.get_logger(__name__)


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    openid: Annotated[str, Field(max_length=64)]


class _Text(_Message):
    kind: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class _Voice(_Message):
    """`text` is what the platform recognised, often nothing."""

    kind: Literal["voice"]
    text: Annotated[str, Field(max_length=2_000)] = ""


class _Location(_Message):
    kind: Literal["location"]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    label: Annotated[str, Field(max_length=200)] = ""


class _Picture(_Message):
    """`picture` is the file in base64."""

    kind: Literal["picture"]
    picture: Annotated[str, Field(min_length=1)]


class _Event(_Message):
    kind: Literal["event"]
    event: Literal["subscribe", "unsubscribe", "SCAN", "CLICK"]
    event_key: Annotated[str, Field(max_length=128)] = ""


_AnyMessage = _Text | _Voice | _Location | _Picture | _Event
_MESSAGES: TypeAdapter[_AnyMessage] = TypeAdapter(Annotated[_AnyMessage, Field(discriminator="kind")])


class _RefusedError(Exception):
    """A call that is answered with a status and a code; `field` names what was wrong."""

    def __init__(self, status: int, code: str, field: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.field = field


class _Simulator:
    """The HTTP routes."""

    def __init__(
        self, *, settings: Settings, redis: Redis, personas: Personas, now: Callable[[], datetime]
    ) -> None:
        wechat = settings.wechat
        self._envelope = Envelope(
            token=wechat.token.get_secret_value(),
            app_id=wechat.app_id,
            aes_key=wechat.aes_key.get_secret_value(),
        )
        self._personas = personas
        self._now = now
        self._phones = Phones(redis)
        self._media = FakeMedia(settings.data_dir / "simulator-media", now=now)
        self._platform: Platform | None = None
        self._closing = asyncio.Event()
        self._fake = create_fake_wechat(
            app_id=wechat.app_id,
            app_secret=wechat.app_secret.get_secret_value(),
            deliver=self._ring,
            media=self._media,
            now=now,
        )

    def build(self) -> web.Application:
        app = web.Application(middlewares=[_answer_in_json])
        app.router.add_get("", self._show_page)
        app.router.add_get("/personas", self._list_personas)
        app.router.add_get("/phones/{openid}", self._show_history)
        app.router.add_get("/pictures/{media_id}", self._show_picture)
        app.router.add_get("/events", self._stream_events)
        app.router.add_post("/send", self._send)
        app.router.add_static("/static", PAGES)
        app.add_subapp("/wechat-api", self._fake)
        app.cleanup_ctx.append(self._open_session)
        app.on_shutdown.append(self._close_streams)
        return app

    async def _open_session(self, app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN)) as session:
            self._platform = Platform(self._envelope, session=session, now=self._now)
            yield

    async def _close_streams(self, app: web.Application) -> None:
        self._closing.set()

    async def _show_page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGES / "index.html", headers=_HEADERS)

    async def _list_personas(self, request: web.Request) -> web.Response:
        return web.json_response(text=self._personas.model_dump_json())

    async def _show_history(self, request: web.Request) -> web.Response:
        openid = self._known(request.match_info["openid"])
        return web.json_response({"entries": await self._phones.history(openid)})

    async def _show_picture(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(self._media.find, request.match_info["media_id"])
        if found is None or found[0] not in _PICTURES.values():
            raise _RefusedError(404, "not_found")
        headers = {"Content-Type": found[0], "X-Content-Type-Options": "nosniff"}
        return web.Response(body=found[1], headers=headers)

    def _known(self, openid: str) -> str:
        """Refuse every account that is not an invented one."""
        if openid not in self._personas.openids:
            raise _RefusedError(403, "unknown_persona")
        return openid

    async def _ring(self, delivered: Delivered) -> None:
        """An active message reached a phone."""
        await self._phones.add(
            Entry(
                id=entry_id(),
                openid=delivered.openid,
                at=stamp(self._now()),
                by=Speaker.ACCOUNT,
                kind=Shown(delivered.kind),
                active=True,
                text=delivered.text,
                values=dict(delivered.values),
            )
        )

    async def _send(self, request: web.Request) -> web.Response:
        """Take what a person did on a phone, bring it to the webhook, answer with what came of it."""
        if request.content_type != "application/json":
            raise _RefusedError(415, "not_json")
        try:
            message = _MESSAGES.validate_json(await _read_body(request))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            raise _RefusedError(400, "bad_field", ".".join(map(str, first["loc"][1:]))) from error
        self._known(message.openid)
        assert self._platform is not None  # noqa: S101 -- opened before the first request
        address = _own_address(request)
        at = self._now()
        entry, nodes = await self._compose(message, at=at, address=address)
        await self._phones.add(entry)
        exchange = await self._platform.deliver(
            self._platform.write(message.openid, nodes, at=at), webhook=f"{address}/wechat"
        )
        entries = [entry]
        if exchange.reply is not None or not exchange.understood:
            entries.append(
                Entry(
                    id=entry_id(),
                    openid=message.openid,
                    at=stamp(self._now()),
                    by=Speaker.ACCOUNT,
                    kind=Shown.TEXT if exchange.understood else Shown.FAILURE,
                    text=exchange.reply or "",
                )
            )
            try:
                await self._phones.add(entries[-1])
            except (RedisError, OSError):  # the answer is shown on this page all the same
                _log.warning("simulated_reply_not_kept")
        return web.json_response(
            {"entries": [asdict(one) for one in entries], "exchange": asdict(exchange)},
            dumps=lambda content: json.dumps(content, ensure_ascii=False),
        )

    async def _compose(self, message: _AnyMessage, *, at: datetime, address: str) -> tuple[Entry, Nodes]:
        """The entry that the phone shows and the nodes that the platform sends."""
        entry = partial(Entry, id=entry_id(), openid=message.openid, at=stamp(at), by=Speaker.PERSON)
        match message:
            case _Text():
                return (
                    entry(kind=Shown.TEXT, text=message.text),
                    {"MsgType": "text", "Content": message.text},
                )
            case _Voice():
                media_id = await asyncio.to_thread(self._media.store, _SILENCE, "audio/amr")
                nodes: Nodes = {"MsgType": "voice", "MediaId": media_id}
                nodes |= {"Format": "amr", "Recognition": message.text}
                return entry(kind=Shown.VOICE, text=message.text), nodes
            case _Location():
                nodes = {"MsgType": "location", "Location_X": message.latitude}
                nodes |= {"Location_Y": message.longitude, "Scale": 16, "Label": message.label}
                return entry(
                    kind=Shown.LOCATION,
                    text=message.label,
                    latitude=message.latitude,
                    longitude=message.longitude,
                ), nodes
            case _Picture():
                media_id = await self._keep_picture(message.picture)
                url = f"{address}{PREFIX}/pictures/{media_id}"
                return (
                    entry(kind=Shown.PICTURE, picture=media_id),
                    {"MsgType": "image", "PicUrl": url, "MediaId": media_id},
                )
            case _Event():
                return (
                    entry(kind=Shown.EVENT, event=message.event, event_key=message.event_key),
                    {"MsgType": "event", "Event": message.event, "EventKey": message.event_key},
                )

    async def _keep_picture(self, encoded: str) -> str:
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise _RefusedError(400, "bad_field", "picture") from error
        kind = next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)
        if kind is None:
            raise _RefusedError(400, "not_a_picture", "picture")
        return await asyncio.to_thread(self._media.store, content, kind)

    async def _stream_events(self, request: web.Request) -> web.StreamResponse:
        """Tell one page what happens on all phones until it leaves; see `_events` for the kinds."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        try:
            async for event in self._events(request.headers.get("Last-Event-ID", "")):
                await response.write(event.encode())
        except ConnectionResetError:
            _log.debug("simulator_page_left")
        return response

    async def _events(self, position: str) -> AsyncIterator[str]:
        """Server-sent events: `state` (begin anew), `entry` (one more), `trouble` (Redis is away)."""
        synchronised = False
        yield "retry: 1000\n\n"
        while not self._closing.is_set():
            try:
                if not synchronised and not await self._phones.can_resume(position):
                    standing = await self._phones.standing()
                    position = standing.position
                    yield _event("state", json.dumps({"received": standing.received}), position)
                synchronised = True
                for news in await self._phones.news_after(position):
                    position = news.position
                    yield _event("entry", news.content, position)
                yield ": still here\n\n"
            except (RedisError, OSError):
                synchronised, position = False, ""
                yield _event("trouble", "{}", "")
                try:
                    await asyncio.wait_for(self._closing.wait(), TROUBLE_PAUSE)
                except TimeoutError:
                    continue


def _event(name: str, content: str, position: str) -> str:
    return f"event: {name}\nid: {position}\ndata: {content}\n\n"


def _own_address(request: web.Request) -> str:
    """Where this very process listens, whatever port was asked for and whatever stands in front."""
    local = request.transport.get_extra_info("sockname") if request.transport else None
    if not isinstance(local, tuple):
        raise _RefusedError(503, "no_address")
    host = f"[{local[0]}]" if ":" in local[0] else local[0]
    return f"http://{host}:{local[1]}"


async def _read_body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > MAX_BODY:
            raise _RefusedError(413, "too_large")
    return bytes(body)


@web.middleware
async def _answer_in_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn every error into `{"error": code, "field": …}`."""
    try:
        return await handler(request)
    except _RefusedError as refused:
        return _error(refused.status, refused.code, refused.field)
    except web.HTTPNotFound:
        return _error(404, "not_found")
    except web.HTTPMethodNotAllowed:
        return _error(405, "method_not_allowed")
    except web.RequestPayloadError:
        return _error(400, "bad_body")
    except RedisError:
        return _error(503, "store_unavailable")


def _error(status: int, code: str, field: str = "") -> web.Response:
    return web.json_response({"error": code, "field": field}, status=status)


def add_simulator(
    app: web.Application,
    *,
    settings: Settings,
    redis: Redis,
    personas: Personas,
    now: Callable[[], datetime],
) -> None:
    """Mount the simulator under `/simulator`; raises ValueError without a WeChat token."""
    app.add_subapp(PREFIX, _Simulator(settings=settings, redis=redis, personas=personas, now=now).build())
