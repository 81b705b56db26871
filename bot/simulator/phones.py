"""Keeps what each simulated phone saw, in Redis: one capped list per phone, one capped stream for all."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis

KEPT_PER_PHONE = 200
KEPT_EVENTS = 1000
WAIT_MILLISECONDS = 1000
"""How long a reader waits for news at once; must stay below the connection's socket timeout."""

START = "0-0"
_PREFIX = "simulator:"
_EVENTS = f"{_PREFIX}events"
_RECEIVED = f"{_PREFIX}received"
_POSITION = re.compile(r"[0-9]{1,19}-[0-9]{1,19}", re.ASCII)


class Speaker(StrEnum):
    """Who is heard on a phone."""

    PERSON = "person"
    ACCOUNT = "account"


class Shown(StrEnum):
    """How an entry is drawn."""

    TEXT = "text"
    VOICE = "voice"
    PICTURE = "picture"
    LOCATION = "location"
    EVENT = "event"
    TEMPLATE = "template"
    FAILURE = "failure"
    """The platform got no usable answer: "该公众号提供的服务出现故障"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line on one phone.

    `active` marks a message that came by itself, without being asked. `picture` is the media_id of a
    picture, `values` are the fields of a template message, `event` and `event_key` are the platform's names.
    """

    id: str
    openid: str
    at: str
    by: Speaker
    kind: Shown
    active: bool = False
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    picture: str = ""
    latitude: float | None = None
    longitude: float | None = None
    event: str = ""
    event_key: str = ""


def entry_id() -> str:
    """Return a new identifier."""
    return secrets.token_hex(12)


def stamp(at: datetime) -> str:
    """Return an aware time as ISO 8601, to the millisecond."""
    return at.isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An entry as the stream tells it: `position` resumes after it, `content` is its JSON."""

    position: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the stream stands and how many messages each phone has received since the store was empty."""

    position: str
    received: Mapping[str, int]


class Phones:
    """The store; every method raises redis.exceptions.RedisError when Redis is away.

    All workers of the service share it. It may be lost: the truth about cases is in SQL.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, *entries: Entry) -> None:
        """Keep entries and tell every open page, all or nothing."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            for entry in entries:
                content = json.dumps(asdict(entry), ensure_ascii=False)
                key = f"{_PREFIX}phone:{entry.openid}"
                pipeline.rpush(key, content)
                pipeline.ltrim(key, -KEPT_PER_PHONE, -1)
                if entry.by is Speaker.ACCOUNT:
                    pipeline.hincrby(_RECEIVED, entry.openid, 1)
                pipeline.xadd(_EVENTS, {"entry": content}, maxlen=KEPT_EVENTS, approximate=True)
            await pipeline.execute()

    async def history(self, openid: str) -> list[dict[str, object]]:
        """Return what a phone saw, oldest first, at most `KEPT_PER_PHONE` entries."""
        kept = await self._redis.lrange(f"{_PREFIX}phone:{openid}", 0, -1)
        return [json.loads(content) for content in kept]

    async def standing(self) -> Standing:
        """Return where the stream stands and what each phone has received, both of the same moment."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hgetall(_RECEIVED)
            pipeline.xrevrange(_EVENTS, count=1)
            counts, newest = await pipeline.execute()
        return Standing(
            position=_text(newest[0][0]) if newest else START,
            received={_text(openid): int(count) for openid, count in counts.items()},
        )

    async def can_resume(self, position: str) -> bool:
        """Whether everything after `position` is still kept, so that nothing would be missed."""
        if not _POSITION.fullmatch(position):
            return False
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.xrange(_EVENTS, count=1)
            pipeline.xrevrange(_EVENTS, count=1)
            oldest, newest = await pipeline.execute()
        return bool(oldest) and _order(_text(oldest[0][0])) <= _order(position) <= _order(_text(newest[0][0]))

    async def news_after(self, position: str) -> list[News]:
        """Return the entries after `position`; waits up to `WAIT_MILLISECONDS` for the first one."""
        found: Any = await self._redis.xread({_EVENTS: position}, count=100, block=WAIT_MILLISECONDS)
        rows = [row for _, kept in found for row in kept]
        return [News(position=_text(name), content=_text(fields[b"entry"])) for name, fields in rows]


def _order(position: str) -> tuple[int, int]:
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence)


def _text(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode()
