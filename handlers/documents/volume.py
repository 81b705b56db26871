"""The whole volume of a case (卷宗) as one zip, in the official order."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os.path import splitext

from config.document_rules import DocumentKind, DocumentRules, DocumentWords
from handlers.documents.casefile import CaseFile
from handlers.documents.contents import ContentsLine, list_contents
from handlers.documents.packing import pack
from handlers.documents.rendering import render

FORBIDDEN_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
LONGEST_NAME, LONGEST_ENDING = 60, 10
"""Characters of a file's name; Windows allows 260 for the whole path."""


def build_volume(
    file: CaseFile, attachments: Sequence[tuple[str, bytes]] = (), *, rules: DocumentRules
) -> bytes:
    """Return cover, contents list, every document that exists and the evidence; same input, same bytes.

    `attachments` are (file name, content) of the evidence; `file.attachments` is not looked at. Names are
    made safe for every computer. Takes some 50 ms of one processor for each document.
    """
    words = rules.words
    names = _safe_names(name for name, _ in attachments)
    file = replace(file, attachments=names)
    entries = [
        (f"0-{position} {words.titles[kind]}.docx", render(kind, file, rules=rules))
        for position, kind in enumerate((DocumentKind.COVER, DocumentKind.CONTENTS), start=1)
    ]
    for line in list_contents(file, words=words):
        if line.kind is not None:
            item, dash, part = line.number.partition("-")
            name = f"{int(item):02d}{dash}{part} {line.title}.docx"
            entries.append((name, _render_line(line, file, rules)))
    contents = (content for _, content in attachments)
    entries += [
        (f"{words.attachments_folder}/{name}", content) for name, content in zip(names, contents, strict=True)
    ]
    return pack(entries)


def _render_line(line: ContentsLine, file: CaseFile, rules: DocumentRules) -> bytes:
    assert line.kind is not None  # noqa: S101 - only lines of documents are rendered
    if line.earlier is not None:
        file = replace(file, agreement=file.earlier[line.earlier])
    return render(line.kind, file, rules=rules, title=line.title)


def volume_name(file: CaseFile, *, words: DocumentWords) -> str:
    """Return the name under which the volume is sent, such as 漯调2026-000123 卷宗.zip."""
    return f"{words.volume_name.format(case_no=file.case_no).strip()}.zip"


def _safe_names(names: Iterable[str]) -> tuple[str, ...]:
    """Number the names, which keeps them apart and in order, and take out what file systems refuse."""
    return tuple(f"{position:02d} {_safe_name(name)}".strip() for position, name in enumerate(names, start=1))


def _safe_name(name: str) -> str:
    stem, ending = splitext(FORBIDDEN_IN_NAMES.sub(" ", name).strip(" ."))
    return stem[:LONGEST_NAME].strip() + ending[:LONGEST_ENDING].strip()
