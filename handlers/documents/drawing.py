"""Draws the pages of a Word document as they are printed, where LibreOffice is on the machine.

LibreOffice runs as a process of its own: one at a time, with limits of time and memory, in a folder that is
gone afterwards. Drawn pages are kept in memory alone, by what is in the document.
"""

import asyncio
import contextlib
import hashlib
import os
import resource
import shutil
import signal
from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
import structlog

log = structlog.get_logger()

PROGRAM = "soffice"
MEMORY = 2 * 1024**3
"""Bytes of address space; LibreOffice takes some 700 MB for a form."""
DOTS_PER_INCH = 110
MOST_PAGES = 30
MOST_KEPT = 24
"""Documents whose pages are kept, some 300 kB each."""


class Drawing:
    """Draws one document at a time; `within` are the seconds that one may take, waiting included."""

    def __init__(self, *, within: float = 30) -> None:
        self._within = within
        self._drawn: OrderedDict[str, tuple[bytes, ...]] = OrderedDict()
        self._alone = asyncio.Lock()

    @staticmethod
    def is_possible() -> bool:
        """Whether the program is on this machine."""
        return shutil.which(PROGRAM) is not None

    async def pages(self, docx: bytes) -> tuple[bytes, ...]:
        """Return the pages as PNG, () when they cannot be drawn: no program, too slow, broken."""
        key = hashlib.sha256(docx).hexdigest()
        try:
            async with asyncio.timeout(self._within), self._alone:
                if key not in self._drawn:
                    self._drawn[key] = await _draw(docx)
        except (OSError, TimeoutError, pypdfium2.PdfiumError) as error:
            log.warning("document cannot be drawn", reason=type(error).__name__)
            return ()
        self._drawn.move_to_end(key)
        pages = self._drawn[key]
        while len(self._drawn) > MOST_KEPT:
            self._drawn.popitem(last=False)
        return pages


async def _draw(docx: bytes) -> tuple[bytes, ...]:
    program = shutil.which(PROGRAM)
    if program is None:
        raise FileNotFoundError(PROGRAM)
    with TemporaryDirectory() as name:
        folder = Path(name)
        await asyncio.to_thread((folder / "form.docx").write_bytes, docx)
        await _convert(program, folder)
        pdf = await asyncio.to_thread((folder / "form.pdf").read_bytes)
    return await asyncio.to_thread(_paint, pdf)


async def _convert(program: str, folder: Path) -> None:
    """Let LibreOffice write form.pdf; whatever it started is ended with it."""
    process = await asyncio.create_subprocess_exec(
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        str(folder / "form.docx"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        with contextlib.suppress(ProcessLookupError):  # it ended at once
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
        await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _paint(pdf: bytes) -> tuple[bytes, ...]:
    with pypdfium2.PdfDocument(pdf) as document:
        return tuple(_png(document[number]) for number in range(min(len(document), MOST_PAGES)))


def _png(page: pypdfium2.PdfPage) -> bytes:
    buffer = BytesIO()
    page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil().save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
