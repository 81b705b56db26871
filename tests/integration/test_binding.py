"""One-time codes: bind once, expire, and cannot be guessed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.founding import UnknownCommitteeError, invite_mediator
from tests.phones import Town, TurnedClock, open_town


@pytest.fixture
async def town(database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as opened:
        yield opened


async def invite(town: Town, committee: str = "411122102215", name: str = "赵春生") -> str:
    code, _ = await invite_mediator(town.running.service, committee=committee, name=name, now=town.clock())
    return code


async def test_a_code_binds_once(town: Town) -> None:
    code = await invite(town)
    assert "绑定好了" in await town.phone("zhao").say(f"绑定 {code}")
    assert "不对或者过期" in await town.phone("thief").say(code)


async def test_a_new_code_makes_the_one_before_void(town: Town) -> None:
    first = await invite(town)
    second = await invite(town)
    assert "不对或者过期" in await town.phone("zhao").say(f"绑定 {first}")
    assert "绑定好了" in await town.phone("zhao").say(second)


async def test_a_code_expires(town: Town) -> None:
    code = await invite(town)
    town.clock.turn(timedelta(days=8))
    assert "不对或者过期" in await town.phone("zhao").say(code)


async def test_guessing_is_stopped_for_a_while(town: Town) -> None:
    code = await invite(town)
    thief = town.phone("thief")
    limit = town.running.service.rules.rulebook.deadlines.binding_code.wrong.times
    for number in range(limit):
        assert "不对或者过期" in await thief.say(f"绑定 {number:08d}")
    assert "试的次数太多" in await thief.say(f"绑定 {code}")
    assert "绑定好了" not in await thief.say(code)
    town.clock.turn(timedelta(days=1))
    assert "绑定好了" in await thief.say(code)


async def test_a_bound_mediator_cannot_become_another(town: Town) -> None:
    zhao = await town.bind("411122102215", "赵春生", "zhao")
    other = await invite(town, committee="411122102", name="钱镇民")
    assert "已经绑定过" in await zhao.say(other)


async def test_a_committee_that_is_not_clear_is_not_guessed(town: Town) -> None:
    with pytest.raises(UnknownCommitteeError) as refused:
        await invite(town, committee="刘庄")
    assert len(refused.value.found) > 1
    with pytest.raises(UnknownCommitteeError):
        await invite(town, committee="火星镇")
