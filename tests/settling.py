"""Plays a boundary dispute through the phones, from the first word to the receipt."""

import re

from tests.phones import Phone, Town

STORY = "俺是杜曲镇北徐庄的，东边邻居李大柱盖房占了俺家宅基地半米，电话{phone}"


def last_code(phone: Phone, digits: int) -> str:
    """Return the last code that a phone showed."""
    found: list[str] = re.findall(rf"(?<![\d-])\d{{{digits}}}(?!\d)", "\n".join(phone.seen))
    return found[-1]


async def say(phone: Phone, *texts: str) -> None:
    """Say one thing after the other; what follows from each is done before the next."""
    for text in texts:
        await phone.say(text)
        await phone.town.settle()


async def file_boundary(town: Town, openid: str, *, phone: str = "13800001234") -> Phone:
    """Somebody files the dispute."""
    wang = town.phone(openid)
    await say(wang, STORY.format(phone=phone), "王大爷", "1")
    return wang


async def agree_boundary(*, mediator: Phone, li: Phone) -> None:
    """The mediator takes it, the other side joins, an oral agreement is put to both."""
    await say(mediator, "1", "4", "不知道")
    await say(li, last_code(mediator, 8), "1")
    await say(
        mediator,
        "调解记录：现场量了地，双方认可以老墙根为界",
        "调查：看了两家的宅基地证",
        "对方叫李大柱",
        "协议：李大柱当场把多占的半米地还给王大爷",
        "4",
    )


async def settle_boundary(
    town: Town, *, mediator: Phone, applicant: str, respondent: str, phone: str = "13800001234"
) -> None:
    """Everything: filed, agreed, confirmed by both with their codes, concluded, performed, closed."""
    wang, li = await file_boundary(town, applicant, phone=phone), town.phone(respondent)
    await agree_boundary(mediator=mediator, li=li)
    for side in (wang, li):
        await say(side, last_code(side, 6))
    await say(mediator, "确认达成")
    await say(wang, "办好了")
    assert any("这件事了结了" in text for text in wang.seen[-2:]), wang.seen
