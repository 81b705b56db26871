"""Adds up the learned weights of a text: its characters, pairs of characters, and topics (话题).

The weights are made by `python -m tests.bench.learn` and stand in learned.yaml; overruled.yaml goes before
them. What is written by hand counts beside them, see `nlp.classifying`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, pairwise
from math import sqrt
from operator import add
from struct import unpack

from ahocorasick_rs import AhoCorasick

from nlp.evidence import Span
from nlp.rules import LearnedRules, OverruledRules

TOPIC = "话题:"
CLASS = "词类:"
FACT = "判断:"
USUAL_NUMBER, FEWEST = 60, 20
"""As many features has a message of usual length, and a short one; of a longer one each counts less."""
_BYTES, _BITS, _HALF, _UNIT = 4, 32, 1 << 31, 1000
_WORTH_TELLING = 0.3
_SHORTEST_TOLD = 2
_LONGEST_LOOKED_UP = 2
"""Longer strings (only a person writes such) are searched like the words of a topic."""


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

    def find(self, text: str) -> set[str]:
        """Return the names of the topics that a text touches."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return {topic for number in {hit[0] for hit in hits} for topic in self._topics_of[number]}


def list_strings(text: str) -> set[str]:
    """Return the characters and the pairs of characters of a text."""
    return {*text, *map(add, text, text[1:])}


def share_of_each(number_of_features: int) -> float:
    """Return how much each feature counts: the more there are, the less each of them says."""
    return sqrt(USUAL_NUMBER / max(number_of_features, FEWEST))


class LearnedWeights:
    """The learned weights of all labels (`type.labour`, `intent.urge` ...), compiled.

    The weights of one feature for all labels are packed into one long whole number, `_BITS` for each label:
    adding two such numbers adds up all labels at once.
    """

    def __init__(
        self, rules: LearnedRules, overruled: OverruledRules, topics: Mapping[str, Collection[str]]
    ) -> None:
        weights = _weights_by_label(rules, overruled)
        self.labels = list(weights)
        self._bias = [rules.bias_of(label) for label in self.labels]
        self._packed: dict[str, int] = {}
        for index, its_weights in enumerate(weights.values()):
            for feature, weight in its_weights.items():
                self._packed[feature] = self._packed.get(feature, 0) + (
                    round(weight * _UNIT) << _BITS * index
                )
        self._facts = {
            name: {label: its_weights[name] for label, its_weights in weights.items() if name in its_weights}
            for name in self._packed
            if name.startswith(FACT)
        }
        used_topics = {name: words for name, words in topics.items() if name in self._packed}
        longer = {name for name in self._packed if len(name) > _LONGEST_LOOKED_UP}
        longer -= used_topics.keys() | self._facts.keys()
        self._finder = TopicFinder({**used_topics, **{string: {string} for string in longer}})
        self._told = {label: _words_told(its_weights, used_topics) for label, its_weights in weights.items()}
        self._level = sum(_HALF << _BITS * index for index in range(len(self.labels)))

    def weigh(self, text: str) -> dict[str, float]:
        """Return the score of each label."""
        weights_of = self._packed.get
        found = [weights for weights in map(weights_of, list_strings(text)) if weights is not None]
        found += [self._packed[topic] for topic in self._finder.find(text)]
        whole = sum(found)
        share = share_of_each(len(found)) / _UNIT
        return {
            label: bias + share * score
            for label, bias, score in zip(self.labels, self._bias, self._unpack(whole), strict=True)
        }

    def _unpack(self, packed: int) -> Iterable[int]:
        """Return the sums of all labels; each was lifted by `_HALF`, so that none borrows from the next."""
        fields = (packed + self._level).to_bytes(len(self.labels) * _BYTES, "little")
        return [field - _HALF for field in unpack(f"<{len(self.labels)}I", fields)]

    def weigh_facts(self, facts: Iterable[str]) -> dict[str, float]:
        """Return what facts about the message (很短, 有事由) add to each label."""
        scores: dict[str, float] = {}
        for fact in facts:
            for label, weight in self._facts.get(f"{FACT}{fact}", {}).items():
                scores[label] = scores.get(label, 0.0) + weight
        return scores

    def tell(self, text: str, label: str, boundaries: Collection[int]) -> list[Span]:
        """Return where words, or two in a row, stand that spoke for a label; the strongest first."""
        told = self._told.get(label, {})
        offsets = sorted(boundaries)
        found = [
            (-told[word], start, end)
            for start, end in chain(pairwise(offsets), zip(offsets, offsets[2:], strict=False))
            if (word := text[start:end]) in told
        ]
        return [(start, end) for _, start, end in sorted(found)]


def _words_told(weights: Mapping[str, float], topics: Mapping[str, Collection[str]]) -> dict[str, float]:
    """Return the words worth telling, by how much they or their topics weigh."""
    told: dict[str, float] = {}
    for feature, weight in weights.items():
        if weight >= _WORTH_TELLING:
            for word in topics.get(feature, (feature,)):
                if len(word) >= _SHORTEST_TOLD:
                    told[word] = max(weight, told.get(word, 0.0))
    return told


def _weights_by_label(rules: LearnedRules, overruled: OverruledRules) -> dict[str, dict[str, float]]:
    weights = {
        label: {word: weight for weight, words in learned.words.items() for word in words}
        for label, learned in rules.labels()
    }
    for label, words in overruled.labels():
        weights.setdefault(label, {}).update(words)
    return weights
