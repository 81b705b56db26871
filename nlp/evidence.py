"""Finds the signs of all rule files in one text, in one pass: which label, how strongly, by which words.

Every word of every rule goes into one Aho-Corasick automaton. What a pattern asks for are items (a word,
or the alternatives of a pattern); the items seen are the bits of one number, so that one comparison rules
out most rules. The cost is linear in the length of the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick

from nlp.patterns import Pattern, parse_pattern
from nlp.rules import Signs

Span = tuple[int, int]
FADING = 0.7
_FRESH_ENOUGH = 0.34


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign seen in the text: its weight, where its words stand, and the same as bits (offsets)."""

    weight: float
    spans: tuple[Span, ...]
    offsets: int


@dataclass(frozen=True, slots=True)
class _Rule:
    label: str
    weight: float
    items: tuple[int, ...]
    needed: int
    absent: int
    distance: int
    in_order: bool


@dataclass(slots=True)
class Sightings:
    """What was seen in one text: where each rule word stands, and which items are there (bits of `items`)."""

    words: dict[int, list[Span]]
    items: int
    spans: dict[int, list[Span]] = field(default_factory=dict)


class EvidenceBook:
    """All signs of all labels, compiled; a label is any string that the caller chose.

    `stages` are weighed one after the other: what the first says may become a feature that rules of the next
    refer to (事由清楚).
    """

    def __init__(
        self,
        stages: Sequence[Mapping[str, Signs]],
        *,
        classes: Mapping[str, Sequence[str]],
        idioms: Iterable[str] = (),
        features: Sequence[str] = (),
    ) -> None:
        self._classes = classes
        self._features = {feature: -1 - number for number, feature in enumerate(features)}
        self._item_ids: dict[tuple[str, ...], int] = {}
        self._words_of_item: list[set[str]] = []
        rules = [
            [rule for label, label_signs in signs.items() for rule in self._rules_of(label, label_signs)]
            for signs in stages
        ]
        self._idioms = frozenset(idioms)
        names = sorted({*self._idioms, *(word for words in self._words_of_item for word in words)})
        names = [name for name in names if name not in self._features]
        self._automaton = AhoCorasick(names)
        self._is_idiom = [name in self._idioms for name in names]
        self._number = {name: number for number, name in enumerate(names)} | self._features
        self._items_of = dict.fromkeys(self._number.values(), 0)
        for item, words in enumerate(self._words_of_item):
            for word in words:
                self._items_of[self._number[word]] |= 1 << item
        self._words_of = [{self._number[word] for word in words} for words in self._words_of_item]
        self._rules = [self._index(stage) for stage in rules]

    def _rules_of(self, label: str, signs: Signs) -> Iterable[_Rule]:
        for weight, words in signs.words.items():
            for word in words:
                item = self._item(("", word), {word})
                yield _Rule(label, weight, (item,), 1 << item, 0, 0, False)
        for source, weight in signs.together.items():
            pattern = parse_pattern(source)
            yield self._compiled(label, weight, pattern)

    def _compiled(self, label: str, weight: float, pattern: Pattern) -> _Rule:
        items = tuple(self._item(names, self._expand(names)) for names in pattern.items)
        absent = 0
        for names in pattern.absent:
            absent |= 1 << self._item(names, self._expand(names))
        needed = 0
        for item in items:
            needed |= 1 << item
        return _Rule(label, weight, items, needed, absent, pattern.distance, pattern.in_order)

    def _expand(self, names: Iterable[str]) -> set[str]:
        """Put the words of a class (词类) in the place of its name."""
        return {word for name in names for word in self._classes.get(name, (name,))}

    def _item(self, key: tuple[str, ...], words: set[str]) -> int:
        if key not in self._item_ids:
            self._item_ids[key] = len(self._words_of_item)
            self._words_of_item.append(words)
        return self._item_ids[key]

    def _index(self, rules: Iterable[_Rule]) -> dict[int, list[_Rule]]:
        """File each rule under the words of its rarest item (long words are rare, single ones common)."""
        index: dict[int, list[_Rule]] = defaultdict(list)
        for rule in rules:
            rarest = min(
                rule.items, key=lambda item: sum(10.0 ** (3 - len(w)) for w in self._words_of_item[item])
            )
            for word in self._words_of[rarest]:
                index[word].append(rule)
        return index

    def see(self, text: str, boundaries: set[int]) -> Sightings:
        """Find every rule word that is a word here, and not part of an idiom (杀价, 打官司)."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        covered: dict[int, tuple[int, int]] = {}  # offset in an idiom -> (length, end) of the longest one
        for number, start, end in hits:
            if self._is_idiom[number]:
                for offset in range(start, end):
                    covered[offset] = max(covered.get(offset, (0, 0)), (end - start, end))
        words: dict[int, list[Span]] = {}
        items = 0
        for number, start, end in hits:
            # One character must be a word of its own; longer ones must not be made of two halves of words.
            if start not in boundaries and (end not in boundaries or end - start == 1):
                continue
            if end - start == 1 and end not in boundaries:
                continue
            if start in covered:
                length, stop = covered[start]
                if end <= stop and end - start < length:
                    continue
            if number in words:
                words[number].append((start, end))
            else:
                words[number] = [(start, end)]
                items |= self._items_of[number]
        return Sightings(words=words, items=items)

    def add_feature(self, sightings: Sightings, feature: str) -> None:
        """Note a fact about the text that rules may use like a word (很短, 事由清楚)."""
        number = self._features[feature]
        sightings.words[number] = [(0, 0)]
        sightings.items |= self._items_of.get(number, 0)

    def weigh(self, sightings: Sightings, *, stage: int = 0) -> dict[str, list[Evidence]]:
        """Return the evidence for each label of a stage, strongest first; each rule counts once."""
        found: dict[str, list[Evidence]] = {}
        index, items = self._rules[stage], sightings.items
        tried: set[int] = set()
        for word in sightings.words:
            for rule in index.get(word, ()):
                if rule.needed & items != rule.needed or rule.absent & items or id(rule) in tried:
                    continue
                tried.add(id(rule))
                spans = self._match(rule, sightings)
                if spans:
                    offsets = 0
                    for start, end in spans:
                        offsets |= ((1 << (end - start)) - 1) << start
                    found.setdefault(rule.label, []).append(Evidence(rule.weight, spans, offsets))
        for evidence in found.values():
            if len(evidence) > 1:
                evidence.sort(key=strongest_first)
        return found

    def _spans(self, item: int, sightings: Sightings) -> list[Span]:
        spans = sightings.spans.get(item)
        if spans is None:
            seen = [sightings.words[word] for word in self._words_of[item] & sightings.words.keys()]
            spans = seen[0] if len(seen) == 1 else sorted(span for one in seen for span in one)
            sightings.spans[item] = spans
        return spans

    def _match(self, rule: _Rule, sightings: Sightings) -> tuple[Span, ...]:
        """Return the spans of the first place where all items stand, empty when nowhere."""
        firsts = self._spans(rule.items[0], sightings)
        if len(rule.items) == 1:
            return (firsts[0],)
        others = [self._spans(item, sightings) for item in rule.items[1:]]
        for first in firsts:
            chosen = [first]
            for spans in others:
                after = chosen[-1][1] if rule.in_order else -1
                near = _nearest(first, spans, after=after, taken=chosen)
                if near is None or max(near[0] - first[1], first[0] - near[1]) > rule.distance:
                    break
                chosen.append(near)
            else:
                return tuple(chosen)
        return ()


def strongest_first(evidence: Evidence) -> tuple[float, tuple[Span, ...]]:
    """Order evidence: the greatest weight first, for or against; then as it stands in the text."""
    return (-abs(evidence.weight), evidence.spans)


def _nearest(first: Span, spans: list[Span], *, after: int, taken: list[Span]) -> Span | None:
    """Return the span nearest to the first item that overlaps none taken and starts at or behind `after`.

    A feature stands nowhere, (0, 0), and so is near to everything.
    """
    if spans[0] == (0, 0):
        return first[0], first[0]
    at = bisect_left(spans, (first[0], 0)) if len(spans) > 1 else 0
    best: Span | None = None
    for span in spans[max(0, at - 3) : at + 4]:
        if span[0] < after or any(span[0] < end and start < span[1] for start, end in taken):
            continue
        if best is None or abs(span[0] - first[0]) < abs(best[0] - first[0]):
            best = span
    return best


def total(evidence: Iterable[Evidence]) -> tuple[float, list[Evidence]]:
    """Add up evidence, strongest first: what repeats words already counted adds nothing, more of it fades.

    So a long story is not decided by how many things it touches. What speaks against counts fully.
    """
    score, factor, used = 0.0, 1.0, 0
    counted: list[Evidence] = []
    for one in evidence:
        if one.weight < 0:
            score += one.weight
            continue
        size = one.offsets.bit_count()
        fresh = (one.offsets & ~used).bit_count() / size if size else 1.0
        if fresh < _FRESH_ENOUGH:
            continue
        score += one.weight * factor * fresh
        factor *= FADING
        used |= one.offsets
        counted.append(one)
    return score, counted
