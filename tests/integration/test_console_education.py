"""Law education (普法): written, pushed within what the platform lets us say, followed to its readers."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers.delivering import Attempt, claim_parcel, settle_parcel
from handlers.outcomes import Outcome, OutcomeKind
from storage.tables import AccountRow, CallTaskRow, CaseRow, OutboxRow
from tests.consoles import Answer, Browser, ConsoleStage

BODY = "盖房前先看宅基地证，跟邻居当面量清四至。《民法典》第二百八十八条：邻里之间要方便生活、公平合理。"
FIELDS = {"title": "盖房先量界", "body": BODY, "types": "homestead", "places": "411122102"}


async def write(browser: Browser, **changes: str) -> Answer:
    """Write an article up to what was saved."""
    await browser.get("/education")
    begun = await browser.post("/education", {"title": "盖房先量界"})
    assert begun.path.startswith("/education/")
    return await browser.post(begun.path, {**FIELDS, **changes})


async def articles(stage: ConsoleStage) -> list[OutboxRow]:
    async with stage.service.database.unit_of_work() as session:
        found = select(OutboxRow).where(OutboxRow.dedupe_key.startswith("education:"))
        return list(await session.scalars(found))


async def let_window(stage: ConsoleStage, remaining: int) -> None:
    async with stage.service.database.unit_of_work() as session:
        await session.execute(update(AccountRow).values(window_remaining=remaining))
        await session.commit()


async def test_an_article_reaches_those_who_had_such_a_dispute_there(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("city")
    saved = await write(browser)
    assert "存好了" in saved.words
    assert "要发给 1 人" in saved.words
    pushed = await browser.post(f"{saved.path}/push")
    assert "发出去了：要发给1人" in pushed.words
    (row,) = await articles(stage)
    assert (BODY in row.text, "不要普法" in row.text, row.brief, row.case_id) == (True, True, None, None)
    parcel = await claim_parcel(stage.service, now=stage.clock())
    while parcel is not None:
        sent = Attempt(rung="service", outcome=Outcome(kind=OutcomeKind.SENT))
        await settle_parcel(stage.service, parcel, [sent], now=stage.clock())
        parcel = await claim_parcel(stage.service, now=stage.clock())
    shown = (await browser.get(f"{saved.path}?fate=sent")).words
    assert "1 送到了" in shown
    assert "王大爷" in shown
    assert "盖房先量界" in (await browser.get("/education")).words
    again = await browser.post(f"{saved.path}/push")
    assert (again.status, "已经发出去了" in again.words) == (422, True)
    assert len(await articles(stage)) == 1


@pytest.mark.parametrize(("field", "value"), [("types", "labour"), ("places", "411103")])
async def test_nobody_else_gets_it(stage: ConsoleStage, field: str, value: str) -> None:
    await stage.file_case()
    browser = await stage.enter("city")
    saved = await write(browser, **{field: value})
    assert "要发给 0 人" in saved.words
    refused = await browser.post(f"{saved.path}/push")
    assert (refused.status, "没有能发的人" in refused.words) == (422, True)
    assert await articles(stage) == []


async def test_who_is_in_danger_or_wants_none_is_left_alone(stage: ConsoleStage) -> None:
    await stage.file_case(openid="o-1")
    await stage.file_case(openid="o-2", name="李大妈")
    async with stage.service.database.unit_of_work() as session:
        (await session.get_one(CaseRow, 1)).grade = "red"
        await session.commit()
    second = stage.town.phone("o-2")
    browser = await stage.enter("city")
    assert "要发给 1 人" in (await write(browser)).words
    assert "普法文章不再发给您了" in await second.say("不要普法")
    assert "要发给 0 人" in (await write(browser)).words
    assert "会发给您看" in await second.say("要普法")
    assert "要发给 1 人" in (await write(browser)).words


async def test_it_waits_for_a_window_with_room_for_notices_and_then_goes(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("city")
    saved = await write(browser)
    kept = stage.service.rules.delivery.education
    await let_window(stage, kept.keep_free)
    await browser.post(f"{saved.path}/push")
    assert await articles(stage) == []
    assert "1 等本人说话" in (await browser.get(saved.path)).words
    await let_window(stage, kept.keep_free + 1)
    stage.clock.turn(timedelta(minutes=kept.every_minutes + 1))
    await stage.running.clock.sweep(stage.clock())
    assert len(await articles(stage)) == 1


async def test_nobody_gets_two_articles_within_days(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("city")
    for expected in (1, 1):
        saved = await write(browser)
        await browser.post(f"{saved.path}/push")
        async with stage.service.database.unit_of_work() as session:
            await session.execute(update(OutboxRow).values(state="sent"))
            await session.commit()
        assert len(await articles(stage)) == expected
    assert "1 等本人说话" in (await browser.get(saved.path)).words


async def test_after_its_days_who_was_silent_has_missed_it(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("city")
    saved = await write(browser)
    await let_window(stage, 0)
    await browser.post(f"{saved.path}/push")
    stage.clock.turn(timedelta(days=stage.service.rules.delivery.education.days_open, hours=1))
    await stage.running.clock.sweep(stage.clock())
    browser = await stage.enter("city")
    assert "1 没赶上" in (await browser.get(saved.path)).words
    assert await articles(stage) == []


async def test_what_does_not_get_through_is_dropped_and_nobody_is_called(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("city")
    saved = await write(browser)
    async with stage.service.database.unit_of_work() as session:
        await session.execute(update(OutboxRow).values(state="sent"))
        calls = len(list(await session.scalars(select(CallTaskRow))))
        await session.commit()
    await browser.post(f"{saved.path}/push")
    parcel = await claim_parcel(stage.service, now=stage.clock())
    assert parcel is not None
    failed = Attempt(rung="service", outcome=Outcome(kind=OutcomeKind.RETRY))
    await settle_parcel(stage.service, parcel, [failed], now=stage.clock())
    async with stage.service.database.unit_of_work() as session:
        assert len(list(await session.scalars(select(CallTaskRow)))) == calls
    assert "1 没送到" in (await browser.get(saved.path)).words


async def test_a_stopped_article_goes_to_nobody_else(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("city")
    saved = await write(browser)
    await let_window(stage, 0)
    await browser.post(f"{saved.path}/push")
    assert "没送到的不再发" in (await browser.post(f"{saved.path}/stop")).words
    await let_window(stage, 5)
    stage.clock.turn(timedelta(hours=1))
    await stage.running.clock.sweep(stage.clock())
    assert await articles(stage) == []


async def test_what_cannot_go_out_is_said_and_kept(stage: ConsoleStage) -> None:
    browser = await stage.enter("city")
    empty = await write(browser, body="")
    assert (empty.status, "标题和正文都要写" in empty.words) == (422, True)
    long = await write(browser, title="宅" * 80, body="宅" * 600)
    assert (long.status, "太长" in long.words, "宅" * 600 in long.text) == (422, True, True)
    assert "存好了" in (await write(browser, body="宅" * 600)).words
    markup = await write(browser, body="<script>alert(1)</script>", title="<b>")
    assert "<script>alert" not in markup.text
    dropped = await browser.post(f"{markup.path}/drop")
    assert "这篇文章删了" in dropped.words
    assert (await browser.get(markup.path)).status == 404


async def test_an_office_writes_for_its_own_town_only(stage: ConsoleStage) -> None:
    await stage.file_case()
    near, far = await stage.enter("office", area="411122102"), await stage.enter("office", area="411103")
    saved = await write(near, places="")
    assert "要发给 1 人" in saved.words
    await far.get("/education")
    assert (await far.get(saved.path)).status == 404
    assert (await far.post(f"{saved.path}/push", csrf=None)).status == 404
    assert "盖房先量界" not in (await far.get("/education")).words
    own = await write(far, places="411122102")
    assert "要发给 0 人" in own.words
    assert (await (await stage.enter("operator")).get("/education")).status == 403
