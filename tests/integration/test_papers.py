"""Links to files and documents: what each opens, and that nothing else can be had with them."""

import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote

import pytest
from aiohttp import ClientResponse
from docx import Document

from handlers.mediating.sending import Paper, PaperKind, link_to
from handlers.mediating.work import Work
from storage import cases
from storage.tables import AttachmentRow, CaseRow, PersonRow
from tests.phones import Town, TurnedClock, open_town
from tests.rows import Told, add_case, add_mediator, add_person

PICTURE = b"\x89PNG a picture of a wall"
STEPS = ("filed", "accepted", "investigation", "session", "settled", "closed")


@dataclass
class Desk:
    """A town with two cases; `picture` was sent for the first."""

    town: Town
    first: CaseRow
    second: CaseRow
    wang: PersonRow
    picture: AttachmentRow

    async def link(self, kind: PaperKind, subject_id: int, name: str = "") -> str:
        """Return the path of a link that the service gives out now."""
        service = self.town.running.service
        async with service.database.unit_of_work() as session:
            work = Work(session=session, service=service, now=self.town.clock())
            address = link_to(work, Paper(kind=kind, subject_id=subject_id, name=name))
        assert address.startswith(f"{service.public_url}/papers/")
        return address.removeprefix(service.public_url)

    async def open(self, path: str) -> tuple[ClientResponse, bytes]:
        """Follow a link."""
        url = str(self.town.server.make_url("/")).rstrip("/") + path
        async with self.town.running.http.get(url, allow_redirects=False) as response:
            return response, await response.read()

    async def get(self, kind: PaperKind, subject_id: int, name: str = "") -> tuple[ClientResponse, bytes]:
        """Follow a fresh link."""
        return await self.open(await self.link(kind, subject_id, name))

    async def keep(self, content: bytes, content_type: str, *, file_name: str | None = None) -> None:
        """The picture was fetched from the platform."""
        service = self.town.running.service
        name = file_name or f"{self.picture.id}.sealed"
        service.files_dir.mkdir(parents=True, exist_ok=True)
        (service.files_dir / name).write_bytes(service.database.sealer.seal_bytes(content))
        await self.set_picture(file_name=name, content_type=content_type, fetch_after=None)

    async def set_picture(self, **values: object) -> None:
        """Change the row of the picture."""
        async with self.town.running.service.database.unit_of_work() as session:
            row = await cases.get_attachment(session, self.picture.id)
            for column, value in values.items():
                setattr(row, column, value)
            await session.commit()


@pytest.fixture
async def desk(database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as town:
        async with town.running.service.database.unit_of_work() as session:
            mediator = await add_mediator(session)
            wang = await add_person(session, phone="13800001234")
            first = await add_case(session, Told(mediator=mediator, applicant=wang, steps=STEPS))
            second = await add_case(session, Told(mediator=mediator, summary="另一家的事"))
            picture = cases.add_attachment(
                session,
                account_id=first.account_id,
                case_id=first.id,
                kind="image",
                media_id="media",
                received_at=clock(),
            )
            await session.commit()
        yield Desk(town, first, second, wang, picture)


def words_of(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


def assert_guarded(response: ClientResponse) -> None:
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_a_picture_is_shown_once_it_is_here(desk: Desk) -> None:
    path = await desk.link(PaperKind.FILE, desk.picture.id)
    response, page = await desk.open(path)
    assert response.status == 202
    assert "还在接收" in page.decode()
    assert int(response.headers["Refresh"]) > 0
    assert_guarded(response)
    await desk.keep(PICTURE, "image/png")
    response, content = await desk.open(path)
    assert (response.status, content, response.headers["Content-Type"]) == (200, PICTURE, "image/png")
    name = quote(f"材料{desk.picture.id}.png", safe="")
    shown = f"inline; filename=\"paper.png\"; filename*=UTF-8''{name}"
    assert response.headers["Content-Disposition"] == shown
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert_guarded(response)


async def test_what_could_run_is_only_saved(desk: Desk) -> None:
    for told in ("text/html", "image/svg+xml", "application/xhtml+xml", "", "x\r\nX-A: b"):
        await desk.keep(b"<script>alert(1)</script>", told)
        response, _ = await desk.get(PaperKind.FILE, desk.picture.id)
        assert response.headers["Content-Type"] == "application/octet-stream", told
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert "X-A" not in response.headers


async def test_a_file_that_never_came_or_is_broken_is_said_to_be_gone(desk: Desk) -> None:
    await desk.set_picture(fetch_after=None, error="40007")
    response, page = await desk.get(PaperKind.FILE, desk.picture.id)
    assert (response.status, "再发一次" in page.decode()) == (404, True)
    await desk.keep(PICTURE, "image/png")
    (desk.town.running.service.files_dir / f"{desk.picture.id}.sealed").write_bytes(b"x" * 40)
    response, _ = await desk.get(PaperKind.FILE, desk.picture.id)
    assert response.status == 404
    assert_guarded(response)


async def test_no_path_leads_out_of_the_folder_of_files(desk: Desk) -> None:
    await desk.keep(PICTURE, "image/png")
    service = desk.town.running.service
    sealed = service.database.sealer.seal_bytes(b"secret")
    (service.files_dir.parent / "outside.sealed").write_bytes(sealed)
    with NamedTemporaryFile() as elsewhere:
        elsewhere.write(sealed)
        elsewhere.flush()
        for name in ("../outside.sealed", elsewhere.name, ".."):
            await desk.set_picture(file_name=name)
            response, content = await desk.get(PaperKind.FILE, desk.picture.id)
            assert (response.status, b"secret" in content) == (404, False)
    for path in (
        "/papers/..%2F..%2Fetc%2Fpasswd",
        "/papers/%2e%2e%2ffengqiao.db",
        "/papers/%00",
        "/papers/%ff-1",
    ):
        response, _ = await desk.open(path)
        assert response.status in {404, 410}, path


async def test_a_document_is_made_from_what_stands_now(desk: Desk) -> None:
    response, content = await desk.get(PaperKind.DOCUMENT, desk.first.id, "agreement")
    assert response.status == 200
    name = quote(f"{desk.first.case_no} 人民调解协议书.docx", safe="")
    assert response.headers["Content-Disposition"].endswith(f"UTF-8''{name}")
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert_guarded(response)
    text = words_of(content)
    assert "1. 双方把多占的半米地还给王大爷" in text
    for name in ("termination", "oral_agreement", "no such document", ""):
        response, page = await desk.get(PaperKind.DOCUMENT, desk.first.id, name)
        assert (response.status, "现在没有了" in page.decode()) == (404, True), name


async def test_a_volume_holds_the_documents_and_the_evidence(desk: Desk) -> None:
    await desk.keep(PICTURE, "image/png")
    response, content = await desk.get(PaperKind.VOLUME, desk.first.id)
    assert response.headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(BytesIO(content))
    assert archive.testzip() is None
    assert archive.read("证据材料/01 材料1.png") == PICTURE
    assert {"0-1 人民调解卷宗封面.docx", "08 人民调解协议书.docx"} <= set(archive.namelist())


async def test_a_volume_says_what_is_missing_in_it(desk: Desk) -> None:
    _, content = await desk.get(PaperKind.VOLUME, desk.first.id)
    archive = zipfile.ZipFile(BytesIO(content))
    assert not [name for name in archive.namelist() if name.startswith("证据材料/")]
    text = words_of(archive.read("12 卷宗情况说明.docx"))
    assert "有1份材料没有收到" in text


async def test_a_person_gets_a_copy_of_its_own_data_only(desk: Desk) -> None:
    response, content = await desk.get(PaperKind.OWN, desk.wang.id)
    text = content.decode()
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "13800001234" in text
    assert desk.first.case_no in text
    assert desk.second.case_no not in text
    assert_guarded(response)


async def test_a_link_ends(desk: Desk) -> None:
    path = await desk.link(PaperKind.VOLUME, desk.first.id)
    desk.town.clock.turn(timedelta(days=2, hours=23))
    response, _ = await desk.open(path)
    assert response.status == 200
    desk.town.clock.turn(timedelta(hours=2))
    response, page = await desk.open(path)
    assert response.status == 410
    assert "过期" in page.decode()
    assert "<script" not in page.decode()
    assert_guarded(response)


async def test_a_changed_link_opens_nothing(desk: Desk) -> None:
    """Neither another case, nor another kind, nor a later end; not even one character."""
    path = await desk.link(PaperKind.DOCUMENT, desk.first.id, "agreement")
    token = path.removeprefix("/papers/")
    kind, case_id, name, expires, signature = token.split("-")
    other = (await desk.link(PaperKind.DOCUMENT, desk.second.id, "agreement")).rpartition("-")[2]
    changed = {
        f"{kind}-{desk.second.id}-{name}-{expires}-{signature}",
        f"volume-{case_id}--{expires}-{signature}",
        f"own-{case_id}--{expires}-{signature}",
        f"{kind}-{case_id}-rights-{expires}-{signature}",
        f"{kind}-{case_id}-{name}-{int(expires) + 9}-{signature}",
        f"{kind}-{case_id}-{name}-{expires}-{other}",
        f"{kind}-{case_id}-{name}-{expires}-",
        f"{kind}-{case_id}-{name}-{expires}",
        f"{token}0",
        token[:-1],
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.upper(),
        "-",
        "评",
    }
    assert token not in changed
    for one in changed:
        response, content = await desk.open("/papers/" + quote(one))
        assert response.status == 410, one
        assert desk.first.case_no not in content.decode()
    response, _ = await desk.open(path)
    assert response.status == 200


async def test_a_link_to_what_does_not_exist_is_answered_kindly(desk: Desk) -> None:
    for kind, name in (
        (PaperKind.FILE, ""),
        (PaperKind.DOCUMENT, "rights"),
        (PaperKind.VOLUME, ""),
        (PaperKind.OWN, ""),
    ):
        response, page = await desk.get(kind, 999_999, name)
        assert (response.status, "现在没有了" in page.decode()) == (404, True)
