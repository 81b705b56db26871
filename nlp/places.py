"""Finds the place of the dispute in a text: one region, or the villages that fit, or that it lies outside."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from mediation.regions import Region
from nlp.place_index import Codes, PlaceIndex, pack, size_of, unpack, within
from nlp.place_rules import PlaceRules, Roles, RoleWords
from nlp.word_lists import any_of

Span = tuple[int, int]
_PAUSE = r"[\s,。、!?;:…~()【】\[\]<>《》“”\"'.\-—0-9A-Za-z]"
_TOWNSHIP = 10**3
_COUNTY = 10**6
_CITY = 10**8


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """`place` is the code of the one region that the text determines, `candidates` the villages that fit
    when there are several, `spans` the stretches of the text that are place names."""

    place: str | None
    candidates: tuple[str, ...] = ()
    outside: bool = False
    spans: tuple[Span, ...] = ()


class _Role(StrEnum):
    EVENT = "event"
    PURCHASE = "purchase"
    PLAIN = "plain"
    OTHER_HOME = "other_home"
    HOME = "home"
    BACKGROUND = "background"


_WEIGHT = {
    _Role.EVENT: 4.0,
    _Role.PURCHASE: 3.0,
    _Role.PLAIN: 3.0,
    _Role.OTHER_HOME: 2.0,
    _Role.HOME: 2.0,
    _Role.BACKGROUND: 0.0,
}
_AT_HOME = 3.5
_ALIKE = 0.75
_LONGEST_HEARD = 6


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place name in the text: what it may be, and whether its own words make sure that it is a place."""

    start: int
    end: int
    codes: Codes
    name: str
    sure: bool = False


class Gazetteer:
    """The region table, made ready once for looking up what residents write."""

    def __init__(self, regions: Iterable[Region], rules: PlaceRules) -> None:
        self._rules = rules
        self._index = PlaceIndex(regions, rules)
        self._home = tuple(pack(code) for code in rules.home)
        self._unnamed = frozenset(rules.never_before_ending)
        self._stop = re.compile(r"[,。;!?\s]")
        self._never = frozenset(rules.never_in_names)
        self._ordinary = frozenset(rules.ordinary)
        endings = rules.endings
        self._level_of_ending = {
            word: size
            for size, words in (
                (_CITY, endings.city),
                (_COUNTY, endings.county),
                (_TOWNSHIP, endings.township),
                (1, endings.village),
            )
            for word in words
        }
        self._ending = re.compile(any_of(self._level_of_ending))
        self._glue = re.compile(rf"(?:{any_of(rules.glue)}){{0,3}}")
        self._trap = re.compile(any_of(rules.traps))
        around = rules.surroundings
        whose = any_of(around.whose)
        self._home_before = re.compile(rf"(?:{any_of(around.home_before)})$")
        self._enough_before = re.compile(rf"(?:^|{_PAUSE}|{any_of(around.enough_before)})$")
        self._elsewhere_before = re.compile(rf"(?:{any_of(rules.elsewhere_before)})$")
        self._pause_before = re.compile(rf"(?:^|{_PAUSE})$")
        self._enough_after = re.compile(
            rf"(?:{whose})?(?:{_PAUSE}|$)|{any_of(around.enough_after)}|{any_of(around.asking_after)}"
        )
        self._asking_after = re.compile(any_of(around.asking_after))
        self._whose_after = re.compile(rf"(?:{whose})(?:{_PAUSE}|$)")
        self._stop_after = re.compile(rf"(?:{whose})?(?:[\s,。、!?;]|$)")
        self._role_before = self._role_words(rules.roles, lambda words: words.before)
        self._role_after = self._role_words(rules.roles, lambda words: words.after)
        self._before_place = re.compile(rf"(?:{any_of(self._role_before)})$")
        self._after_place = re.compile(any_of(self._role_after))
        self._and = re.compile(any_of(rules.roles.joined_by))
        self._bought = re.compile(any_of(rules.roles.bought))
        self._at_home = re.compile(any_of(rules.roles.at_home))
        self._outside_before = re.compile(rf"(?:{any_of(rules.outside_before)})$")
        self._outside_after = re.compile(rf"{any_of(rules.outside_after)}|(?:{whose})(?:{_PAUSE}|$)")
        self._said_home = re.compile(
            rf"(?:{any_of(around.home_before)})(?P<name>[一-鿿]{{2,4}}?)(?:{any_of(endings.village)})?"
            rf"(?:{whose})(?={_PAUSE}|$)"
        )

    @staticmethod
    def _role_words(roles: Roles, side: Callable[[RoleWords], list[str]]) -> dict[str, _Role]:
        return {
            word: role
            for role, words in (
                (_Role.EVENT, roles.event),
                (_Role.HOME, roles.home),
                (_Role.OTHER_HOME, roles.other_home),
                (_Role.BACKGROUND, roles.background),
            )
            for word in side(words)
        }

    # --- names -----------------------------------------------------------------------------------------

    def short_name(self, code: str) -> str:
        """Return the name of one region as it is said: 北徐庄村, 杜曲镇; raises KeyError for an unknown code."""
        packed = pack(code)
        name = self._index.official_name(packed)
        if name is None:
            raise KeyError(code)
        if size_of(packed) == _TOWNSHIP:
            county = self._index.official_name(packed // _COUNTY * _COUNTY) or name
            return name if name == county else name.removeprefix(county)
        if size_of(packed) == 1:
            for official, spoken in self._rules.official_endings.items():
                if name.endswith(official):
                    stem = name.removesuffix(official)
                    said = self._rules.endings.village
                    return stem if any(stem.endswith(ending) for ending in said) else stem + spoken
        return name

    def name_of(self, code: str) -> str:
        """Return the full spoken name below the city (临颍县杜曲镇北徐庄村); raises KeyError for an unknown code."""
        packed = pack(code)
        wider = [packed // size * size for size in (_COUNTY, _TOWNSHIP)]
        above = [area for area in wider if area != packed and size_of(area) > size_of(packed)]
        return "".join(self.short_name(unpack(area)) for area in (*above, packed))

    # --- reading ---------------------------------------------------------------------------------------

    def read(self, text: str) -> PlaceReading:
        """Return the place of the dispute; a place is never guessed from an ordinary word."""
        phrases = self._phrases(text)
        inside = [phrase for phrase in phrases if any(map(self._in_home, phrase.codes))]
        spans = tuple((phrase.start, phrase.end) for phrase in phrases)
        if not inside:
            outside = any(self._is_seat(text, phrase) for phrase in phrases)
            return PlaceReading(None, outside=outside, spans=spans)
        codes = self._settle(text, inside) if len(inside) > 1 else self._leveled(inside[0])
        if len(codes) == 1:
            return PlaceReading(unpack(codes[0]), spans=spans)
        return PlaceReading(None, tuple(unpack(code) for code in codes if size_of(code) == 1), spans=spans)

    def _is_seat(self, text: str, phrase: _Mention) -> bool:
        """Whether somebody is at a place outside, or it is named down to the county or lower."""
        if any(code % _CITY for code in phrase.codes):
            return True
        before = text[max(0, phrase.start - 6) : phrase.start]
        return bool(self._outside_before.search(before) or self._outside_after.match(text, phrase.end))

    def _in_home(self, code: int) -> bool:
        return any(area <= code < area + size_of(area) for area in self._home)

    def _matches(self, text: str) -> Iterator[_Mention]:
        """Yield the names of the index in the text, leftmost and longest first, without overlap."""
        lengths = self._index.lengths
        free_from = 0
        for at in [at for at in range(len(text) - 1) if text[at : at + 2] in lengths]:
            if at < free_from:
                continue
            found = self._at(text, at)
            if found is None:
                continue
            blunt = found.sure or len(found.name) > 2 or any(size_of(code) > 1 for code in found.codes)
            later = None if blunt else self._at(text, at + 1)
            if later is None or len(later.name) == 2:
                yield found
                free_from = found.end

    def _at(self, text: str, at: int) -> _Mention | None:
        return self._longest(text, at, self._index.lengths.get(text[at : at + 2], 0))

    def _longest(self, text: str, at: int, mask: int) -> _Mention | None:
        for length in range(min(mask.bit_length() - 1, len(text) - at), 1, -1):
            if mask >> length & 1:
                name = text[at : at + length]
                codes = self._index.find(name) or self._index.find_short(name)
                if codes:
                    found = self._with_ending(text, _Mention(at, at + length, codes, name))
                    return self._split(text, found, mask & (1 << length) - 1) if length > 2 else found
        return None

    def _split(self, text: str, found: _Mention, mask: int) -> _Mention:
        """万金张庄 is 万金 and 张庄, though 万金张 is a village too: prefer a township and its own village."""
        shorter = self._longest(text, found.start, mask) if mask else None
        if shorter is None or all(size_of(code) == 1 for code in shorter.codes):
            return found
        rest = self._at(text, shorter.end)
        if rest is None or rest.end <= found.end or self._join(text, shorter, rest, glued=True) is None:
            return found
        return shorter

    def _with_ending(self, text: str, mention: _Mention) -> _Mention:
        """Take in the word after the name that says its level (镇, 村, 社区)."""
        ending = self._ending.match(text, mention.end)
        if ending is None:
            return mention
        size = self._level_of_ending[ending[0]]
        codes = tuple(code for code in mention.codes if size_of(code) == size)
        if not codes:
            return mention
        return _Mention(mention.start, ending.end(), codes, mention.name, sure=True)

    def _phrases(self, text: str) -> list[_Mention]:
        """Return what the text names, each chain of names from wide to narrow (临颍 杜曲 北徐) as one."""
        phrases: list[_Mention] = []
        mentions = list(self._matches(text))
        for number, mention in enumerate(mentions):
            before = phrases[-1] if phrases else None
            if before and mention.start < before.end:
                continue
            if before and (joined := self._join(text, before, mention)):
                phrases[-1] = joined
                continue
            if before and not any(map(self._in_home, before.codes)) and mention.start < before.end + 20:
                if not self._stop.search(text, before.end, mention.start):
                    continue
            following = mentions[number + 1].start if number + 1 < len(mentions) else len(text)
            found = self._hear_before(text, mention, before.end if before else 0) or mention
            heard = self._hear_after(text, found, following)
            if heard is not mention or self._is_place(text, mention) or self._leads(text, mention, mentions[number + 1 :]):
                phrases.append(heard)
        return self._hear_endings(text, phrases) or self._hear_home(text)

    def _leads(self, text: str, mention: _Mention, rest: list[_Mention]) -> bool:
        """Whether the next name directly after lies in this one."""
        if not rest or all(size_of(code) == 1 for code in mention.codes):
            return False
        return self._join(text, mention, rest[0], glued=True) is not None

    def _join(self, text: str, wide: _Mention, narrow: _Mention, *, glued: bool = False) -> _Mention | None:
        """Return both names as one place when the second lies in the first and nothing but glue is between."""
        between = self._glue.match(text, wide.end)
        if between is None or between.end() < narrow.start:
            return None
        if glued and wide.end != narrow.start:
            return None
        codes = self._narrow(narrow.codes, wide.codes)
        if not codes or set(codes) == set(wide.codes):
            return None
        return _Mention(wide.start, narrow.end, codes, narrow.name, sure=True)

    @staticmethod
    def _narrow(codes: Codes, areas: Codes) -> Codes:
        """Return those codes that lie in one of the areas, the widest level of them only."""
        inside = {
            code
            for area in areas
            if size_of(area) > 1
            for code in within(codes, area)
            if code != area
        }
        if not inside:
            return ()
        level = max(map(size_of, inside))
        return tuple(sorted(code for code in inside if size_of(code) == level))

    # --- is it a place ---------------------------------------------------------------------------------

    def _is_place(self, text: str, mention: _Mention) -> bool:
        """Whether a bare name is a place here: an ordinary word or a person's name needs words that show it."""
        before, name = text[max(0, mention.start - 8) : mention.start], mention.name
        if self._elsewhere_before.search(before):
            return False
        if mention.sure:
            return True
        if before and before[-1] in self._rules.other_village_prefixes:
            return False
        trap = self._trap.search(text, max(0, mention.start - 2), mention.end + 2)
        if trap and (trap.start() < mention.start < trap.end() or trap.start() < mention.end < trap.end()):
            return False
        if self._asking_after.match(text, mention.end):
            return True
        if self._home_before.search(before) and self._stop_after.match(text, mention.end):
            return True
        weak = self._weakness(mention)
        if weak == 0:
            return True
        after_ok = self._enough_after.match(text, mention.end)
        if weak == 1:
            return bool(self._enough_before.search(before) and after_ok)
        if name[0] in self._rules.person_prefixes and len(name) == 2:
            return bool(self._pause_before.search(before) and self._whose_after.match(text, mention.end))
        return bool(
            self._pause_before.search(before)
            and (self._whose_after.match(text, mention.end) or mention.end == len(text))
        )

    def _weakness(self, mention: _Mention) -> int:
        """0: a name that is nothing else; 1: may be part of something else; 2: an ordinary word or a person."""
        name, rules = mention.name, self._rules
        if name in self._ordinary or (len(name) == 2 and name[0] in rules.person_prefixes):
            return 2
        if len(name) >= 4 or name[-1] in rules.place_characters:
            return 0
        if all(size_of(code) >= _COUNTY for code in mention.codes):
            return 0
        if any(size_of(code) > 1 for code in mention.codes):
            return 1
        if name[0] in rules.surnames:
            return 2 if len(name) == 2 else 1
        return 0 if len(name) == 3 else 1

    # --- by sound --------------------------------------------------------------------------------------

    def _hear_before(self, text: str, mention: _Mention, free_from: int) -> _Mention | None:
        """空中郭指挥寨: a township misspelt directly before one of its villages."""
        for length in (4, 3, 2):
            start = mention.start - length
            if start < free_from or self._never.intersection(text[start : mention.start]):
                continue
            for name, codes in self._index.find_by_sound(text[start : mention.start]):
                areas = tuple(code for code in codes if size_of(code) in (_TOWNSHIP, _COUNTY))
                if narrowed := self._narrow(mention.codes, areas):
                    return replace(mention, start=start, codes=narrowed, sure=True, name=name)
        return None

    def _hear_after(self, text: str, wide: _Mention, following: int) -> _Mention:
        """干河陈疙瘩刘: a village misspelt directly after its township."""
        if any(size_of(code) == 1 for code in wide.codes) and len(wide.codes) > 1:
            wide_areas = tuple(code for code in wide.codes if size_of(code) > 1)
        else:
            wide_areas = wide.codes
        if not any(size_of(code) > 1 for code in wide_areas):
            return wide
        glue = self._glue.match(text, wide.end)
        start = glue.end() if glue else wide.end
        townships = tuple(area for area in wide_areas if size_of(area) == _TOWNSHIP)
        for length in (5, 4, 3, 2):
            end = start + length
            if end > len(text) or following < start + 2 or self._never.intersection(text[start:end]):
                continue
            heard: set[int] = set()
            for _, codes in self._index.find_by_sound(text[start:end]):
                areas = wide_areas if length > 2 else townships
                heard.update(self._narrow(codes, areas))
            if heard and (length > 2 or self._ends_well(text, end)):
                found = _Mention(start, end, tuple(sorted(heard)), text[start:end])
                return replace(self._with_ending(text, found), start=wide.start, sure=True)
        return self._hear_roughly(text, wide, start, wide_areas)

    def _ends_well(self, text: str, end: int) -> bool:
        return bool(self._enough_after.match(text, end) or self._ending.match(text, end))

    def _hear_roughly(self, text: str, wide: _Mention, start: int, areas: Codes) -> _Mention:
        """Compare with the few villages of one township: one character may sound only half alike."""
        if len(areas) != 1 or size_of(areas[0]) != _TOWNSHIP or start != wide.end:
            return wide
        heads = self._index.heads(text[start : start + _LONGEST_HEARD])
        best = []
        for name, name_heads, code in self._index.villages_of(areas[0]):
            end = start + len(name)
            if len(name) >= 3 and heads.startswith(name_heads):
                if self._likeness(text[start:end], name) >= _ALIKE and self._ends_well(text, end):
                    best.append((end, code))
        if len(best) != 1:
            return wide
        found = _Mention(start, best[0][0], (best[0][1],), text[start : best[0][0]])
        return replace(self._with_ending(text, found), start=wide.start, sure=True)

    def _likeness(self, written: str, name: str) -> float:
        """Return how alike two names are whose syllables begin alike, 0 to 1."""
        total = 0.0
        for mine, theirs in zip(written, name, strict=True):
            same_sound = self._index.fold(mine) == self._index.fold(theirs)
            total += 1 if mine == theirs else 0.9 if same_sound else 0.5
        return total / len(name)

    def _hear_endings(self, text: str, phrases: list[_Mention]) -> list[_Mention]:
        """章花镇, 临颖县, 召岭区: a misspelt name before the word that says its level."""
        for ending in self._ending.finditer(text):
            if any(phrase.start <= ending.start() < phrase.end for phrase in phrases):
                continue
            heard = self._hear_named(text, ending.start(), ending.end(), self._level_of_ending[ending[0]])
            if heard:
                phrases = [*phrases, self._hear_after(text, heard, len(text))]
        phrases.sort(key=lambda phrase: phrase.start)
        return self._merge(text, phrases)

    def _hear_named(self, text: str, stop: int, end: int, size: int) -> _Mention | None:
        for length in (4, 3, 2):
            start = stop - length
            if start < 0 or self._elsewhere_before.search(text, 0, start):
                continue
            written = text[start:stop]
            if self._never.intersection(written) or (size == 1 and self._unnamed.intersection(written)):
                continue
            heard = {
                code
                for name, codes in self._index.find_by_sound(written)
                if size > 1 or self._index.sounds_same(written, name)
                for code in codes
                if size_of(code) == size and self._in_home(code)
            }
            if heard and (size == 1 or len(heard) == 1):
                return _Mention(start, end, tuple(sorted(heard)), written, sure=True)
        return None

    def _hear_home(self, text: str) -> list[_Mention]:
        """俺是患龙嘞: a misspelt village where the sender says where home is."""
        for said in self._said_home.finditer(text):
            written = said["name"]
            if self._never.intersection(written) or self._unnamed.intersection(written):
                continue
            heard = {
                code
                for name, codes in self._index.find_by_sound(written)
                if self._index.sounds_same(written, name) and name not in self._ordinary
                if len(name) > 2 or name[-1] in self._rules.place_characters
                for code in codes
                if self._in_home(code)
            }
            if heard:
                return [_Mention(said.start("name"), said.end("name"), tuple(sorted(heard)), written, sure=True)]
        return []

    def _merge(self, text: str, phrases: list[_Mention]) -> list[_Mention]:
        merged: list[_Mention] = []
        for phrase in phrases:
            joined = self._join(text, merged[-1], phrase) if merged else None
            if joined:
                merged[-1] = joined
            elif not merged or phrase.start >= merged[-1].end:
                merged.append(phrase)
        return merged

    # --- which of them ---------------------------------------------------------------------------------

    def _settle(self, text: str, phrases: list[_Mention]) -> Codes:
        """Return the codes of the dispute's place among all places named."""
        at_home = bool(self._at_home.search(text))
        weighed: list[tuple[float, _Mention]] = []
        for number, phrase in enumerate(phrases):
            coupled = number > 0 and self._and.fullmatch(text, phrases[number - 1].end, phrase.start)
            weight = weighed[-1][0] if coupled else self._weigh(self._role(text, phrase), at_home=at_home)
            weighed.append((weight, phrase))
        top = max(weight for weight, _ in weighed)
        best = [self._leveled(phrase) for weight, phrase in weighed if weight == top]
        chosen = best[0]
        for codes in best[1:]:
            chosen = self._meet(chosen, codes)
        for weight, phrase in weighed:
            if not 0 < weight < top:
                continue
            if len(chosen) > 1 and (narrowed := self._narrow(chosen, self._leveled(phrase))):
                chosen = narrowed
            elif top < _WEIGHT[_Role.EVENT] and (refined := self._narrow(phrase.codes, chosen)):
                chosen = refined
        return chosen

    @staticmethod
    def _weigh(role: _Role, *, at_home: bool) -> float:
        return _AT_HOME if at_home and role is _Role.HOME else _WEIGHT[role]

    def _leveled(self, phrase: _Mention) -> Codes:
        """A bare name that is a township and also a village means the township."""
        inside = tuple(code for code in phrase.codes if self._in_home(code)) or phrase.codes
        level = max(map(size_of, inside))
        return tuple(code for code in inside if size_of(code) == level)

    def _meet(self, one: Codes, other: Codes) -> Codes:
        """Two places of one standing: the narrower if nested, their township if shared, else the first."""
        if narrowed := self._narrow(one, other):
            return narrowed
        if narrowed := self._narrow(other, one):
            return narrowed
        if set(one) & set(other):
            return tuple(sorted(set(one) & set(other)))
        shared = {code // _TOWNSHIP for code in one} & {code // _TOWNSHIP for code in other}
        return (next(iter(shared)) * _TOWNSHIP,) if len(shared) == 1 else one

    def _role(self, text: str, phrase: _Mention) -> _Role:
        """What a place is in the dispute, by the longest word before it, else by the word after it."""
        before = self._before_place.search(text, max(0, phrase.start - 10), phrase.start)
        after = self._after_place.match(text, phrase.end)
        role = _Role.PLAIN
        if before:
            role = self._role_before[before[0]]
        elif after:
            role = self._role_after[after[0]]
        if role is _Role.EVENT and self._bought.search(text, phrase.end, phrase.end + 10):
            return _Role.PURCHASE
        return role
