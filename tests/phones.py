"""Phones for tests: they write signed XML to the real webhook and show what comes back."""

import hashlib
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xmltodict
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.application import Running, build_app, open_service
from bot.simulator.fake_wechat import Delivered, FakeControl, FakeMedia, create_fake_wechat
from config.loading import CONFIG_DIR
from config.rulebook import load_rulebook
from config.settings import Settings, WeChatSettings
from handlers import calling
from handlers.calling import Noted
from handlers.founding import invite_mediator
from handlers.mediating.work import Work
from handlers.messages import InboundMessage
from handlers.receiving import Receiving
from handlers.ruleset import RuleSet, load_ruleset
from storage.operators import add_operator, find_operator_by_login
from storage.outbox import list_open_call_tasks

TOKEN, APP_ID, APP_SECRET = "token of the tests", "wxtests", "secret of the tests"
START = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


@cache
def rules_of_the_repository() -> RuleSet:
    """The rule files with Luohe's regions, read once for all tests."""
    return load_ruleset(CONFIG_DIR, load_rulebook(CONFIG_DIR).regions)


@dataclass
class TurnedClock:
    """A clock that only the test turns."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def turn(self, span: timedelta) -> None:
        """Let time pass."""
        self.at += span


class PatientReceiving(Receiving):
    """Waits for every reply, however slow the machine: what these tests tell of is not speed."""

    async def receive(self, message: InboundMessage, *, within: timedelta) -> str | None:
        return await super().receive(message, within=timedelta(minutes=5) if within else within)


@dataclass(frozen=True)
class Heard:
    """What came to an account, and when."""

    at: datetime
    openid: str
    text: str


@dataclass
class Phone:
    """One account: `seen` is everything that came back, passive and active, in order."""

    town: "Town"
    openid: str
    seen: list[str] = field(default_factory=list)

    async def say(self, text: str, **fields: Any) -> str:
        """Send a text and return the passive reply, "" for none."""
        return await self.send(MsgType="text", Content=text, **fields)

    async def send(self, **fields: Any) -> str:
        """Send any message."""
        status, body = await self.town.post(self.openid, fields)
        assert status == 200, body
        reply = read_reply(body)
        if reply:
            self.hear(reply)
        return reply

    def hear(self, text: str) -> None:
        """Something came: a reply or a message that rings."""
        self.seen.append(text)
        self.town.heard.append(Heard(self.town.clock(), self.openid, text))


def read_reply(body: str) -> str:
    """Return the text of a passive reply, "" for success."""
    return "" if body in {"", "success"} else str(xmltodict.parse(body)["xml"]["Content"] or "")


class Town:
    """A running service with a fake WeChat behind it and phones in front of it."""

    def __init__(
        self, running: Running, server: TestServer, clock: TurnedClock, control: FakeControl, media: FakeMedia
    ) -> None:
        self.running = running
        self.server = server
        self.clock = clock
        self.control = control
        self.media = media
        self.phones: dict[str, Phone] = {}
        self.heard: list[Heard] = []
        self._numbers = itertools.count(1)

    def phone(self, openid: str) -> Phone:
        """Return the phone of an account."""
        return self.phones.setdefault(openid, Phone(self, openid))

    async def deliver(self, message: Delivered) -> None:
        """An active message rings."""
        text = message.text or " ".join(message.values.values())
        self.phone(message.openid).hear(text)

    def envelope(self, openid: str, fields: dict[str, Any]) -> str:
        """Return the XML of a message."""
        fields = {
            "ToUserName": "gh_tests",
            "FromUserName": openid,
            "CreateTime": int(self.clock().timestamp()),
            "MsgId": next(self._numbers),
            **fields,
        }
        rows = "".join(
            f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items() if value != ""
        )
        return f"<xml>{rows}</xml>"

    def signed(self) -> dict[str, str]:
        """Return the query that the platform would sign now."""
        timestamp, nonce = str(int(self.clock().timestamp())), "nonce"
        signature = hashlib.sha1("".join(sorted([TOKEN, timestamp, nonce])).encode()).hexdigest()
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce}

    async def post(self, openid: str, fields: dict[str, Any]) -> tuple[int, str]:
        """Send a message as the platform does."""
        return await self.post_body(self.envelope(openid, fields))

    async def post_body(self, body: str) -> tuple[int, str]:
        """Send a body with a valid signature."""
        url = self.server.make_url("/wechat")
        async with self.running.http.post(url, data=body.encode(), params=self.signed()) as response:
            return response.status, await response.text()

    async def settle(self) -> None:
        """Do what is due and deliver what waits."""
        await self.running.clock.sweep(self.clock())
        await self.running.delivery.deliver_all()

    async def pass_time(self, span: timedelta, *, by: timedelta = timedelta(minutes=10)) -> None:
        """Let time pass in small steps, so that what follows from one deadline comes in its turn."""
        end = self.clock() + span
        while self.clock() < end:
            self.clock.at = min(end, self.clock() + by)
            await self.settle()

    async def answer_call(
        self, *, kind: str, choice: str, words: str = "", amount: float | None = None
    ) -> None:
        """An operator made the oldest open call of a kind and writes down what was answered."""
        async with self.running.service.database.unit_of_work() as session:
            operator = await find_operator_by_login(session, "huawu") or await add_operator(
                session,
                login="huawu",
                name="话务",
                role="operator",
                area="",
                password_hash="",
                now=self.clock(),
            )
            work = Work(
                session=session,
                service=self.running.service,
                now=self.clock(),
                actor=f"operator:{operator.id}",
            )
            task = next(task for task in await list_open_call_tasks(session) if task.kind == kind)
            noted = {task.id: Noted(choice=choice, words=words, amount=amount)}
            await calling.reached(work, task.id, operator_id=operator.id, area="", noted=noted)
            await session.commit()

    async def bind(self, committee: str, name: str, openid: str, role: str = "mediator") -> Phone:
        """Invite a mediator or helper and bind the account with the code."""
        code, _ = await invite_mediator(
            self.running.service, committee=committee, name=name, role=role, now=self.clock()
        )
        phone = self.phone(openid)
        reply = await phone.say(code)
        assert "绑定好了" in reply, reply
        return phone


def _serve(running: Running) -> TestServer:
    running.receiving = PatientReceiving(running.service, monotonic=time.monotonic)
    return TestServer(build_app(running))


@asynccontextmanager
async def open_town(
    *, database_url: str, redis_url: str, clock: TurnedClock, folder: Path, **wechat: Any
) -> AsyncIterator[Town]:
    """Run a service on a prepared database, with a fake WeChat; no background loops: tests turn them."""
    control, media = FakeControl(), FakeMedia(folder / "media", now=clock)
    towns: list[Town] = []

    async def deliver(message: Delivered) -> None:
        await towns[0].deliver(message)

    platform = web.Application()
    platform.add_subapp(
        "/api/",
        create_fake_wechat(
            app_id=APP_ID,
            app_secret=APP_SECRET,
            deliver=deliver,
            media=media,
            now=clock,
            control=control,
        ),
    )
    async with TestServer(platform) as fake:
        settings = Settings(
            _env_file=None,
            database_url=database_url,
            data_dir=folder,
            secret_key=SecretStr("key of the tests"),
            wechat=WeChatSettings(
                token=SecretStr(TOKEN),
                app_id=APP_ID,
                app_secret=SecretStr(APP_SECRET),
                api_base=str(fake.make_url("/api")),
                template_id=wechat.pop("template_id", "template"),
                **wechat,
            ),
        )
        async with (
            open_service(
                settings, redis_url=redis_url, now=clock, rules=rules_of_the_repository()
            ) as running,
            _serve(running) as server,
        ):
            town = Town(running, server, clock, control, media)
            towns.append(town)
            yield town
