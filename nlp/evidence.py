"""Finds the signs of all rule files in one text, in one pass: which label, how strongly, by which words.

Every word of every rule goes into one Aho-Corasick automaton. What a pattern asks for are items (a word,
or the alternatives of a pattern); a rule is looked at only when its rarest item and the next stand in the
text, and matched only when its other items are seen too. The cost is linear in the length of the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from nlp.patterns import Pattern, parse_pattern
from nlp.rules import Signs

Span = tuple[int, int]
FADING = 0.7
_FRESH_ENOUGH = 0.34
_FEW, _FEW_WORDS = 7, 64


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


_Filed = tuple[tuple[tuple[str, float], ...], tuple[tuple[int, _Rule], ...]]
"""What one stage asks of a word: labels for which it counts alone, and patterns with their second item."""
_Alone = dict[str, list[tuple[str, float]]]
_Patterns = list[tuple[str, float, Pattern]]


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
        read = [_read_signs(signs, classes) for signs in stages]
        items = list(
            dict.fromkeys(
                item
                for _, patterns in read
                for _, _, pattern in patterns
                for item in (*pattern.items, *pattern.absent)
            )
        )
        sayings = set(idioms)
        # Idioms have the first numbers, and all that must be words of their own come one after another.
        listed = sorted(
            sayings.union(*items, *(words for words, _ in read)).difference(features),
            key=lambda name: (name not in sayings, _is_whole(name) == (name in sayings), name),
        )
        whole = [number for number, name in enumerate(listed) if _is_whole(name)]
        self._end_of_idioms = len(sayings)
        self._whole = range(whole[0], whole[-1] + 1) if whole else range(0)
        self._automaton = AhoCorasick(listed)
        self._features = {name: number for number, name in enumerate(features, len(listed))}
        number_of = {name: number for number, name in enumerate(listed)} | self._features
        self._words_of = [_number_set(number_of[word] for word in item) for item in items]
        self._items_of = _items_of(self._words_of, len(number_of))
        item_of = {item: number for number, item in enumerate(items)}
        self._stages = [_file(words, patterns, number_of, item_of) for words, patterns in read]

    def see(self, text: str, boundaries: Collection[int]) -> Sightings:
        """Find every rule word that is a word here, and not part of an idiom (杀价, 打官司)."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        covered: dict[int, tuple[int, int]] = {}  # offset in an idiom -> (length, end) of the longest one
        for _, start, end in [hit for hit in hits if hit[0] < self._end_of_idioms]:
            for offset in range(start, end):
                if offset not in covered or covered[offset] < (end - start, end):
                    covered[offset] = (end - start, end)
        first_whole, end_of_whole = self._whole.start, self._whole.stop
        words: dict[int, list[Span]] = {}
        for number, start, end in hits:
            # One character and a number must be a word; longer ones must not be made of two halves of words.
            if start not in boundaries:
                if end not in boundaries or first_whole <= number < end_of_whole:
                    continue
            elif first_whole <= number < end_of_whole and end not in boundaries:
                continue
            if start in covered:
                length, stop = covered[start]
                if end <= stop and end - start < length:
                    continue
            if number in words:
                words[number].append((start, end))
            else:
                words[number] = [(start, end)]
        return Sightings(words=words, items=set().union(*map(self._items_of.__getitem__, words)))

    def add_feature(self, sightings: Sightings, feature: str) -> None:
        """Note a fact about the text that rules may use like a word (很短, 事由清楚)."""
        number = self._features[feature]
        sightings.words[number] = [(0, 0)]
        sightings.items.update(self._items_of[number])

    def denies(self, sightings: Sightings, *, stage: int, denied: Collection[int]) -> bool:
        """Whether a word that a stage asks for starts at one of the `denied` offsets."""
        return bool(denied) and any(
            span[0] in denied
            for number in self._stages[stage].keys() & sightings.words.keys()
            for span in sightings.words[number]
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
        said = frozenset(words)
        spans_of: dict[int, list[Span]] = {}
        for rule in self._likely_rules(words, sightings.items, stage, found):
            for item in rule.items:
                if item not in spans_of:
                    spans_of[item] = _spans_of(said.intersection(self._words_of[item]), words)
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
        filed = self._stages[stage]
        for number in filed.keys() & words.keys():
            alone, patterns = filed[number]
            if alone:
                start, end = first = words[number][0]
                offsets = ((1 << (end - start)) - 1) << start
                for label, weight in alone:
                    found[label].append(Evidence(weight, (first,), offsets))
            for partner, rule in patterns:
                if partner in items and items.issuperset(rule.others) and items.isdisjoint(rule.absent):
                    likely[rule] = None
        return likely


def _is_whole(name: str) -> bool:
    """Whether a name must stand as a word of its own: one character, or a number."""
    return len(name) == 1 or name.isdigit()


def _read_signs(signs: Mapping[str, Signs], classes: Mapping[str, Sequence[str]]) -> tuple[_Alone, _Patterns]:
    """Return the words that count alone and the patterns, the words of a class in the place of its name."""

    @cache
    def expand(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({word for name in names for word in classes.get(name, (name,))}))

    alone: _Alone = defaultdict(list)
    patterns: _Patterns = []
    for label, label_signs in signs.items():
        for weight, words in label_signs.words.items():
            for word in words:
                alone[word].append((label, weight))
        for source, weight in label_signs.together.items():
            pattern = parse_pattern(source)
            pattern = replace(
                pattern, items=tuple(map(expand, pattern.items)), absent=tuple(map(expand, pattern.absent))
            )
            if len(pattern.items) == len(pattern.items[0]) == 1 and not pattern.absent:
                alone[pattern.items[0][0]].append((label, weight))
            else:
                patterns.append((label, weight, pattern))
    return alone, patterns


def _items_of(words_of: Iterable[Collection[int]], words: int) -> list[tuple[int, ...]]:
    """Return the items that each word is; what is the same for several words is kept once, as in `_file`."""
    items_of: dict[int, list[int]] = defaultdict(list)
    for item, numbers in enumerate(words_of):
        for number in numbers:
            items_of[number].append(item)
    alike: dict[tuple[int, ...], tuple[int, ...]] = {}
    listed = (tuple(items_of.get(number, ())) for number in range(words))
    return [alike.setdefault(items, items) for items in listed]


def _file(
    words: _Alone,
    patterns: _Patterns,
    number_of: Mapping[str, int],
    item_of: Mapping[tuple[str, ...], int],
) -> dict[int, _Filed]:
    """File each pattern under the words of its rarest item (long words are rare, single ones common)."""
    filed: dict[int, list[tuple[int, _Rule]]] = defaultdict(list)
    for label, weight, pattern in patterns:
        rarest, *others = sorted(
            pattern.items, key=lambda item: sum(10.0 ** (3 - len(word)) for word in item)
        )
        numbers = [item_of[item] for item in others]
        rule = _Rule(
            label,
            weight,
            tuple(item_of[item] for item in pattern.items),
            tuple(numbers[1:]),
            frozenset(item_of[item] for item in pattern.absent),
            pattern.distance,
            pattern.in_order,
        )
        pair = (numbers[0] if numbers else item_of[rarest], rule)
        for word in rarest:
            filed[number_of[word]].append(pair)
    alone = {number_of[word]: tuple(labels) for word, labels in words.items()}
    alike: dict[_Filed, _Filed] = {}
    of_each = (
        (word, (alone.get(word, ()), tuple(filed.get(word, ())))) for word in alone.keys() | filed.keys()
    )
    return {word: alike.setdefault(one, one) for word, one in of_each}


def _number_set(numbers: Iterable[int]) -> Collection[int]:
    """Return numbers to look up: a tuple when they are few, it takes a tenth of the memory."""
    listed = tuple(numbers)
    return listed if len(listed) <= _FEW_WORDS else frozenset(listed)


def _spans_of(numbers: Collection[int], words: Mapping[int, list[Span]]) -> list[Span]:
    """Return where any of these words stands, from left to right."""
    seen = [words[number] for number in numbers]
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
        low, high = first[0] - rule.distance, first[1] + rule.distance
        for spans in others:
            near = _nearest(first[0], spans, chosen[-1][1] if rule.in_order else -1, chosen)
            if near is None or near[0] > high or near[1] < low:
                break
            chosen = (*chosen, near)
        else:
            return chosen
    return ()


def strongest_first(evidence: Evidence) -> tuple[float, tuple[Span, ...]]:
    """Order evidence: the greatest weight first, for or against; then as it stands in the text."""
    return (-abs(evidence.weight), evidence.spans)


def _nearest(at: int, spans: list[Span], after: int, taken: tuple[Span, ...]) -> Span | None:
    """Return the span nearest to an offset that overlaps none taken and starts at `after` or behind it.

    A feature stands nowhere, (0, 0), and so is near to everything.
    """
    if spans[0] == (0, 0):
        return at, at
    if len(spans) > _FEW:
        middle = bisect_left(spans, (at, 0))
        spans = spans[max(0, middle - 3) : middle + 4]
    best, least = None, 0
    for span in spans:
        start, end = span
        if start < after:
            continue
        for low, high in taken:
            if start < high and low < end:
                break
        else:
            gap = abs(start - at)
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
