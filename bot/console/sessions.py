"""Web sessions in Redis: who is signed in under which cookie, until when; gone means signing in again."""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from redis.asyncio import Redis

from storage.sealing import current_sealer

IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
FLASH_SECONDS = 60
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """One signed-in browser. Times are seconds since 1970, UTC."""

    token: str
    operator_id: int
    version: int
    began_at: float
    seen_at: float


def new_token() -> str:
    """Return the value of a fresh cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def csrf_of(token: str) -> str:
    """Return the synchroniser token that belongs to a cookie; nobody without our key can make it."""
    return current_sealer().digest(f"csrf:{token}")[:40]


def csrf_fits(token: str, given: str) -> bool:
    """Whether a posted synchroniser token belongs to the cookie."""
    return hmac.compare_digest(csrf_of(token).encode(), given.encode())


class Sessions:
    """Keeps sessions. Redis holds only the keyed hash of a cookie's value."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def begin(self, *, operator_id: int, version: int, now: datetime) -> WebSession:
        """Start a session under a cookie that nobody has seen before; raises RedisError."""
        at = now.timestamp()
        session = WebSession(
            token=new_token(), operator_id=operator_id, version=version, began_at=at, seen_at=at
        )
        await self._keep(session)
        return session

    async def find(self, token: str, *, now: datetime, awake: bool = True) -> WebSession | None:
        """Return the session of a cookie, None when over; raises RedisError.

        `awake` says that a person did something: pages that refresh by themselves keep nobody signed in.
        """
        kept = await self._redis.get(_key(token))
        if kept is None:
            return None
        session = WebSession(token=token, **json.loads(kept))
        at = now.timestamp()
        if at - session.seen_at > IDLE.total_seconds() or at - session.began_at > ABSOLUTE.total_seconds():
            await self.end(token)
            return None
        if awake:
            session = replace(session, seen_at=at)
            await self._keep(session)
        return session

    async def end(self, token: str) -> None:
        """Forget a session."""
        await self._redis.delete(_key(token), _flash_key(token))

    async def say(self, token: str, text: str) -> None:
        """Keep a sentence for the next page of this browser."""
        await self._redis.set(_flash_key(token), text, ex=FLASH_SECONDS)

    async def hear(self, token: str) -> str:
        """Return that sentence once, "" when there is none."""
        kept = await self._redis.getdel(_flash_key(token))
        return "" if kept is None else _text(kept)

    async def _keep(self, session: WebSession) -> None:
        values = asdict(session)
        del values["token"]
        await self._redis.set(_key(session.token), json.dumps(values), ex=int(IDLE.total_seconds()))


def _text(kept: bytes | str) -> str:
    return kept.decode() if isinstance(kept, bytes) else kept


def _key(token: str) -> str:
    return f"console:session:{current_sealer().digest(token)}"


def _flash_key(token: str) -> str:
    return f"console:said:{current_sealer().digest(token)}"
