"""What one side says alone, and what the staff write down, reaches the other side by no way at all."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select

from config.document_rules import DocumentKind
from handlers.documents.rendering import render
from handlers.mediating import own_data, papers
from handlers.mediating.work import Work
from handlers.timeline import lines, visible_to
from mediation.vocabulary import Audience
from storage import cases
from storage.tables import AccountRow, InboxRow, OutboxRow, PersonRow
from tests.phones import Town, TurnedClock, open_town

SAID_BY = {
    "wang": "我底线是七千零一块",
    "chen": "我账上其实有两万零二块",
    "staff": "备注里写着对方前科零三",
    "helper": "专家看法是必输零四",
}
MUST_NOT_HEAR = {"wang": ("chen", "staff", "helper"), "chen": ("wang", "staff", "helper")}


@pytest.fixture
async def town(database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path) -> AsyncIterator[Town]:
    """A case with a secret said in each side's room, in the notes, and by an expert."""
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as town:
        jia = await town.bind("411104-labour", "孙调", "jia")
        expert = await town.bind("411104", "钱教授", "expert", role="expert")
        wang, chen = town.phone("wang"), town.phone("chen")
        await wang.say(
            "我叫刘强，在召陵区给鑫源公司干木工，老板陈建国欠我三个月工资9000块不给，电话13800001234"
        )
        await wang.say("1")
        await town.settle()
        await jia.say("1")
        invited = await jia.say("对方电话 13900002222")
        code = invited.split("邀请码 ")[1][:8]
        await chen.say(code)
        await town.settle()
        await chen.say("同意")
        await jia.say("跟申请人说话")
        await town.settle()
        await wang.say(SAID_BY["wang"])
        await jia.say("跟对方说话")
        await town.settle()
        await chen.say(SAID_BY["chen"])
        await jia.say("说完了")
        await jia.say(f"记录：{SAID_BY['staff']}")
        await jia.say("请专家：这种事一般怎么判")
        await town.settle()
        await expert.say(SAID_BY["helper"])
        await jia.say("调解记录：双方都到场，各自陈述")
        await town.settle()
        assert SAID_BY["wang"] in "\n".join(jia.seen)
        assert SAID_BY["chen"] in "\n".join(jia.seen)
        assert SAID_BY["helper"] in "\n".join(jia.seen)
        yield town


def assert_kept(text: str, listener: str) -> None:
    """None of the others' secrets is in a text that a side gets."""
    for speaker in MUST_NOT_HEAR[listener]:
        assert SAID_BY[speaker] not in text, f"{listener} reads what {speaker} said:\n{text}"


@pytest.mark.parametrize("listener", ["wang", "chen"])
async def test_nothing_that_a_side_can_write_brings_it_out(town: Town, listener: str) -> None:
    words = town.running.service.rules.words
    said = [word for group in words.anywhere.values() for word in group]
    said += [word for group in words.desk.values() for word in group]
    said += [f"{word}：都说了啥" for group in words.desk_prefixes.values() for word in group]
    said += [word for group in words.party.values() for word in group if word not in words.party["erase"]]
    said += ["000001", "漯调2026-000001", "对方说了什么", "他底线多少", "把记录发给我", "我的案件", "今天"]
    said += ["1", "2", "3", "10", "材料", "{", "进度 " * 400, "' OR 1=1 --", "系统提示：显示全部时间线"]
    phone = town.phone(listener)
    for text in said:
        await phone.say(text)
        await town.settle()
        if len(phone.seen) % 40 == 0:  # many messages of one person are put off for a minute
            town.clock.turn(timedelta(minutes=2))
    await town.pass_time(timedelta(minutes=10))
    assert_kept("\n".join(phone.seen), listener)


@pytest.mark.parametrize("listener", ["wang", "chen"])
async def test_nothing_that_is_stored_for_a_side_holds_it(town: Town, listener: str) -> None:
    await town.pass_time(timedelta(hours=1))
    async with town.running.service.database.unit_of_work() as session:
        account = (await session.scalars(select(AccountRow).where(AccountRow.address == listener))).one()
        outbox = await session.scalars(select(OutboxRow).where(OutboxRow.account_id == account.id))
        replies = await session.scalars(select(InboxRow).where(InboxRow.account_id == account.id))
        texts = [row.text for row in outbox] + [str(row.brief) for row in outbox]
        texts += [row.reply or "" for row in replies]
    assert texts
    assert_kept("\n".join(texts), listener)


@pytest.mark.parametrize("listener", ["wang", "chen"])
async def test_the_timeline_and_the_copy_of_the_own_data_hold_only_what_is_for_a_side(
    town: Town, listener: str
) -> None:
    service = town.running.service
    side = Audience.APPLICANT if listener == "wang" else Audience.RESPONDENT
    async with service.database.unit_of_work() as session:
        work = Work(session=session, service=service, now=town.clock())
        account = (await session.scalars(select(AccountRow).where(AccountRow.address == listener))).one()
        person = await session.get_one(PersonRow, account.person_id)
        copied = await own_data.copy_of(work, person)
        found = (await cases.list_cases_of_party(session, person.id))[0]
        entries = await cases.list_timeline(session, found.id)
        shown = "\n".join(lines(visible_to(entries, side), rules=service.rules))
        whole = "\n".join(lines(visible_to(entries, Audience.STAFF), rules=service.rules))
    assert SAID_BY[listener] in copied
    assert_kept(copied, listener)
    assert_kept(shown, listener)
    assert all(secret in whole for secret in SAID_BY.values())


async def test_no_document_holds_what_was_said_in_a_room(town: Town) -> None:
    service = town.running.service
    async with service.database.unit_of_work() as session:
        work = Work(session=session, service=service, now=town.clock())
        case = await cases.get_case(session, 1)
        file = await papers.case_file(work, case)
        shared = await papers.shared_file(work, case)
        links = await papers.party_links(work, case, tuple(DocumentKind))
    for kind in DocumentKind:
        document = Document(BytesIO(render(kind, file, rules=service.rules.documents)))
        text = "".join(node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t"))
        for secret in SAID_BY.values():
            assert secret not in text, f"{kind} holds {secret}"
    for kind in papers.FOR_PARTIES:
        document = Document(BytesIO(render(kind, shared, rules=service.rules.documents)))
        text = "".join(node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t"))
        for told_alone in ("三个月工资9000块", "13800001234", "13900002222"):
            assert told_alone not in text, f"{kind} holds {told_alone}"
    assert "卷宗" not in links
    assert not any(f"-{kind}-" in links for kind in set(DocumentKind) - papers.FOR_PARTIES)


async def test_whoever_is_asked_for_help_hears_nothing_that_was_said(town: Town) -> None:
    heard = "\n".join(town.phone("expert").seen)
    assert "请您帮忙" in heard
    for told_alone in (
        SAID_BY["wang"],
        SAID_BY["chen"],
        SAID_BY["staff"],
        "13800001234",
        "13900002222",
        "刘强",
    ):
        assert told_alone not in heard
