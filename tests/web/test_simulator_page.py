"""The simulator's page in a real browser: what a newcomer taps, sees and hears of."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from redis.asyncio import Redis

from bot.embedded_redis import EmbeddedRedis
from handlers.messages import InboundMessage
from tests.unit.simulator.stage import Stage, Wire, open_stage

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIRST, SECOND = "sim-mediator-beixuzhuang", "sim-mediator-duqu"
OFFER = "【新案件】漯调2026-000123\n事情：宅基地\n地点：北徐庄\n您接不接？\n1 接\n2 不接"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def stage(redis_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    await redis.aclose()
    async with open_stage(redis_url, tmp_path) as stage:
        stage.echo.answer = ask_or_echo
        yield stage


@pytest.fixture
async def page(stage: Stage, browser: Browser) -> AsyncIterator[Page]:
    page = await open_page(browser, stage)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    yield page
    await page.close()
    assert complaints == []


async def open_page(browser: Browser, stage: Stage, *, width: int = 1280, height: int = 800) -> Page:
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(10_000)
    async with page.expect_response("**/events"):
        await page.goto(stage.url)
    return page


def ask_or_echo(message: InboundMessage) -> str:
    if len(message.text) > 2:
        return "这事在哪个村？\n1 杜曲镇北徐庄村\n2. 都不是\n2026年的事"
    return f"收到：{message.text}"


def phone(page: Page, side: str) -> Locator:
    return page.locator(f"[data-side={side}]")


def talk(page: Page, side: str) -> Locator:
    return phone(page, side).get_by_role("log")


async def test_an_example_is_sent_and_a_numbered_line_answers(page: Page, stage: Stage) -> None:
    await page.get_by_role("button", name="俺是杜曲镇北徐庄的").click()
    await phone(page, "resident").get_by_role("button", name="发送").click()
    await expect(talk(page, "resident")).to_contain_text("这事在哪个村？")
    assert await talk(page, "resident").locator(".choice").count() == 2
    await talk(page, "resident").get_by_role("button", name="1 杜曲镇北徐庄村").click()
    await expect(talk(page, "resident")).to_contain_text("收到：1")
    assert [message.text for message in stage.echo.received][1:] == ["1"]


async def test_an_example_brings_the_resident_it_fits(page: Page) -> None:
    await page.get_by_role("button", name="老板欠俺仨月工资").click()
    await expect(phone(page, "resident").locator(".owner__who")).to_contain_text("赵铁柱")
    await expect(phone(page, "resident").get_by_label("写消息")).to_have_value(re.compile("老板欠俺"))


async def test_the_real_xml_can_be_seen(page: Page) -> None:
    await page.get_by_text("看看真实报文").click()
    await expect(page.locator("#wire")).to_contain_text("还没有发过消息")
    await phone(page, "resident").get_by_label("写消息").fill("你好")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-wire=sent_message]")).to_contain_text("<Content><![CDATA[你好]]>")
    await expect(page.locator("[data-wire=sent]")).to_contain_text("<Encrypt>")
    await expect(page.locator("[data-wire=received_message]")).to_contain_text("收到：你好")


async def test_the_phone_that_rings_comes_to_the_front_unless_an_offer_waits(
    page: Page, stage: Stage
) -> None:
    who = phone(page, "mediator").locator(".owner__who")
    await stage.ring(SECOND, OFFER)
    await expect(who).to_contain_text("李秉和")
    await expect(talk(page, "mediator")).to_contain_text("漯调2026-000123")
    await stage.ring(FIRST, OFFER)
    await expect(who.locator(".weui-badge")).to_have_text("1")
    await expect(who).to_contain_text("李秉和")
    await who.click()
    await phone(page, "mediator").get_by_role("button", name="徐公道").click()
    await expect(talk(page, "mediator")).to_contain_text("漯调2026-000123")
    await expect(who.locator(".weui-badge")).to_be_hidden()


async def test_a_template_message_is_a_card(page: Page, stage: Stage) -> None:
    fields = {"thing1": {"value": "新案件等您接"}, "character_string2": {"value": "漯调2026-000123"}}
    await stage.call("message/template/send", touser=FIRST, template_id="t", data=fields)
    await expect(talk(page, "mediator").locator(".card")).to_have_text(
        "服务通知事项新案件等您接编号漯调2026-000123"
    )


async def test_picture_place_voice_and_menu_are_sent(page: Page, stage: Stage, tmp_path: Path) -> None:
    resident = phone(page, "resident")
    more = resident.get_by_role("button", name="更多")
    picture = tmp_path / "page.png"
    await page.screenshot(path=picture)
    await resident.locator("input[type=file]").set_input_files(picture)
    await expect(talk(page, "resident").get_by_role("img", name="图片")).to_be_visible()
    await more.click()
    await resident.get_by_role("button", name="位置", exact=True).click()
    await page.get_by_role("button", name="临颍县杜曲镇北徐庄村", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="发送").click()
    await expect(talk(page, "resident")).to_contain_text("33.77, 113.96")
    await more.click()
    await resident.get_by_role("button", name="语音", exact=True).click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("对门夜里打麻将")
    await page.get_by_role("dialog").get_by_role("button", name="发送").click()
    await expect(talk(page, "resident")).to_contain_text("对门夜里打麻将")
    await more.click()
    await resident.get_by_role("button", name="办理进度").click()
    await expect(talk(page, "resident")).to_contain_text("点了菜单“办理进度”")
    kinds = [message.kind.value for message in stage.echo.received]
    assert kinds == ["image", "location", "voice", "event"]


async def test_what_was_said_is_there_after_a_reload(page: Page) -> None:
    await phone(page, "resident").get_by_label("写消息").fill("记得住吗")
    await page.keyboard.press("Enter")
    await expect(talk(page, "resident")).to_contain_text("这事在哪个村？")
    await page.reload()
    await expect(talk(page, "resident")).to_contain_text("记得住吗")


async def test_markup_in_a_message_stays_text(page: Page, stage: Stage) -> None:
    await stage.ring(FIRST, "<img src=x onerror=alert(1)>")
    await expect(talk(page, "mediator")).to_contain_text("<img src=x onerror=alert(1)>")


async def test_the_keyboard_alone_changes_person_and_closes_the_list(page: Page) -> None:
    who = phone(page, "resident").locator(".owner__who")
    await who.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("骑手")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(who).to_contain_text("周小跑")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(phone(page, "resident").locator(".people")).to_be_hidden()
    await expect(who).to_be_focused()


async def test_a_narrow_screen_needs_no_sideways_scrolling(stage: Stage, browser: Browser) -> None:
    page = await open_page(browser, stage, width=360, height=740)
    await stage.ring(FIRST, "长" * 500 + "A" * 300)
    await expect(talk(page, "mediator")).to_contain_text("长长长")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await phone(page, "resident").get_by_role("button", name="更多").click()
    await phone(page, "resident").get_by_role("button", name="位置", exact=True).click()
    dialog = page.get_by_role("dialog")
    assert await dialog.evaluate("one => one.scrollWidth <= one.clientWidth")
    await page.close()


async def test_the_page_says_that_redis_is_away_and_recovers(browser: Browser, tmp_path: Path) -> None:
    with EmbeddedRedis() as embedded:
        wire = Wire(embedded.url.removeprefix("unix://"))
        await wire.mend()
        async with open_stage(f"redis://127.0.0.1:{wire.port}", tmp_path) as stage:
            page = await open_page(browser, stage)
            await wire.cut()
            notice = page.get_by_role("alert")
            await expect(notice).to_contain_text("Redis")
            box = phone(page, "resident").get_by_label("写消息")
            await box.fill("别丢")
            await page.keyboard.press("Enter")
            await expect(box).to_have_value("别丢")
            await wire.mend()
            await expect(notice).to_be_hidden()
            await page.keyboard.press("Enter")
            await expect(talk(page, "resident")).to_contain_text("收到：别丢")
            await page.close()
        await wire.cut()
