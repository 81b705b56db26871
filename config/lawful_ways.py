"""The lawful ways that stay open when mediation ends without an agreement (人民调解法 26)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rules
from config.region_files import line_with
from config.rulebook import Word
from config.statutes import Article, Laws, known_types, sentence_with
from mediation.vocabulary import DisputeType


class WayEntry(RuleModel):
    """One way: what to do, where, within what time, whom to ring, and by what law."""

    name: Word
    where: Word
    within: Word
    phone: Annotated[str, Field(pattern=r"^\d{3,5}$")] | None = None
    law: Word | None = None
    articles: tuple[Article, ...] = ()

    @model_validator(mode="after")
    def _articles_have_a_law(self) -> Self:
        if bool(self.articles) != bool(self.law):
            raise ValueError("law and articles go together")
        return self


class WayWords(RuleModel):
    """How a way is said in one line; phone and citation are said only where there is one."""

    line: Annotated[str, sentence_with("name", "where", "within", "phone", "citation")]
    phone: Annotated[str, sentence_with("phone")]
    citation: Annotated[str, sentence_with("citation")]


WayKeys = Annotated[tuple[Word, ...], Field(min_length=1)]


class WaysFile(RuleModel):
    said: WayWords
    ways: Mapping[Word, WayEntry]
    by_type: Mapping[Word, WayKeys]
    otherwise: WayKeys
    always: WayKeys

    @model_validator(mode="after")
    def _ways_exist(self) -> Self:
        lists = (*self.by_type.values(), self.otherwise, self.always)
        for keys in lists:
            if unknown := set(keys) - set(self.ways):
                raise ValueError(f"no way {', '.join(sorted(unknown))}")
            if len(set(keys)) < len(keys):
                raise ValueError(f"a way twice: {', '.join(keys)}")
        if unused := set(self.ways) - {key for keys in lists for key in keys}:
            raise ValueError(f"ways that nobody is told: {', '.join(sorted(unused))}")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One lawful way; `said` is the whole of it in one line as people read it.

    `where` is the place to go, `within` the time limit in words, `citation` the law and its articles where
    one stands behind it.
    """

    key: str
    name: str
    where: str
    within: str
    phone: str | None
    citation: str | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LawfulWays:
    """`config/rules/lawful_ways.yaml`, checked; `by_type` holds types and type.subtype."""

    by_type: Mapping[str, tuple[Way, ...]]
    otherwise: tuple[Way, ...]
    always: tuple[Way, ...]

    def ways_for(self, dispute_type: DisputeType, subtype: str | None) -> tuple[Way, ...]:
        """Return the ways of a dispute, the nearest first: those of its subtype, else of its type.

        There is always one.
        """
        own = self.by_type.get(f"{dispute_type}.{subtype}") or self.by_type.get(dispute_type, self.otherwise)
        return own + tuple(way for way in self.always if way not in own)


def load_lawful_ways(config_dir: Path, laws: Laws) -> LawfulWays:
    """Read and check the lawful ways against types and laws (Statutes.laws); raises RuleFileError."""
    path = config_dir / "rules" / "lawful_ways.yaml"
    content, known = load_rules(path, WaysFile), known_types(config_dir)
    mistakes = [
        RuleMistake(path, line_with(path, f"  {key}:"), f"law {entry.law} is not listed in statutes.yaml")
        for key, entry in content.ways.items()
        if entry.law and entry.law not in laws.by_name
    ]
    mistakes += [
        RuleMistake(path, line_with(path, f"  {name}:"), f"no type {name} in dispute_types.yaml")
        for name in content.by_type
        if name not in known
    ]
    if mistakes:
        raise RuleFileError(mistakes)
    ways = {key: _as_way(key, entry, content.said, laws) for key, entry in content.ways.items()}
    return LawfulWays(
        by_type={name: tuple(ways[key] for key in keys) for name, keys in content.by_type.items()},
        otherwise=tuple(ways[key] for key in content.otherwise),
        always=tuple(ways[key] for key in content.always),
    )


def _as_way(key: str, entry: WayEntry, words: WayWords, laws: Laws) -> Way:
    citation = laws.cite(entry.law, entry.articles) if entry.law else None
    said = words.line.format(
        name=entry.name,
        where=entry.where,
        within=entry.within,
        phone=words.phone.format(phone=entry.phone) if entry.phone else "",
        citation=words.citation.format(citation=citation) if citation else "",
    )
    return Way(
        key=key,
        name=entry.name,
        where=entry.where,
        within=entry.within,
        phone=entry.phone,
        citation=citation,
        said=said,
    )
