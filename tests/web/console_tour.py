"""Every page of the console to look at: a made-up quarter is served, an operator of each role goes round."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.conftest import ROOT
from tests.integration.test_process import serving

STORY = "俺是杜曲镇北徐庄的，东边邻居李大柱盖房占了俺家宅基地半米，还把水沟堵了，他昨天拿着刀要砍人"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One page: its picture's name, the role that looks, the address; fields are filled, then clicked."""

    name: str
    path: str
    role: str = "city"
    fill: tuple[tuple[str, str], ...] = ()
    click: tuple[str, ...] = ()
    sees: str = ""
    """Words that the page shows once it is done."""


DRAWN_WITHIN = 40_000
"""Milliseconds until the pages of a document are drawn, or said not to be."""
ROW = "[data-row] a"
STOPS = (
    Stop(name="login", path="/login", role=""),
    Stop(name="today", path="/today?days=92"),
    Stop(name="figures-list", path="/figures/cases?days=92&type=neighbour"),
    Stop(name="board", path="/?tab=waiting"),
    Stop(name="board-search", path="/?q=宅基地"),
    Stop(name="board-empty", path="/?tab=all&q=没有的词"),
    Stop(
        name="intake",
        path="/intake?phone=13800001234",
        role="operator",
        fill=(("main textarea", STORY),),
        sees="先念给来电人",
    ),
    Stop(name="case", path="/?tab=inviting", click=(ROW,)),
    Stop(name="case-closed", path="/typical", click=("table a[href^='/cases/']",)),
    Stop(name="order", path="/?tab=inviting", click=(ROW, "a[href$='/reroute']")),
    Stop(name="details", path="/?tab=inviting", click=(ROW, "a[href$='/details']")),
    Stop(name="document", path="/?tab=inviting", click=(ROW, "a[href*='/documents/application']")),
    Stop(name="calls", path="/calls", role="operator"),
    Stop(name="call", path="/calls/1", role="operator"),
    Stop(name="delivery", path="/delivery", role="operator"),
    Stop(name="registry", path="/registry"),
    Stop(name="registry-people", path="/registry/people"),
    Stop(name="registry-regions", path="/registry/regions"),
    Stop(name="registry-committee", path="/registry", click=("[data-row] a, table.list tbody a",)),
    Stop(name="registry-import", path="/registry/import/people"),
    Stop(name="typical", path="/typical"),
    Stop(name="typical-draft", path="/typical", click=("form[action='/typical'][method=post] button",)),
    Stop(name="education", path="/education"),
    Stop(
        name="education-article",
        path="/education",
        fill=(("input[name=title]", "盖房先量界"),),
        click=("text=开始写",),
    ),
    Stop(name="audit", path="/audit", role="auditor"),
    Stop(name="operators", path="/operators", role="administrator"),
    Stop(name="password", path="/password"),
    Stop(name="totp", path="/totp"),
    Stop(name="not-found", path="/cases/999999"),
    Stop(name="not-allowed", path="/audit"),
)


@asynccontextmanager
async def serving_a_quarter(folder: Path, *, cases: int) -> AsyncIterator[str]:
    """Fill an empty database with made-up cases and serve it in demo mode; yields the address."""
    making = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo-quarter", "--cases", str(cases),
        cwd=folder, stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "FENGQIAO_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert await making.wait() == 0
    async with serving(folder, FENGQIAO_DEMO="1", FENGQIAO_WECHAT__TOKEN="") as (address, _):
        yield address


async def enter(browser: Browser, address: str, role: str, *, width: int, height: int = 900) -> Page:
    """Open a browser window of its own, signed in as the demo operator of a role ("" for nobody)."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", locale="zh-CN"
    )
    page = await context.new_page()
    if role:
        await page.goto(f"{address}/login")
        await page.get_by_label("登录名").fill(f"demo-{role}")
        await page.get_by_label("密码").fill(f"fengqiao-{role}-demo")
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()
    return page


async def visit(page: Page, address: str, stop: Stop) -> None:
    """Go to a stop and do there what it asks for."""
    await page.goto(address + stop.path)
    for field, text in stop.fill:
        await page.locator(field).fill(text)
    for wanted in stop.click:
        await page.locator(wanted).first.click()
        await page.wait_for_load_state("load")
    await expect(page.locator("main")).to_contain_text(stop.sees)
    await expect(page.locator(".pages[hx-get]")).to_have_count(0, timeout=DRAWN_WITHIN)
    await page.evaluate(
        "Promise.all(Array.from(document.querySelectorAll('.pages img'), one => one.decode()))"
    )
