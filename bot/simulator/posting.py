"""Plays the WeChat platform towards our own webhook: writes, signs, seals and posts what a person did.

Nothing here knows what the assistant says. A message is written as the platform writes it, sealed in safe
mode when an AES key is configured, and posted over HTTP; the answer is read as the platform reads it.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import structlog

from bot.channels.wechat.envelope import Envelope, read_root
from bot.channels.wechat.errors import MalformedMessageError, SignatureError
from bot.channels.wechat.rendering import cdata, clean

ANSWER_WITHIN = 5.0
"""Seconds after which the platform hangs up; then and on a server error it repeats the same message."""
ATTEMPTS = 3
ACCOUNT = "gh_simulator00"

Nodes = dict[str, str | float | int]
"""The nodes of a message's XML that tell what was done."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What really went over the wire: `…_message` is the XML inside the envelope; status 0 = no answer."""

    query: str
    sent: str
    sent_message: str
    status: int
    received: str
    received_message: str
    milliseconds: int
    reply: str | None
    """The text of the passive reply; None when there is none."""
    understood: bool
    """Whether the answer was one that the platform accepts."""


class Platform:
    """Posts messages to the webhook as the platform does."""

    def __init__(
        self, envelope: Envelope, *, session: aiohttp.ClientSession, now: Callable[[], datetime]
    ) -> None:
        self._envelope = envelope
        self._session = session
        self._now = now

    def write(self, openid: str, nodes: Nodes, *, at: datetime) -> str:
        """Write a message's XML; events carry no MsgId."""
        if "Event" not in nodes:
            nodes["MsgId"] = (int(at.timestamp() * 1000) << 20) + secrets.randbits(20)
        nodes = {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": int(at.timestamp()), **nodes}
        return f"<xml>{''.join(f'<{name}>{_node(value)}</{name}>' for name, value in nodes.items())}</xml>"

    async def deliver(self, message: str, *, webhook: str) -> Exchange:
        """Post one message, again when nothing or a server error comes back; never raises."""
        for attempt in range(1, ATTEMPTS + 1):
            exchange = await self._post(message, webhook=webhook)
            if exchange.understood or (exchange.status and exchange.status < 500):
                break
            _log.info("simulated_message_unanswered", attempt=attempt, status=exchange.status)
        return exchange

    async def _post(self, message: str, *, webhook: str) -> Exchange:
        timestamp, nonce = str(int(self._now().timestamp())), secrets.token_hex(5)
        query = {"signature": self._envelope.sign(timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        body = message
        if self._envelope.can_decrypt:
            sealed = read_root(self._envelope.seal(message, timestamp=timestamp, nonce=nonce))
            query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
            body = (
                f"<xml><ToUserName>{cdata(ACCOUNT)}</ToUserName>"
                f"<Encrypt>{cdata(sealed['Encrypt'])}</Encrypt></xml>"
            )
        started, status, received = time.perf_counter(), 0, ""
        try:
            async with self._session.post(
                webhook, params=query, data=body.encode(), headers={"Content-Type": "text/xml"}
            ) as response:
                status, received = response.status, await response.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            received = type(error).__name__
        understood, answer, reply = self._read(received) if status == 200 else (False, "", None)
        return Exchange(
            query="&".join(f"{name}={value}" for name, value in query.items()),
            sent=body,
            sent_message=message,
            status=status,
            received=received,
            received_message=answer,
            milliseconds=round((time.perf_counter() - started) * 1000),
            reply=reply,
            understood=understood,
        )

    def _read(self, received: str) -> tuple[bool, str, str | None]:
        """Read an answer: (acceptable, its XML, the text of the reply)."""
        if received in {"", "success"}:
            return True, "", None
        try:
            root = read_root(received)
            if "Encrypt" in root:
                received = self._envelope.open(
                    received,
                    msg_signature=str(root.get("MsgSignature")),
                    timestamp=str(root.get("TimeStamp")),
                    nonce=str(root.get("Nonce")),
                )
                root = read_root(received)
        except (MalformedMessageError, SignatureError):
            return False, "", None
        content = root.get("Content")
        return isinstance(content, str), received, content if isinstance(content, str) else None


def _node(value: str | float) -> str:
    return cdata(clean(value)) if isinstance(value, str) else str(value)
