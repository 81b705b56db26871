"""Finds the signs of all rule files in one text, in one pass: which label, how strongly, by which words.

Every word of every rule goes into one Aho-Corasick automaton. What a pattern asks for are items (a word,
or the alternatives of a pattern); a rule is looked at only when a word of its rarest item stands in the
text, and matched only when its other items are seen too. The cost is linear in the length of the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from nlp.patterns import Pattern, parse_pattern
from nlp.rules import Signs

Span = tuple[int, int]
FADING = 0.7
_FRESH_ENOUGH = 0.34


class Evidence(NamedTuple):
    """One sign seen in the text: its weight, where its words stand, and the same as bits (offsets)."""

    weight: float
    spans: tuple[Span, ...]
    offsets: int


@dataclass(frozen=True, slots=True)
class _Rule:
    """A compiled pattern; `partner` is the item to look for first, besides the one it is filed under."""

    number: int
    label: str
    weight: float
    items: tuple[int, ...]
    partner: int
    absent: frozenset[int]
    distance: int
    in_order: bool


@dataclass(slots=True)
class _Stage:
    """The rules of one stage by the number of a word: those that ask for this word alone, and patterns."""

    words: dict[int, list[tuple[str, float]]]
    patterns: dict[int, list[_Rule]]


@dataclass(slots=True)
class Sightings:
    """What was seen in one text: where each rule word stands (by its number), and which items are there."""

    words: dict[int, list[Span]]
    items: set[int]


class EvidenceBook:
    """All signs of all labels, compiled; a label is any string that the caller chose.

    `stages` are weighed one by one: what an earlier one says may become a feature that rules of a later one
    refer to (事由清楚), or may deny words to it (没动手).
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
        self._item_ids: dict[frozenset[str], int] = {}
        compiled = [self._compile(signs) for signs in stages]
        self._idioms = frozenset(idioms)
        items = list(self._item_ids)
        alone = {word for words, _ in compiled for word in words}
        names = sorted({*self._idioms, *alone, *(word for words in items for word in words)} - set(features))
        self._automaton = AhoCorasick(names)
        self._is_idiom = [name in self._idioms for name in names]
        self._is_whole = [len(name) == 1 or name.isdigit() for name in names]
        self._number = {name: number for number, name in enumerate([*names, *features])}
        self._words_of = [frozenset(self._number[word] for word in words) for words in items]
        items_of: dict[int, list[int]] = defaultdict(list)
        for item, words in enumerate(self._words_of):
            for word in words:
                items_of[word].append(item)
        self._items_of = {word: tuple(its_items) for word, its_items in items_of.items()}
        rarity = [sum(10.0 ** (3 - len(word)) for word in words) for words in items]
        self._stages = [self._file(words, patterns, rarity) for words, patterns in compiled]

    def _compile(
        self, signs: Mapping[str, Signs]
    ) -> tuple[dict[str, list[tuple[str, float]]], list[tuple[str, float, Pattern]]]:
        words: dict[str, list[tuple[str, float]]] = defaultdict(list)
        patterns = []
        for label, label_signs in signs.items():
            for weight, listed in label_signs.words.items():
                for word in listed:
                    words[word].append((label, weight))
            for source, weight in label_signs.together.items():
                pattern = parse_pattern(source)
                for names in (*pattern.items, *pattern.absent):
                    self._item_ids.setdefault(self._expand(names), len(self._item_ids))
                patterns.append((label, weight, pattern))
        return words, patterns

    def _expand(self, names: Iterable[str]) -> frozenset[str]:
        """Put the words of a class (词类) in the place of its name."""
        return frozenset(word for name in names for word in self._classes.get(name, (name,)))

    def _file(
        self,
        words: Mapping[str, list[tuple[str, float]]],
        patterns: Iterable[tuple[str, float, Pattern]],
        rarity: Sequence[float],
    ) -> _Stage:
        """File each pattern under the words of its rarest item (long words are rare, single ones common)."""
        filed: dict[int, list[_Rule]] = defaultdict(list)
        for number, (label, weight, pattern) in enumerate(patterns):
            items = tuple(self._item_ids[self._expand(names)] for names in pattern.items)
            absent = frozenset(self._item_ids[self._expand(names)] for names in pattern.absent)
            rarest, *others = sorted(items, key=rarity.__getitem__)
            partner = others[0] if others else rarest
            rule = _Rule(number, label, weight, items, partner, absent, pattern.distance, pattern.in_order)
            for word in self._words_of[rarest]:
                filed[word].append(rule)
        return _Stage({self._number[word]: labels for word, labels in words.items()}, dict(filed))

    def see(self, text: str, boundaries: Collection[int]) -> Sightings:
        """Find every rule word that is a word here, and not part of an idiom (杀价, 打官司)."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        covered: dict[int, tuple[int, int]] = {}  # offset in an idiom -> (length, end) of the longest one
        for number, start, end in hits:
            if self._is_idiom[number]:
                for offset in range(start, end):
                    if offset not in covered or covered[offset] < (end - start, end):
                        covered[offset] = (end - start, end)
        words: dict[int, list[Span]] = {}
        items: set[int] = set()
        for number, start, end in hits:
            # One character and a number must be a word; longer ones must not be made of two halves of words.
            if start not in boundaries:
                if self._is_whole[number] or end not in boundaries:
                    continue
            elif self._is_whole[number] and end not in boundaries:
                continue
            if start in covered:
                length, stop = covered[start]
                if end <= stop and end - start < length:
                    continue
            if number in words:
                words[number].append((start, end))
            else:
                words[number] = [(start, end)]
                items.update(self._items_of.get(number, ()))
        return Sightings(words=words, items=items)

    def add_feature(self, sightings: Sightings, feature: str) -> None:
        """Note a fact about the text that rules may use like a word (很短, 事由清楚)."""
        number = self._number[feature]
        sightings.words[number] = [(0, 0)]
        sightings.items.update(self._items_of.get(number, ()))

    def weigh(
        self, sightings: Sightings, *, stage: int = 0, denied: Collection[int] = ()
    ) -> dict[str, list[Evidence]]:
        """Return the evidence for each label of a stage, strongest first; each rule counts once.

        A word that starts at a `denied` offset counts as not said.
        """
        words, items = sightings.words, sightings.items
        if denied:
            words = {
                number: kept
                for number, spans in words.items()
                if (kept := [span for span in spans if span[0] not in denied])
            }
        labels_of = self._stages[stage].words
        found: dict[str, list[Evidence]] = defaultdict(list)
        for word in words.keys() & labels_of.keys():
            alone = (words[word][0],)
            offsets = _as_bits(alone)
            for label, weight in labels_of[word]:
                found[label].append(Evidence(weight, alone, offsets))
        spans_of: dict[int, list[Span]] = {}
        for rule in self._likely_rules(words, items, stage):
            for item in rule.items:
                if item not in spans_of:
                    spans_of[item] = self._spans(item, words)
            matched = _match(rule, [spans_of[item] for item in rule.items])
            if matched:
                found[rule.label].append(Evidence(rule.weight, matched, _as_bits(matched)))
        for evidence in found.values():
            if len(evidence) > 1:
                evidence.sort(key=strongest_first)
        return found

    def _likely_rules(self, words: Mapping[int, list[Span]], items: set[int], stage: int) -> list[_Rule]:
        """Return the patterns all of whose items are in the text, wherever they stand."""
        rules_of = self._stages[stage].patterns
        likely = {
            rule.number: rule
            for word in words.keys() & rules_of.keys()
            for rule in rules_of[word]
            if rule.partner in items
        }
        return [
            rule for rule in likely.values() if items.issuperset(rule.items) and items.isdisjoint(rule.absent)
        ]

    def _spans(self, item: int, words: Mapping[int, list[Span]]) -> list[Span]:
        seen = [words[word] for word in words.keys() & self._words_of[item]]
        return seen[0] if len(seen) == 1 else sorted(span for spans in seen for span in spans)


def _as_bits(spans: Iterable[Span]) -> int:
    offsets = 0
    for start, end in spans:
        offsets |= ((1 << (end - start)) - 1) << start
    return offsets


def _match(rule: _Rule, spans_of_items: Sequence[list[Span]]) -> tuple[Span, ...]:
    """Return the spans of the first place where all items stand, empty when nowhere."""
    firsts, *others = spans_of_items
    if not all(others):
        return ()
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
