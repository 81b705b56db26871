"""The `/wechat` webhook over HTTP: three modes, every hostile call answered with its status, never a 500."""

import base64
import gzip
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import structlog
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from wechatpy import parse_message as parse_with_wechatpy
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.wechat.webhook import MAX_BODY, add_wechat
from config.settings import WeChatSettings
from handlers.messages import EventKind, InboundMessage, MessageKind

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
NONCE = "486452656"
TOKEN = "fengqiao-test"
APP_ID = "wxb11529c136998cb6"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPENID = "oia2TjjewbmiOUlr6X-1crbLOvLw"
OPEN = WeChatSettings(token=SecretStr(TOKEN), app_id=APP_ID, aes_key=SecretStr(AES_KEY))
PLAIN_ONLY = WeChatSettings(token=SecretStr(TOKEN), app_id=APP_ID)
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "wechat_vectors.json").read_text(encoding="utf-8")
)["aes"]


class Desk:
    """A receiver that notes what it is handed and answers what it was told to."""

    def __init__(self) -> None:
        self.received: list[InboundMessage] = []
        self.within: timedelta | None = None
        self.answer: Callable[[InboundMessage], str | None] = lambda message: f"收到：{message.text}"

    async def receive(self, message: InboundMessage, *, within: timedelta) -> str | None:
        self.received.append(message)
        self.within = within
        return self.answer(message)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def phone(desk: Desk) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async with serve(OPEN, desk) as client:
        yield client


def serve(
    settings: WeChatSettings, desk: Desk, now: datetime = NOW
) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    add_wechat(app, settings=settings, receiver=desk, now=lambda: now)
    return TestClient(TestServer(app))


def sign(*parts: str, token: str = TOKEN) -> str:
    signer = WeChatSigner()
    signer.add_data(token, *parts)
    return str(signer.signature)


def signed(stamp: str = STAMP, **more: str) -> dict[str, str]:
    return {"signature": sign(stamp, NONCE), "timestamp": stamp, "nonce": NONCE, **more}


def text_message(content: str = "俺家的地边", number: str = "24567891234567890") -> str:
    return (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{OPENID}]]></FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{number}</MsgId></xml>"
    )


def crypto(app_id: str = APP_ID) -> WeChatCrypto:
    return WeChatCrypto(TOKEN, AES_KEY, app_id)


def sealed_call(message: str, *, app_id: str = APP_ID, plain_fields: str = "") -> tuple[dict[str, str], str]:
    """Query and body of an encrypted call from a stock implementation; plain fields = compatible mode."""
    fields = ET.fromstring(crypto(app_id).encrypt_message(message, NONCE, STAMP))
    encrypt = fields.findtext("Encrypt") or ""
    body = f"<xml><ToUserName>gh_1</ToUserName>{plain_fields}<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
    return signed(encrypt_type="aes", msg_signature=fields.findtext("MsgSignature") or ""), body


async def open_reply(response: ClientResponse) -> Any:
    body = await response.text()
    fields = ET.fromstring(body)
    plain = crypto().decrypt_message(
        body, fields.findtext("MsgSignature"), fields.findtext("TimeStamp"), fields.findtext("Nonce")
    )
    return parse_with_wechatpy(plain)


async def test_the_handshake_gives_back_the_echo(phone: TestClient[Any, Any]) -> None:
    response = await phone.get("/wechat", params=signed(echostr="<b>5838479218127813673</b>"))
    assert (response.status, await response.text()) == (200, "<b>5838479218127813673</b>")
    assert response.content_type == "text/plain"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"signature": "0" * 40}, 403),
        ({"signature": ""}, 403),
        ({"signature": "签名"}, 403),
        ({"nonce": "1"}, 403),
        ({"timestamp": "abc"}, 403),
        ({"timestamp": "9" * 5000}, 403),
    ],
)
async def test_an_unsigned_call_is_forbidden(
    phone: TestClient[Any, Any], desk: Desk, changes: dict[str, str], status: int
) -> None:
    query = {**signed(echostr="1"), **changes}
    assert (await phone.get("/wechat", params=query)).status == status
    assert (await phone.post("/wechat", params=query, data=text_message())).status == status
    assert not desk.received


@pytest.mark.parametrize("seconds", [-301, 301, -(10**9)])
async def test_a_signature_of_another_time_is_forbidden(
    phone: TestClient[Any, Any], desk: Desk, seconds: int
) -> None:
    query = signed(str(int(STAMP) + seconds))
    assert (await phone.post("/wechat", params=query, data=text_message())).status == 403
    assert not desk.received


async def test_a_handshake_without_an_echo_is_bad(phone: TestClient[Any, Any]) -> None:
    assert (await phone.get("/wechat", params=signed())).status == 400


async def test_without_a_token_the_webhook_is_closed(desk: Desk) -> None:
    query = {"signature": sign(STAMP, NONCE, token=""), "timestamp": STAMP, "nonce": NONCE}
    async with serve(WeChatSettings(), desk) as client:
        assert (await client.get("/wechat", params={**query, "echostr": "1"})).status == 404
        assert (await client.post("/wechat", params=query, data=text_message())).status == 404
    assert not desk.received


def test_an_aes_key_that_cannot_work_stops_the_start(desk: Desk) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        serve(WeChatSettings(token=SecretStr(TOKEN), app_id=APP_ID, aes_key=SecretStr("short")), desk)


@pytest.mark.parametrize("settings", [OPEN, PLAIN_ONLY], ids=["with key", "without key"])
@pytest.mark.parametrize("encrypt_type", [{}, {"encrypt_type": "raw"}], ids=str)
async def test_a_plain_text_gets_a_plain_reply(
    desk: Desk, settings: WeChatSettings, encrypt_type: dict[str, str]
) -> None:
    async with serve(settings, desk) as client:
        response = await client.post("/wechat", params=signed(**encrypt_type), data=text_message())
        reply = parse_with_wechatpy(await response.text())
    assert (response.status, reply.type, reply.content) == (200, "text", "收到：俺家的地边")
    assert (reply.source, reply.target) == ("gh_1", OPENID)
    assert desk.within is not None
    assert timedelta(seconds=3) < desk.within < timedelta(seconds=5)


async def test_a_safe_mode_text_gets_an_encrypted_reply(phone: TestClient[Any, Any], desk: Desk) -> None:
    query, body = sealed_call(text_message("地边😀𠮷"))
    response = await phone.post("/wechat", params=query, data=body)
    reply = await open_reply(response)
    assert (reply.content, reply.target) == ("收到：地边😀𠮷", OPENID)
    assert "收到" not in await response.text()


async def test_in_compatible_mode_only_the_decrypted_message_counts(
    phone: TestClient[Any, Any], desk: Desk
) -> None:
    forged = f"<FromUserName>somebody</FromUserName><CreateTime>{STAMP}</CreateTime><Content>假的</Content>"
    query, body = sealed_call(text_message("真的"), plain_fields=forged)
    assert (await open_reply(await phone.post("/wechat", params=query, data=body))).content == "收到：真的"
    assert [message.sender for message in desk.received] == [OPENID]


@pytest.mark.parametrize(
    "name", ["emoji + CJK ext B", "CDATA end split", "2048-byte content", "20 kB content"]
)
async def test_a_recorded_safe_mode_call_is_understood(desk: Desk, name: str) -> None:
    vector = next(vector for vector in VECTORS if vector["name"] == name)
    settings = WeChatSettings(
        token=SecretStr(vector["token"]),
        app_id=vector["id"],
        aes_key=SecretStr(vector["encoding_aes_key"]),
    )
    stamp, nonce = vector["timestamp"], vector["nonce"]
    query = {
        "signature": sign(stamp, nonce, token=vector["token"]),
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": vector["msg_signature"],
    }
    async with serve(settings, desk, datetime.fromtimestamp(int(stamp), UTC)) as client:
        body = f"<xml><Encrypt>{vector['encrypt']}</Encrypt></xml>"
        assert (await client.post("/wechat", params=query, data=body)).status == 200
    assert [message.text for message in desk.received] == [
        ET.fromstring(vector["plaintext"]).findtext("Content")
    ]


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("answer", [None, "", "\x00"])
async def test_nothing_to_say_is_success(
    phone: TestClient[Any, Any], desk: Desk, encrypted: bool, answer: str | None
) -> None:
    desk.answer = lambda message: answer
    query, body = sealed_call(text_message()) if encrypted else (signed(), text_message())
    response = await phone.post("/wechat", params=query, data=body)
    assert (response.status, await response.text()) == (200, "success")


async def test_an_echoed_cdata_end_cannot_add_nodes(phone: TestClient[Any, Any]) -> None:
    said = "a]]></Content><MsgType><![CDATA[news]]></MsgType>"
    body = text_message(said.replace("]]>", "]]]]><![CDATA[>"))
    reply = ET.fromstring(await (await phone.post("/wechat", params=signed(), data=body)).text())
    assert [node.tag for node in reply].count("MsgType") == 1
    assert reply.findtext("Content") == f"收到：{said}"


async def test_an_event_arrives(phone: TestClient[Any, Any], desk: Desk) -> None:
    body = (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{OPENID}</FromUserName><CreateTime>{STAMP}</CreateTime>"
        "<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_12</EventKey></xml>"
    )
    assert (await phone.post("/wechat", params=signed(), data=body)).status == 200
    (message,) = desk.received
    assert (message.kind, message.event, message.event_key) == (MessageKind.EVENT, EventKind.SUBSCRIBE, "12")


HOSTILE_BODIES = {
    "empty": b"",
    "no XML": "你好".encode(),
    "JSON": b"{}",
    "cut off": text_message().encode()[:-20],
    "other root": b"<html/>",
    "no fields": b"<xml></xml>",
    "gb18030": text_message().encode("gb18030"),
    "utf-16": text_message().encode("utf-16"),
    "random bytes": bytes(range(256)),
    "entity bomb": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>',
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
    "deep": b"<xml>" * 9000,
    "absurd time": text_message().replace(STAMP, "9" * 40).encode(),
    "absurd number": text_message(number="9" * 40).encode(),
    "no sender": text_message().replace("FromUserName", "Sender").encode(),
    "form": b"signature=1&timestamp=2",
}


@pytest.mark.parametrize("name", HOSTILE_BODIES)
async def test_a_signed_body_that_is_no_message_is_bad(
    phone: TestClient[Any, Any], desk: Desk, name: str
) -> None:
    body = HOSTILE_BODIES[name]
    assert (await phone.post("/wechat", params=signed(), data=body)).status == 400
    encrypted = signed(encrypt_type="aes", msg_signature="0" * 40)
    assert (await phone.post("/wechat", params=encrypted, data=body)).status == 400
    assert not desk.received


@pytest.mark.parametrize("encrypt", ["", "a", "不是", "A" * 4000, base64.b64encode(bytes(64)).decode()])
async def test_a_signed_ciphertext_that_is_none_is_bad(
    phone: TestClient[Any, Any], desk: Desk, encrypt: str
) -> None:
    query = signed(encrypt_type="aes", msg_signature=sign(STAMP, NONCE, encrypt))
    body = f"<xml><Encrypt>{encrypt}</Encrypt></xml>"
    assert (await phone.post("/wechat", params=query, data=body)).status == 400
    assert not desk.received


async def test_a_ciphertext_for_another_account_is_bad(phone: TestClient[Any, Any], desk: Desk) -> None:
    query, body = sealed_call(text_message(), app_id="wx0000000000000000")
    assert (await phone.post("/wechat", params=query, data=body)).status == 400
    assert not desk.received


@pytest.mark.parametrize("signature", ["0" * 40, "", None])
async def test_a_ciphertext_not_signed_by_the_platform_is_forbidden(
    phone: TestClient[Any, Any], desk: Desk, signature: str | None
) -> None:
    query, body = sealed_call(text_message())
    query.pop("msg_signature")
    query |= {"msg_signature": signature} if signature is not None else {}
    assert (await phone.post("/wechat", params=query, data=body)).status == 403
    assert not desk.received


async def test_safe_mode_without_a_key_is_bad(desk: Desk) -> None:
    query, body = sealed_call(text_message())
    async with serve(PLAIN_ONLY, desk) as client:
        assert (await client.post("/wechat", params=query, data=body)).status == 400
    assert not desk.received


async def test_compatible_mode_without_a_key_takes_the_plain_fields(desk: Desk) -> None:
    plain_fields = text_message().removeprefix("<xml><ToUserName><![CDATA[gh_1]]></ToUserName>")
    query, body = sealed_call(text_message(), plain_fields=plain_fields.removesuffix("</xml>"))
    async with serve(PLAIN_ONLY, desk) as client:
        reply = parse_with_wechatpy(await (await client.post("/wechat", params=query, data=body)).text())
    assert reply.content == "收到：俺家的地边"


async def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(
    phone: TestClient[Any, Any], desk: Desk
) -> None:
    message = text_message("%")
    fitting = message.replace("%", "a" * (MAX_BODY - len(message) + 1)).encode()
    assert (await phone.post("/wechat", params=signed(), data=fitting)).status == 200
    assert (await phone.post("/wechat", params=signed(), data=fitting + b"\n")).status == 413
    assert len(desk.received) == 1


async def test_a_body_of_unknown_length_is_bounded_too(phone: TestClient[Any, Any], desk: Desk) -> None:
    async def pour() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"a" * 8192

    assert (await phone.post("/wechat", params=signed(), data=pour())).status == 413
    bomb = gzip.compress(b"a" * 10_000_000)
    response = await phone.post("/wechat", params=signed(), data=bomb, headers={"Content-Encoding": "gzip"})
    assert response.status == 413
    assert not desk.received


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_body_that_does_not_unpack_is_bad(phone: TestClient[Any, Any], coding: str) -> None:
    response = await phone.post(
        "/wechat", params=signed(), data=text_message(), headers={"Content-Encoding": coding}
    )
    assert response.status == 400


async def test_odd_queries_are_forbidden(phone: TestClient[Any, Any]) -> None:
    for query in ("", "signature", "signature=%ff&timestamp=%ed%a0%80&nonce=%00", "signature=a&signature=b"):
        assert (await phone.post(f"/wechat?{query}", data=text_message())).status == 403


async def test_other_methods_are_not_allowed(phone: TestClient[Any, Any]) -> None:
    assert (await phone.put("/wechat", params=signed(), data=text_message())).status == 405


async def test_a_message_that_could_not_be_kept_is_asked_for_again(
    phone: TestClient[Any, Any], desk: Desk
) -> None:
    def fail(message: InboundMessage) -> str:
        raise ConnectionError(message.text)

    desk.answer = fail
    with structlog.testing.capture_logs() as logs:
        assert (
            await phone.post("/wechat", params=signed(), data=text_message("电话13800001234"))
        ).status == 503
    assert logs[-1]["error"] == "ConnectionError"
    assert "13800001234" not in repr(logs)


async def test_the_log_names_nobody(phone: TestClient[Any, Any]) -> None:
    with structlog.testing.capture_logs() as logs:
        await phone.post("/wechat", params=signed(), data=text_message("电话13800001234"))
        await phone.post("/wechat", params=signed(), data=text_message("电话13800001234").replace(STAMP, "x"))
    assert [line["event"] for line in logs] == ["wechat_message", "wechat_call_refused"]
    assert OPENID not in repr(logs)
    assert "13800001234" not in repr(logs)
    assert len(logs[0]["sender"]) == 8
