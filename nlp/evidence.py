"""Finds the signs of all rule files in one text, in one pass: which label, how strongly, by which words.

Every word of every rule goes into one Aho-Corasick automaton. What a pattern asks for are items (a word,
or the alternatives of a pattern); a rule is looked at only when a word of its rarest item stands in the
text, and matched only when its other items are seen too. The cost is linear in the length of the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from nlp.patterns import Pattern, parse_pattern
from nlp.rules import Signs

Span = tuple[int, int]
FADING = 0.7
_FRESH_ENOUGH = 0.34
_FEW = 7


class Evidence(NamedTuple):
    """One sign seen in the text: its weight, where its words stand, and the same as bits (offsets)."""

    weight: float
    spans: tuple[Span, ...]
    offsets: int


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    """A compiled pattern; `others` are the items beyond the two by which it is filed."""

    label: str
    weight: float
    items: tuple[int, ...]
    others: tuple[int, ...]
    absent: frozenset[int]
    distance: int
    in_order: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Filed:
    """What one stage asks of a word: labels for which it counts alone, and patterns by their second item."""

    alone: tuple[tuple[str, float], ...]
    patterns: Mapping[int, tuple[_Rule, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """A word of the rules; `is_whole`: it must stand as a word of its own. `filed` has a place per stage."""

    is_whole: bool
    items: tuple[int, ...]
    filed: tuple[_Filed | None, ...]


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
        items = list(self._item_ids)
        alone = {word for words, _ in compiled for word in words}
        sayings = sorted(set(idioms))
        others = {*alone, *(word for words in items for word in words)}.difference(features, sayings)
        self._number_of_idioms = len(sayings)
        names = [*sayings, *sorted(others)]
        self._automaton = AhoCorasick(names)
        names += features
        self._number = {name: number for number, name in enumerate(names)}
        self._words_of = [_number_set(self._number[word] for word in words) for words in items]
        items_of: dict[int, list[int]] = defaultdict(list)
        for item, words in enumerate(self._words_of):
            for word in words:
                items_of[word].append(item)
        rarity = [sum(10.0 ** (3 - len(word)) for word in words) for words in items]
        filed_by_stage = [self._file(words, patterns, rarity) for words, patterns in compiled]
        self._vocabulary = [
            _Word(
                is_whole=len(name) == 1 or name.isdigit(),
                items=tuple(items_of[number]),
                filed=tuple(filed.get(number) for filed in filed_by_stage),
            )
            for number, name in enumerate(names)
        ]

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
                if only := self._only_word(pattern):
                    words[only].append((label, weight))
                    continue
                for names in (*pattern.items, *pattern.absent):
                    self._item_ids.setdefault(self._expand(names), len(self._item_ids))
                patterns.append((label, weight, pattern))
        return words, patterns

    def _only_word(self, pattern: Pattern) -> str | None:
        """Return the word of a pattern that asks for nothing else (有事由)."""
        words = self._expand(pattern.items[0])
        return next(iter(words)) if len(pattern.items) == len(words) == 1 and not pattern.absent else None

    def _expand(self, names: Iterable[str]) -> frozenset[str]:
        """Put the words of a class (词类) in the place of its name."""
        return frozenset(word for name in names for word in self._classes.get(name, (name,)))

    def _file(
        self,
        words: Mapping[str, list[tuple[str, float]]],
        patterns: Iterable[tuple[str, float, Pattern]],
        rarity: Sequence[float],
    ) -> dict[int, _Filed]:
        """File each pattern under the words of its rarest item (long words are rare, single ones common)."""
        filed: dict[int, dict[int, list[_Rule]]] = defaultdict(lambda: defaultdict(list))
        for label, weight, pattern in patterns:
            items = tuple(self._item_ids[self._expand(names)] for names in pattern.items)
            absent = frozenset(self._item_ids[self._expand(names)] for names in pattern.absent)
            rarest, *others = sorted(items, key=rarity.__getitem__)
            rule = _Rule(label, weight, items, tuple(others[1:]), absent, pattern.distance, pattern.in_order)
            for word in self._words_of[rarest]:
                filed[word][others[0] if others else rarest].append(rule)
        alone = {self._number[word]: tuple(labels) for word, labels in words.items()}
        return {
            word: _Filed(
                alone.get(word, ()),
                {partner: tuple(rules) for partner, rules in filed.get(word, {}).items()},
            )
            for word in alone.keys() | filed.keys()
        }

    def see(self, text: str, boundaries: Collection[int]) -> Sightings:
        """Find every rule word that is a word here, and not part of an idiom (杀价, 打官司)."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        covered: dict[int, tuple[int, int]] = {}  # offset in an idiom -> (length, end) of the longest one
        for _, start, end in [hit for hit in hits if hit[0] < self._number_of_idioms]:
            for offset in range(start, end):
                if offset not in covered or covered[offset] < (end - start, end):
                    covered[offset] = (end - start, end)
        vocabulary = self._vocabulary
        words: dict[int, list[Span]] = {}
        items: set[int] = set()
        for number, start, end in hits:
            # One character and a number must be a word; longer ones must not be made of two halves of words.
            word = vocabulary[number]
            if start not in boundaries:
                if word.is_whole or end not in boundaries:
                    continue
            elif word.is_whole and end not in boundaries:
                continue
            if start in covered:
                length, stop = covered[start]
                if end <= stop and end - start < length:
                    continue
            if number in words:
                words[number].append((start, end))
            else:
                words[number] = [(start, end)]
                items.update(word.items)
        return Sightings(words=words, items=items)

    def add_feature(self, sightings: Sightings, feature: str) -> None:
        """Note a fact about the text that rules may use like a word (很短, 事由清楚)."""
        number = self._number[feature]
        sightings.words[number] = [(0, 0)]
        sightings.items.update(self._vocabulary[number].items)

    def denies(self, sightings: Sightings, *, stage: int, denied: Collection[int]) -> bool:
        """Whether a word that a stage asks for starts at one of the `denied` offsets."""
        return bool(denied) and any(
            span[0] in denied
            for number, spans in sightings.words.items()
            if self._vocabulary[number].filed[stage]
            for span in spans
        )

    def weigh(
        self, sightings: Sightings, *, stage: int = 0, denied: Collection[int] = ()
    ) -> dict[str, list[Evidence]]:
        """Return the evidence for each label of a stage, strongest first; each rule counts once.

        A word that starts at a `denied` offset counts as not said.
        """
        words = sightings.words
        if denied:
            starts = {start for spans in words.values() for start, _ in spans}
            if not starts.isdisjoint(denied):
                words = {
                    number: kept
                    for number, spans in words.items()
                    if (kept := [span for span in spans if span[0] not in denied])
                }
        found: dict[str, list[Evidence]] = defaultdict(list)
        spans_of: dict[int, list[Span]] = {}
        for rule in self._likely_rules(words, sightings.items, stage, found):
            for item in rule.items:
                if item not in spans_of:
                    spans_of[item] = _spans_of(self._words_of[item], words)
            matched = _match(rule, [spans_of[item] for item in rule.items])
            if matched:
                found[rule.label].append(Evidence(rule.weight, matched, _as_bits(matched)))
        for evidence in found.values():
            if len(evidence) > 1:
                evidence.sort(key=strongest_first)
        return found

    def _likely_rules(
        self,
        words: Mapping[int, list[Span]],
        items: set[int],
        stage: int,
        found: dict[str, list[Evidence]],
    ) -> Iterable[_Rule]:
        """Return the patterns all of whose items are there; words that count alone are put into `found`."""
        likely: dict[_Rule, None] = {}
        for number, spans in words.items():
            filed = self._vocabulary[number].filed[stage]
            if filed is None:
                continue
            if filed.alone:
                start, end = first = spans[0]
                offsets = ((1 << (end - start)) - 1) << start
                for label, weight in filed.alone:
                    found[label].append(Evidence(weight, (first,), offsets))
            for partner in filed.patterns.keys() & items:
                for rule in filed.patterns[partner]:
                    if items.issuperset(rule.others) and items.isdisjoint(rule.absent):
                        likely[rule] = None
        return likely


def _number_set(numbers: Iterable[int]) -> Collection[int]:
    listed = tuple(sorted(numbers))
    return listed if len(listed) <= _FEW else frozenset(listed)


def _spans_of(numbers: Collection[int], words: Mapping[int, list[Span]]) -> list[Span]:
    """Return where any of these words stands, from left to right."""
    if isinstance(numbers, frozenset):
        numbers = numbers.intersection(words)
    seen = [words[number] for number in numbers if number in words]
    return seen[0] if len(seen) == 1 else sorted(chain.from_iterable(seen))


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
        chosen: tuple[Span, ...] = (first,)
        for spans in others:
            after = chosen[-1][1] if rule.in_order else -1
            near = _nearest(first, spans, after=after, taken=chosen)
            if near is None or near[0] - first[1] > rule.distance or first[0] - near[1] > rule.distance:
                break
            chosen = (*chosen, near)
        else:
            return chosen
    return ()


def strongest_first(evidence: Evidence) -> tuple[float, tuple[Span, ...]]:
    """Order evidence: the greatest weight first, for or against; then as it stands in the text."""
    return (-abs(evidence.weight), evidence.spans)


def _nearest(first: Span, spans: list[Span], *, after: int, taken: tuple[Span, ...]) -> Span | None:
    """Return the span nearest to the first item that overlaps none taken and starts at or behind `after`.

    A feature stands nowhere, (0, 0), and so is near to everything.
    """
    if spans[0] == (0, 0):
        return first[0], first[0]
    if len(spans) > _FEW:
        at = bisect_left(spans, (first[0], 0))
        spans = spans[max(0, at - 3) : at + 4]
    best, least = None, 0
    for span in spans:
        start, end = span
        if start < after:
            continue
        for low, high in taken:
            if start < high and low < end:
                break
        else:
            gap = abs(start - first[0])
            if best is None or gap < least:
                best, least = span, gap
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
