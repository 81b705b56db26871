"""The timeline of a case: every step, chained so that a change shows and an erasure does not break it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import cases
from storage.tables import CaseRow, TimelineRow
from tests.phones import Town, TurnedClock, open_town


@pytest.fixture
async def town(database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as opened:
        yield opened


def holds(entries: list[TimelineRow]) -> bool:
    """Whether every entry's hash follows from the one before."""
    previous = cases.FIRST_HASH
    for entry in entries:
        expected = cases.chain_hash(
            previous=previous,
            digest=entry.digest,
            case_id=entry.case_id,
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor,
            event=entry.event,
            audience=entry.audience,
        )
        if (entry.previous_hash, entry.hash) != (previous, expected):
            return False
        previous = entry.hash
    return True


async def test_every_step_is_on_the_timeline_and_the_chain_holds(town: Town) -> None:
    zhao = await town.bind("411122102215", "赵春生", "zhao")
    wang = town.phone("wang")
    for text in ("俺是杜曲镇北徐庄的，东边邻居盖房占了俺家宅基地半米，电话13800001234", "王大爷", "1"):
        await wang.say(text)
    await zhao.say("1")
    await wang.say("催办")
    async with town.running.service.database.unit_of_work() as session:
        case = (await session.scalars(select(CaseRow))).one()
        entries = await cases.list_timeline(session, case.id)
        assert [entry.event for entry in entries] == [
            "filed",
            "offered",
            "accepted",
            "rights_told",
            "urged",
        ]
        assert holds(entries)
        entries[1].content = None  # what the law wants erased can be erased
        assert holds(entries)
        entries[1].event = "declined"
        assert not holds(entries)
