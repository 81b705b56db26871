"""Signatures and ciphers of the public account, against vectors made by other people's implementations."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from wechatpy.crypto import WeChatCrypto

from bot.channels.wechat.envelope import Envelope, read_root
from bot.channels.wechat.errors import MalformedMessageError, SignatureError

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "wechat_vectors.json").read_text(encoding="utf-8")
)["aes"]
VECTOR = next(vector for vector in VECTORS if vector["name"] == "emoji + CJK ext B")
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))


def envelope_of(vector: dict[str, Any], **changes: str) -> Envelope:
    return Envelope(
        **{
            "token": vector["token"],
            "app_id": vector["id"],
            "aes_key": vector["encoding_aes_key"],
            **changes,
        }
    )


def open_vector(envelope: Envelope, *, encrypt: str, msg_signature: str) -> str:
    return envelope.open(
        f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>",
        msg_signature=msg_signature,
        timestamp=VECTOR["timestamp"],
        nonce=VECTOR["nonce"],
    )


@each_vector
def test_a_foreign_ciphertext_opens_to_its_exact_text(vector: dict[str, Any]) -> None:
    opened = open_vector(
        envelope_of(vector), encrypt=vector["encrypt"], msg_signature=vector["msg_signature"]
    )
    assert opened == vector["plaintext"]


@each_vector
def test_a_foreign_signature_is_ours(vector: dict[str, Any]) -> None:
    signed = envelope_of(vector).sign(vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert signed == vector["msg_signature"]


@each_vector
def test_what_is_sealed_opens_with_a_stock_implementation(vector: dict[str, Any]) -> None:
    sealed = envelope_of(vector).seal(vector["plaintext"], timestamp=STAMP, nonce="n0nce")
    fields = read_root(sealed)
    peer = WeChatCrypto(vector["token"], vector["encoding_aes_key"], vector["id"])
    opened = peer.decrypt_message(sealed, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
    assert opened == vector["plaintext"]
    assert len(fields["Encrypt"]) == len(vector["encrypt"])


def test_the_same_reply_is_never_sealed_alike_twice() -> None:
    envelope = envelope_of(VECTOR)
    assert envelope.seal("a", timestamp=STAMP, nonce="n") != envelope.seal("a", timestamp=STAMP, nonce="n")


def test_a_ciphertext_signed_by_somebody_else_is_refused() -> None:
    with pytest.raises(SignatureError):
        open_vector(
            envelope_of(VECTOR, token="other"),
            encrypt=VECTOR["encrypt"],
            msg_signature=VECTOR["msg_signature"],
        )


@pytest.mark.parametrize("app_id", ["wx0000000000000000", VECTOR["id"] + "x", VECTOR["id"][:-1]])
def test_a_message_for_another_account_is_malformed(app_id: str) -> None:
    with pytest.raises(MalformedMessageError):
        open_vector(
            envelope_of(VECTOR, app_id=app_id),
            encrypt=VECTOR["encrypt"],
            msg_signature=VECTOR["msg_signature"],
        )


@pytest.mark.parametrize(
    "encrypt",
    [
        "",
        "a",
        "====",
        "不是",
        "QUJD",
        base64.b64encode(bytes(32)).decode(),
        "A" * 4096,
        VECTOR["encrypt"][:-4],
    ],
)
def test_a_signed_but_broken_ciphertext_is_malformed(encrypt: str) -> None:
    envelope = envelope_of(VECTOR)
    signature = envelope.sign(VECTOR["timestamp"], VECTOR["nonce"], encrypt)
    with pytest.raises(MalformedMessageError):
        open_vector(envelope, encrypt=encrypt, msg_signature=signature)


@pytest.mark.parametrize(
    "body",
    [
        "<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
        "<xml><Encrypt><a>b</a></Encrypt></xml>",
        "<xml></xml>",
        "",
    ],
)
def test_an_envelope_without_one_ciphertext_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        envelope_of(VECTOR).open(body, msg_signature="", timestamp=STAMP, nonce="n")


@pytest.mark.parametrize("age", [timedelta(), timedelta(minutes=5), -timedelta(minutes=5)])
@pytest.mark.parametrize("scale", [1, 1000])
def test_a_call_signed_within_five_minutes_is_taken(age: timedelta, scale: int) -> None:
    envelope = envelope_of(VECTOR)
    stamp = str(int((NOW - age).timestamp()) * scale)
    envelope.verify_call(signature=envelope.sign(stamp, "n"), timestamp=stamp, nonce="n", now=NOW)


@pytest.mark.parametrize(
    "stamp",
    [
        str(int(STAMP) - 301),
        str(int(STAMP) + 301),
        "",
        "0",
        "-1",
        "abc",
        "1" * 13,
        "9" * 5000,
        "１７６３９４６０００",
        "\ud800",
    ],
)
def test_a_call_signed_at_another_time_is_refused(stamp: str) -> None:
    envelope = envelope_of(VECTOR)
    with pytest.raises(SignatureError):
        envelope.verify_call(signature=envelope.sign(stamp, "n"), timestamp=stamp, nonce="n", now=NOW)


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名", "\ud800"])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    with pytest.raises(SignatureError):
        envelope_of(VECTOR).verify_call(signature=signature, timestamp=STAMP, nonce="n", now=NOW)


@pytest.mark.parametrize(
    "changes",
    [{"token": ""}, {"aes_key": "short"}, {"aes_key": "é" * 43}, {"app_id": ""}],
    ids=["no token", "short key", "key of other letters", "key without AppID"],
)
def test_settings_that_cannot_work_are_named_at_once(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="WECHAT__"):
        envelope_of(VECTOR, **changes)
