"""Makes one HTTP call of the platform's interface: bounded in time and size, with one error."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from bot.channels.wechat.errors import CallError

CALL_TIMEOUT = timedelta(seconds=10)
MAX_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer with HTTP status 200."""

    content_type: str
    content: bytes

    def read_json(self) -> dict[str, Any]:
        """The answer as a JSON object without an error code; raises CallError with the code it has.

        The platform labels JSON as text/plain, so the type is not looked at.
        """
        try:
            answer = json.loads(self.content)
        except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are kinds of it
            raise CallError("bad_json") from error
        if not isinstance(answer, dict):
            raise CallError("bad_json")
        code = answer.get("errcode", 0)
        if not isinstance(code, int):
            raise CallError("bad_json")
        if code:
            raise CallError(str(code))
        return answer


class Caller:
    """Calls the interface under one address; `timeout` bounds the whole call, connection to last byte."""

    def __init__(
        self, session: aiohttp.ClientSession, *, base: str, timeout: timedelta = CALL_TIMEOUT
    ) -> None:
        self._session = session
        self._base = base
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())

    async def post(self, path: str, body: Mapping[str, Any], *, token: str = "") -> Answer:
        """Send JSON; Chinese goes as it is, since the platform shows `\\u` escapes literally."""
        return await self._call(
            "POST",
            self._base + path,
            params={"access_token": token} if token else {},
            data=json.dumps(body, ensure_ascii=False).encode(),
            limit=MAX_ANSWER,
        )

    async def get(self, path: str, *, params: Mapping[str, str], limit: int) -> Answer:
        """Fetch at most `limit` bytes."""
        return await self._call("GET", self._base + path, params=params, data=None, limit=limit)

    async def get_url(self, url: str, *, limit: int) -> Answer:
        """Fetch at most `limit` bytes from an address the platform named."""
        return await self._call("GET", url, params={}, data=None, limit=limit)

    async def _call(
        self, method: str, url: str, *, params: Mapping[str, str], data: bytes | None, limit: int
    ) -> Answer:
        headers = {"Content-Type": "application/json; charset=utf-8"} if data is not None else {}
        try:
            async with self._session.request(
                method,
                url,
                params=params,
                data=data,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    raise CallError(f"http_{response.status}")
                content = bytearray()
                async for chunk in response.content.iter_chunked(64 * 1024):
                    content += chunk
                    if len(content) > limit:
                        raise CallError("too_large")
                return Answer(content_type=response.content_type, content=bytes(content))
        except TimeoutError as error:
            raise CallError("timeout") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: an address that is none
            raise CallError("network") from error
