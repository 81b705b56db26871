"""Finds the place of the dispute in a text: one region, or the villages that fit, or that it lies outside."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mediation.regions import Region
from nlp.place_choosing import PlaceChoosing
from nlp.place_hearing import PlaceHearing
from nlp.place_index import CITY, COUNTY, TOWNSHIP, VILLAGE, PlaceIndex, narrow, pack, size_of, unpack
from nlp.place_mentions import PAUSE, Mention, MentionFinder
from nlp.place_rules import PinyinRules, PlaceRules
from nlp.word_lists import any_of

Span = tuple[int, int]
_NEAR_OUTSIDE = 20
_PERSON = 3
_QUOTED = frozenset('”"》」』')
_NAMING = "老小"
"""小徐 or 老蔡 alone at the end may sign the message."""


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """`place` is the code of the one region that the text determines, `candidates` the villages that fit
    when there are several, `spans` the stretches of the text that are place names."""

    place: str | None
    candidates: tuple[str, ...] = ()
    outside: bool = False
    spans: tuple[Span, ...] = ()


class Gazetteer:
    """The region table, made ready once for looking up what residents write."""

    def __init__(
        self,
        regions: Iterable[Region],
        rules: PlaceRules,
        pinyin: PinyinRules,
        landmarks: Mapping[str, str] | None = None,
    ) -> None:
        """`landmarks` are roads, estates and companies by name, with the code of their region."""
        self._rules = rules
        self._landmarks = frozenset(landmarks or ())
        self._index = PlaceIndex(regions, rules, pinyin, landmarks)
        self._finder = MentionFinder(self._index, rules)
        self._hearing = PlaceHearing(self._index, self._finder, rules)
        self._choosing = PlaceChoosing(self._index, rules)
        self._ordinary = frozenset(rules.ordinary)
        self._everyday = frozenset(rules.everyday)
        self._stop = re.compile(r"[,。;!?\s我俺他她你恁咱在到来]")
        self._trap = re.compile(any_of(rules.traps))
        around = rules.surroundings
        whose = any_of(around.whose)
        self._home_before = re.compile(rf"(?:{any_of(around.home_before)})$")
        self._enough_before = re.compile(rf"(?:^|{PAUSE}|{any_of(around.enough_before)})$")
        self._elsewhere_before = re.compile(rf"(?:{any_of(rules.elsewhere_before)})$")
        self._pause_before = re.compile(rf"(?:^|{PAUSE})$")
        self._enough_after = re.compile(rf"(?:{whose})?(?:{PAUSE}|$)|{any_of(around.enough_after)}")
        self._asking_after = re.compile(
            rf"{any_of(around.asking_after)}|(?:{whose})?[老小](?![{rules.no_surnames}])[{rules.surnames}]"
        )
        self._there_after = re.compile(any_of(around.there_after))
        self._whose_after = re.compile(rf"(?:{whose})(?:{PAUSE}|$)")
        self._some_after = re.compile(any_of(around.some_after))
        self._located_before = re.compile(rf"(?:{any_of(around.located_before)})$")
        self._closes = re.compile(
            rf"(?:{whose}|{any_of(around.here)})?(?:\W*$|\W+[\d\s]*(?:$|{any_of(around.closing)}))"
        )
        self._stop_after = re.compile(rf"(?:{whose})?(?:[\s,。、!?;]|$)|(?:{whose})[我俺]")
        self._alone_after = re.compile(
            rf"(?:{whose}|{any_of(around.here)})?(?:[\s,。、!?;]|$)|(?:{whose})[我俺]"
        )
        self._person_after = re.compile(any_of(rules.person_after))
        self._outside_before = re.compile(rf"(?:{any_of(rules.outside_before)})$")
        self._outside_after = re.compile(
            rf"{any_of(rules.outside_after)}|(?:{whose})(?:{PAUSE}|$)|[^,。!?;\s]{{0,6}}?[县区镇乡]"
        )

    def short_name(self, code: str) -> str:
        """Return the name of one region as it is said (北徐庄村, 杜曲镇); KeyError when unknown."""
        packed = pack(code)
        name = self._index.official_name(packed)
        if name is None:
            raise KeyError(code)
        if size_of(packed) == TOWNSHIP:
            county = self._index.official_name(packed // COUNTY * COUNTY) or name
            return name if name == county else name.removeprefix(county)
        if size_of(packed) == VILLAGE:
            for official, spoken in self._rules.official_endings.items():
                if name.endswith(official):
                    stem = name.removesuffix(official)
                    said = self._rules.endings.village
                    return stem if any(stem.endswith(ending) for ending in said) else stem + spoken
        return name

    def name_of(self, code: str) -> str:
        """Return the spoken name from the county down (临颍县杜曲镇北徐庄村); KeyError when unknown."""
        packed = pack(code)
        wider = [packed // size * size for size in (COUNTY, TOWNSHIP)]
        above = [area for area in wider if area != packed and size_of(area) > size_of(packed)]
        return "".join(self.short_name(unpack(area)) for area in (*above, packed))

    def read(self, text: str) -> PlaceReading:
        """Return the place of the dispute; a place is never guessed from an ordinary word."""
        phrases = self._phrases(text)
        inside = [phrase for phrase in phrases if self._index.any_in_home(phrase.codes)]
        spans = tuple((phrase.start, phrase.end) for phrase in phrases)
        if not inside:
            outside = any(self._is_seat(text, phrase) for phrase in phrases)
            return PlaceReading(None, outside=outside, spans=spans)
        codes = self._choosing.choose(text, inside)
        if len(codes) == 1:
            return PlaceReading(unpack(codes[0]), spans=spans)
        return PlaceReading(
            None, tuple(unpack(code) for code in codes if size_of(code) == VILLAGE), spans=spans
        )

    def _is_seat(self, text: str, phrase: Mention) -> bool:
        """Whether somebody is at a place outside, or it is named down to the county or lower."""
        if any(code % CITY for code in phrase.codes):
            return True
        before = text[max(0, phrase.start - 6) : phrase.start]
        return bool(self._outside_before.search(before) or self._outside_after.match(text, phrase.end))

    def _phrases(self, text: str) -> list[Mention]:
        """Return what the text names, each chain of names from wide to narrow (临颍 杜曲 北徐) as one."""
        phrases: list[Mention] = []
        mentions = list(self._finder.find(text))
        for number, mention in enumerate(mentions):
            before = phrases[-1] if phrases else None
            if before and mention.start < before.end:
                continue
            if before and (joined := self._join(text, before, mention)):
                phrases[-1] = joined
                continue
            if before and self._lies_in_outside(text, before, mention):
                if mention.start == before.end:
                    phrases[-1] = replace(before, end=mention.end)
                continue
            following = mentions[number + 1] if number + 1 < len(mentions) else None
            if back := self._joins_back(text, mentions, number):
                phrases.append(back)
                continue
            found = self._hearing.before(text, mention, before.end if before else 0) or mention
            heard = self._hearing.after(text, found, following.start if following else len(text))
            if (
                heard is not mention
                or self._is_place(text, mention)
                or self._leads(text, mention, following)
                or (before and self._is_said_within(text, before, mention))
                or any(self._goes_with(text, mention, other) for other in (before, following) if other)
            ):
                phrases.append(heard)
        return self._hear_endings(text, phrases) or self._hearing.at_home(text)

    def _lies_in_outside(self, text: str, before: Mention, mention: Mention) -> bool:
        """Whether a name follows a place outside in the same breath (湖南省…石岗村)."""
        if not before.end <= mention.start < before.end + _NEAR_OUTSIDE:
            return False
        if self._index.any_in_home(before.codes):
            return False
        return self._stop.search(text, before.end, mention.start) is None

    def _joins_back(self, text: str, mentions: list[Mention], number: int) -> Mention | None:
        """Return a village and the township said after it as one, unless this leads to its own village."""
        if number + 1 == len(mentions):
            return None
        inner, wide = mentions[number : number + 2]
        joined = self._finder.join_back(text, inner, wide)
        if joined is None or self._elsewhere_before.search(text, max(0, inner.start - 4), inner.start):
            return None
        leads = number + 2 < len(mentions) and self._leads(text, wide, mentions[number + 2])
        return None if leads else joined

    def _join(self, text: str, wide: Mention, mention: Mention) -> Mention | None:
        """Return both names as one, unless an ordinary word follows a city (漯河东方医院)."""
        joined = self._finder.join(text, wide, mention)
        if joined is None or mention.sure or mention.name not in self._ordinary:
            return joined
        is_far = all(size_of(code) > COUNTY for code in wide.codes)
        return None if is_far and not self._enough_after.match(text, mention.end) else joined

    def _goes_with(self, text: str, mention: Mention, other: Mention) -> bool:
        """Whether it is named in one breath with another place of the township (仙桥跟汪庄)."""
        one, two = sorted((mention, other), key=lambda each: each.start)
        if mention.name in self._everyday or not self._choosing.are_coupled(text, one, two):
            return False
        townships = {code // TOWNSHIP for code in one.codes} & {code // TOWNSHIP for code in two.codes}
        return bool(townships) and (other.sure or self._weakness(other) <= 1)

    def _is_said_within(self, text: str, before: Mention, mention: Mention) -> bool:
        """Whether a place is told (俺是老窝的,具体是大郭) that lies in the one named before."""
        left = text[max(0, mention.start - 8) : mention.start]
        told = self._home_before.search(left) and self._stop_after.match(text, mention.end)
        return bool(told and narrow(mention.codes, before.codes))

    def _leads(self, text: str, mention: Mention, following: Mention | None) -> bool:
        """Whether the next name directly after lies in this one."""
        if following is None or all(size_of(code) == VILLAGE for code in mention.codes):
            return False
        is_near = self._some_after.fullmatch(text, mention.end, following.start) is not None
        return self._finder.join(text, mention, following, glued=not is_near) is not None

    def _hear_endings(self, text: str, phrases: list[Mention]) -> list[Mention]:
        """章花镇, 临颖县, 召岭区: a misspelt name before the word that says its level."""
        starts = [phrase.start for phrase in phrases]
        found: list[Mention] = []
        for ending in self._finder.ending.finditer(text):
            before = phrases[at] if (at := bisect_right(starts, ending.start()) - 1) >= 0 else None
            if before and ending.start() < before.end:
                continue
            sizes = self._finder.sizes_of_ending[ending[0]]
            heard = self._hearing.named(text, ending.start(), ending.end(), sizes)
            if heard is None or self._elsewhere_before.search(text, max(0, heard.start - 4), heard.start):
                continue
            if not (before and before.end <= heard.start and self._lies_in_outside(text, before, heard)):
                found.append(self._hearing.after(text, heard, len(text)))
        if not found:
            return phrases
        return self._merge(text, sorted([*phrases, *found], key=lambda phrase: phrase.start))

    def _merge(self, text: str, phrases: list[Mention]) -> list[Mention]:
        merged: list[Mention] = []
        for phrase in phrases:
            joined = self._finder.join(text, merged[-1], phrase) if merged else None
            if joined:
                merged[-1] = joined
            elif not merged or phrase.start >= merged[-1].end:
                merged.append(phrase)
        return merged

    def _is_place(self, text: str, mention: Mention) -> bool:
        """Whether a bare name is a place here: an ordinary word or a person needs words that show a place."""
        before, name = text[max(0, mention.start - 8) : mention.start], mention.name
        if self._elsewhere_before.search(before):
            return False
        if mention.sure:
            return True
        if self._is_other_name(text, mention, before[-1:]):
            return False
        for trap in self._trap.finditer(text, max(0, mention.start - 2), mention.end + 2):
            if trap.start() < mention.start < trap.end() or trap.start() < mention.end < trap.end():
                return False
        if self._asking_after.match(text, mention.end):
            return True
        if name not in self._everyday and self._there_after.match(text, mention.end):
            return True
        weak = self._weakness(mention)
        ends = self._whose_after if name in self._everyday else self._stop_after
        if weak < _PERSON and self._home_before.search(before) and ends.match(text, mention.end):
            return True
        if len(name) == 2 and name[0] in self._rules.surnames and self._person_after.match(text, mention.end):
            return False
        if weak == 0:
            return True
        if weak == 1:
            if self._enough_after.match(text, mention.end) or self._enough_before.search(before):
                return True
            return len(name) > 2 and self._closes.match(text, mention.end) is not None
        return self._is_said_alone(text, mention, before, is_person=weak == _PERSON)

    def _is_other_name(self, text: str, mention: Mention, last: str) -> bool:
        """西张庄 and 孙小庄 are other villages; what stands in quotes is a brand."""
        rules = self._rules
        if text[mention.end : mention.end + 1] in _QUOTED:
            return True
        if not last:
            return False
        if last in rules.other_village_prefixes:
            return True
        is_village = len(mention.name) == 2 and all(size_of(code) == VILLAGE for code in mention.codes)
        return is_village and last in rules.surnames and last not in rules.no_surnames

    def _is_said_alone(self, text: str, mention: Mention, before: str, *, is_person: bool) -> bool:
        """Whether an ordinary word or what may be a person stands where only a place does."""
        begins = self._pause_before.search(before) is not None
        if (begins or (is_person and self._home_before.search(before))) and self._whose_after.match(
            text, mention.end
        ):
            return True
        some_after = self._some_after.match(text, mention.end)
        located = self._located_before.search(before) is not None
        if located and (some_after or self._stop_after.match(text, mention.end)):
            return True
        is_name = not is_person and mention.name not in self._everyday
        if (begins or located) and is_name and self._enough_after.match(text, mention.end):
            return True
        if not begins or (is_person and mention.name[0] in _NAMING):
            return False
        alone = mention.start == 0 and self._alone_after.match(text, mention.end)
        return bool(some_after or alone or self._closes.match(text, mention.end))

    def _weakness(self, mention: Mention) -> int:
        """0: nothing but a name; 1: may be part of other words; 2: an ordinary word; 3: a person."""
        name, rules = mention.name, self._rules
        if len(name) == 2 and name[0] in rules.person_prefixes and name[1] in rules.surnames:
            return _PERSON
        if name in self._landmarks:
            return 0
        if name in self._ordinary:
            return 2
        if len(name) >= 4 or name[-1] in rules.place_characters or name[0] not in rules.surnames:
            return 0
        if any(size_of(code) > VILLAGE for code in mention.codes):
            return 0
        if name[-1] in rules.surnames or name[-1] in rules.not_given:
            return 0 if len(name) > 2 else 1 if self._index.find(name) else 2
        return 2 if len(name) == 2 else 1
