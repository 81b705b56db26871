"""The simulator over HTTP: real signed XML to the real webhook, real Redis, clear JSON errors."""

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from redis.asyncio import Redis

from handlers.messages import EventKind, InboundMessage, MessageKind
from tests.unit.simulator.stage import AES_KEY, Stage, open_stage

RESIDENT, MEDIATOR = "sim-resident-1", "sim-mediator-duqu"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def empty_redis(redis_url: str) -> str:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    await redis.aclose()
    return redis_url


@pytest.fixture
async def stage(empty_redis: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(empty_redis, tmp_path) as stage:
        yield stage


async def next_event(stream: ClientResponse) -> dict[str, str]:
    """Read server-sent events up to the next one that says something."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(5):
        while True:
            line = (await stream.content.readline()).decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if line and name in {"event", "id", "data"}:
                fields[name] = value
            elif not line and "data" in fields:
                return fields


@pytest.mark.parametrize("aes_key", [AES_KEY, ""], ids=["safe mode", "plain mode"])
async def test_a_message_goes_through_the_webhook_and_both_sides_are_kept(
    empty_redis: str, tmp_path: Path, aes_key: str
) -> None:
    async with open_stage(empty_redis, tmp_path, aes_key=aes_key) as stage:
        status, content = await stage.send(RESIDENT, kind="text", text="俺要调解 ]]>")
        assert status == 200
        assert [one["text"] for one in await stage.history(RESIDENT)] == [
            "俺要调解 ]]>",
            "收到：俺要调解 ]]>",
        ]
    [message] = stage.echo.received
    assert (message.sender, message.kind, message.text) == (RESIDENT, MessageKind.TEXT, "俺要调解 ]]>")
    exchange = content["exchange"]
    assert isinstance(exchange, dict)
    assert ("<Encrypt>" in exchange["sent"], "encrypt_type=aes" in exchange["query"]) == (bool(aes_key),) * 2
    assert "收到：俺要调解" in exchange["received_message"]


async def test_everything_a_person_can_do_reaches_the_receiver(stage: Stage) -> None:
    await stage.send(RESIDENT, kind="voice", text="说的话")
    await stage.send(RESIDENT, kind="location", latitude=33.77, longitude=113.96, label="北徐庄")
    await stage.send(RESIDENT, kind="picture", picture=base64.b64encode(PNG).decode())
    await stage.send(RESIDENT, kind="event", event="CLICK", event_key="PROGRESS")
    voice, location, picture, click = stage.echo.received
    assert (voice.kind, voice.text) == (MessageKind.VOICE, "说的话")
    assert (location.latitude, location.longitude, location.text) == (33.77, 113.96, "北徐庄")
    assert (click.event, click.event_key) == (EventKind.CLICK, "PROGRESS")
    assert picture.media_url is not None
    async with stage.http.get(picture.media_url) as response:
        assert (response.content_type, await response.read()) == ("image/png", PNG)


async def test_every_message_has_its_own_key(stage: Stage) -> None:
    await asyncio.gather(*(stage.send(RESIDENT, kind="text", text="同一句") for _ in range(20)))
    assert len({message.key for message in stage.echo.received}) == 20


async def test_no_passive_reply_leaves_only_what_was_said(stage: Stage) -> None:
    stage.echo.answer = lambda message: None
    _, content = await stage.send(RESIDENT, kind="text", text="好")
    entries = content["entries"]
    assert isinstance(entries, list)
    assert [one["by"] for one in entries] == ["person"]


async def test_a_message_that_the_service_could_not_keep_is_repeated_and_then_shown_as_failed(
    stage: Stage,
) -> None:
    def fail(message: InboundMessage) -> str | None:
        raise OSError("disk")

    stage.echo.answer = fail
    status, _ = await stage.send(RESIDENT, kind="text", text="喂")
    assert status == 200
    assert len(stage.echo.received) == 3
    assert len({message.key for message in stage.echo.received}) == 1
    assert [one["kind"] for one in await stage.history(RESIDENT)] == ["text", "failure"]


async def test_active_messages_ring_on_the_phone(stage: Stage) -> None:
    await stage.ring(MEDIATOR, "【新案件】")
    fields = {"thing1": {"value": "新案件"}, "character_string2": {"value": "漯调2026-000001"}}
    answer = await stage.call("message/template/send", touser=MEDIATOR, template_id="t", data=fields)
    assert answer["errcode"] == 0
    text, template = await stage.history(MEDIATOR)
    assert (text["active"], text["text"]) == (True, "【新案件】")
    assert template["values"] == {"thing1": "新案件", "character_string2": "漯调2026-000001"}


async def test_events_tell_the_standing_first_then_every_entry_and_resume(stage: Stage) -> None:
    await stage.ring(MEDIATOR, "一")
    async with stage.http.get(f"{stage.url}/events") as stream:
        state = await next_event(stream)
        assert json.loads(state["data"]) == {"received": {MEDIATOR: 1}}
        await stage.ring(MEDIATOR, "二")
        second = await next_event(stream)
        assert (second["event"], json.loads(second["data"])["text"]) == ("entry", "二")
    await stage.ring(MEDIATOR, "三")
    async with stage.http.get(f"{stage.url}/events", headers={"Last-Event-ID": second["id"]}) as stream:
        third = await next_event(stream)
        assert (third["event"], json.loads(third["data"])["text"]) == ("entry", "三")


async def test_only_invented_accounts_may_be_played(stage: Stage) -> None:
    status, content = await stage.send("oia2TjjewbmiOUlr6X", kind="text", text="我是真人")
    assert (status, content["error"]) == (403, "unknown_persona")
    async with stage.http.get(f"{stage.url}/phones/oia2TjjewbmiOUlr6X") as response:
        assert response.status == 403
    assert stage.echo.received == []


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, "bad_field"),
        (b"\xff\xfe{", 400, "bad_field"),
        (b"[" * 100_000, 400, "bad_field"),
        (b'"text"', 400, "bad_field"),
        (b'{"openid":"sim-resident-1","kind":"dance"}', 400, "bad_field"),
        (b'{"openid":"sim-resident-1","kind":"text","text":""}', 400, "bad_field"),
        (b'{"openid":"sim-resident-1","kind":"text","text":"\\ud800"}', 400, "bad_field"),
        (b'{"openid":"sim-resident-1","kind":"text","text":"a","by":"account"}', 400, "bad_field"),
        (b'{"openid":"sim-resident-1","kind":"location","latitude":1e999,"longitude":0}', 400, "bad_field"),
        (b'{"openid":"sim-resident-1","kind":"picture","picture":"***"}', 400, "bad_field"),
        (b'{"openid":"sim-resident-1","kind":"picture","picture":"aGVsbG8="}', 400, "not_a_picture"),
        (b'{"openid":"sim-resident-1","kind":"picture","picture":"' + b"A" * 4_200_000, 413, "too_large"),
    ],
)
async def test_a_bad_body_is_a_clear_error(stage: Stage, body: bytes, status: int, error: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with stage.http.post(f"{stage.url}/send", data=io.BytesIO(body), headers=headers) as response:
        assert (response.status, (await response.json())["error"]) == (status, error)
    assert stage.echo.received == []


async def test_another_site_cannot_send_with_a_plain_form(stage: Stage) -> None:
    body = json.dumps({"openid": RESIDENT, "kind": "text", "text": "a"})
    async with stage.http.post(
        f"{stage.url}/send", data=body, headers={"Content-Type": "text/plain"}
    ) as response:
        assert (response.status, (await response.json())["error"]) == (415, "not_json")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/send", 405), ("GET", "/pictures/..%2F..%2Fsecret.key", 404)],
)
async def test_wrong_addresses_are_answered_in_json(
    stage: Stage, method: str, path: str, status: int
) -> None:
    async with stage.http.request(method, f"{stage.url}{path}") as response:
        assert response.status == status
        assert "error" in await response.json()


async def test_without_redis_nothing_is_sent_and_the_error_says_so(tmp_path: Path) -> None:
    async with open_stage("redis://127.0.0.1:1", tmp_path) as stage:
        status, content = await stage.send(RESIDENT, kind="text", text="喂")
        assert (status, content["error"]) == (503, "store_unavailable")
        async with stage.http.get(f"{stage.url}/events") as stream:
            assert (await next_event(stream))["event"] == "trouble"
        assert stage.echo.received == []


async def test_the_page_allows_nothing_from_elsewhere_and_nothing_inline(stage: Stage) -> None:
    async with stage.http.get(stage.url) as response:
        policy = response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in page
    assert "//" not in page.replace("<!doctype html>", "")
