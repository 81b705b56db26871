"""One message, one transaction: repeats, races, failures, floods."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.simulator.fake_wechat import Endpoint, Fault
from config.phrases import Phrase, Phrases
from handlers.messages import InboundMessage, MessageKind
from handlers.ruleset import RuleSet
from storage.tables import CallTaskRow, CaseRow, InboxRow, OutboxRow
from tests.phones import Town, TurnedClock, open_town, read_reply

STORY = "俺是杜曲镇北徐庄的，东边邻居盖房占了俺家宅基地半米，电话13800001234"


@pytest.fixture
async def town(database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as opened:
        yield opened


async def count(town: Town, table: type) -> int:
    async with town.running.service.database.unit_of_work() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_the_same_message_three_times_at_once_and_once_later_acts_once(town: Town) -> None:
    wang = town.phone("wang")
    await wang.say(STORY)
    await wang.say("王大爷")
    body = town.envelope("wang", {"MsgType": "text", "Content": "1", "MsgId": 777})
    answers = await asyncio.gather(*(town.post_body(body) for _ in range(3)))
    answers.append(await town.post_body(body))
    replies = {read_reply(answer) for _, answer in answers}
    assert {status for status, _ in answers} == {200}
    assert len(replies) == 1
    assert "漯调2026-000001" in replies.pop()
    assert await count(town, CaseRow) == 1


async def test_first_messages_of_one_person_at_once_make_one_conversation(town: Town) -> None:
    wang = town.phone("wang")
    await asyncio.gather(wang.say("俺是杜曲镇北徐庄的"), wang.say("东边邻居盖房占了俺家宅基地半米"))
    assert await count(town, InboxRow) == 2
    assert "怎么称呼您" in await wang.say("电话13800001234")


async def test_a_message_that_cannot_be_handled_is_kept_and_handled_later(town: Town) -> None:
    service = town.running.service
    working = service.rules
    broken = dict(working.phrases.by_key)
    del broken["resident.ask_name"]
    service.rules = _with_phrases(working, broken)
    wang = town.phone("wang")
    assert "收到了，没有丢" in await wang.say(STORY)
    service.rules = working
    await town.pass_time(timedelta(minutes=10))
    assert "怎么称呼您" in wang.seen[-1]


def _with_phrases(rules: RuleSet, by_key: dict[str, Phrase]) -> RuleSet:
    return replace(rules, phrases=Phrases(by_key))


async def test_a_message_that_never_can_be_handled_becomes_a_call(town: Town) -> None:
    service = town.running.service
    broken = dict(service.rules.phrases.by_key)
    del broken["resident.ask_name"]
    service.rules = _with_phrases(service.rules, broken)
    await town.phone("wang").say(STORY)
    await town.pass_time(timedelta(hours=6))
    async with service.database.unit_of_work() as session:
        row = (await session.scalars(select(InboxRow))).one()
        calls = list(await session.scalars(select(CallTaskRow)))
    assert row.state == "given_up"
    assert [call.kind for call in calls] == ["failed_message"]


async def test_too_many_messages_are_put_off_but_none_is_lost(town: Town) -> None:
    wang = town.phone("wang")
    limit = town.running.service.rules.delivery.flood.messages
    replies = [await wang.say(f"邻居又占俺家宅基地第{number}回") for number in range(limit + 3)]
    assert "一条没丢" in replies[-1]
    await town.pass_time(timedelta(minutes=30))
    async with town.running.service.database.unit_of_work() as session:
        states = set(await session.scalars(select(InboxRow.state)))
    assert states == {"handled"}


async def test_an_answer_that_takes_too_long_follows_as_an_active_message(town: Town) -> None:
    message = InboundMessage(
        channel="wechat", sender="wang", key="slow", kind=MessageKind.TEXT, sent_at=town.clock(), text=STORY
    )
    assert await town.running.receiving.receive(message, within=timedelta(0)) is None
    await town.running.receiving.finish()
    await town.settle()
    assert "怎么称呼您" in town.phone("wang").seen[-1]


async def test_what_cannot_be_delivered_is_tried_again_and_then_called(town: Town) -> None:
    zhao = await town.bind("411122102215", "赵春生", "zhao")
    wang = town.phone("wang")
    for text in (STORY, "王大爷", "1"):
        await wang.say(text)
    town.control.inject(Endpoint.CUSTOM, Fault(errcode=-1), times=2)
    await town.running.delivery.deliver_all()
    assert not any("【新案件】" in text for text in zhao.seen)
    await town.pass_time(timedelta(minutes=40))
    assert sum("【新案件】" in text for text in zhao.seen) == 1
    town.control.inject(Endpoint.CUSTOM, Fault(errcode=48001), times=1)
    town.control.inject(Endpoint.TEMPLATE, Fault(errcode=48001), times=1)
    await zhao.say("1")
    await town.running.delivery.deliver_all()
    async with town.running.service.database.unit_of_work() as session:
        states = list(await session.scalars(select(OutboxRow.state).order_by(OutboxRow.id)))
        kinds = list(await session.scalars(select(CallTaskRow.kind)))
    assert states.count("called") == 1
    assert kinds == ["undelivered"]


async def test_a_closed_window_falls_back_to_the_template(town: Town) -> None:
    zhao = await town.bind("411122102215", "赵春生", "zhao")
    await town.pass_time(timedelta(hours=49))
    wang = town.phone("wang")
    for text in (STORY, "王大爷", "1"):
        await wang.say(text)
    await town.running.delivery.deliver_all()
    assert "新案件" in zhao.seen[-1]
    assert [(one.openid, one.kind) for one in town.control.delivered][-1] == ("zhao", "template")
    assert "【新案件】" in await zhao.say("看看")
