"""A stage for the simulator: it, the real webhook, and a receiver that answers what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.channels.wechat.webhook import add_wechat
from bot.simulator.personas import load_personas
from bot.simulator.routes import add_simulator
from config.loading import CONFIG_DIR
from config.settings import Settings, WeChatSettings
from handlers.messages import InboundMessage

APP_ID, APP_SECRET = "wxsimulator0000000", "secret-of-the-tests"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@dataclass(slots=True)
class Echo:
    """A receiver that notes what it is handed and echoes text, or does what a test wants instead."""

    received: list[InboundMessage] = field(default_factory=list)
    answer: Callable[[InboundMessage], str | None] = lambda message: f"收到：{message.text}"

    async def receive(self, message: InboundMessage, *, within: timedelta) -> str | None:
        self.received.append(message)
        return self.answer(message)


@dataclass(slots=True, kw_only=True)
class Stage:
    """What a test holds in its hands."""

    url: str
    echo: Echo
    http: aiohttp.ClientSession

    async def send(self, openid: str, **message: object) -> tuple[int, dict[str, object]]:
        """Do something on a phone; returns status and JSON."""
        async with self.http.post(f"{self.url}/send", json={"openid": openid, **message}) as response:
            return response.status, await response.json()

    async def history(self, openid: str) -> list[dict[str, object]]:
        async with self.http.get(f"{self.url}/phones/{openid}") as response:
            entries: list[dict[str, object]] = (await response.json())["entries"]
            return entries

    async def call(self, name: str, **body: object) -> dict[str, object]:
        """Call the platform's interface as the service does."""
        api = f"{self.url}/wechat-api/cgi-bin"
        grant = {"grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET}
        async with self.http.post(f"{api}/stable_token", json=grant) as response:
            token = (await response.json(content_type=None))["access_token"]
        async with self.http.post(f"{api}/{name}?access_token={token}", json=body) as response:
            answer: dict[str, object] = await response.json(content_type=None)
            return answer

    async def ring(self, openid: str, text: str) -> None:
        """Send a customer-service message to a phone."""
        answer = await self.call("message/custom/send", touser=openid, msgtype="text", text={"content": text})
        assert answer["errcode"] == 0


@asynccontextmanager
async def open_stage(redis_url: str, folder: Path, *, aes_key: str = AES_KEY) -> AsyncIterator[Stage]:
    """Serve simulator and webhook on a free port of loopback."""
    settings = Settings(
        data_dir=folder,
        demo=True,
        wechat=WeChatSettings(
            token=SecretStr("token-of-the-tests"),
            app_id=APP_ID,
            app_secret=SecretStr(APP_SECRET),
            aes_key=SecretStr(aes_key),
        ),
    )
    redis = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
    echo, app = Echo(), web.Application(client_max_size=64 * 1024)

    def now() -> datetime:
        return datetime.now(UTC)

    add_wechat(app, settings=settings.wechat, receiver=echo, now=now)
    add_simulator(app, settings=settings, redis=redis, personas=load_personas(CONFIG_DIR), now=now)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        yield Stage(url=str(server.make_url("/simulator")), echo=echo, http=http)
    await redis.aclose()


class Wire:
    """A line to a Redis behind a socket file that can be cut and mended."""

    def __init__(self, socket_file: str) -> None:
        self._socket_file = socket_file
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._pumping: set[asyncio.Task[None]] = set()
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._pumping)
        self._open.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket_file)
        self._open |= {writer, far_writer}
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(_pump(source, sink))
            self._pumping.add(task)
            task.add_done_callback(self._pumping.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await source.read(65536):
            sink.write(content)
            await sink.drain()
    sink.close()
