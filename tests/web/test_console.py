"""The console in a real browser: sign in, board, case, an order, two operators, keys, narrow screens."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from tests.consoles import PASSWORD, ConsoleStage, open_console
from tests.phones import TurnedClock
from tests.web.test_main_story import ARGUMENTS, CHROMIUM

FIRST, SECOND = "漯调2026-000001", "漯调2026-000002"
PAGES = (
    "/",
    "/?tab=all",
    "/cases/1",
    "/cases/1/reroute",
    "/cases/1/note",
    "/calls",
    "/delivery",
    "/password",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def stage(
    prepared_sqlite: Path, redis_url: str, clock: TurnedClock, tmp_path: Path
) -> AsyncIterator[ConsoleStage]:
    path = tmp_path / "fengqiao.db"
    shutil.copy(prepared_sqlite, path)
    async with open_console(
        database_url=f"sqlite:///{path}", redis_url=redis_url, clock=clock, folder=tmp_path
    ) as stage:
        yield stage


async def sit_down(browser: Browser, stage: ConsoleStage, role: str, *, width: int = 1280) -> Page:
    """Open a browser of its own and sign in at the form."""
    operator = await stage.add_operator(role)
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(str(stage.base))
    await page.get_by_label("登录名").fill(operator.login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("navigation")).to_be_visible()
    return page


async def test_a_new_case_comes_to_the_open_board_by_itself(stage: ConsoleStage, browser: Browser) -> None:
    page = await sit_down(browser, stage, "operator")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    await expect(page.get_by_text("实时更新中")).to_be_visible()
    await expect(page.get_by_text("今天还没有新登记的")).to_be_visible()
    await stage.file_case()
    await expect(page.get_by_role("link", name=FIRST)).to_be_visible(timeout=15_000)
    await expect(page.get_by_role("link", name="1 今天新登记")).to_be_visible()
    assert complaints == []


async def test_the_keyboard_alone_finds_opens_and_comes_back(stage: ConsoleStage, browser: Browser) -> None:
    await stage.file_case(openid="o-1")
    await stage.file_case(openid="o-2")
    page = await sit_down(browser, stage, "operator")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("按键")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=SECOND)).to_be_visible()
    await page.keyboard.press("g")
    await expect(page.get_by_role("link", name=SECOND)).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("没有的词")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("没有找到。")).to_be_visible()


async def test_an_order_is_rehearsed_confirmed_and_done(stage: ConsoleStage, browser: Browser) -> None:
    await stage.town.bind("杜曲镇人民调解委员会", "李秉和", "o-township")
    await stage.file_case()
    page = await sit_down(browser, stage, "city")
    await page.get_by_role("link", name=FIRST).click()
    await page.get_by_role("link", name="改纠纷类型").click()
    await page.get_by_label("改成").select_option("neighbour")
    await page.get_by_label("理由").fill("听录音是邻里排水的事")
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_text("会告诉：")).to_be_visible()
    await expect(page.get_by_text("原来记成了")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("办好了：改纠纷类型")).to_be_visible()
    await expect(page.get_by_text("听录音是邻里排水的事")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("办好了：改纠纷类型")).to_be_hidden()


async def test_a_case_is_rerouted_and_rings_where_it_belongs_now(
    stage: ConsoleStage, browser: Browser
) -> None:
    await stage.town.bind("411122102215", "赵春生", "o-village")
    li = await stage.town.bind("杜曲镇人民调解委员会", "李秉和", "o-township")
    await stage.file_case()
    page = await sit_down(browser, stage, "city")
    await page.get_by_role("link", name=FIRST).click()
    await page.get_by_role("link", name="转给指定的调委会").click()
    await page.get_by_label("按名字找调委会").fill("杜曲镇")
    await page.locator("#committees").get_by_label("临颍县杜曲镇人民调解委员会").check()
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_text("会告诉：")).to_be_hidden()  # the reason is missing
    await page.get_by_label("理由").fill("村里的调解员跟对方是亲戚")
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_text("会告诉：")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("办好了：转给指定的调委会")).to_be_visible()
    await expect(page.get_by_text("村里的调解员跟对方是亲戚")).to_be_visible()
    await stage.town.settle()
    assert any(FIRST in text for text in li.seen)


async def test_committees_are_found_while_typing(stage: ConsoleStage, browser: Browser) -> None:
    await stage.file_case()
    page = await sit_down(browser, stage, "city")
    await page.goto(f"{stage.base}cases/1/reroute")
    await page.get_by_label("按名字找调委会").fill("源汇区")
    await expect(page.locator("#committees label").first).to_have_text("源汇区人民调解委员会")
    await page.get_by_label("按名字找调委会").fill("没有这样的")
    await expect(page.get_by_text("没有这个名字的调委会")).to_be_visible()


async def test_a_committee_chosen_while_the_list_is_still_narrowing_stays_chosen(
    stage: ConsoleStage, browser: Browser
) -> None:
    await stage.file_case()
    page = await sit_down(browser, stage, "city")
    await page.goto(f"{stage.base}cases/1/reroute")
    answer = asyncio.Event()

    async def hold(route: Route) -> None:
        await answer.wait()
        await route.continue_()

    await page.route("**/reroute?name=*", hold)
    async with page.expect_response("**/reroute?name=*"):
        async with page.expect_request("**/reroute?name=*"):
            await page.get_by_label("按名字找调委会").fill("杜曲镇")
        chosen = page.get_by_label("临颍县杜曲镇人民调解委员会")
        await chosen.check()
        answer.set()
    await expect(page.get_by_label("临颍县杜曲镇杜街村人民调解委员会")).to_be_visible()
    await expect(chosen).to_be_checked()


async def test_of_two_operators_on_one_case_the_second_is_told(stage: ConsoleStage, browser: Browser) -> None:
    await stage.file_case()
    first, second = await sit_down(browser, stage, "city"), await sit_down(browser, stage, "office")
    for page in (first, second):
        await page.goto(f"{stage.base}cases/1/note")
        await page.get_by_label("备注").fill("我来办这件")
    for page in (first, second):
        await page.get_by_role("button", name="下一步").click()
    await first.get_by_role("button", name="确认").click()
    await expect(first.get_by_text("办好了：写备注")).to_be_visible()
    await expect(second.get_by_text("别人先办了一步")).to_be_hidden()
    await second.get_by_role("button", name="确认").click()
    await expect(second.get_by_role("alert")).to_contain_text("测试city")
    await expect(second.get_by_label("备注")).to_have_value("我来办这件")


@pytest.mark.parametrize("width", [360, 1280, 2560])
async def test_no_page_needs_sideways_scrolling(stage: ConsoleStage, browser: Browser, width: int) -> None:
    await stage.town.bind("北徐庄村人民调解委员会", "赵春生", "o-village")
    await stage.file_case()
    page = await sit_down(browser, stage, "city", width=width)
    for path in PAGES:
        answer = await page.goto(f"{stage.base}{path.lstrip('/')}")
        assert answer is not None
        assert answer.status == 200
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
