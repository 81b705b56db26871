"""`python -m tests.web.pictures`: every console page at three widths, into docs/pictures/console."""

import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

from tests.conftest import ROOT
from tests.web.console_tour import STOPS, enter, serving_a_quarter, visit
from tests.web.test_main_story import ARGUMENTS, CHROMIUM

FOLDER = ROOT / "docs" / "pictures" / "console"
CASES = 3000
SCREENS = {360: 800, 1280: 900, 2560: 1440}
COLOURS = 48


def compressed(png: bytes) -> bytes:
    """Return the picture with few colours: enough for text and plain areas, a fifth of the size."""
    kept = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
    return kept.getvalue()


async def take(address: str, folder: Path) -> int:
    """Take all pictures of a running demo console; returns their bytes."""
    size = 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width, height in SCREENS.items():
            for role in sorted({stop.role for stop in STOPS}):
                page = await enter(browser, address, role, width=width, height=height)
                for stop in STOPS:
                    if stop.role == role:
                        await visit(page, address, stop)
                        picture = compressed(await page.screenshot(animations="disabled"))
                        (folder / f"{stop.name}-{width}.png").write_bytes(picture)
                        size += len(picture)
                await page.context.close()
        await browser.close()
    return size


async def main() -> None:
    """Make a quarter, serve it, take the pictures; with an address, of what is served there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 1:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        print(await take(sys.argv[1], folder))
        return
    with tempfile.TemporaryDirectory(prefix="fengqiao-pictures-") as folder_name:
        async with serving_a_quarter(Path(folder_name), cases=CASES) as address:
            print(await take(address, FOLDER))


if __name__ == "__main__":
    asyncio.run(main())
