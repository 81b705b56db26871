"""A working day at the hotline desk in headless Chromium: a call, a wrong type, an import with mistakes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from playwright.async_api import Page, async_playwright, expect

from handlers.registry_tables import write_csv
from tests.integration.test_process import serving
from tests.web.test_main_story import ARGUMENTS, CHROMIUM

STORY = "俺是杜曲镇北徐庄的，东边邻居李大柱盖房占了俺家宅基地半米，还把水沟堵了，找村里几回都不管"
KNIFE = "，他昨天拿着刀要砍人"
WIDTHS = (360, 1280, 2560)
PATHS = (
    "/today",
    "/intake",
    "/registry",
    "/registry/people",
    "/registry/regions",
    "/registry/import/people",
    "/typical",
    "/figures/cases",
)


@asynccontextmanager
async def desk(folder: Path, role: str) -> AsyncIterator[tuple[Page, str, list[str]]]:
    """A signed-in browser at a demo console; what went wrong in it is in the list."""
    async with (
        serving(folder, FENGQIAO_DEMO="1", FENGQIAO_WECHAT__TOKEN="") as (address, _),
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        await page.goto(f"{address}/login")
        await page.get_by_label("登录名").fill(f"demo-{role}")
        await page.get_by_label("密码").fill(f"fengqiao-{role}-demo")
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()
        try:
            yield page, address, errors
        finally:
            await browser.close()


async def test_a_call_from_its_ring_to_the_filed_case(tmp_path: Path) -> None:
    async with desk(tmp_path, "operator") as (page, address, errors):
        began = monotonic()
        await page.goto(f"{address}/intake?phone=13800001234")
        heard = page.locator("#understood")
        await page.get_by_label("来电人说的").fill(STORY)
        await expect(heard.get_by_text("临颍县杜曲镇北徐庄村", exact=True)).to_be_visible()
        await expect(heard.locator("mark.mark-type", has_text="宅基地").first).to_be_visible()
        await expect(heard.get_by_role("alert")).to_have_count(0)
        await page.get_by_label("来电人说的").fill(STORY + KNIFE)
        await expect(heard.get_by_role("alert")).to_contain_text("先顾人")
        await page.get_by_label("来电人姓名").fill("王大爷")
        await expect(heard.get_by_text("王大爷")).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("来电人说的")).to_have_value(STORY + KNIFE)
        await expect(page.get_by_label("来电人姓名")).to_have_value("王大爷")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#said")).to_contain_text("登记好了，编号 漯调")
        await expect(page.locator("#said")).to_contain_text("红色预警已经告诉")
        assert monotonic() - began < 60
        await expect(page.get_by_label("来电人说的")).to_have_value("")
        await page.locator("[data-row] a").first.click()
        await expect(page.locator("main")).to_contain_text("王大爷")
        assert errors == []


async def test_a_wrong_type_is_corrected_by_a_key_and_stays(tmp_path: Path) -> None:
    async with desk(tmp_path, "operator") as (page, address, errors):
        await page.goto(f"{address}/intake")
        heard = page.locator("#understood")
        await page.get_by_label("来电人说的").fill(STORY)
        first = heard.locator('input[name="type"][data-digit="1"]')
        await expect(first).to_be_checked()
        second = await heard.locator('input[name="type"][data-digit="2"]').get_attribute("value")
        await page.keyboard.press("Alt+2")
        await expect(heard.get_by_text("（您定的）")).to_be_visible()
        await page.get_by_label("来电人说的").press_sequentially("，他还不认账")
        await expect(heard.get_by_text("不认账")).to_be_visible()
        await expect(heard.locator(f'input[name="type"][value^="{second}"]').first).to_be_checked()
        await heard.get_by_label("都不是？改成别的类型").select_option("contract")
        await expect(heard.locator('input[name="type"][value^="contract"]')).to_be_checked()
        assert errors == []


async def test_an_import_with_mistakes_writes_nothing_and_without_them_everything(tmp_path: Path) -> None:
    header = ["调委会", "姓名", "身份", "性别", "专职"]
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(
        write_csv(header, [["411122102", "李守正", "调解员", "男", "是"], ["999", "张三", "道士", "", ""]])
    )
    right = tmp_path / "right.csv"
    right.write_bytes(write_csv(header, [["411122102", "李守正", "调解员", "男", "是"]]))
    async with desk(tmp_path, "city") as (page, address, errors):
        await page.goto(f"{address}/registry/import/people")
        await page.locator('input[type="file"]').set_input_files(wrong)
        await page.get_by_role("button", name="先核对").click()
        await expect(page.get_by_text("有2处不对，什么也没有写")).to_be_visible()
        await expect(page.get_by_role("row").nth(1)).to_contain_text("3")
        errors.clear()  # the browser notes the answer 422 as an error
        await page.locator('input[type="file"]').set_input_files(right)
        await page.get_by_role("button", name="先核对").click()
        await expect(page.get_by_text("核对好了，没有错，还没有写")).to_be_visible()
        await page.get_by_role("button", name="写入（1行）").click()
        await expect(page.get_by_text("导入好了：新增1")).to_be_visible()
        await page.goto(f"{address}/registry?q=411122102")
        await page.get_by_role("link", name="临颍县杜曲镇人民调解委员会").first.click()
        await expect(page.get_by_text("李守正")).to_be_visible()
        assert errors == []


async def test_no_page_is_wider_than_its_screen(tmp_path: Path) -> None:
    async with desk(tmp_path, "city") as (page, address, errors):
        await page.goto(f"{address}/intake")
        await page.get_by_label("来电人说的").fill(STORY)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#said")).to_contain_text("登记好了")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            for path in PATHS:
                await page.goto(address + path)
                await expect(page.locator("main")).to_be_visible()
                beyond = await page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert beyond <= 0, (width, path)
            await page.goto(f"{address}/today")
            await expect(page.locator(".chart canvas").first).to_be_visible()
        assert errors == []
