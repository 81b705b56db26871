"""Proves that a webhook call comes from WeChat, and opens and seals its encrypted envelope (消息加解密).

Plain mode signs only token, timestamp and nonce, not the body; compatible and safe mode also sign the
ciphertext and carry the AppID inside it. Signing and ciphering are wechatpy's; ours are the comparison in
constant time, the random bytes, and one error for the many that wechatpy raises on hostile input.
Source: 消息加解密说明 of the platform.
"""

import base64
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.wechat.errors import MalformedMessageError, SignatureError
from bot.channels.wechat.rendering import cdata

MAX_AGE = timedelta(minutes=5)


class _Cipher(PrpCrypto):  # type: ignore[misc]  # wechatpy carries no types
    """AES-256-CBC with PKCS#7 to 32 bytes; the leading 16 bytes come from the system's random source."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


def read_root(xml: str) -> dict[str, Any]:
    """Read an `<xml>` document of WeChat into its child nodes; raises MalformedMessageError.

    Entity declarations are refused by xmltodict, external ones are never fetched.
    """
    try:
        root = xmltodict.parse(xml, xml_attribs=False)["xml"]
    except Exception as error:  # expat and xmltodict raise a dozen kinds on hostile input
        raise MalformedMessageError("xml") from error
    if not isinstance(root, dict):
        raise MalformedMessageError("xml")
    return root


class Envelope:
    """Signatures and ciphers of one public account.

    `aes_key` is the account's EncodingAESKey (43 characters) or "" for an account in plain mode.
    """

    def __init__(self, *, token: str, app_id: str, aes_key: str) -> None:
        if not token:
            raise ValueError("WECHAT__TOKEN is empty: anybody could sign")
        self._token = token
        self._app_id = app_id
        self._key: bytes | None = None
        if aes_key:
            if not re.fullmatch(r"[A-Za-z0-9+/]{43}", aes_key):
                raise ValueError("WECHAT__AES_KEY must have 43 letters and digits")
            if not app_id:
                raise ValueError("WECHAT__AES_KEY needs WECHAT__APP_ID")
            self._key = base64.b64decode(aes_key + "=")

    @property
    def can_decrypt(self) -> bool:
        return self._key is not None

    def sign(self, *parts: str) -> str:
        """SHA-1 over the sorted token and `parts`, as 40 hexadecimal digits."""
        signer = WeChatSigner()
        signer.add_data(self._token, *(part.encode("utf-8", "replace") for part in parts))
        return str(signer.signature)

    def verify(self, signature: str, *parts: str) -> None:
        """Raise SignatureError unless `signature` is ours over `parts`; takes the same time either way."""
        if not hmac.compare_digest(self.sign(*parts).encode(), signature.encode("utf-8", "replace")):
            raise SignatureError("signature")

    def verify_call(self, *, signature: str, timestamp: str, nonce: str, now: datetime) -> None:
        """Raise SignatureError unless the call is signed and at most five minutes off our clock.

        `timestamp` is in seconds, or in milliseconds as some test peers send it.
        """
        self.verify(signature, timestamp, nonce)
        if not re.fullmatch(r"[0-9]{1,13}", timestamp):
            raise SignatureError("timestamp")
        if abs(now - moment(timestamp)) > MAX_AGE:
            raise SignatureError("timestamp")

    def open(self, body: str, *, msg_signature: str, timestamp: str, nonce: str) -> str:
        """Return the message inside `<Encrypt>`; raises SignatureError or MalformedMessageError."""
        encrypted = read_root(body).get("Encrypt")
        if not isinstance(encrypted, str):
            raise MalformedMessageError("Encrypt")
        self.verify(msg_signature, timestamp, nonce, encrypted)
        try:
            return str(_Cipher(self._key).decrypt(encrypted, self._app_id))
        except Exception as error:  # wechatpy raises eight kinds on bad base64, padding, length and AppID
            raise MalformedMessageError("Encrypt") from error

    def seal(self, message: str, *, timestamp: str, nonce: str) -> str:
        """Encrypt a reply and wrap it into the signed envelope."""
        encrypted = _Cipher(self._key).encrypt(message, self._app_id).decode("ascii")
        return (
            f"<xml><Encrypt>{cdata(encrypted)}</Encrypt>"
            f"<MsgSignature>{cdata(self.sign(timestamp, nonce, encrypted))}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        )


def moment(stamp: str) -> datetime:
    """The aware UTC time of up to 13 decimal digits: seconds, or milliseconds from 10^11 on."""
    number = int(stamp)
    return datetime.fromtimestamp(number / 1000 if number >= 10**11 else number, UTC)
