"""What the phones keep, on a real Redis."""

import json
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.simulator.phones import KEPT_PER_PHONE, START, Entry, Phones, Shown, Speaker


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = Redis.from_url(redis_url, socket_timeout=2)
    await redis.flushdb()
    yield redis
    await redis.aclose()


def entry(name: str, *, openid: str = "sim-resident-1", by: Speaker = Speaker.ACCOUNT) -> Entry:
    return Entry(
        id=name, openid=openid, at="2026-11-24T01:00:00.000+00:00", by=by, kind=Shown.TEXT, text=name
    )


async def test_each_phone_keeps_its_own_entries_in_order(redis: Redis) -> None:
    phones = Phones(redis)
    await phones.add(entry("a"), entry("b", openid="sim-mediator-duqu"), entry("c"))
    assert [one["id"] for one in await phones.history("sim-resident-1")] == ["a", "c"]
    assert await phones.history("sim-resident-2") == []


async def test_a_phone_keeps_only_its_latest_entries(redis: Redis) -> None:
    phones = Phones(redis)
    await phones.add(*(entry(str(number)) for number in range(KEPT_PER_PHONE + 3)))
    kept = await phones.history("sim-resident-1")
    assert (len(kept), kept[0]["id"]) == (KEPT_PER_PHONE, "3")


async def test_only_what_the_account_says_counts_as_received(redis: Redis) -> None:
    phones = Phones(redis)
    await phones.add(entry("a"), entry("b", by=Speaker.PERSON), entry("c"))
    assert (await phones.standing()).received == {"sim-resident-1": 2}


async def test_news_are_read_by_another_process_from_where_it_stood(redis: Redis) -> None:
    writer, reader = Phones(redis), Phones(redis)
    await writer.add(entry("old"))
    standing = await reader.standing()
    await writer.add(entry("new"), entry("newer"))
    news = await reader.news_after(standing.position)
    assert [json.loads(one.content)["id"] for one in news] == ["new", "newer"]
    assert await reader.news_after(news[0].position) == news[1:]


async def test_resuming_is_refused_where_something_would_be_missed(redis: Redis) -> None:
    phones = Phones(redis)
    assert not await phones.can_resume(START)
    await phones.add(entry("a"))
    position = (await phones.standing()).position
    assert await phones.can_resume(position)
    for lost in (START, "99999999999999-0", "", "not a position", "1-1'"):
        assert not await phones.can_resume(lost)
