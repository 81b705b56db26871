"""Wires the service: database, rules, channels, delivery, clock, HTTP routes."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp import web
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from bot.channels.wechat.active import CHANNEL as WECHAT
from bot.channels.wechat.active import TRAITS as WECHAT_TRAITS
from bot.channels.wechat.active import WeChatActive
from bot.channels.wechat.client import WeChatClient
from bot.channels.wechat.tokens import TokenSource
from bot.channels.wechat.webhook import add_wechat
from bot.clock import Clock
from bot.console import add_console
from bot.delivery import ActiveChannel, Delivery
from bot.health import Health, measure
from bot.papers import Papers
from bot.simulator.personas import load_personas
from bot.simulator.routes import add_simulator
from bot.watching import Fetching, RuleWatch
from config.rulebook import load_rulebook
from config.settings import Settings
from handlers.attaching import Fetch
from handlers.due import HANDLERS
from handlers.founding import DemoMediator, add_demo_mediators, prepare
from handlers.receiving import Receiving
from handlers.ruleset import RuleSet, load_ruleset
from handlers.service import Service
from storage.database import Database

log = structlog.get_logger()


LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class DemoOnRealAccountError(Exception):
    """Demo mediators can be played by anybody: they must never meet people of a real account."""


def utc_now() -> datetime:
    """The one place where the time is read."""
    return datetime.now(UTC)


def with_demo_account(settings: Settings, *, port: int) -> Settings:
    """Fill in the public account that the simulator plays, where no real one is configured.

    Its token, secret and AES key are derived from the service's key, so every worker knows them.
    """
    if not settings.demo:
        return settings
    wechat = settings.wechat
    if wechat.app_secret.get_secret_value() and urlsplit(wechat.api_base).hostname not in LOOPBACK:
        raise DemoOnRealAccountError(wechat.api_base)
    made: dict[str, str | SecretStr] = {}
    if not wechat.token.get_secret_value():
        made["token"] = SecretStr(_derived(settings, "token")[:32])
        if not wechat.aes_key.get_secret_value():
            made["aes_key"] = SecretStr(_derived(settings, "aes")[:43])
    if not wechat.app_id:
        made["app_id"] = "wxsimulator0000000"
    if not wechat.app_secret.get_secret_value():
        made["app_secret"] = SecretStr(_derived(settings, "secret")[:32])
        made["api_base"] = f"http://127.0.0.1:{port}/simulator/wechat-api"
        made["template_id"] = wechat.template_id or "demo-template"
    return settings.model_copy(update={"wechat": wechat.model_copy(update=made)})


def _derived(settings: Settings, purpose: str) -> str:
    """Return 43 letters and digits."""
    digest = hmac.new(settings.key, f"demo {purpose}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest, altchars=b"Az").decode().rstrip("=")


@dataclass(slots=True, kw_only=True)
class Running:
    """A wired service: what the command line and the tests hold in their hands."""

    settings: Settings
    service: Service
    receiving: Receiving
    delivery: Delivery
    clock: Clock
    fetching: Fetching
    watch: RuleWatch
    redis: Redis
    http: aiohttp.ClientSession

    def add_routes(self, app: web.Application) -> None:
        """Register every HTTP route."""
        add_wechat(app, settings=self.settings.wechat, receiver=self.receiving, now=self.service.now)
        Health(self.service, self.redis).add_routes(app)
        Papers(self.service).add_routes(app)
        add_console(app, settings=self.settings, service=self.service, redis=self.redis)
        if self.settings.demo:
            add_simulator(
                app,
                settings=self.settings,
                redis=self.redis,
                personas=load_personas(self.settings.config_dir),
                now=self.service.now,
            )

    @asynccontextmanager
    async def background(self) -> AsyncIterator[None]:
        """Run delivery, clock and the watchers; leaving stops them after what is under way."""
        loops = (self.delivery.loop, self.clock.loop, self.fetching.loop, self.watch.loop)
        tasks = [asyncio.create_task(loop.run()) for loop in loops]
        try:
            yield
        finally:
            await self.receiving.finish()
            for loop in loops:
                loop.stop()
            await asyncio.gather(*tasks)


@asynccontextmanager
async def open_service(
    settings: Settings,
    *,
    redis_url: str,
    now: Callable[[], datetime] = utc_now,
    extra_channels: dict[str, ActiveChannel] | None = None,
    rules: RuleSet | None = None,
) -> AsyncIterator[Running]:
    """Open everything the service needs, prepare an empty database, and close it all afterwards.

    `rules` are read from the files unless they are given: reading takes longer than all the rest.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.sqlalchemy_url, key=settings.key)
        stack.push_async_callback(database.close)
        regions = await prepare(database, rules.rulebook if rules else load_rulebook(settings.config_dir))
        rules = rules or load_ruleset(settings.config_dir, regions)
        service = Service(
            database=database,
            rules=rules,
            now=now,
            traits={WECHAT: WECHAT_TRAITS},
            public_url=settings.base_url,
            files_dir=settings.data_dir / "files",
        )
        http = await stack.enter_async_context(aiohttp.ClientSession())
        # Redis holds only what may be lost: when it hangs, it is better to go on without it soon.
        once = Retry(ConstantBackoff(0.1), 1)
        redis = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2, retry=once)
        stack.push_async_callback(redis.aclose)
        channels: dict[str, ActiveChannel] = dict(extra_channels or {})
        fetchers: dict[str, Fetch] = {}
        if settings.wechat.app_secret.get_secret_value():
            tokens = TokenSource(settings.wechat, session=http, redis=redis, now=now)
            client = WeChatClient(settings.wechat, session=http, tokens=tokens, now=now)
            active = WeChatActive(client, service=service, has_template=bool(settings.wechat.template_id))
            channels[WECHAT] = active
            fetchers[WECHAT] = active.fetch
        delivery = Delivery(service, channels)
        service.wake_delivery = delivery.loop.wake
        if settings.demo:
            await _add_demo(settings, service)
        yield Running(
            settings=settings,
            service=service,
            receiving=Receiving(service, monotonic=time.monotonic),
            delivery=delivery,
            clock=Clock(service, HANDLERS),
            fetching=Fetching(service, service.files_dir, fetchers),
            watch=RuleWatch(service, settings.config_dir),
            redis=redis,
            http=http,
        )


async def _add_demo(settings: Settings, service: Service) -> None:
    personas = load_personas(settings.config_dir)
    await add_demo_mediators(
        service,
        [
            DemoMediator(
                channel=WECHAT,
                address=one.openid,
                name=one.name,
                committee=one.committee,
                specialities=tuple(one.specialities),
            )
            for one in personas.mediators
        ],
        now=service.now(),
    )


def build_app(running: Running) -> web.Application:
    """Return the HTTP application of a wired service."""
    app = web.Application(middlewares=[measure], client_max_size=64 * 1024)
    running.add_routes(app)
    return app
