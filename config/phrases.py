"""The phrase files: every sentence that people read, with its numbered answers."""

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rules


class ChoicePhrase(RuleModel):
    """One numbered answer; `words` are what people say instead of the number."""

    key: str
    label: str
    words: tuple[str, ...] = ()


class Phrase(RuleModel):
    """One thing to say. `short` is used for people who asked for short sentences (长辈模式)."""

    text: str = Field(min_length=1)
    short: str = ""
    choices: tuple[ChoicePhrase, ...] = ()

    @field_validator("text", "short")
    @classmethod
    def _is_readable(cls, value: str) -> str:
        for _, name, spec, conversion in string.Formatter().parse(value):
            if name is not None and (not name.isidentifier() or spec or conversion):
                raise ValueError(f"placeholder {{{name}}} is not a plain name")
        return value

    @property
    def placeholders(self) -> frozenset[str]:
        """Names that must be filled in."""
        return frozenset(
            name
            for part in (self.text, self.short)
            for _, name, _, _ in string.Formatter().parse(part)
            if name
        )


class PhraseFile(RuleModel):
    """One file: phrase name -> phrase."""

    phrases: Mapping[str, Phrase]

    @field_validator("phrases", mode="before")
    @classmethod
    def _accept_plain_text(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: {"text": item} if isinstance(item, str) else item for key, item in value.items()}


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases by `file.name`."""

    by_key: Mapping[str, Phrase]

    def __getitem__(self, key: str) -> Phrase:
        return self.by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_key)

    def text(self, key: str, **facts: object) -> str:
        """Return the filled-in sentence; raises KeyError for an unknown phrase or a missing fact."""
        return self.fill(key, facts)

    def fill(self, key: str, facts: Mapping[str, object], *, short: bool = False) -> str:
        """Return the filled-in sentence, the short one where it exists and is wanted."""
        phrase = self.by_key[key]
        return (phrase.short if short and phrase.short else phrase.text).strip().format_map(facts)


def load_phrases(config_dir: Path) -> Phrases:
    """Read all phrase files; raises RuleFileError."""
    folder = config_dir / "phrases"
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise RuleFileError([RuleMistake(folder, 1, "no phrase files")])
    return Phrases(
        {
            f"{path.stem}.{name}": phrase
            for path in paths
            for name, phrase in load_rules(path, PhraseFile).phrases.items()
        }
    )
