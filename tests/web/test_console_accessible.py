"""Every page of the console is checked by axe-core, and none is wider than its screen."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, async_playwright

from tests.web.console_tour import STOPS, enter, serving_a_quarter, visit
from tests.web.test_main_story import ARGUMENTS, CHROMIUM

CASES = 500
GRAVE = {"serious", "critical"}
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass(frozen=True, slots=True)
class Stage:
    address: str
    browser: Browser


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with serving_a_quarter(tmp_path, cases=CASES) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield Stage(address=address, browser=browser)
        await browser.close()


async def test_no_page_has_a_grave_barrier_nor_needs_sideways_scrolling(stage: Stage) -> None:
    found: dict[str, list[str]] = {}
    for role in sorted({stop.role for stop in STOPS}):
        page = await enter(stage.browser, stage.address, role, width=360)
        page.set_default_timeout(10_000)
        for stop in (one for one in STOPS if one.role == role):
            await visit(page, stage.address, stop)
            answer = await Axe().run(page, options=OPTIONS)
            barriers = [
                f"{one['id']}: {one['nodes'][0]['html'][:160]}"
                for one in answer.response["violations"]
                if one["impact"] in GRAVE
            ]
            assert answer.response["passes"], stop.name
            if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                barriers.append("wider than the screen")
            if barriers:
                found[stop.name] = barriers
        await page.context.close()
    assert found == {}
