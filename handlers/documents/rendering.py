"""Fills the Word templates of the official documents with what is known of a case.

A template may name the fields of `Sheet` and, for what is not known, one of these filters: `line` (a line to
write on), `day` and `moment` (a date, a time), `paragraphs` and `ruled` (a long text, one paragraph each),
`tick` (a box, ticked or not). Everything else that is not known is left empty.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import partial
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from config.document_rules import DocumentKind, DocumentRules, DocumentWords
from handlers.documents.casefile import (
    AgreementFile,
    CaseFile,
    CourtFile,
    EndFile,
    FollowUpFile,
    ObligationLine,
    PerformanceLine,
    RecordFile,
    RecordKind,
)
from handlers.documents.contents import ContentsLine, list_contents
from handlers.documents.packing import repack
from mediation.calendar import CHINA_TIME
from mediation.vocabulary import CaseSource

# What XML 1.0 cannot hold, the control characters that docxtpl would read as commands, and those that make
# a sum read backwards.
UNPRINTABLE = re.compile(
    r"[^\n\t\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
BLANK_LINES = 3
"""Empty lines for handwriting where a list or a text is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a template may name. Parts that the case does not have are there, empty, to be filled by hand."""

    title: str
    number: str
    retention: str
    case: CaseFile
    requested: bool
    own_initiative: bool
    referred: bool
    investigations: tuple[RecordFile, ...]
    sessions: tuple[RecordFile, ...]
    agreement: AgreementFile
    agreement_number: str
    obligations: tuple[ObligationLine, ...]
    performance: tuple[PerformanceLine, ...]
    follow_ups: tuple[FollowUpFile, ...]
    end: EndFile
    court: CourtFile
    contents: tuple[ContentsLine, ...]


def render(kind: DocumentKind, file: CaseFile, *, rules: DocumentRules, title: str = "") -> bytes:
    """Return the document as .docx, with another title where one is given; same input, same bytes.

    Also for a document that the case does not have (`available`): then it is a form to fill in by hand.
    Takes some 50 ms of one processor; raises jinja2.TemplateError for a template that `check_templates`
    complains about.
    """
    template = DocxTemplate(BytesIO(rules.templates[kind]))
    template.render(
        context(kind, file, words=rules.words, title=title), environment(rules.words), autoescape=True
    )
    buffer = BytesIO()
    template.save(buffer)
    return repack(buffer.getvalue())


def file_name(kind: DocumentKind, file: CaseFile, *, words: DocumentWords) -> str:
    """Return the name under which a document is sent, such as 漯调2026-000123 人民调解协议书.docx."""
    return f"{words.file_name.format(case_no=file.case_no, title=words.titles[kind]).strip()}.docx"


def environment(words: DocumentWords) -> Environment:
    """Return the template language: nothing of Python in reach, an unknown name is an error."""
    made = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_finalize)
    made.filters = {
        "line": _line,
        "day": partial(_day, words=words),
        "moment": partial(_moment, words=words),
        "paragraphs": _paragraphs,
        "ruled": _ruled,
        "tick": partial(_tick, words=words),
    }
    return made


def case_number(file: CaseFile, *, words: DocumentWords) -> str:
    """Return the official number such as （2026）漯调字第000123号, "" while there is none."""
    if file.year is None or file.serial is None:
        return ""
    return words.number.format(year=file.year, serial=file.serial)


def context(
    kind: DocumentKind, file: CaseFile, *, words: DocumentWords, title: str = ""
) -> Mapping[str, Any]:
    """Return what the template of a document is filled with, by name."""
    sheet = _sheet(kind, file, words, title)
    return {field.name: getattr(sheet, field.name) for field in fields(sheet)}


def _sheet(kind: DocumentKind, file: CaseFile, words: DocumentWords, title: str) -> Sheet:
    agreement = file.agreement or AgreementFile()
    number = case_number(file, words=words)
    return Sheet(
        title=title or words.titles[kind],
        number=number,
        retention=words.retention,
        case=file,
        requested=file.source is CaseSource.REQUESTED,
        own_initiative=file.source is CaseSource.OWN_INITIATIVE,
        referred=file.source is CaseSource.REFERRED,
        investigations=file.records_of(RecordKind.INVESTIGATION) or (RecordFile(),),
        sessions=file.records_of(RecordKind.SESSION) or (RecordFile(),),
        agreement=agreement,
        agreement_number=agreement.number or number,
        obligations=agreement.obligations or (ObligationLine(),) * BLANK_LINES,
        performance=file.performance or (PerformanceLine(),) * BLANK_LINES,
        follow_ups=file.follow_ups or (FollowUpFile(),),
        end=file.end or EndFile(),
        court=file.court or CourtFile(),
        contents=list_contents(file, words=words),
    )


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\t", " ")


def _finalize(value: Any) -> Any:
    """Keep a field on its line: what people typed must not break the form."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return " ".join(_clean(str(value)).split("\n"))


def _line(value: Any, length: int = 10) -> Any:
    return value if value not in {None, ""} else "_" * length


def _day(value: date | None, *, words: DocumentWords) -> str:
    if value is None:
        return words.blank_date
    return words.date.format(year=value.year, month=value.month, day=value.day)


def _moment(value: datetime | None, *, words: DocumentWords) -> str:
    if value is None:
        return words.blank_time
    local = value.astimezone(CHINA_TIME)
    return words.time.format(
        year=local.year, month=local.month, day=local.day, hour=local.hour, minute=local.minute
    )


def _paragraphs(text: str, blank: int = BLANK_LINES) -> list[str]:
    """Split a long text at its line ends; `blank` empty paragraphs when there is none."""
    return [part.strip() for part in _clean(text).split("\n") if part.strip()] or [""] * blank


def _ruled(text: str, blank: int = BLANK_LINES) -> list[str]:
    """As `paragraphs`, with lines to write on: the template's tab stop draws the line."""
    return _paragraphs(text, 0) or [Markup("\u3000\t")] * blank


def _tick(value: bool, *, words: DocumentWords) -> str:
    return words.ticked if value else words.unticked
