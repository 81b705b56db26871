"""Adds up the learned weights of a text: short strings of characters and topics (话题), found in one pass.

The weights are made by `python -m tests.bench.learn` and stand in learned.yaml; overruled.yaml goes before
them. What is written by hand counts beside them, see `nlp.classifying`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import sqrt
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

Hit = tuple[int, int, int]


def list_topics(
    topics: Mapping[str, Iterable[str]], classes: Mapping[str, Iterable[str]]
) -> dict[str, set[str]]:
    """Return the words of each topic and word class under the names that the learned rules use."""
    named = {f"{TOPIC}{name}": words for name, words in topics.items()}
    named |= {f"{CLASS}{name}": words for name, words in classes.items()}
    return {name: {word for word in words if len(word) > 1} for name, words in named.items()}


class FeatureFinder:
    """Finds strings and the words of topics; `features_of` says what each found number stands for."""

    def __init__(self, strings: Iterable[str], topics: Mapping[str, Collection[str]]) -> None:
        features_of: dict[str, list[str]] = {string: [string] for string in strings}
        for topic, words in topics.items():
            for word in words:
                features_of.setdefault(word, []).append(topic)
        self.names = sorted(features_of)
        self.features_of = [tuple(features_of[name]) for name in self.names]
        self._automaton = AhoCorasick(self.names)

    def find(self, text: str) -> list[Hit]:
        """Return (number, start, end) of all, overlapping ones too."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True)


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
        packed: dict[str, int] = {}
        told: dict[str, set[str]] = {label: set() for label in self.labels}
        for index, (label, its_weights) in enumerate(weights.items()):
            for feature, weight in its_weights.items():
                packed[feature] = packed.get(feature, 0) + (round(weight * _UNIT) << _BITS * index)
                if weight >= _WORTH_TELLING:
                    told[label].add(feature)
        self._facts = {
            name: {label: its_weights[name] for label, its_weights in weights.items() if name in its_weights}
            for name in packed
            if name.startswith(FACT)
        }
        used_topics = {name: words for name, words in topics.items() if name in packed}
        strings = packed.keys() - used_topics.keys() - self._facts.keys()
        self._finder = FeatureFinder(strings, used_topics)
        self._topics = {name: packed[name] for name in used_topics}
        self._strings: dict[int, int] = {}
        self._topics_of: dict[int, list[str]] = {}
        self._told: dict[str, set[int]] = {label: set() for label in self.labels}
        for number, features in enumerate(self._finder.features_of):
            name = self._finder.names[number]
            if name in strings:
                self._strings[number] = packed[name]
            if named := [feature for feature in features if feature in used_topics]:
                self._topics_of[number] = named
            if len(name) >= _SHORTEST_TOLD:
                for label, its_features in told.items():
                    if not its_features.isdisjoint(features):
                        self._told[label].add(number)
        self._level = sum(_HALF << _BITS * index for index in range(len(self.labels)))

    def see(self, text: str) -> list[Hit]:
        """Find what the weights are about."""
        return self._finder.find(text)

    def weigh(self, hits: Sequence[Hit]) -> dict[str, float]:
        """Return the score of each label."""
        numbers = {number for number, _, _ in hits}
        found = [packed for packed in map(self._strings.get, numbers) if packed is not None]
        topics_of = self._topics_of
        topics = {topic for number in numbers & topics_of.keys() for topic in topics_of[number]}
        whole = sum(found) + sum([self._topics[topic] for topic in topics])
        share = share_of_each(len(found) + len(topics)) / _UNIT
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

    def tell(self, hits: Iterable[Hit], label: str, boundaries: Collection[int]) -> list[Span]:
        """Return where whole words stand that spoke for a label."""
        told = self._told.get(label, set())
        return [
            (start, end)
            for number, start, end in hits
            if number in told and start in boundaries and end in boundaries
        ]


def _weights_by_label(rules: LearnedRules, overruled: OverruledRules) -> dict[str, dict[str, float]]:
    weights = {
        label: {word: weight for weight, words in learned.words.items() for word in words}
        for label, learned in rules.labels()
    }
    for label, words in overruled.labels():
        weights.setdefault(label, {}).update(words)
    return weights
