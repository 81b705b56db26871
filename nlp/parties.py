"""Finds the two sides of a case in an agreement: by name, short name or role, and what part each plays."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from mediation.agreement import Side
from nlp.obligation_rules import PartyWords
from nlp.word_lists import any_of

Who = frozenset[Side]
"""One side, both, or (empty) somebody whose side is not known."""

NOBODY_KNOWN: Who = frozenset()
BOTH: Who = frozenset(Side)
_JOINED = frozenset({"和", "与", "跟", "同", "、", "及", ""})
_LONGEST_BEFORE = 4


class Part(Enum):
    """What somebody named does in a clause."""

    SUBJECT = auto()
    AGENT = auto()
    OBJECT = auto()
    OWNER = auto()
    """Only whose thing it is (张三家的地界)."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named in `text[start:end]`."""

    who: Who
    part: Part
    start: int
    end: int


class PartyFinder:
    """The words for two sides with these names, compiled once per agreement."""

    def __init__(
        self, words: PartyWords, *, applicant: str | None, respondent: str | None, text: str
    ) -> None:
        names = {Side.APPLICANT: applicant or "", Side.RESPONDENT: respondent or ""}
        called = {side: _short_names(name, words) for side, name in names.items()}
        shared = called[Side.APPLICANT] & called[Side.RESPONDENT]
        self._sides: dict[str, Who] = dict.fromkeys(words.unclear, NOBODY_KNOWN)
        self._sides |= dict.fromkeys(shared, NOBODY_KNOWN) | dict.fromkeys(words.both, BOTH)
        for side, known in called.items():
            self._sides |= dict.fromkeys(known - shared, frozenset({side}))
            self._sides |= dict.fromkeys(words.sides[side], frozenset({side}))
        self._others = frozenset(words.other)
        self._pattern = re.compile(
            rf"(?<!其)(?:{any_of([*self._sides, *self._others])})(?!{any_of(words.not_after)})"
        )
        self._object_before = re.compile(rf"(?:{any_of(words.object_before)})$")
        self._agent_before = re.compile(rf"(?:{any_of(words.agent_before)})$")
        self._whose_after = re.compile(any_of(words.whose_after))
        self.third = re.compile(rf"(?:{any_of(words.object_before)})(?:{any_of(words.third)})")
        self.each = re.compile(any_of(words.each))
        self._define_roles(words, text)

    def _define_roles(self, words: PartyWords, text: str) -> None:
        """Follow 甲方:李四 in the text against the custom that 甲方 is who applied."""
        roles = [word for listed in words.sides.values() for word in listed]
        names = any_of(word for word, who in self._sides.items() if len(who) == 1 and word not in roles)
        for found in re.finditer(rf"({any_of(roles)})(?:[(:为是]|\s)+({names})", text):
            self._sides[found[1]] = self._sides[found[2]]

    def mentions(self, text: str) -> list[Mention]:
        """Return everybody named in a clause, in order; two joined names (张三和李四) are one mention."""
        found: list[Mention] = []
        for match in self._pattern.finditer(text):
            start, end = match.span()
            if match[0] in self._others:
                earlier = next((one.who for one in found if len(one.who) == 1), NOBODY_KNOWN)
                who: Who = frozenset(side.other for side in earlier)
            else:
                who = self._sides[match[0]]
            if found and who and not found[-1].who and found[-1].end == start:
                last = found.pop()
                found.append(Mention(who, last.part, last.start, end))
                continue
            joined = found and text[found[-1].end : start] in _JOINED and len(found[-1].who) == 1
            if joined and found[-1].part is not Part.OBJECT and who != found[-1].who:
                last = found.pop()
                found.append(Mention(last.who | who, last.part, last.start, end))
                continue
            found.append(Mention(who, self._part(text, start, end), start, end))
        return found

    def _part(self, text: str, start: int, end: int) -> Part:
        low = max(0, start - _LONGEST_BEFORE)
        if self._agent_before.search(text, low, start):
            return Part.AGENT
        if self._object_before.search(text, low, start):
            return Part.OBJECT
        return Part.OWNER if self._whose_after.match(text, end) else Part.SUBJECT


def _short_names(name: str, words: PartyWords) -> set[str]:
    """Return the name and what people call its bearer."""
    name = re.sub(r"\s", "", name)
    if not name:
        return set()
    endings = [ending for ending in words.organisations if ending in name]
    if endings:
        return {name, name[-2:], name[-3:], *_proper_names(name, endings, words)} | {
            word for ending in endings for word in words.organisations[ending]
        }
    surname = next((one for one in words.double_surnames if name.startswith(one)), name[0])
    given = name.removeprefix(surname)
    called = {
        name,
        *(name + word for word in words.households),
        *(surname + word for word in words.households),
    }
    called |= {surname + title for title in words.titles}
    for prefix in words.given_prefixes:
        called |= {prefix + surname, *(prefix + surname + word for word in words.households)}
    if len(given) > 1:
        called |= {given, *(given + word for word in words.households)}
    return called


def _proper_names(name: str, endings: Iterable[str], words: PartyWords) -> set[str]:
    """Return 鑫源建筑 and 鑫源 of 漯河鑫源建筑有限公司."""
    for prefix in words.place_prefixes:
        name = name.removeprefix(prefix)
    core = re.split(rf"(?:股份|有限|责任)|{any_of(endings)}", name)[0]
    short = {core[:2] + word for ending in endings for word in (ending, *words.organisations[ending])}
    whole = {core + ending for ending in endings if name.startswith(core + ending)}
    return {part for part in (core, core[:2], name, *short, *whole) if len(part) > 1}
