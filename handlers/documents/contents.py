"""The contents list of a volume (卷内目录): what is in it, in the official order."""

from dataclasses import dataclass

from config.document_rules import DocumentKind, DocumentWords, VolumeItem
from handlers.documents.availability import available
from handlers.documents.casefile import CaseFile, RecordKind
from mediation.agreement import AgreementForm


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsLine:
    """One line: its number (1 or 6-2), the material, how many there are, and a remark.

    `kind` is the document of ours that the line stands for; None for a heading, paper or an attachment.
    `earlier` says which of the earlier agreements (from 0) it is, None for the case as it stands.
    """

    number: str
    title: str
    count: int | None = None
    remark: str = ""
    kind: DocumentKind | None = None
    earlier: int | None = None


FORMS = {
    AgreementForm.WRITTEN: DocumentKind.AGREEMENT,
    AgreementForm.ORAL: DocumentKind.ORAL_AGREEMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One material of an item."""

    title: str
    kind: DocumentKind | None = None
    earlier: int | None = None


def list_contents(file: CaseFile, *, words: DocumentWords) -> tuple[ContentsLine, ...]:
    """Return all official items with what the case has of each, the existing documents below their item."""
    there = available(file)
    lines: list[ContentsLine] = []
    for position, item in enumerate(words.volume, start=1):
        parts = [_Part(title=name) for name in file.attachments] if item.attachments else []
        parts += _earlier_parts(item, file, words)
        parts += [_Part(title=words.titles[kind], kind=kind) for kind in item.documents if kind in there]
        if len(parts) == 1 and parts[0].kind is not None:
            lines.append(_line(str(position), parts[0], file))
            continue
        remark = "" if parts else _remark(item, words)
        lines.append(
            ContentsLine(number=str(position), title=item.title, count=len(parts) or None, remark=remark)
        )
        lines += [_line(f"{position}-{number}", part, file) for number, part in enumerate(parts, start=1)]
    return tuple(lines)


def _earlier_parts(item: VolumeItem, file: CaseFile, words: DocumentWords) -> list[_Part]:
    found = []
    for index, agreement in enumerate(file.earlier):
        kind = FORMS[agreement.form]
        if kind in item.documents:
            title = words.earlier.format(number=index + 1, title=words.titles[kind])
            found.append(_Part(title=title, kind=kind, earlier=index))
    return found


def _line(number: str, part: _Part, file: CaseFile) -> ContentsLine:
    return ContentsLine(
        number=number,
        title=part.title,
        count=_count(part.kind, file),
        kind=part.kind,
        earlier=part.earlier,
    )


def _count(kind: DocumentKind | None, file: CaseFile) -> int:
    """Records of one kind are one file, each on a page of its own."""
    match kind:
        case DocumentKind.INVESTIGATION:
            return len(file.records_of(RecordKind.INVESTIGATION))
        case DocumentKind.SESSION:
            return len(file.records_of(RecordKind.SESSION))
        case DocumentKind.FOLLOW_UP:
            return len(file.follow_ups)
        case _:
            return 1


def _remark(item: VolumeItem, words: DocumentWords) -> str:
    if not item.documents and not item.attachments:
        return words.contents.paper_must if item.must else words.contents.paper
    return words.contents.missing if item.must else words.contents.none
