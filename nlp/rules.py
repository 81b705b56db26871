"""The schema of the understanding rules: what may stand in `config/rules/understanding`.

`FILES` names every file and its schema. The wiring reads each of them strictly and hands them over:
`UnderstandingRules(**{Path(name).stem: load_rules(folder / name, model) for name, model in FILES.items()})`.
"""

from collections.abc import Iterator, Mapping
from sys import intern
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mediation.vocabulary import DisputeType, Group, Intent, NotMediable, RiskFlag
from nlp.fact_rules import FactRules
from nlp.patterns import parse_pattern
from nlp.place_rules import PinyinRules, PlaceRules

Weight = float
Word = Annotated[str, Field(min_length=1)]


def _readable(source: str) -> str:
    parse_pattern(source)
    return source


def _split(words: object) -> object:
    return tuple(map(intern, words.split())) if isinstance(words, str) else words


PatternSource = Annotated[str, AfterValidator(_readable)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_split)]
"""Words with blanks between them, in one string."""


class RuleModel(BaseModel):
    """Unknown keys are mistakes; values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Signs(RuleModel):
    """What speaks for a label (or against it, with a negative weight).

    `words`: weight -> words, each of which counts wherever it stands.
    `together`: pattern -> weight. A pattern is words or word classes (词类) with blanks between them:
    all must stand in the text, each at most 24 characters from the first one; `A/B` either of them;
    `A > B` in this order; `!A` must stand nowhere in the text; `~40` another distance; `~全文` any.
    """

    words: dict[Weight, list[Word]] = {}
    together: dict[PatternSource, Weight] = {}


class WordRules(RuleModel):
    """words.yaml: word classes that patterns refer to, idioms, and words for jieba's dictionary."""

    classes: dict[str, list[Word]]
    idioms: list[Word] = []
    jieba: list[Word] = []


class SubtypeRules(Signs):
    """The second level of a dispute type."""

    name: str


class TypeRules(Signs):
    """One dispute type (纠纷类型) and its second level."""

    name: str
    subtypes: dict[str, SubtypeRules] = {}


class Between(RuleModel):
    """Decides between two types that are both in question, for the first and against the second."""

    prefer: DisputeType
    over: DisputeType
    together: dict[PatternSource, Weight]


class DisputeTypeRules(RuleModel):
    """types.yaml: the dispute types and how sure one must be."""

    known_from: float = Field(gt=0, description="score from which a message tells a dispute at all")
    nothing_known: float = Field(ge=0, description="score of `other` before any sign is seen")
    types: dict[DisputeType, TypeRules]
    between: list[Between] = []


class IntentRules(RuleModel):
    """intents.yaml: what a message wants; `short_to` and the like are lengths in characters."""

    short_to: int
    long_from: int
    question_to: int
    question_endings: list[Word]
    strong_from: float = Field(gt=0, description="type score from which the matter is clear (词类 事由清楚)")
    intents: dict[Intent, Signs]


class FlagRules(RuleModel):
    """A danger: signs that make the case red, and signs that make it orange."""

    red: Signs = Signs()
    orange: Signs = Signs()


class DangerRules(RuleModel):
    """danger.yaml: dangers and their grade; `heating` are the signs of a quarrel heating up (yellow).

    `classes` are word classes and `idioms` fixed sayings for this file, beside those of words.yaml.
    """

    classes: dict[str, list[Word]] = {}
    idioms: list[Word] = []
    flags: dict[RiskFlag, FlagRules]
    heating: Signs
    negators: list[Word]
    major_amount: int
    group_people: int


class StandingRules(RuleModel):
    """standing.yaml: who the person is (groups, 涉企) and what mediation cannot take.

    `group_types`: a group counts only in these types; `implied_by`: a type that makes the group by itself.
    """

    groups: dict[Group, Signs]
    group_types: dict[Group, list[str]] = {}
    implied_by: dict[Group, list[str]] = {}
    not_mediable: dict[NotMediable, Signs]


class TopicRules(RuleModel):
    """topics.yaml: things, people and acts of life and what they are called; weights are learned for them."""

    topics: dict[str, Words]


class LearnedLabel(RuleModel):
    """What was learned of one label: `bias` from the start, weight -> strings, topics (话题:…) and facts.

    The words stay one string with blanks between them, as in the file: half a million of them take much room.
    """

    bias: float = 0.0
    words: dict[Weight, str] = {}


class LearnedTypes(RuleModel):
    """The types; `hand` is what the root of the score written by hand counts."""

    hand: float = Field(ge=0)
    temperature: float = Field(gt=0, description="score points that make odds e times better")
    auto_from: float = Field(gt=0, le=1, description="probability from which nobody is asked")
    labels: dict[DisputeType, LearnedLabel]


class LearnedSubtypes(RuleModel):
    """The second level (`labour.wages`), each among those of its type, in the same way."""

    hand: float = Field(ge=0)
    labels: dict[str, LearnedLabel]


class LearnedIntents(RuleModel):
    """The intents, in the same way."""

    hand: float = Field(ge=0)
    labels: dict[Intent, LearnedLabel]


class LearnedReasons(RuleModel):
    """What mediation cannot take, in the same way; `from_score` is the score that a reason needs."""

    hand: float = Field(ge=0)
    from_score: float
    labels: dict[NotMediable, LearnedLabel]


class LearnedGroups(RuleModel):
    """Who the person is, in the same way; each group by itself needs `from_score`.

    A group that is not listed goes by its signs alone.
    """

    hand: float = Field(ge=0)
    from_score: float
    labels: dict[Group, LearnedLabel]


class LearnedDangers(RuleModel):
    """What makes a message red, in the same way; `from_score` is the score that a danger needs."""

    hand: float = Field(ge=0)
    from_score: float
    labels: dict[RiskFlag, LearnedLabel]


class LearnedFlags(RuleModel):
    """The flags of a danger of any grade, and a quarrel heating up, each by itself in the same way.

    Each has its own score that it needs.
    """

    hand: float = Field(ge=0)
    from_score: dict[RiskFlag | Literal["heating"], float]
    labels: dict[RiskFlag | Literal["heating"], LearnedLabel]


class LearnedRules(RuleModel):
    """learned.yaml: weights made by `python -m tests.bench.learn` from labelled messages."""

    types: LearnedTypes
    subtypes: LearnedSubtypes
    intents: LearnedIntents
    not_mediable: LearnedReasons
    groups: LearnedGroups
    danger: LearnedDangers
    flags: LearnedFlags

    def labels(self) -> Iterator[tuple[str, LearnedLabel]]:
        """Yield each label as the understanding names it (`type.labour`)."""
        for code, learned in self.types.labels.items():
            yield f"type.{code}", learned
        for intent, learned in self.intents.labels.items():
            yield f"intent.{intent}", learned
        for reason, learned in self.not_mediable.labels.items():
            yield f"not_mediable.{reason}", learned
        for group, learned in self.groups.labels.items():
            yield f"group.{group}", learned
        for kind, learned in self.danger.labels.items():
            yield f"danger.{kind}", learned
        for flag, learned in self.flags.labels.items():
            yield f"flag.{flag}", learned

    def without_words(self) -> Self:
        """Return the settings alone; every label stays."""
        return self.model_copy(
            update={
                name: section.model_copy(update={"labels": dict.fromkeys(section.labels, LearnedLabel())})
                for name, section in self
            }
        )


class OverruledRules(RuleModel):
    """overruled.yaml: weights set by a person, which stand above the learned ones; 0 takes a word out."""

    auto_from: float | None = Field(default=None, gt=0, le=1)
    types: dict[DisputeType, dict[Word, Weight]] = {}
    subtypes: dict[str, dict[Word, Weight]] = {}
    intents: dict[Intent, dict[Word, Weight]] = {}
    not_mediable: dict[NotMediable, dict[Word, Weight]] = {}
    groups: dict[Group, dict[Word, Weight]] = {}
    danger: dict[RiskFlag, dict[Word, Weight]] = {}
    flags: dict[RiskFlag | Literal["heating"], dict[Word, Weight]] = {}

    def labels(self) -> Iterator[tuple[str, Mapping[str, float]]]:
        """Yield each label as the understanding names it."""
        for code, words in self.types.items():
            yield f"type.{code}", words
        for intent, words in self.intents.items():
            yield f"intent.{intent}", words
        for reason, words in self.not_mediable.items():
            yield f"not_mediable.{reason}", words
        for group, words in self.groups.items():
            yield f"group.{group}", words
        for kind, words in self.danger.items():
            yield f"danger.{kind}", words
        for flag, words in self.flags.items():
            yield f"flag.{flag}", words


class UnderstandingRules(RuleModel):
    """All rules of the understanding, one field per file."""

    words: WordRules
    topics: TopicRules
    types: DisputeTypeRules
    learned: LearnedRules
    overruled: OverruledRules
    intents: IntentRules
    danger: DangerRules
    standing: StandingRules
    places: PlaceRules
    pinyin: PinyinRules
    facts: FactRules

    def without_words(self) -> Self:
        """Return what is still asked for once all signs are compiled: they take much memory."""
        nothing: dict[str, object] = {}
        return self.model_copy(
            update={
                "words": WordRules(classes={}),
                "topics": TopicRules(topics={}),
                "types": self.types.model_copy(update={"types": nothing, "between": []}),
                "learned": self.learned.without_words(),
                "intents": self.intents.model_copy(update={"intents": nothing}),
                "danger": self.danger.model_copy(update={"flags": nothing, "classes": nothing, "idioms": []}),
                "standing": self.standing.model_copy(update={"groups": nothing, "not_mediable": nothing}),
            }
        )


FILES: Mapping[str, type[BaseModel]] = {
    "words.yaml": WordRules,
    "topics.yaml": TopicRules,
    "types.yaml": DisputeTypeRules,
    "learned.yaml": LearnedRules,
    "overruled.yaml": OverruledRules,
    "intents.yaml": IntentRules,
    "danger.yaml": DangerRules,
    "standing.yaml": StandingRules,
    "places.yaml": PlaceRules,
    "pinyin.yaml": PinyinRules,
    "facts.yaml": FactRules,
}
