"""Speaks first to a follower of the public account: text, template, "typing"; fetches media."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import structlog

from bot.channels.wechat.calls import CALL_TIMEOUT, Caller
from bot.channels.wechat.errors import TOKEN_REFUSED, CallError, outcome_of
from bot.channels.wechat.rendering import fitted, template_value
from bot.channels.wechat.tokens import TokenSource
from config.settings import WeChatSettings
from handlers.outcomes import Outcome, OutcomeKind

MAX_MEDIA = 10 * 1024 * 1024
_JSON_TYPES = frozenset({"application/json", "text/plain"})

T = TypeVar("T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file that a person sent; the platform keeps it for three days."""

    content_type: str
    content: bytes


class WeChatClient:
    """The active side of one account (主动消息). Sending never raises: what happened is the Outcome."""

    def __init__(
        self,
        settings: WeChatSettings,
        *,
        session: aiohttp.ClientSession,
        tokens: TokenSource,
        now: Callable[[], datetime],
        timeout: timedelta = CALL_TIMEOUT,
    ) -> None:
        self._template_id = settings.template_id
        self._caller = Caller(session, base=settings.api_base, timeout=timeout)
        self._tokens = tokens
        self._now = now

    async def send_text(self, openid: str, text: str, *, client_msg_id: str) -> Outcome:
        """Send a customer-service message (客服消息): at most 5 in 48 hours after the person's last one.

        Source: 发送客服消息. Text beyond 2048 UTF-8 bytes is cut off.
        """
        return await self._send(
            "/cgi-bin/message/custom/send",
            {
                "touser": openid,
                "msgtype": "text",
                "text": {"content": fitted(text)},
                "client_msg_id": client_msg_id,
            },
        )

    async def send_template(
        self, openid: str, values: Mapping[str, str], *, url: str | None, client_msg_id: str
    ) -> Outcome:
        """Send the configured template message (模板消息) with one short line for each of its fields.

        Source: 发送模板消息.
        """
        if not self._template_id:
            return outcome_of("not_configured", now=self._now())
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": self._template_id,
            "data": {field: {"value": template_value(value)} for field, value in values.items()},
            "client_msg_id": client_msg_id,
        }
        return await self._send("/cgi-bin/message/template/send", body | ({"url": url} if url else {}))

    async def send_typing(self, openid: str) -> Outcome:
        """Show "对方正在输入" to a person who wrote in the last 30 seconds."""
        return await self._send("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})

    async def download_media(self, media_id: str) -> Media:
        """Fetch a picture, voice, video or file of at most 10 MiB; raises CallError.

        The platform answers errors as JSON with HTTP 200, and a video as JSON with its address.
        """

        async def fetch(token: str) -> Media:
            answer = await self._caller.get(
                "/cgi-bin/media/get", params={"access_token": token, "media_id": media_id}, limit=MAX_MEDIA
            )
            if answer.content_type in _JSON_TYPES:
                address = answer.read_json().get("video_url")
                if not isinstance(address, str):
                    raise CallError("bad_json")
                answer = await self._caller.get_url(address, limit=MAX_MEDIA)
            return Media(content_type=answer.content_type, content=answer.content)

        return await self._with_token(fetch)

    async def _send(self, path: str, body: Mapping[str, Any]) -> Outcome:
        async def post(token: str) -> None:
            if "errcode" not in (await self._caller.post(path, body, token=token)).read_json():
                raise CallError("bad_json")

        try:
            await self._with_token(post)
        except CallError as error:
            outcome = outcome_of(error.code, now=self._now())
            if outcome.kind is not OutcomeKind.SENT:
                _log.warning("wechat_send_failed", path=path, code=error.code, outcome=outcome.kind.value)
            return outcome
        return Outcome(kind=OutcomeKind.SENT)

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        """Make a call; when its token is refused, once more with another one."""
        token = await self._tokens.token()
        try:
            return await call(token)
        except CallError as error:
            if error.code not in TOKEN_REFUSED:
                raise
        return await call(await self._tokens.token(instead_of=token))
