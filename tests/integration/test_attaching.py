"""Pictures that people send are fetched, sealed and kept; what cannot be fetched is given up openly."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.tables import AttachmentRow, CaseRow
from tests.phones import Town, TurnedClock, open_town

PICTURE = b"\x89PNG a picture of a wall"


@pytest.fixture
async def town(database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as opened:
        yield opened


async def attachment(town: Town) -> AttachmentRow:
    async with town.running.service.database.unit_of_work() as session:
        return (await session.scalars(select(AttachmentRow))).one()


async def send_picture(town: Town, media_id: str) -> None:
    wang = town.phone("wang")
    await wang.say("俺是杜曲镇北徐庄的，东边邻居盖房占了俺家宅基地半米，电话13800001234")
    reply = await wang.send(MsgType="image", PicUrl="http://example.invalid/p", MediaId=media_id)
    assert "和您的事放在一起" in reply


async def test_a_picture_is_kept_sealed_and_belongs_to_the_case(town: Town, tmp_path: Path) -> None:
    await send_picture(town, town.media.store(PICTURE, "image/png"))
    assert await town.running.fetching.fetch_one()
    assert not await town.running.fetching.fetch_one()
    row = await attachment(town)
    assert (row.content_type, row.error) == ("image/png", "")
    assert row.file_name is not None
    sealed = (tmp_path / "files" / row.file_name).read_bytes()
    assert PICTURE not in sealed
    assert town.running.service.database.sealer.open_bytes(sealed) == PICTURE
    wang = town.phone("wang")
    await wang.say("王大爷")
    await wang.say("1")
    async with town.running.service.database.unit_of_work() as session:
        case = (await session.scalars(select(CaseRow))).one()
    assert (await attachment(town)).case_id == case.id


async def test_a_picture_that_is_gone_is_tried_again_and_then_given_up(town: Town) -> None:
    await send_picture(town, "gone")
    tries = 0
    for _ in range(20):
        tries += await town.running.fetching.fetch_one()
        town.clock.turn(timedelta(hours=12))
    row = await attachment(town)
    assert tries == row.attempts
    assert row.attempts > 1
    assert row.fetch_after is None
    assert row.error
