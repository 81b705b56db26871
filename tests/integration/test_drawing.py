"""Documents shown as pictures: LibreOffice is a stand-in here, everything around it is real."""

import asyncio
import stat
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from handlers.documents import drawing
from handlers.documents.drawing import Drawing
from tests.consoles import ConsoleStage

TWO_PAGES = """
import sys, pypdfium2
document = pypdfium2.PdfDocument.new()
for _ in range(2):
    document.new_page(595, 842)
folder = sys.argv[sys.argv.index("--outdir") + 1]
assert sys.argv[-1] == folder + "/form.docx"
document.save(folder + "/form.pdf")
with open({count!r}, "a") as ran:
    ran.write("x")
"""
HANGS = "import time, subprocess, sys; subprocess.Popen(['/bin/sleep', '321']); time.sleep(321)"
WRITES_NOTHING = "pass"
NO_PDF = 'import sys; open(sys.argv[sys.argv.index("--outdir") + 1] + "/form.pdf", "w").write("x")'


def stand_in(folder: Path, code: str) -> Path:
    """Put a program of that name into a folder; returns the file in which it counts how often it ran."""
    count = folder / "ran"
    count.write_text("")
    code = code.format(count=str(count)) if "{count" in code else code
    (folder / "program.py").write_text(code)
    program = folder / drawing.PROGRAM
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/program.py "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return count


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the search path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


async def test_every_page_is_drawn_once(bin_folder: Path) -> None:
    count = stand_in(bin_folder, TWO_PAGES)
    pictures = Drawing()
    both = await asyncio.gather(pictures.pages(b"one"), pictures.pages(b"one"))
    assert both[0] == both[1]
    assert [Image.open(BytesIO(page)).size for page in both[0]] == [(910, 1287)] * 2
    await pictures.pages(b"another")
    assert len(count.read_text()) == 2


async def test_only_so_many_are_kept(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = stand_in(bin_folder, TWO_PAGES)
    monkeypatch.setattr(drawing, "MOST_KEPT", 1)
    pictures = Drawing()
    for content in (b"one", b"two", b"one"):
        await pictures.pages(content)
    assert len(count.read_text()) == 3


@pytest.mark.parametrize("code", [WRITES_NOTHING, NO_PDF])
async def test_what_cannot_be_drawn_is_no_error(bin_folder: Path, code: str) -> None:
    stand_in(bin_folder, code)
    assert await Drawing().pages(b"one") == ()


async def test_without_the_program_nothing_is_drawn(bin_folder: Path) -> None:
    assert not (bin_folder / drawing.PROGRAM).exists()
    assert not Drawing.is_possible()
    assert await Drawing().pages(b"one") == ()


async def test_what_hangs_is_ended_with_all_that_it_started(bin_folder: Path) -> None:
    stand_in(bin_folder, HANGS)
    assert await Drawing(within=1).pages(b"one") == ()
    found = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _readable(path)]
    assert not [line for line in found if b"sleep\x00321" in line]


def _readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


async def test_the_console_shows_pages_as_pictures_and_the_text_below(
    stage: ConsoleStage, bin_folder: Path
) -> None:
    stand_in(bin_folder, TWO_PAGES)
    await stage.file_case()
    browser = await stage.enter("office", area="411122")
    page = await browser.get("/cases/1/documents/rights")
    assert 'hx-get="/cases/1/documents/rights"' in page.text
    assert "调解不收取任何费用" in page.words or "不收取任何费用" in page.words
    part = await browser.get("/cases/1/documents/rights", headers={"HX-Request": "true"})
    assert part.text.count("<img ") == 2
    assert 'alt="第2页，共2页；内容见下面的文字版"' in part.text
    picture = await browser.get("/cases/1/documents/rights/pages/2")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")
    assert (await browser.get("/cases/1/documents/rights/pages/3")).status == 404
    far = await stage.enter("office", login="far", area="411121")
    assert (await far.get("/cases/1/documents/rights/pages/1")).status == 404


async def test_without_the_program_the_console_says_so(stage: ConsoleStage, bin_folder: Path) -> None:
    await stage.file_case()
    browser = await stage.enter("office", area="411122")
    page = await browser.get("/cases/1/documents/rights")
    assert "没有 LibreOffice" in page.words
    assert "不收取任何费用" in page.words
