"""Finds the signs of all rule files in one text, in one pass: which label, how strongly, by which words.

Every word of every rule goes into one Aho-Corasick automaton; patterns are looked up by their first item.
The cost is linear in the length of the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick

from nlp.patterns import Pattern, parse_pattern
from nlp.rules import Signs

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign seen in the text: its weight and where its words stand."""

    weight: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    label: str
    weight: float
    items: tuple[int, ...]
    absent: tuple[int, ...]
    distance: int
    in_order: bool


@dataclass(slots=True)
class Sightings:
    """Where the items of the rules stand in one text; `spans` by item, each list in order."""

    spans: dict[int, list[Span]] = field(default_factory=dict)

    def add(self, item: int, span: Span) -> None:
        self.spans.setdefault(item, []).append(span)


class EvidenceBook:
    """All signs of all labels, compiled; a label is any string that the caller chose."""

    def __init__(
        self,
        signs: Mapping[str, Signs],
        *,
        classes: Mapping[str, Sequence[str]],
        idioms: Iterable[str] = (),
        features: Iterable[str] = (),
    ) -> None:
        self._classes = classes
        self._features = frozenset(features)
        self._item_ids: dict[tuple[str, ...], int] = {}
        self._items_of_word: dict[str, list[int]] = defaultdict(list)
        self._items_of_feature: dict[str, list[int]] = defaultdict(list)
        self._by_first: dict[int, list[_Rule]] = defaultdict(list)
        for label, label_signs in signs.items():
            for weight, words in label_signs.words.items():
                for word in words:
                    self._add_word(label, weight, word)
            for source, weight in label_signs.together.items():
                self._add_rule(label, weight, parse_pattern(source))
        self._idioms = frozenset(idioms)
        self._words = sorted({*self._items_of_word, *self._idioms})
        self._items = [tuple(self._items_of_word.get(word, ())) for word in self._words]
        self._automaton = AhoCorasick(self._words)

    def add_feature(self, sightings: Sightings, feature: str) -> None:
        """Note a fact about the text that rules may use like a word class (很短, 事由清楚)."""
        for item in self._items_of_feature[feature]:
            sightings.add(item, (0, 0))

    def _add_word(self, label: str, weight: float, word: str) -> None:
        """Add a word that stands for itself, even where a word class has the same name."""
        number = self._item_ids.setdefault(("", word), len(self._item_ids))
        if number not in self._items_of_word[word]:
            self._items_of_word[word].append(number)
        self._by_first[number].append(_Rule(label, weight, (number,), (), 0, False))

    def _add_rule(self, label: str, weight: float, pattern: Pattern) -> None:
        items = tuple(self._item(alternatives) for alternatives in pattern.items)
        absent = tuple(self._item(alternatives) for alternatives in pattern.absent)
        rule = _Rule(label, weight, items, absent, pattern.distance, pattern.in_order)
        self._by_first[items[0]].append(rule)

    def _item(self, alternatives: tuple[str, ...]) -> int:
        if alternatives in self._item_ids:
            return self._item_ids[alternatives]
        number = self._item_ids[alternatives] = len(self._item_ids)
        words: set[str] = set()
        for name in alternatives:
            words.update(self._classes.get(name, () if name in self._features else (name,)))
            if name in self._features:
                self._items_of_feature[name].append(number)
        for word in words:
            self._items_of_word[word].append(number)
        return number

    def see(self, text: str, boundaries: set[int]) -> Sightings:
        """Find every rule word that is a word here, and not part of an idiom (杀价, 打官司)."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        words, idioms = self._words, self._idioms
        covered: dict[int, int] = {}  # offset inside an idiom -> where the idiom ends
        longest: dict[int, int] = {}
        for number, start, end in hits:
            if words[number] in idioms:
                for offset in range(start, end):
                    if end - start > longest.get(offset, 0):
                        covered[offset], longest[offset] = end, end - start
        sightings = Sightings()
        for number, start, end in hits:
            items = self._items[number]
            if not items or not _stands_alone(start, end, boundaries):
                continue
            if end <= covered.get(start, -1) and end - start < longest[start]:
                continue
            for item in items:
                sightings.add(item, (start, end))
        for spans in sightings.spans.values():
            if len(spans) > 1:
                spans.sort()
        return sightings

    def weigh(self, sightings: Sightings) -> dict[str, list[Evidence]]:
        """Return the evidence for each label, strongest first; same words count once per rule."""
        found: dict[str, list[Evidence]] = defaultdict(list)
        for item in list(sightings.spans):
            for rule in self._by_first.get(item, ()):
                spans = _match(rule, sightings.spans)
                if spans:
                    found[rule.label].append(Evidence(rule.weight, spans))
        for evidence in found.values():
            evidence.sort(key=lambda one: (-abs(one.weight), one.spans))
        return found


def _stands_alone(start: int, end: int, boundaries: set[int]) -> bool:
    """Whether a hit agrees with jieba: one character must be a word, longer ones must not cut two words."""
    if end - start == 1:
        return start in boundaries and end in boundaries
    return start in boundaries or end in boundaries


def _match(rule: _Rule, spans_of: Mapping[int, list[Span]]) -> tuple[Span, ...]:
    """Return the spans of the first place where all items stand, empty when nowhere."""
    if any(item in spans_of for item in rule.absent):
        return ()
    others = [spans_of.get(item) for item in rule.items[1:]]
    if None in others:
        return ()
    for first in spans_of[rule.items[0]]:
        chosen = [first]
        for spans in others:
            after = chosen[-1][1] if rule.in_order else -1
            near = _nearest(first, spans or [], after=after, taken=chosen)
            if near is None or max(near[0] - first[1], first[0] - near[1]) > rule.distance:
                break
            chosen.append(near)
        else:
            return tuple(chosen)
    return ()


def _nearest(first: Span, spans: list[Span], *, after: int, taken: list[Span]) -> Span | None:
    """Return the span nearest to the first item that overlaps none taken and starts at or behind `after`."""
    at = bisect_left(spans, (first[0], 0))
    best: Span | None = None
    for span in spans[max(0, at - 3) : at + 4]:
        if span[0] < after or any(span[0] < end and start < span[1] for start, end in taken):
            continue
        if best is None or abs(span[0] - first[0]) < abs(best[0] - first[0]):
            best = span
    return best


def total(evidence: Iterable[Evidence], *, fading: float = 0.7) -> tuple[float, list[Evidence]]:
    """Add up evidence, strongest first: what repeats words already counted adds nothing, more of it fades.

    So a long story that touches many things is not outweighed by its length. What speaks against counts fully.
    """
    score, factor = 0.0, 1.0
    used: set[int] = set()
    counted: list[Evidence] = []
    for one in evidence:
        offsets = {offset for start, end in one.spans for offset in range(start, end)}
        if one.weight < 0:
            score += one.weight
            continue
        fresh = len(offsets - used) / len(offsets) if offsets else 1.0
        if fresh < 0.34:
            continue
        score += one.weight * factor * fresh
        factor *= fading
        used |= offsets
        counted.append(one)
    return score, counted
