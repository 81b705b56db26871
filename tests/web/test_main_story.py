"""The newcomer's minute in headless Chromium: a resident's first word to a mediator's desk."""

from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from tests.integration.test_process import serving

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STORY = "俺是杜曲镇北徐庄的，东边邻居盖房占了俺家宅基地半米，还把水沟堵了，找村里几回都不管，电话13800001234"


async def test_a_resident_tells_and_a_mediator_takes_the_case(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, FENGQIAO_DEMO="1", FENGQIAO_WECHAT__TOKEN="") as (address, _),
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{address}/simulator")
        await tell(page, "resident", STORY)
        await hears(page, "resident", "怎么称呼您")
        await tell(page, "resident", "王大爷")
        await hears(page, "resident", "我记下的是这些")
        await page.get_by_role("button", name="对，同意，登记").click()
        await hears(page, "resident", "-000001")
        await hears(page, "mediator", "【新案件】")
        await page.get_by_role("button", name="1 接").last.click()
        await hears(page, "mediator", "您接了")
        await hears(page, "resident", "接了您的事")
        await tell(page, "resident", "进度")
        await hears(page, "resident", "正在请对方")
        assert errors == []
        await browser.close()


async def tell(page: Page, side: str, text: str) -> None:
    """Type into a phone and send."""
    box = page.locator(f'[data-side="{side}"]').get_by_role("textbox").first
    await box.fill(text)
    await box.press("Enter")


async def hears(page: Page, side: str, text: str) -> None:
    """Wait until a phone shows a text."""
    await expect(page.locator(f'[data-side="{side}"]').get_by_text(text).last).to_be_visible(timeout=15_000)
