"""The contents list of a volume (卷内目录): what is in it, in the official order."""

from dataclasses import dataclass

from config.document_rules import DocumentKind, DocumentWords, VolumeItem
from handlers.documents.availability import available
from handlers.documents.casefile import CaseFile, RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsLine:
    """One line: its number (1 or 6-2), the material, how many there are, and a remark.

    `kind` is the document of ours that the line stands for; None for a heading, paper or an attachment.
    """

    number: str
    title: str
    count: int | None = None
    remark: str = ""
    kind: DocumentKind | None = None


def list_contents(file: CaseFile, *, words: DocumentWords) -> tuple[ContentsLine, ...]:
    """Return all official items with what the case has of each, the existing documents below their item."""
    there = available(file)
    lines: list[ContentsLine] = []
    for position, item in enumerate(words.volume, start=1):
        kinds = [kind for kind in item.documents if kind in there]
        parts: list[tuple[str, DocumentKind | None]] = [(words.titles[kind], kind) for kind in kinds]
        if item.attachments:
            parts = [(name, None) for name in file.attachments]
        if len(parts) == 1 and kinds:
            title, kind = parts[0]
            count = _count(kind, file)
            lines.append(ContentsLine(number=str(position), title=title, count=count, kind=kind))
            continue
        remark = "" if parts else _remark(item, words)
        lines.append(
            ContentsLine(number=str(position), title=item.title, count=len(parts) or None, remark=remark)
        )
        lines += [
            ContentsLine(number=f"{position}-{part}", title=title, count=_count(kind, file), kind=kind)
            for part, (title, kind) in enumerate(parts, start=1)
        ]
    return tuple(lines)


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
