"""Whatever a mediator says about a case, whatever its status: a clear sentence, never an exception."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.desk.mediators import Desk
from handlers.messages import InboundMessage, MessageKind
from handlers.speaking import as_text
from mediation.lifecycle import ENDED, TRANSITIONS, WITH_MEDIATOR, CaseAction, CaseStatus
from storage import people, registry
from storage.tables import AccountRow, CaseRow
from tests.phones import Town, TurnedClock, open_town

STORY = "俺是杜曲镇北徐庄的，东边邻居李大柱盖房占了俺家宅基地半米，电话13800001234"
AGREEMENT = "协议：李大柱2026年12月10日前付王大爷2000元"
DONE = "协议：李大柱当场把多占的半米地还给王大爷"
CONTENT = {
    "performed": " 1",
    "postpone": " 1 到12月30日",
    "meet": "明天上午9点村委会",
    "meet_applicant": "明天上午9点村委会",
    "meet_respondent": "明天上午9点村委会",
    "phone": "13900002222",
    "respondent_name": "李大柱",
}
NEEDS = {
    "consented": CaseAction.CONSENT,
    "agreement": CaseAction.PROPOSE,
    "pause": CaseAction.PAUSE,
    "resume": CaseAction.RESUME,
    "recuse": CaseAction.TRANSFER,
    "transfer": CaseAction.TRANSFER,
    "hand_up": CaseAction.TRANSFER,
    "take_back": CaseAction.RETURN,
    "end": CaseAction.TERMINATE,
}
"""Commands that are one edge of the lifecycle table."""
REFUSED = "这一步不能办"


@pytest.fixture
async def town(
    prepared_sqlite: Path, redis_url: str, clock: TurnedClock, tmp_path: Path
) -> AsyncIterator[Town]:
    path = tmp_path / "fengqiao.db"
    shutil.copy(prepared_sqlite, path)
    async with open_town(
        database_url=f"sqlite:///{path}", redis_url=redis_url, clock=clock, folder=tmp_path
    ) as opened:
        yield opened


async def say(town: Town, openid: str, *texts: str) -> None:
    for text in texts:
        await town.phone(openid).say(text)
        await town.settle()


async def confirm(town: Town, agreement: str, form: str) -> None:
    await say(town, "jia", agreement, form)
    for openid in ("wang", "li"):
        code = town.phone(openid).seen[-1].split("请回复这个码：")[1][:6]
        await say(town, openid, code)


async def bring_to(town: Town, status: CaseStatus) -> None:
    """Tell the story of a case until it has a status."""
    await town.bind("411122102215", "赵甲", "jia")
    await say(town, "wang", STORY, "王大爷", "1")
    match status:
        case CaseStatus.OFFERED:
            return
        case CaseStatus.UNASSIGNED:
            await say(town, "jia", "2", "忙")
            return
    await say(town, "jia", "1", "4", "不知道")
    code = town.phone("jia").seen[-1].split("邀请码 ")[1][:8]
    await say(town, "li", code)
    match status:
        case CaseStatus.INVITING:
            return
        case CaseStatus.REJECTED:
            await say(town, "jia", "结束", "8")
            return
    await say(town, "li", "1")
    await say(town, "jia", "对方叫李大柱")
    match status:
        case CaseStatus.PAUSED:
            await say(town, "jia", "鉴定：伤残鉴定")
        case CaseStatus.CONFIRMING:
            await say(town, "jia", AGREEMENT, "3")
        case CaseStatus.PERFORMING:
            await confirm(town, AGREEMENT, "3")
            await say(town, "jia", "确认达成")
        case CaseStatus.CLOSED:
            await confirm(town, DONE, "4")
            await say(town, "jia", "确认达成")
            await say(town, "wang", "办好了")
        case CaseStatus.TERMINATED:
            await say(town, "jia", "结束", "3")
        case CaseStatus.WITHDRAWN:
            await say(town, "wang", "撤回", "1")


async def answer_to(town: Town, text: str) -> str:
    """Return what the mediator would hear; nothing of it is kept."""
    service = town.running.service
    message = InboundMessage(
        channel="wechat", sender="jia", key=text, kind=MessageKind.TEXT, sent_at=town.clock(), text=text
    )
    async with service.database.unit_of_work() as session:
        account = (await session.scalars(select(AccountRow).where(AccountRow.address == "jia"))).one()
        await people.lock_account(session, channel="wechat", address="jia", now=town.clock())
        mediator = await registry.find_mediator_of_person(session, account.person_id)
        assert mediator is not None
        desk = Desk(session, service, account=account, mediator=mediator, now=town.clock())
        taken, reply = await desk.hear(message)
        assert taken, text
        return as_text(reply) if reply else ""


def commands(town: Town) -> list[tuple[str, str]]:
    """Return every command with a text that gives it: alone, and with content behind it."""
    words = town.running.service.rules.words
    alone = [(name, said[0]) for name, said in words.desk.items()]
    with_content = [
        (name, f"{said[0]}{CONTENT.get(name, '：试一试看看')}") for name, said in words.desk_prefixes.items()
    ]
    return [*alone, *with_content, *((f"number {number}", str(number)) for number in range(3, 13))]


@pytest.mark.parametrize("status", [one for one in CaseStatus if one is not CaseStatus.FILED])
async def test_every_command_is_answered_in_every_status(town: Town, status: CaseStatus) -> None:
    """A filed case has been offered or given up within the same message: nobody ever sees it so."""
    await bring_to(town, status)
    await say(town, "jia", "000001")
    async with town.running.service.database.unit_of_work() as session:
        assert (await session.scalars(select(CaseRow))).one().status == status
    for name, text in commands(town):
        answer = await answer_to(town, text)
        assert answer, f"{text}: no answer"
        assert "{" not in answer, answer
        if status not in WITH_MEDIATOR | ENDED:
            continue
        assert "没看懂" not in answer, f"{text}: {answer}"
        if name in NEEDS:
            refused = (status, NEEDS[name]) not in TRANSITIONS
            assert (REFUSED in answer) is refused, f"{name} {text}: {answer}"


async def test_after_every_command_the_next_words_are_answered_too(town: Town) -> None:
    """Questions that a command asks take an answer that cannot be read."""
    await bring_to(town, CaseStatus.MEDIATING)
    for _, text in commands(town):
        await say(town, "jia", "000001")
        town.clock.turn(timedelta(minutes=1))
        opening = await town.phone("jia").say(text)
        assert opening, text
        assert await answer_to(town, "嗯嗯啊啊"), text
        await say(town, "jia", "取消")
        async with town.running.service.database.unit_of_work() as session:
            case = (await session.scalars(select(CaseRow))).one()
            if case.status != CaseStatus.MEDIATING or case.mediator_id is None:
                case.status, case.mediator_id = CaseStatus.MEDIATING.value, 1
                case.paused_at, case.ended_at = None, None
                await session.commit()
