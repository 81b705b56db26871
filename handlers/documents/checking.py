"""Finds mistakes in the Word templates: each is filled in once with everything and once with nothing."""

import re
import traceback
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from io import BytesIO
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from zipfile import BadZipFile

from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docxtpl import DocxTemplate
from jinja2 import TemplateError, TemplateSyntaxError

from config.document_rules import DocumentKind, DocumentRules, template_path
from config.loading import RuleMistake
from handlers.documents.casefile import CaseFile, RecordKind
from handlers.documents.rendering import context, environment

PARAGRAPH = re.compile(r"<w:p([ >])")
TAG = re.compile(r"<[^>]+>")
NOT_WORD = "not a Word document (.docx)"
BROKEN_FORM = "a {%p %}, {%tr %} or {% %} begins in one paragraph, row or cell and ends in another"


def check_templates(folder: Path, *, rules: DocumentRules) -> list[RuleMistake]:
    """Return every mistake found: names that nothing is filled into, unknown filters, broken forms.

    `folder` is where the templates were read from. Word files have no lines: a mistake quotes its paragraph.
    At most one mistake of each template is found at a time.
    """
    found = ((kind, _first_mistake(kind, rules)) for kind in DocumentKind)
    return [RuleMistake(template_path(folder, kind), 1, text) for kind, text in found if text]


def _first_mistake(kind: DocumentKind, rules: DocumentRules) -> str | None:
    try:
        template = DocxTemplate(BytesIO(rules.templates[kind]))
        parts = list(_parts(template))
    except (BadZipFile, OpcError, KeyError, ValueError, SyntaxError):
        return NOT_WORD
    for file in (CaseFile(), _full_case()):
        for part, source in parts:
            try:
                rendered = template.render_xml_part(
                    source, part, context(kind, file, words=rules.words), environment(rules.words)
                )
                parse_xml(rendered)
            except SyntaxError:  # lxml's errors are of this kind
                return BROKEN_FORM
            except (TemplateError, TypeError, ValueError, AttributeError) as error:
                return _describe(error, source)
    return None


def _parts(template: DocxTemplate) -> Iterator[tuple[Any, str]]:
    """Body, headers and footers as the template language sees them."""
    template.init_docx()
    yield template.docx.part, template.patch_xml(template.get_xml())
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _, part in template.get_headers_footers(uri):
            yield part, template.patch_xml(template.get_part_xml(part))


def _describe(error: Exception, source: str) -> str:
    """Quote the paragraph: docxtpl begins a new line of the template with each."""
    if isinstance(error, TemplateSyntaxError):
        line = error.lineno
    else:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)
    lines = PARAGRAPH.sub(r"\n<w:p\1", source).splitlines()
    return f"{error}: {TAG.sub('', lines[min(line, len(lines)) - 1]).strip()}"


def _full_case() -> CaseFile:
    file: CaseFile = _sample(CaseFile)
    records = tuple(replace(record, kind=kind) for kind in RecordKind for record in file.records)
    return replace(file, records=records)


def _sample(kind: Any) -> Any:
    """Return a value of a type with everything in it, two of each where there can be many."""
    if get_origin(kind) is UnionType:
        return _sample(next(option for option in get_args(kind) if option is not NoneType))
    if get_origin(kind) is tuple:
        return (_sample(get_args(kind)[0]),) * 2
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{field.name: _sample(hints[field.name]) for field in fields(kind)})
    if issubclass(kind, Enum):
        return next(iter(kind))
    simple = {
        str: "x",
        int: 1,
        bool: True,
        date: date(2026, 1, 1),
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
    }
    return simple[kind]
