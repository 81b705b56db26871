"""Opens what a signed link leads to: a file that was sent, a document, a volume, a copy of own data."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy.exc import NoResultFound

from config.document_rules import DocumentKind
from handlers.documents.availability import available
from handlers.documents.casefile import CaseFile
from handlers.documents.rendering import file_name, render
from handlers.documents.volume import build_volume, volume_name
from handlers.mediating import own_data, papers
from handlers.mediating.sending import Paper, PaperKind
from handlers.mediating.work import Work
from handlers.service import Service
from storage import cases
from storage.tables import AttachmentRow, PersonRow

log = structlog.get_logger()

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNKNOWN = "application/octet-stream"
SHOWN = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}
"""What a browser shows by itself; no type in which a script could hide."""
KEPT = SHOWN | {
    "audio/amr": ".amr",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/speex": ".speex",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    "application/pdf": ".pdf",
}
"""Types that are told as the platform told them, with the ending of their names."""


class GoneError(Exception):
    """What the link leads to is not there (any more)."""


class NotFetchedError(Exception):
    """The platform has not handed over the file yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file to hand out; `shown` says that a browser may show it instead of saving it."""

    content: bytes
    content_type: str
    name: str
    shown: bool = False


async def open_paper(service: Service, paper: Paper, *, on_screen: bool = False) -> Opened:
    """Return what a valid link asks for; raises GoneError, NotFetchedError.

    `on_screen`: a document to look at, in which identity numbers are hidden but for their last signs.
    A document is made anew from what stands now. Making a volume takes a second of one processor and holds
    all its files in memory, so the caller lets only a few be made at a time.
    """
    try:
        match paper.kind:
            case PaperKind.FILE:
                return await _open_file(service, paper.subject_id)
            case PaperKind.DOCUMENT:
                return await _open_document(service, paper.subject_id, paper.name, on_screen=on_screen)
            case PaperKind.SHARED:
                return await _open_document(service, paper.subject_id, paper.name, shared=True)
            case PaperKind.VOLUME:
                return await _open_volume(service, paper.subject_id)
            case PaperKind.OWN:
                return await _open_own(service, paper.subject_id)
    except NoResultFound as error:
        raise GoneError from error


async def _open_file(service: Service, attachment_id: int) -> Opened:
    async with service.database.unit_of_work() as session:
        row = await cases.get_attachment(session, attachment_id)
    content = await asyncio.to_thread(_read, service, row)
    if content is None:
        raise NotFetchedError if row.file_name is None and row.fetch_after is not None else GoneError
    content_type = _type_of(row)
    return Opened(
        content=content,
        content_type=content_type,
        name=_name_of(service, row, row.id),
        shown=content_type in SHOWN,
    )


def _type_of(row: AttachmentRow) -> str:
    told = (row.content_type or "").partition(";")[0].strip().lower()
    return told if told in KEPT else UNKNOWN


def _name_of(service: Service, row: AttachmentRow, number: int) -> str:
    return service.rules.phrases.text("papers.file_name", number=number) + KEPT.get(_type_of(row), ".bin")


def _read(service: Service, row: AttachmentRow) -> bytes | None:
    """Return the content of a file that was sent, None when it is not here."""
    if row.file_name is None or Path(row.file_name).name != row.file_name:
        return None
    try:
        return service.database.sealer.open_bytes((service.files_dir / row.file_name).read_bytes())
    except (OSError, InvalidTag) as error:
        log.warning("file cannot be opened", attachment=row.id, reason=type(error).__name__)
        return None


async def _case_file(
    service: Service, case_id: int, *, shared: bool = False
) -> tuple[CaseFile, Sequence[AttachmentRow]]:
    async with service.database.unit_of_work() as session:
        case = await cases.get_case(session, case_id)
        gather = papers.shared_file if shared else papers.case_file
        file = await gather(Work(session=session, service=service, now=service.now()), case)
        return file, await cases.list_attachments(session, case_id)


async def _open_document(
    service: Service, case_id: int, name: str, *, shared: bool = False, on_screen: bool = False
) -> Opened:
    file, _ = await _case_file(service, case_id, shared=shared)
    if on_screen:
        file = papers.on_screen(file)
    allowed = papers.FOR_PARTIES if shared else frozenset(DocumentKind)
    if name not in available(file) or name not in allowed:  # a dropped agreement is no form to fill in
        raise GoneError
    kind, rules = DocumentKind(name), service.rules.documents
    content = await asyncio.to_thread(render, kind, file, rules=rules)
    return Opened(content=content, content_type=WORD, name=file_name(kind, file, words=rules.words))


async def _open_volume(service: Service, case_id: int) -> Opened:
    file, rows = await _case_file(service, case_id)
    content = await asyncio.to_thread(_build, service, file, rows)
    name = volume_name(file, words=service.rules.documents.words)
    return Opened(content=content, content_type="application/zip", name=name)


def _build(service: Service, file: CaseFile, rows: Sequence[AttachmentRow]) -> bytes:
    """A file that is not here is said to be missing in the volume itself."""
    found = [(row, content) for row in rows if (content := _read(service, row)) is not None]
    if missing := len(rows) - len(found):
        note = service.rules.phrases.text("papers.missing", count=missing)
        file = replace(file, remarks="\n".join(filter(None, (file.remarks, note))))
    named = [(_name_of(service, row, number), content) for number, (row, content) in enumerate(found, 1)]
    return build_volume(file, named, rules=service.rules.documents)


async def _open_own(service: Service, person_id: int) -> Opened:
    async with service.database.unit_of_work() as session:
        person = await session.get_one(PersonRow, person_id)
        text = await own_data.copy_of(Work(session=session, service=service, now=service.now()), person)
    name = service.rules.phrases.text("papers.own_name")
    return Opened(content=text.encode(), content_type="text/plain; charset=utf-8", name=f"{name}.txt")
