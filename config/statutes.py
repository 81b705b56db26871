"""The statutes in plain words: which article says what, for which disputes, and who asks for it how."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.fields import FieldInfo

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rules
from config.region_files import line_with
from config.rulebook import TypesFile, Word
from mediation.vocabulary import DisputeType

PlainWords = Annotated[str, Field(min_length=8, max_length=120)]
Article = Annotated[int, Field(ge=1)]


def sentence_with(*words: str) -> FieldInfo:
    """A sentence that may hold these {words} and must hold one."""
    names = "|".join(words)
    return Field(pattern=rf"^[^{{}}]*(\{{({names})\}}[^{{}}]*)+$")  # type: ignore[no-any-return]


def _unrepeated(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"twice: {', '.join(twice)}")
    return names


TypeNames = Annotated[tuple[Word, ...], Field(min_length=1), AfterValidator(_unrepeated)]
"""Codes of dispute types, `type` or `type.subtype`."""


# statutes.yaml


class LawEntry(RuleModel):
    """A law: the day on which the text was passed that its entries were checked against.

    `title` is the official title where the law is called by a shorter name; `parts` (编) are the files the
    text lies in when it is not one file. `dated` names the year of the text wherever the law is cited: a
    newer text is known or to be expected.
    """

    version: date
    title: Word | None = None
    parts: tuple[Word, ...] = ()
    dated: bool = False


class CitationWords(RuleModel):
    """How a law and its articles are named."""

    law: Annotated[str, sentence_with("law")]
    dated_law: Annotated[str, sentence_with("law", "year")]
    article: Annotated[str, sentence_with("number")]
    between: Word


class RankingEntry(RuleModel):
    """What decides between statutes that a question calls; points are characters of the words that call.

    `same_type` and `same_subtype`: points for a statute of the dispute's type or subtype.
    `behind_best`: how many points a statute may stay behind the best one and still be shown.
    `reach`: how many characters the words of one way of asking may stand apart.
    """

    same_type: int = Field(ge=0)
    same_subtype: int = Field(ge=0)
    behind_best: int = Field(ge=0)
    reach: int = Field(ge=1)


class StatuteEntry(RuleModel):
    """One statement of law in our own words.

    `types` are the disputes it bears on, `card` those whose card it stands on, and `asked` the ways of
    asking that call it as an answer.
    """

    law: Word
    articles: Annotated[tuple[Article, ...], Field(min_length=1)]
    types: TypeNames
    text: PlainWords
    card: Annotated[tuple[Word, ...], AfterValidator(_unrepeated)] = ()
    asked: Annotated[tuple[Word, ...], AfterValidator(_unrepeated)] = ()

    @model_validator(mode="after")
    def _is_shown_somewhere(self) -> Self:
        if not self.card and not self.asked:
            raise ValueError("neither card nor asked: nobody would ever see it")
        return self


class StatutesFile(RuleModel):
    citation: CitationWords
    laws: Mapping[Word, LawEntry]
    ranking: RankingEntry
    outside: tuple[Word, ...] = ()
    classes: Mapping[Word, Annotated[tuple[Word, ...], Field(min_length=1)]] = Field(default_factory=dict)
    statutes: Annotated[tuple[StatuteEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _says_nothing_twice(self) -> Self:
        texts = [entry.text for entry in self.statutes]
        if twice := {text for text in texts if texts.count(text) > 1}:
            raise ValueError(f"texts used twice: {', '.join(sorted(twice))}")
        return self


# values


@dataclass(frozen=True, slots=True)
class Asking:
    """One way of asking: a word of every group stands in the question, and no word of `absent`."""

    groups: tuple[frozenset[str], ...]
    absent: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statute:
    """One statement of law in plain words.

    `citation` names law and articles as people read them (《民法典》第188条); `types` are the dispute types
    and type.subtype it bears on, `card` those whose card shows it; `version` is the day on which the
    checked text of the law was passed.
    """

    law: str
    articles: tuple[int, ...]
    citation: str
    text: str
    types: frozenset[str]
    card: frozenset[str]
    asked: tuple[Asking, ...]
    version: date


@dataclass(frozen=True, slots=True)
class Laws:
    """The laws that may be cited, and how."""

    words: CitationWords
    by_name: Mapping[str, LawEntry]

    def cite(self, law: str, articles: tuple[int, ...]) -> str:
        """Return law and articles as people read them; raises KeyError for a law that is not listed."""
        entry, words = self.by_name[law], self.words
        form = words.dated_law if entry.dated else words.law
        named = words.between.join(words.article.format(number=number) for number in articles)
        return form.format(law=law, year=entry.version.year) + named


@dataclass(frozen=True, slots=True, kw_only=True)
class Statutes:
    """`config/rules/statutes.yaml`, checked; `entries` in the order of the file.

    A question with one of the words of `outside` is not for this file, whatever else it says.
    """

    entries: tuple[Statute, ...]
    laws: Laws
    ranking: RankingEntry
    outside: tuple[str, ...]

    def for_type(self, dispute_type: DisputeType, subtype: str | None) -> tuple[Statute, ...]:
        """Return the two to six statutes of a dispute's card: those of its subtype, else of its type."""
        narrow = f"{dispute_type}.{subtype}"
        of_subtype = tuple(entry for entry in self.entries if narrow in entry.card)
        return of_subtype or tuple(entry for entry in self.entries if dispute_type in entry.card)


def load_statutes(config_dir: Path) -> Statutes:
    """Read and check the statutes; raises RuleFileError with file and line of every mistake."""
    path = config_dir / "rules" / "statutes.yaml"
    content = load_rules(path, StatutesFile)
    known = known_types(config_dir)
    mistakes: list[RuleMistake] = []
    for entry in content.statutes:
        problems = [
            f"no type {name} in dispute_types.yaml"
            for name in (*entry.types, *entry.card)
            if name not in known
        ]
        if entry.law not in content.laws:
            problems.append(f"law {entry.law} is not listed under laws")
        mistakes += [RuleMistake(path, line_with(path, entry.text), problem) for problem in problems]
        mistakes += [
            RuleMistake(path, line_with(path, source), f"{source!r}: {problem}")
            for source in entry.asked
            if (problem := _problem_of(source))
        ]
    if mistakes:
        raise RuleFileError(mistakes)
    laws = Laws(words=content.citation, by_name=content.laws)
    return Statutes(
        entries=tuple(_as_statute(entry, laws, content.classes) for entry in content.statutes),
        laws=laws,
        ranking=content.ranking,
        outside=content.outside,
    )


def known_types(config_dir: Path) -> frozenset[str]:
    """Return every `type` and `type.subtype` of dispute_types.yaml; raises RuleFileError."""
    types = load_rules(config_dir / "rules" / "dispute_types.yaml", TypesFile).types
    return frozenset(str(code) for code in types) | {
        f"{code}.{subtype}" for code, entry in types.items() for subtype in entry.subtypes
    }


def _as_statute(entry: StatuteEntry, laws: Laws, classes: Mapping[str, tuple[str, ...]]) -> Statute:
    return Statute(
        law=entry.law,
        articles=entry.articles,
        citation=laws.cite(entry.law, entry.articles),
        text=entry.text,
        types=frozenset(entry.types),
        card=frozenset(entry.card),
        asked=tuple(_as_asking(source, classes) for source in entry.asked),
        version=laws.by_name[entry.law].version,
    )


def _problem_of(source: str) -> str | None:
    parts = source.split()
    if not all(word for part in parts for word in part.removeprefix("!").split("/")):
        return "an empty word"
    return None if any(not part.startswith("!") for part in parts) else "nothing to look for"


def _as_asking(source: str, classes: Mapping[str, tuple[str, ...]]) -> Asking:
    """Read one way of asking such as `借据 过期/时效 !房租`: words, or names of word classes (词类)."""

    def words_of(part: str) -> frozenset[str]:
        return frozenset(word for name in part.split("/") for word in classes.get(name, (name,)))

    parts = source.split()
    return Asking(
        groups=tuple(words_of(part) for part in parts if not part.startswith("!")),
        absent=frozenset().union(*(words_of(part[1:]) for part in parts if part.startswith("!"))),
    )
