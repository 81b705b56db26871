"""The phrase files: every sentence that people read, with its numbered answers."""

import json
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from config.loading import CONFIG_DIR, RuleFileError, RuleMistake, RuleModel, load_rules

FACTS_FILE = CONFIG_DIR / "phrase_facts.json"
"""Which phrases the program says and what it fills into each: part of the program, not of the rules."""


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
    """Read all phrase files and check them against what the program fills in; raises RuleFileError."""
    folder = config_dir / "phrases"
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise RuleFileError([RuleMistake(folder, 1, "no phrase files")])
    files = {path.stem: (path, load_rules(path, PhraseFile).phrases) for path in paths}
    phrases = Phrases(
        {f"{stem}.{name}": phrase for stem, (_, found) in files.items() for name, phrase in found.items()}
    )
    mistakes: list[RuleMistake] = []
    for key, facts in json.loads(FACTS_FILE.read_text(encoding="utf-8")).items():
        stem, _, name = key.partition(".")
        path = files[stem][0] if stem in files else folder / f"{stem}.yaml"
        if key not in phrases.by_key:
            mistakes.append(RuleMistake(path, 1, f"{name} is missing"))
        elif unknown := phrases[key].placeholders - set(facts):
            names = ", ".join(sorted(unknown))
            mistakes.append(
                RuleMistake(path, _line_of(path, name), f"{name}: nothing is filled into {names}")
            )
    if mistakes:
        raise RuleFileError(mistakes)
    return phrases


def _line_of(path: Path, name: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"  {name}:")), 1)
