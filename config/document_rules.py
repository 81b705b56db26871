"""Rules and templates of the official documents: titles, numbering, the volume's order, the Word files."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rules


class DocumentKind(StrEnum):
    """The documents (文书); each has a Word template of the same name under `config/documents`."""

    COVER = "cover"
    CONTENTS = "contents"
    APPLICATION = "application"
    INTAKE = "intake"
    RIGHTS = "rights"
    INVESTIGATION = "investigation"
    SESSION = "session"
    AGREEMENT = "agreement"
    ORAL_AGREEMENT = "oral_agreement"
    REJECTION = "rejection"
    TERMINATION = "termination"
    FOLLOW_UP = "follow_up"
    CONFIRMATION_APPLICATION = "confirmation_application"
    STATEMENT = "statement"
    BACK_COVER = "back_cover"


class Unavailable(StrEnum):
    """Why a document does not exist for a case."""

    NOT_REQUESTED = "not_requested"
    NO_INVESTIGATION = "no_investigation"
    NO_SESSION = "no_session"
    NO_AGREEMENT = "no_agreement"
    AGREEMENT_IS_ORAL = "agreement_is_oral"
    AGREEMENT_IS_WRITTEN = "agreement_is_written"
    NOT_IN_EFFECT = "not_in_effect"
    NO_FOLLOW_UP = "no_follow_up"
    NOT_REJECTED = "not_rejected"
    NOT_TERMINATED = "not_terminated"


def _pattern(*names: str) -> AfterValidator:
    """A pattern may hold only the given {names}."""

    def check(text: str) -> str:
        unknown = [
            name for _, name, _, _ in Formatter().parse(text) if name is not None and name not in names
        ]
        if unknown:
            raise ValueError(f"unknown {{{unknown[0]}}}; possible are {', '.join(names)}")
        text.format(**dict.fromkeys(names, 1))
        return text

    return AfterValidator(check)


Word = Annotated[str, Field(min_length=1)]


class VolumeItem(RuleModel):
    """One line of the contents list (卷内目录) in the official order.

    `documents` are ours, `attachments` says that evidence belongs here, neither means paper only. `must`
    says that no volume is complete without it.
    """

    title: Word
    documents: tuple[DocumentKind, ...] = ()
    attachments: bool = False
    must: bool = False


class ContentsWords(RuleModel):
    """What the contents list says about a line: it is there, it is missing, there is none."""

    missing: Word
    """A required item that is not there."""
    none: Word
    """An item that the case does not have."""
    paper: Word
    """An item kept on paper, if there is one."""
    paper_must: Word
    """A required item kept on paper."""


class DocumentWords(RuleModel):
    """`config/rules/documents.yaml`."""

    number: Annotated[str, _pattern("year", "serial")]
    titles: Mapping[DocumentKind, Word]
    earlier: Annotated[str, _pattern("number", "title")]
    """Title of an agreement that took effect before the dispute flared up again."""
    file_name: Annotated[str, _pattern("case_no", "title")]
    volume_name: Annotated[str, _pattern("case_no")]
    attachments_folder: Word
    retention: Word
    date: Annotated[str, _pattern("year", "month", "day")]
    blank_date: Word
    time: Annotated[str, _pattern("year", "month", "day", "hour", "minute")]
    blank_time: Word
    ticked: Word
    unticked: Word
    unavailable: Mapping[Unavailable, Word]
    volume: Annotated[tuple[VolumeItem, ...], Field(min_length=1)]
    contents: ContentsWords

    @model_validator(mode="after")
    def _nothing_left_out(self) -> Self:
        missing = [*(set(DocumentKind) - set(self.titles)), *(set(Unavailable) - set(self.unavailable))]
        if missing:
            raise ValueError(f"missing: {', '.join(sorted(missing))}")
        outside = {DocumentKind.COVER, DocumentKind.CONTENTS}
        listed = [kind for item in self.volume for kind in item.documents]
        if sorted(listed) != sorted(set(DocumentKind) - outside):
            raise ValueError("volume: every document but cover and contents must be listed once")
        if sum(item.attachments for item in self.volume) != 1:
            raise ValueError("volume: exactly one item must hold the attachments")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRules:
    """The words of the documents and the content of their Word templates."""

    words: DocumentWords
    templates: Mapping[DocumentKind, bytes]


def template_path(folder: Path, kind: DocumentKind) -> Path:
    """Return where the template of a document lies in the folder of templates."""
    return folder / f"{kind}.docx"


def load_document_rules(config_dir: Path) -> DocumentRules:
    """Read words and templates; raises RuleFileError, also for a template that is not there."""
    words = load_rules(config_dir / "rules" / "documents.yaml", DocumentWords)
    templates: dict[DocumentKind, bytes] = {}
    mistakes: list[RuleMistake] = []
    for kind in DocumentKind:
        path = template_path(config_dir / "documents", kind)
        try:
            templates[kind] = path.read_bytes()
        except OSError as error:
            mistakes.append(RuleMistake(path, 1, str(error)))
    if mistakes:
        raise RuleFileError(mistakes)
    return DocumentRules(words=words, templates=templates)
