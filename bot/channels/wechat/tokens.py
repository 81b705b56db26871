"""Keeps the access token of the account, shared by all processes and renewed by one of them.

Source: 获取稳定版接口调用凭据 (`POST /cgi-bin/stable_token`): the same token while it is valid, a new one in
its last five minutes, no mutual invalidation, so a lost cache or lock costs a call and nothing else.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.wechat.calls import CALL_TIMEOUT, Caller
from bot.channels.wechat.errors import CallError
from config.settings import WeChatSettings

RENEWED_BEFORE = timedelta(minutes=5)
REDIS_WITHIN = timedelta(seconds=1)
REFRESH_WITHIN = timedelta(seconds=15)
"""Longer than one call may take: after that the process that refreshes is taken for dead."""
_REDIS_AWAY = (RedisError, OSError)  # TimeoutError is an OSError

_log = structlog.get_logger(__name__)


class _TokenAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    access_token: str = Field(min_length=1, max_length=2048)
    expires_in: int = Field(gt=0, le=7 * 24 * 3600)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The copy in this process, used while Redis is away."""

    token: str
    until: datetime


class TokenSource:
    """The access token of one account, cached in Redis and, for when Redis is away, in this process."""

    def __init__(
        self,
        settings: WeChatSettings,
        *,
        session: aiohttp.ClientSession,
        redis: Redis,
        now: Callable[[], datetime],
        timeout: timedelta = CALL_TIMEOUT,
    ) -> None:
        self._settings = settings
        self._caller = Caller(session, base=settings.api_base, timeout=timeout)
        self._redis = redis
        self._now = now
        self._key = f"fengqiao:wechat:token:{settings.app_id}"
        self._refreshing = asyncio.Lock()
        self._kept: _Kept | None = None

    async def token(self, *, instead_of: str = "") -> str:
        """The token to use now; raises CallError.

        `instead_of` is a token that the platform has just refused: it is replaced if it is still the one in
        the cache; if somebody has renewed it already, the new one is returned.
        """
        redis_answers = True
        try:
            async with asyncio.timeout(REDIS_WITHIN.total_seconds()):
                cached = await self._read()
        except _REDIS_AWAY as error:
            _log.warning("wechat_token_cache_away", error=type(error).__name__)
            redis_answers, cached = False, self._read_kept()
        if cached and cached != instead_of:
            return cached
        async with self._refreshing:
            if redis_answers:
                try:
                    return await self._refresh_for_all(instead_of)
                except _REDIS_AWAY as error:
                    _log.warning("wechat_token_cache_away", error=type(error).__name__)
            cached = self._read_kept()
            return cached if cached and cached != instead_of else (await self._fetch()).token

    async def _refresh_for_all(self, instead_of: str) -> str:
        """Renew under the lock of all processes, unless another one just has."""
        span = REFRESH_WITHIN.total_seconds()
        async with (
            asyncio.timeout(span),
            self._redis.lock(self._key + ":lock", timeout=span, blocking_timeout=span),
        ):
            cached = await self._read()
            if cached and cached != instead_of:
                return cached
            fresh = await self._fetch()
            await self._redis.set(self._key, fresh.token, px=fresh.until - self._now())
            return fresh.token

    async def _read(self) -> str:
        """The token all processes share, "" when there is none."""
        value = await self._redis.get(self._key)
        return value.decode() if isinstance(value, bytes) else value or ""

    def _read_kept(self) -> str:
        """The token this process fetched itself, "" when there is none or it is used up."""
        return self._kept.token if self._kept and self._now() < self._kept.until else ""

    async def _fetch(self) -> _Kept:
        secret = self._settings.app_secret.get_secret_value()
        if not (self._settings.app_id and secret):
            raise CallError("not_configured")
        answer = await self._caller.post(
            "/cgi-bin/stable_token",
            {"grant_type": "client_credential", "appid": self._settings.app_id, "secret": secret},
        )
        try:
            fresh = _TokenAnswer.model_validate(answer.read_json())
        except ValidationError as error:
            raise CallError("bad_json") from error
        valid_for = max(timedelta(seconds=fresh.expires_in) - RENEWED_BEFORE, timedelta(seconds=1))
        self._kept = _Kept(fresh.access_token, self._now() + valid_for)
        return self._kept
