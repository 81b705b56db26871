"""Adds up the learned weights of a text: its characters, pairs of characters, and topics (话题).

The weights are made by `python -m tests.bench.learn` and stand in learned.yaml; overruled.yaml goes before
them. What is written by hand counts beside them, see `nlp.classifying`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from math import sqrt
from operator import add
from struct import unpack
from sys import intern

from ahocorasick_rs import AhoCorasick

from nlp.evidence import Span
from nlp.rules import LearnedLabel, LearnedRules, OverruledRules

TOPIC = "话题:"
CLASS = "词类:"
FACT = "判断:"
USUAL_NUMBER, FEWEST = 60, 20
"""As many features has a message of usual length, and a short one; of a longer one each counts less."""
_BYTES, _BITS, _HALF, _UNIT = 4, 32, 1 << 31, 1000
_WORTH_TELLING = 0.3
_TOLD = ("type.", "danger.", "flag.")
"""Labels whose deciding words are told."""
_SHORTEST_TOLD, _LONGEST_LISTED = 2, 2


def list_topics(
    topics: Mapping[str, Iterable[str]], classes: Mapping[str, Iterable[str]]
) -> dict[str, set[str]]:
    """Return the words of each topic and word class under the names that the learned rules use."""
    named = {f"{TOPIC}{name}": words for name, words in topics.items()}
    named |= {f"{CLASS}{name}": words for name, words in classes.items()}
    return {name: {word for word in words if len(word) > 1} for name, words in named.items()}


class TopicFinder:
    """Finds topics by their words."""

    def __init__(self, topics: Mapping[str, Collection[str]]) -> None:
        topics_of: dict[str, list[str]] = defaultdict(list)
        for topic, words in topics.items():
            for word in words:
                topics_of[word].append(topic)
        self._topics_of = list(topics_of.values())
        self._automaton = AhoCorasick(list(topics_of))

    def find(self, text: str) -> dict[str, list[Span]]:
        """Return the topics that a text touches, and where their words stand."""
        found: dict[str, list[Span]] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for topic in self._topics_of[number]:
                if topic in found:
                    found[topic].append((start, end))
                else:
                    found[topic] = [(start, end)]
        return found


def list_strings(text: str) -> set[str]:
    """Return the characters and pairs of a text, and how it begins (^你好) and ends (久?$)."""
    return {*text, *map(add, text, text[1:]), f"^{text[:2]}", f"{text[-2:]}$"}


def _is_looked_up(string: str) -> bool:
    """Whether `list_strings` may list it; a longer string, which only a person writes, is searched."""
    return len(string.removeprefix("^").removesuffix("$")) <= _LONGEST_LISTED


def share_of_each(number_of_features: int) -> float:
    """Return how much each feature counts: the more there are, the less each of them says."""
    return sqrt(USUAL_NUMBER / max(number_of_features, FEWEST))


@dataclass(frozen=True, slots=True)
class Seen:
    """The known features of a text, and how much each of them counts."""

    strings: Set[str]
    topics: Mapping[str, Sequence[Span]]
    share: float


@dataclass(frozen=True, slots=True)
class _Label:
    """What was learned of a label, and what a person says above it (`overruled`)."""

    name: str
    learned: LearnedLabel
    overruled: Mapping[str, float]

    @property
    def bias(self) -> float:
        """What the label has from the start."""
        return self.learned.bias

    @property
    def size(self) -> int:
        """How much was learned, in characters."""
        return sum(map(len, self.learned.words.values()))

    def weights(self) -> Iterator[tuple[float, list[str]]]:
        """Yield each weight with its features, each of which is one string for all labels."""
        for weight, words in self.learned.words.items():
            yield weight, [intern(word) for word in words.split() if word not in self.overruled]
        for word, weight in self.overruled.items():
            yield weight, [word]


class _Table:
    """The weights of some labels.

    Those of one feature are packed into one long whole number, `_BITS` for each label: adding two such
    numbers adds up all labels at once.
    """

    def __init__(self, labels: Iterable[_Label]) -> None:
        # The labels of which most is known come first: numbers without the last ones are shorter.
        ordered = sorted(labels, key=lambda label: -label.size)
        self._bias = [(label.name, label.bias) for label in ordered]
        self.packed: dict[str, int] = {}
        for index, label in enumerate(ordered):
            for weight, features in label.weights():
                added = round(weight * _UNIT) << _BITS * index
                for feature in features:
                    self.packed[feature] = self.packed.get(feature, 0) + added
        self._level = sum(_HALF << _BITS * index for index in range(len(ordered)))
        self._layout = f"<{len(ordered)}I"

    def weigh(self, seen: Seen) -> dict[str, float]:
        """Return the score of each label."""
        whole = sum(filter(None, map(self.packed.get, chain(seen.strings, seen.topics))))
        # Each sum is lifted by `_HALF`, so that none borrows from the next.
        fields = (whole + self._level).to_bytes(len(self._bias) * _BYTES, "little")
        share = seen.share / _UNIT
        return {
            label: bias + share * (field - _HALF)
            for (label, bias), field in zip(self._bias, unpack(self._layout, fields), strict=True)
        }


class LearnedWeights:
    """The learned weights of all labels (`type.labour`, `intent.urge` ...), compiled."""

    def __init__(
        self, rules: LearnedRules, overruled: OverruledRules, topics: Mapping[str, Collection[str]]
    ) -> None:
        labels = _labels_of(rules.labels(), overruled.labels())
        by_type: dict[str, list[_Label]] = defaultdict(list)
        for label in _labels_of(rules.subtypes.labels.items(), overruled.subtypes.items()):
            by_type[label.name.partition(".")[0]].append(label)
        self._table = _Table(labels)
        self._subtypes = {code: _Table(its_labels) for code, its_labels in by_type.items()}
        for table in self._subtypes.values():
            self._table.packed |= dict.fromkeys(table.packed.keys() - self._table.packed.keys(), 0)
        self._facts: dict[str, dict[str, float]] = defaultdict(dict)
        self._told: dict[str, dict[str, float]] = {}
        for label in labels:
            told: dict[str, float] = {}
            for weight, features in label.weights():
                for feature in features:
                    if feature.startswith(FACT):
                        self._facts[feature][label.name] = weight
                if weight >= _WORTH_TELLING and label.name.startswith(_TOLD):
                    told |= dict.fromkeys(features, weight)
            self._told[label.name] = told
        self._known = self._table.packed.keys()
        used_topics = {name: words for name, words in topics.items() if name in self._known}
        longer = {name: {name} for name in self._known - topics.keys() if not _is_looked_up(name)}
        self._finder = TopicFinder(used_topics | longer)

    def see(self, text: str) -> Seen:
        """Find what the weights are about."""
        strings = self._known & list_strings(text)
        topics = self._finder.find(text)
        return Seen(strings, topics, share_of_each(len(strings) + len(topics)))

    def weigh(self, seen: Seen) -> dict[str, float]:
        """Return the score of each label."""
        return self._table.weigh(seen)

    def weigh_subtypes(self, dispute_type: str, seen: Seen) -> dict[str, float]:
        """Return the score of each second level (`labour.wages`) of a type."""
        table = self._subtypes.get(dispute_type)
        return table.weigh(seen) if table else {}

    def weigh_facts(self, facts: Iterable[str]) -> dict[str, float]:
        """Return what facts about the message (很短, 有事由) add to each label."""
        scores: dict[str, float] = {}
        for fact in facts:
            for label, weight in self._facts.get(f"{FACT}{fact}", {}).items():
                scores[label] = scores.get(label, 0.0) + weight
        return scores

    def tell(self, text: str, seen: Seen, label: str, boundaries: Collection[int]) -> list[Span]:
        """Return where whole words stand that spoke for a label, the strongest first."""
        told = self._told.get(label, {})
        found = [
            (-told[topic], span) for topic, spans in seen.topics.items() if topic in told for span in spans
        ]
        for string in told.keys() & seen.strings:
            if len(string) >= _SHORTEST_TOLD:
                start = text.find(string)
                found.append((-told[string], (start, start + len(string))))
        whole = [(weight, span) for weight, span in found if span[0] in boundaries and span[1] in boundaries]
        return [span for _, span in sorted(whole)]


def _labels_of(
    learned: Iterable[tuple[str, LearnedLabel]], overruled: Iterable[tuple[str, Mapping[str, float]]]
) -> list[_Label]:
    """Return the labels, each with what a person says of it."""
    known, said = dict(learned), dict(overruled)
    return [_Label(name, known.get(name, LearnedLabel()), said.get(name, {})) for name in {**known, **said}]
