"""Stands in for the WeChat platform's interface: checks calls as strictly as it does and delivers to a phone.

Everything a later call must know again is written in the token or on disk, so that any number of processes
can serve it side by side; only what tests switch on (`FakeControl`) lives in one process.
"""

import asyncio
import hashlib
import hmac
import json
import re
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

WINDOW = timedelta(hours=48)
WINDOW_MESSAGES = 5
TOKEN_LIFE = timedelta(hours=2)
TOKEN_RENEWED_BEFORE = timedelta(minutes=5)
MEDIA_LIFE = timedelta(days=3)
MAX_TEXT_BYTES = 2048
MAX_TEMPLATE_VALUE = 20
REMEMBERED = 1000
"""Calls and messages of the past that one process keeps."""


class Endpoint(StrEnum):
    """The calls there are, each under `/cgi-bin/`."""

    TOKEN = "stable_token"  # noqa: S105 -- the name of a call
    CUSTOM = "message/custom/send"
    TEMPLATE = "message/template/send"
    TYPING = "message/custom/typing"
    MEDIA = "media/get"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A message that reached a phone: `text` of a customer-service one, `values` and `url` of a template."""

    openid: str
    kind: Literal["text", "template"]
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one call suffers: a delay, then an error code, HTTP status or body in place of its work.

    With `after_work` the work is done and only the answer is spoilt, as when the connection breaks.
    """

    delay: timedelta = timedelta()
    errcode: int | None = None
    status: int | None = None
    body: bytes | None = None
    after_work: bool = False


class FakeControl:
    """The tests' handle: faults to come, calls seen, messages delivered, the 48-hour window when enforced."""

    def __init__(self, *, enforce_window: bool = False) -> None:
        self.enforce_window = enforce_window
        self.calls: Counter[Endpoint] = Counter()
        self.bodies: deque[tuple[Endpoint, bytes]] = deque(maxlen=REMEMBERED)
        self.delivered: deque[Delivered] = deque(maxlen=REMEMBERED)
        self.token_generation = 0
        self._faults: defaultdict[Endpoint, deque[Fault]] = defaultdict(deque)
        self._windows: dict[str, tuple[datetime, int]] = {}
        self._sent_ids: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)

    def inject(self, endpoint: Endpoint, fault: Fault, *, times: int = 1) -> None:
        """Let the next calls of `endpoint` suffer `fault`, after those already waiting."""
        self._faults[endpoint].extend([fault] * times)

    def next_fault(self, endpoint: Endpoint) -> Fault | None:
        waiting = self._faults[endpoint]
        return waiting.popleft() if waiting else None

    def revoke_tokens(self) -> None:
        """Make every token given out so far wrong (40001), as a reset of the AppSecret does."""
        self.token_generation += 1

    def open_window(self, openid: str, *, at: datetime) -> None:
        """The person wrote: 48 hours and five messages begin anew."""
        self._windows[openid] = (at + WINDOW, WINDOW_MESSAGES)

    def take_from_window(self, openid: str, *, at: datetime) -> int:
        """Use one message of the person's window; the error code, 0 when there was one left."""
        if not self.enforce_window:
            return 0
        until, left = self._windows.get(openid, (at, 0))
        if at >= until:
            return 45015
        if left == 0:
            return 45047
        self._windows[openid] = (until, left - 1)
        return 0

    def record(self, message: Delivered, client_msg_id: str) -> None:
        self.delivered.append(message)
        if client_msg_id:
            self._sent_ids.append((message.openid, client_msg_id))

    def was_sent(self, openid: str, client_msg_id: str) -> bool:
        return (openid, client_msg_id) in self._sent_ids


class FakeMedia:
    """Files that simulated people send, in a folder, for three days."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    def store(self, content: bytes, content_type: str) -> str:
        """Keep a file and return its media_id; drops those that are too old."""
        self._folder.mkdir(parents=True, exist_ok=True)
        oldest = (self._now() - MEDIA_LIFE).timestamp()
        for path in self._folder.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
        media_id = secrets.token_urlsafe(32)
        (self._folder / media_id).write_bytes(content_type.encode() + b"\n" + content)
        return media_id

    def find(self, media_id: str) -> tuple[str, bytes] | None:
        """Content type and content, None when there is no such file."""
        path = self._folder / media_id
        if not re.fullmatch(r"[\w-]{43}", media_id, re.ASCII) or not path.is_file():
            return None
        content_type, _, content = path.read_bytes().partition(b"\n")
        return content_type.decode(), content


class _Refusal(Exception):  # noqa: N818 -- an answer of the platform
    def __init__(self, errcode: int) -> None:
        super().__init__(errcode)
        self.errcode = errcode


class _FakeWeChat:
    """The calls themselves; one method each, raising _Refusal with the platform's code."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        deliver: Callable[[Delivered], Awaitable[None]],
        media: FakeMedia,
        now: Callable[[], datetime],
        control: FakeControl,
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._deliver = deliver
        self._media = media
        self._now = now
        self._control = control

    def route(self, app: web.Application) -> None:
        for method, endpoint, work in (
            ("POST", Endpoint.TOKEN, self._give_token),
            ("POST", Endpoint.CUSTOM, self._send_text),
            ("POST", Endpoint.TEMPLATE, self._send_template),
            ("POST", Endpoint.TYPING, self._show_typing),
            ("GET", Endpoint.MEDIA, self._give_media),
        ):
            app.router.add_route(method, f"/cgi-bin/{endpoint}", self._serve(endpoint, work))
        app.router.add_get("/video/{media_id}", self._give_video)

    def _serve(
        self, endpoint: Endpoint, work: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Wrap a call: count it, let it suffer its fault, check its token, answer refusals with HTTP 200."""

        async def check_and_work(request: web.Request) -> web.Response:
            if endpoint is not Endpoint.TOKEN:
                self._check_token(request.query.get("access_token", ""))
            return await work(request)

        async def handle(request: web.Request) -> web.Response:
            self._control.calls[endpoint] += 1
            self._control.bodies.append((endpoint, await request.read()))
            fault = self._control.next_fault(endpoint) or Fault()
            await asyncio.sleep(fault.delay.total_seconds())
            try:
                if fault.after_work:
                    await check_and_work(request)
                if fault.status is not None or fault.body is not None:
                    return web.Response(
                        status=fault.status or 200, body=fault.body or b"", content_type="text/plain"
                    )
                if fault.errcode is not None:
                    raise _Refusal(fault.errcode)  # noqa: TRY301 -- refused like any other call
                return await check_and_work(request)
            except _Refusal as refusal:
                return _answer(errcode=refusal.errcode, errmsg="refused by the fake platform")

        return handle

    async def _give_token(self, request: web.Request) -> web.Response:
        body = await _read_object(request)
        if body.get("grant_type") != "client_credential":
            raise _Refusal(40002)
        if body.get("appid") != self._app_id:
            raise _Refusal(40013)
        if body.get("secret") != self._app_secret:
            raise _Refusal(40125)
        now = int(self._now().timestamp())
        life = int(TOKEN_LIFE.total_seconds())
        expiry = now - now % life + life
        if expiry - now <= TOKEN_RENEWED_BEFORE.total_seconds():
            expiry += life
        return _answer(access_token=self._token(expiry), expires_in=min(expiry - now, life))

    def _token(self, expiry: int) -> str:
        """The token of one two-hour slot, the same in every process."""
        content = f"{self._app_id}|{self._control.token_generation}|{expiry}".encode()
        return f"{expiry}_{hmac.new(self._app_secret.encode(), content, hashlib.sha256).hexdigest()}"

    def _check_token(self, token: str) -> None:
        if not token:
            raise _Refusal(41001)
        expiry = re.match(r"[0-9]{1,12}", token)
        if expiry is None or not hmac.compare_digest(self._token(int(expiry[0])).encode(), token.encode()):
            raise _Refusal(40001)
        if self._now() >= datetime.fromtimestamp(int(expiry[0]), UTC):
            raise _Refusal(42001)

    async def _send_text(self, request: web.Request) -> web.Response:
        body = await _read_object(request)
        openid = _read_openid(body)
        if body.get("msgtype") != "text":
            raise _Refusal(40008)
        text = body.get("text")
        content = text.get("content") if isinstance(text, dict) else None
        if not isinstance(content, str) or not content:
            raise _Refusal(44004)
        if len(content.encode()) > MAX_TEXT_BYTES:
            raise _Refusal(45002)
        await self._hand_over(Delivered(openid=openid, kind="text", text=content), body, windowed=True)
        return _answer(errcode=0, errmsg="ok")

    async def _send_template(self, request: web.Request) -> web.Response:
        body = await _read_object(request)
        openid = _read_openid(body)
        if not isinstance(body.get("template_id"), str) or not body["template_id"]:
            raise _Refusal(40037)
        fields = body.get("data")
        if not isinstance(fields, dict):
            raise _Refusal(47003)
        values: dict[str, str] = {}
        for name, content in fields.items():
            value = content.get("value") if isinstance(content, dict) else None
            if not isinstance(value, str) or len(value) > MAX_TEMPLATE_VALUE or "\n" in value:
                raise _Refusal(47003)
            values[name] = value
        await self._hand_over(
            Delivered(openid=openid, kind="template", values=values, url=str(body.get("url") or "")),
            body,
            windowed=False,
        )
        return _answer(errcode=0, errmsg="ok", msgid=secrets.randbits(62))

    async def _hand_over(self, message: Delivered, body: Mapping[str, Any], *, windowed: bool) -> None:
        """Deliver once: not outside the window where it counts, not a second time under the same id."""
        client_msg_id = str(body.get("client_msg_id") or "")
        if self._control.was_sent(message.openid, client_msg_id):
            raise _Refusal(45065)
        if windowed and (code := self._control.take_from_window(message.openid, at=self._now())):
            raise _Refusal(code)
        await self._deliver(message)
        self._control.record(message, client_msg_id)

    async def _show_typing(self, request: web.Request) -> web.Response:
        body = await _read_object(request)
        _read_openid(body)
        if body.get("command") not in {"Typing", "CancelTyping"}:
            raise _Refusal(45072)
        return _answer(errcode=0, errmsg="ok")

    async def _give_media(self, request: web.Request) -> web.Response:
        """The file itself, or the address of a video."""
        media_id = request.query.get("media_id", "")
        found = await asyncio.to_thread(self._media.find, media_id)
        if found is None:
            raise _Refusal(40007)
        content_type, content = found
        if content_type.startswith("video/"):
            prefix = request.path.removesuffix(f"/cgi-bin/{Endpoint.MEDIA}")
            return _answer(
                video_url=str(request.url.with_path(f"{prefix}/video/{media_id}").with_query(None))
            )
        return web.Response(body=content, headers={"Content-Type": content_type})

    async def _give_video(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(self._media.find, request.match_info["media_id"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found[1], headers={"Content-Type": found[0]})


async def _read_object(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _Refusal(47001)
    return body


def _read_openid(body: Mapping[str, Any]) -> str:
    openid = body.get("touser")
    if not isinstance(openid, str) or not re.fullmatch(r"[\w-]{1,64}", openid, re.ASCII):
        raise _Refusal(40003)
    return openid


def _answer(**content: object) -> web.Response:
    """JSON labelled as text, which is how the platform answers."""
    return web.Response(text=json.dumps(content, ensure_ascii=False))


def create_fake_wechat(
    *,
    app_id: str,
    app_secret: str,
    deliver: Callable[[Delivered], Awaitable[None]],
    media: FakeMedia,
    now: Callable[[], datetime],
    control: FakeControl | None = None,
) -> web.Application:
    """Build the interface of one account, to be mounted under any prefix; `WECHAT__API_BASE` points there."""
    app = web.Application(client_max_size=1024 * 1024)
    fake = _FakeWeChat(
        app_id=app_id,
        app_secret=app_secret,
        deliver=deliver,
        media=media,
        now=now,
        control=control or FakeControl(),
    )
    fake.route(app)
    return app
