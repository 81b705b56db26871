"""Plays a boundary dispute through the phones, from the first word to the receipt."""

import re

from tests.phones import Phone, Town

STORY = "俺是杜曲镇北徐庄的，东边邻居李大柱盖房占了俺家宅基地半米，电话{phone}"


def last_code(phone: Phone, digits: int) -> str:
    """Return the last code that a phone showed."""
    found: list[str] = re.findall(rf"(?<![\d-])\d{{{digits}}}(?!\d)", "\n".join(phone.seen))
    return found[-1]


async def file_boundary(town: Town, openid: str, *, phone: str = "13800001234") -> Phone:
    """Somebody files the dispute."""
    wang = town.phone(openid)
    for text in (STORY.format(phone=phone), "王大爷", "1"):
        await wang.say(text)
    await town.settle()
    return wang


async def agree_boundary(town: Town, *, mediator: Phone, wang: Phone, li: Phone) -> None:
    """The mediator takes it, the other side joins, an oral agreement is put to both."""
    await mediator.say("1")
    await town.settle()
    for text in ("4", "不知道"):
        await mediator.say(text)
    await li.say(last_code(mediator, 8))
    await li.say("1")
    for text in (
        "调解记录：现场量了地，双方认可以老墙根为界",
        "调查：看了两家的宅基地证",
        "对方叫李大柱",
        "协议：李大柱当场把多占的半米地还给王大爷",
        "4",
    ):
        await mediator.say(text)
    await town.settle()


async def settle_boundary(
    town: Town, *, mediator: Phone, applicant: str, respondent: str, phone: str = "13800001234"
) -> None:
    """Everything: filed, agreed, confirmed by both with their codes, concluded, performed, closed."""
    wang, li = await file_boundary(town, applicant, phone=phone), town.phone(respondent)
    await agree_boundary(town, mediator=mediator, wang=wang, li=li)
    for side in (wang, li):
        await side.say(last_code(side, 6))
    await town.settle()
    await mediator.say("确认达成")
    await town.settle()
    reply = await wang.say("办好了")
    assert "记下了" in reply, reply
    await town.settle()
