"""Finds names of the region table in a text, as written, and joins a wide one with a narrow one after it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, count
from operator import add

from nlp.place_index import CITY, COUNTY, TOWNSHIP, VILLAGE, Codes, PlaceIndex, narrow, size_of
from nlp.place_rules import PlaceRules
from nlp.word_lists import any_of

PAUSE = r"[\s,。、!?;:…~()【】\[\]<>《》“”\"'.\-—0-9A-Za-z]"
"""Pattern of a character that parts what stands before it from what stands after it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place name in the text: what it may be, and whether its own words make sure that it is a place."""

    start: int
    end: int
    codes: Codes
    name: str
    sure: bool = False


class MentionFinder:
    """Looks names up in the index."""

    def __init__(self, index: PlaceIndex, rules: PlaceRules) -> None:
        self._index = index
        endings = rules.endings
        self.sizes_of_ending: dict[str, frozenset[int]] = {}
        for size, words in (
            (CITY, endings.city),
            (COUNTY, endings.county),
            (TOWNSHIP, endings.township),
            (VILLAGE, endings.village),
        ):
            for word in words:
                self.sizes_of_ending[word] = self.sizes_of_ending.get(word, frozenset()) | {size}
        self.ending = re.compile(any_of(self.sizes_of_ending))
        self.glue = re.compile(rf"(?:{any_of(rules.glue)}){{0,3}}")
        self._back_glue = re.compile(
            rf"(?:{any_of((*rules.surroundings.whose, '住'))})?[\s,。]?(?:{any_of(rules.back_glue)})?"
        )

    def find(self, text: str) -> Iterator[Mention]:
        """Yield the names of the index in the text, leftmost and longest first, without overlap."""
        lengths = self._index.lengths
        free_from = 0
        pairs = map(add, text, text[1:])
        for at in list(compress(count(), map(lengths.__contains__, pairs))):
            if at < free_from:
                continue
            found = self._at(text, at)
            if found is None:
                continue
            blunt = found.sure or len(found.name) > 2 or any(size_of(code) > 1 for code in found.codes)
            later = None if blunt else self._at(text, at + 1)
            if later is None or len(later.name) == 2 or self._leads_back(text, found):
                yield found
                free_from = found.end

    def _leads_back(self, text: str, found: Mention) -> bool:
        """斗杨裴城: the village and its township, not 杨裴城."""
        wide = self._at(text, found.end)
        return wide is not None and self.join_back(text, found, wide) is not None

    def _at(self, text: str, at: int) -> Mention | None:
        return self._longest(text, at, self._index.lengths.get(text[at : at + 2], 0))

    def _longest(self, text: str, at: int, mask: int) -> Mention | None:
        """Return the longest name that begins here, one of the area served before all others."""
        elsewhere: Mention | None = None
        for length in range(min(mask.bit_length() - 1, len(text) - at), 1, -1):
            if mask >> length & 1:
                name = text[at : at + length]
                codes = self._index.find(name) or self._index.find_short(name)
                if not codes:
                    continue
                found = self.with_ending(text, Mention(at, at + length, codes, name))
                if length > 2:
                    found = self._split(text, found, mask & (1 << length) - 1)
                if self._index.any_in_home(found.codes):
                    return found
                elsewhere = elsewhere or found
        return elsewhere

    def _split(self, text: str, found: Mention, mask: int) -> Mention:
        """Prefer a township and its own village: 万金张庄 is 万金 and 张庄, though 万金张 exists too."""
        shorter = self._longest(text, found.start, mask) if mask else None
        if shorter is None or all(size_of(code) == 1 for code in shorter.codes):
            return found
        rest = self._at(text, shorter.end)
        if rest is None or rest.end <= found.end or self.join(text, shorter, rest, glued=True) is None:
            return found
        return shorter

    def with_ending(self, text: str, mention: Mention) -> Mention:
        """Take in the word after the name that says its level (镇, 村, 社区)."""
        ending = self.ending.match(text, mention.end)
        if ending is None:
            return mention
        sizes = self.sizes_of_ending[ending[0]]
        codes = tuple(code for code in mention.codes if size_of(code) in sizes)
        if not codes:
            return mention
        if self._index.is_community_ending(ending[0]):
            codes = tuple(filter(self._index.is_community, codes)) or codes
        return Mention(mention.start, ending.end(), codes, mention.name, sure=True)

    def join(self, text: str, wide: Mention, inner: Mention, *, glued: bool = False) -> Mention | None:
        """Return both names as one place when the second lies in the first and only glue is between."""
        between = self.glue.match(text, wide.end)
        if between is None or between.end() < inner.start:
            return None
        if glued and wide.end != inner.start:
            return None
        townships = tuple(code for code in wide.codes if size_of(code) == TOWNSHIP)
        codes = narrow(inner.codes, townships) or narrow(inner.codes, wide.codes)
        if not codes or set(codes) == set(wide.codes):
            return None
        return Mention(wide.start, inner.end, codes, inner.name, sure=True)

    def join_back(self, text: str, inner: Mention, wide: Mention) -> Mention | None:
        """Return both names as one place when a village stands before its township (任庄新店)."""
        between = self._back_glue.match(text, inner.end)
        if between is None or between.end() < wide.start:
            return None
        townships = tuple(code for code in wide.codes if size_of(code) == TOWNSHIP)
        codes = narrow(tuple(code for code in inner.codes if size_of(code) == VILLAGE), townships)
        return Mention(inner.start, wide.end, codes, inner.name, sure=True) if codes else None
