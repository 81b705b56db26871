"""Serves `/wechat`: the handshake, and every message and event of the public account (公众号).

All three modes of the account are served side by side. With `encrypt_type=aes` and a configured AES key only
the decrypted message counts, whatever plain fields a compatible-mode body also carries. A plain body is
accepted as well when a key is configured, because plain mode is a switch of the account and not of ours; its
signature does not cover the body, so an account should be set to safe mode (安全模式).
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.channels.wechat.envelope import Envelope
from bot.channels.wechat.errors import MalformedMessageError, SignatureError
from bot.channels.wechat.parsing import Received, parse_message
from bot.channels.wechat.rendering import text_reply
from config.settings import WeChatSettings
from handlers.messages import Receiver

PATH = "/wechat"
MAX_BODY = 64 * 1024
REPLY_WITHIN = timedelta(seconds=4.2)
"""The platform hangs up after 5 s; what is left is for the way and the encryption."""

_SUCCESS = "success"
_log = structlog.get_logger(__name__)


def add_wechat(
    app: web.Application, *, settings: WeChatSettings, receiver: Receiver, now: Callable[[], datetime]
) -> None:
    """Register the webhook; without a token it is closed (404).

    Raises ValueError for an AES key that cannot work.
    """
    token = settings.token.get_secret_value()
    if not token:
        return
    envelope = Envelope(token=token, app_id=settings.app_id, aes_key=settings.aes_key.get_secret_value())
    webhook = WeChatWebhook(envelope=envelope, receiver=receiver, now=now)
    app.router.add_get(PATH, webhook.shake_hands)
    app.router.add_post(PATH, webhook.take_message)


class WeChatWebhook:
    """Size, signature, parsing, then the receiver; the first that fails decides the status.

    403: not signed by WeChat or more than five minutes off. 413: more than 64 KiB. 400: no message.
    503: the message could not be kept, so the platform shall repeat it.
    """

    def __init__(self, *, envelope: Envelope, receiver: Receiver, now: Callable[[], datetime]) -> None:
        self._envelope = envelope
        self._receiver = receiver
        self._now = now

    async def shake_hands(self, request: web.Request) -> web.Response:
        """Answer the platform's check of our address (接入校验) with its own `echostr`."""
        try:
            self._verify(request)
        except SignatureError as error:
            return _refuse(403, error)
        echo = request.query.get("echostr")
        if echo is None:
            return web.Response(status=400, text="echostr")
        return web.Response(text=echo, headers={"X-Content-Type-Options": "nosniff"})

    async def take_message(self, request: web.Request) -> web.Response:
        """Handle one message and answer with the passive reply or `success`."""
        try:
            self._verify(request)
            encrypted = request.query.get("encrypt_type") == "aes" and self._envelope.can_decrypt
            received = parse_message(self._plain(request, await _read_body(request), encrypted=encrypted))
        except SignatureError as error:
            return _refuse(403, error)
        except MalformedMessageError as error:
            return _refuse(400, error)
        message = received.message
        _log.info(
            "wechat_message",
            sender=_short(message.sender),
            kind=message.kind.value,
            happened=message.event.value if message.event else None,
        )
        try:
            text = await self._receiver.receive(message, within=REPLY_WITHIN)
        except Exception as error:  # not kept: the platform is to repeat it; the trace may quote it
            _log.error("wechat_message_not_kept", sender=_short(message.sender), error=type(error).__name__)
            return web.Response(status=503)
        return self._answer(received, text, encrypted=encrypted)

    def _verify(self, request: web.Request) -> None:
        query = request.query
        self._envelope.verify_call(
            signature=query.get("signature", ""),
            timestamp=query.get("timestamp", ""),
            nonce=query.get("nonce", ""),
            now=self._now(),
        )

    def _plain(self, request: web.Request, body: str, *, encrypted: bool) -> str:
        """The message's own XML."""
        if not encrypted:
            return body
        query = request.query
        return self._envelope.open(
            body,
            msg_signature=query.get("msg_signature", ""),
            timestamp=query.get("timestamp", ""),
            nonce=query.get("nonce", ""),
        )

    def _answer(self, received: Received, text: str | None, *, encrypted: bool) -> web.Response:
        at = self._now()
        reply = text_reply(text or "", to=received.message.sender, account=received.account, at=at)
        if not reply:
            return web.Response(text=_SUCCESS)
        if encrypted:
            reply = self._envelope.seal(reply, timestamp=str(int(at.timestamp())), nonce=secrets.token_hex(8))
        return web.Response(text=reply, content_type="application/xml")


async def _read_body(request: web.Request) -> str:
    """The body as text; raises HTTPRequestEntityTooLarge or MalformedMessageError."""
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(8192):
            body += chunk
            if len(body) > MAX_BODY:
                raise web.HTTPRequestEntityTooLarge(max_size=MAX_BODY, actual_size=len(body))
        return body.decode("utf-8")
    except (UnicodeDecodeError, HttpProcessingError, ClientPayloadError, web.RequestPayloadError) as error:
        raise MalformedMessageError("body") from error


def _refuse(status: int, error: Exception) -> web.Response:
    """Say which part was refused; what was in it is not repeated, neither in the log."""
    _log.warning("wechat_call_refused", status=status, part=str(error))
    return web.Response(status=status, text=str(error))


def _short(openid: str) -> str:
    """Enough of a person to follow in the log, too little to name them."""
    return hashlib.sha256(openid.encode()).hexdigest()[:8]
