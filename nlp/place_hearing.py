"""Hears place names that dictation or a slip has misspelt; only where the words around ask for a name."""

import re
from dataclasses import replace

from nlp.place_index import COUNTY, TOWNSHIP, VILLAGE, Codes, PlaceIndex, narrow, size_of
from nlp.place_mentions import PAUSE, Mention, MentionFinder
from nlp.place_rules import PlaceRules
from nlp.word_lists import any_of

_ALIKE = 0.75
_LONGEST_HEARD = 6


class PlaceHearing:
    """Compares by sound: next to a known name, before 镇 or 村, or where the sender says where home is."""

    def __init__(self, index: PlaceIndex, finder: MentionFinder, rules: PlaceRules) -> None:
        self._index = index
        self._finder = finder
        self._never = frozenset(rules.never_in_names)
        self._unnamed = frozenset(rules.never_before_ending)
        self._ordinary = frozenset(rules.ordinary)
        self._place_characters = rules.place_characters
        around = rules.surroundings
        whose = any_of(around.whose)
        self._ends_well = re.compile(
            rf"(?:{whose})?(?:{PAUSE}|$)|{any_of(around.enough_after)}|{any_of(around.asking_after)}"
            rf"|{finder.ending.pattern}"
        )
        self._said_home = re.compile(
            rf"(?:{any_of(around.home_before)})(?P<name>[一-鿿]{{2,4}}?)(?:{any_of(rules.endings.village)})?"
            rf"(?:{whose})(?={PAUSE}|$)"
        )

        self._stands_alone = re.compile(
            rf"(?:^|{PAUSE}|{any_of(around.home_before)})(?P<name>[一-鿿]{{2,5}}?)"
            rf"(?:{any_of(around.asking_after)}|{any_of(around.there_after)}|的|(?:{whose})(?={PAUSE}|$))"
        )

    def before(self, text: str, mention: Mention, free_from: int) -> Mention | None:
        """空中郭指挥寨: a township misspelt directly before one of its villages."""
        folded = self._index.fold(text[max(free_from, mention.start - 4) : mention.start])
        for length in range(len(folded), 1, -1):
            start = mention.start - length
            for name, codes in self._index.find_by_sound(folded[-length:]):
                if self._never.intersection(text[start : mention.start]):
                    break
                areas = tuple(code for code in codes if size_of(code) in (TOWNSHIP, COUNTY))
                if narrowed := narrow(mention.codes, areas):
                    return replace(mention, start=start, codes=narrowed, sure=True, name=name)
        return None

    def after(self, text: str, wide: Mention, following: int) -> Mention:
        """干河陈疙瘩刘: a village misspelt directly after its township."""
        if any(size_of(code) == VILLAGE for code in wide.codes) and len(wide.codes) > 1:
            wide_areas = tuple(code for code in wide.codes if size_of(code) > VILLAGE)
        else:
            wide_areas = wide.codes
        if not any(size_of(code) > VILLAGE for code in wide_areas):
            return wide
        glue = self._finder.glue.match(text, wide.end)
        start = glue.end() if glue else wide.end
        townships = tuple(area for area in wide_areas if size_of(area) == TOWNSHIP)
        folded = self._index.fold(text[start : start + 5]) if following >= start + 2 else ""
        for length in range(len(folded), 1, -1):
            end = start + length
            heard: set[int] = set()
            for _, codes in self._index.find_by_sound(folded[:length]):
                if self._never.intersection(text[start:end]):
                    break
                areas = wide_areas if length > 2 else townships
                heard.update(narrow(codes, areas))
            if heard and (length > 2 or self._ends_well.match(text, end)):
                found = Mention(start, end, tuple(sorted(heard)), text[start:end])
                return replace(self._finder.with_ending(text, found), start=wide.start, sure=True)
        return self._roughly(text, wide, start, wide_areas)

    def _roughly(self, text: str, wide: Mention, start: int, areas: Codes) -> Mention:
        """Compare with the few villages of one township: one character may sound only half alike."""
        if len(areas) != 1 or size_of(areas[0]) != TOWNSHIP or start != wide.end:
            return wide
        heads = self._index.heads(text[start : start + _LONGEST_HEARD])
        best = []
        for name, name_heads, code in self._index.villages_of(areas[0], heads[:1]):
            end = start + len(name)
            if len(name) < 3 or not heads.startswith(name_heads):
                continue
            if self._likeness(text[start:end], name) >= _ALIKE and self._ends_well.match(text, end):
                best.append((end, code))
        if len(best) != 1:
            return wide
        found = Mention(start, best[0][0], (best[0][1],), text[start : best[0][0]])
        return replace(self._finder.with_ending(text, found), start=wide.start, sure=True)

    def _likeness(self, written: str, name: str) -> float:
        """Return how alike two names are whose syllables begin alike, 0 to 1."""
        total = 0.0
        for mine, theirs in zip(written, name, strict=True):
            same_sound = self._index.fold(mine) == self._index.fold(theirs)
            total += 1 if mine == theirs else 0.9 if same_sound else 0.5
        return total / len(name)

    def named(self, text: str, stop: int, end: int, sizes: frozenset[int]) -> Mention | None:
        if text[stop - 1 : stop] in self._never:
            return None
        folded = self._index.fold(text[max(0, stop - 4) : stop])
        for length in range(len(folded), 1, -1):
            start = stop - length
            names = tuple(self._index.find_by_sound(folded[-length:]))
            written = text[start:stop]
            if not names or self._never.intersection(written):
                continue
            if VILLAGE in sizes and self._unnamed.intersection(written):
                continue
            heard = {
                code
                for name, codes in names
                if VILLAGE not in sizes or self._index.sounds_same(written, name)
                for code in codes
                if size_of(code) in sizes and self._index.in_home(code)
            }
            if heard and (VILLAGE in sizes or len(heard) == 1):
                return Mention(start, end, tuple(sorted(heard)), written, sure=True)
        return None

    def at_home(self, text: str) -> list[Mention]:
        """俺是患龙嘞: a misspelt village where the sender says where home is."""
        for said in self._said_home.finditer(text):
            written = said["name"]
            if self._never.intersection(written) or self._unnamed.intersection(written):
                continue
            heard = {
                code
                for name, codes in self._index.find_by_sound(self._index.fold(written))
                if self._index.sounds_same(written, name) and name not in self._ordinary
                if len(name) > 2 or name[-1] in self._place_characters
                for code in codes
                if self._index.in_home(code)
            }
            if heard:
                return [
                    Mention(said.start("name"), said.end("name"), tuple(sorted(heard)), written, sure=True)
                ]
        return self._alone(text)

    def _alone(self, text: str) -> list[Mention]:
        """上礼河店那个路口, 午阳的医院: a long name or a county's, misspelt where only a place stands."""
        for said in self._stands_alone.finditer(text):
            written = said["name"]
            heard = {
                code
                for name, codes in self._index.find_by_sound(self._index.fold(written))
                if name != written and self._index.sounds_same(written, name)
                for code in codes
                if (len(name) > 2 or size_of(code) == COUNTY) and self._index.in_home(code)
            }
            if heard:
                return [
                    Mention(said.start("name"), said.end("name"), tuple(sorted(heard)), written, sure=True)
                ]
        return []
