"""Chooses the place of the dispute among all places that a text names."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from enum import StrEnum

from nlp.place_index import CITY, COUNTY, TOWNSHIP, VILLAGE, Codes, PlaceIndex, narrow, size_of
from nlp.place_mentions import Mention
from nlp.place_rules import PlaceRules, Roles, RoleWords
from nlp.word_lists import any_of


class _Role(StrEnum):
    """What a place is in the dispute."""

    EVENT = "event"
    PURCHASE = "purchase"
    PLAIN = "plain"
    OTHER_HOME = "other_home"
    HOME = "home"
    NEAR = "near"
    BACKGROUND = "background"
    TAKEN_BACK = "taken_back"


_WEIGHT = {
    _Role.EVENT: 4.0,
    _Role.PURCHASE: 3.0,
    _Role.PLAIN: 3.0,
    _Role.OTHER_HOME: 2.0,
    _Role.HOME: 2.0,
    _Role.NEAR: 1.0,
    _Role.BACKGROUND: 0.0,
    _Role.TAKEN_BACK: -1.0,
}
_AT_HOME = 3.5
_WHOLE_CITY = 2.5
"""A city is seldom the place when anything in it is named too."""


class PlaceChoosing:
    """Weighs places by the words before and after them."""

    def __init__(self, index: PlaceIndex, rules: PlaceRules) -> None:
        self._index = index
        roles = rules.roles
        self._role_before = self._role_words(roles, lambda words: words.before)
        self._role_after = self._role_words(roles, lambda words: words.after)
        self._before_place = re.compile(rf"(?:{any_of(self._role_before)})$")
        self._after_place = re.compile(any_of(self._role_after))
        self._township_before = re.compile(rf"(?:{any_of(roles.township_before)})$")
        self._township_after = re.compile(any_of(roles.township_after))
        whose = any_of(rules.surroundings.whose)
        self._and = re.compile(rf"(?:{whose})?(?:{any_of(roles.joined_by)})")
        self._taken_back = re.compile(rf"[^,。!?;]{{0,6}}?(?:{any_of(roles.taken_back.after)})")
        self._bought = re.compile(any_of(roles.bought))
        self._at_home = re.compile(any_of(roles.at_home))

    @staticmethod
    def _role_words(roles: Roles, side: Callable[[RoleWords], list[str]]) -> dict[str, _Role]:
        return {
            word: role
            for role, words in (
                (_Role.EVENT, roles.event),
                (_Role.HOME, roles.home),
                (_Role.OTHER_HOME, roles.other_home),
                (_Role.NEAR, roles.near),
                (_Role.BACKGROUND, roles.background),
                (_Role.TAKEN_BACK, RoleWords(before=roles.taken_back.before)),
            )
            for word in side(words)
        }

    def choose(self, text: str, phrases: Sequence[Mention]) -> Codes:
        """Return the codes of the dispute's place among all places named."""
        if len(phrases) == 1:
            return self._leveled(text, phrases[0])
        at_home = bool(self._at_home.search(text))
        weights: list[float] = []
        coupled: list[bool] = []
        for number, phrase in enumerate(phrases):
            coupled.append(number > 0 and self.are_coupled(text, phrases[number - 1], phrase))
            weight = weights[-1] if coupled[-1] else self._weigh(self._role(text, phrase), at_home=at_home)
            is_city = all(size_of(code) == CITY for code in phrase.codes)
            weights.append(min(weight, _WHOLE_CITY) if is_city else weight)
        meant = self._narrowed(text, phrases, weights)
        for number in range(1, len(phrases)):
            if coupled[number] and (shared := self._sharing(phrases[number - 1], phrases[number])):
                meant[number - 1 : number + 1] = shared
        top = max(weights)
        best = [number for number, weight in enumerate(weights) if weight == top]
        chosen, is_area = self._meet([(meant[number], coupled[number]) for number in best])
        if is_area:
            return chosen
        for phrase, codes, weight in zip(phrases, meant, weights, strict=True):
            if not 0 < weight < top:
                continue
            if len(chosen) > 1 and (narrowed := narrow(chosen, codes)):
                chosen = narrowed
            elif top < _WEIGHT[_Role.EVENT] and (refined := narrow(phrase.codes, chosen)):
                chosen = refined
        return chosen

    def _narrowed(self, text: str, phrases: Sequence[Mention], weights: Sequence[float]) -> list[Codes]:
        """Return what each phrase means, where another one names its township or county (大孟,我在杜曲)."""
        meant = [self._leveled(text, phrase) for phrase in phrases]
        surely = {phrase.name: phrase.codes for phrase in phrases if phrase.sure and len(phrase.codes) == 1}
        for number, phrase in enumerate(phrases):
            sure = surely.get(phrase.name)
            if sure and set(sure) < set(phrase.codes):
                meant[number] = sure
        told: dict[tuple[str, Codes], list[int]] = defaultdict(list)
        for number, phrase in enumerate(phrases):
            told[phrase.name, phrase.codes].append(number)
        for (wide, codes), numbers in told.items():
            areas = tuple(code for code in codes if size_of(code) > VILLAGE)
            if not areas or all(weights[number] <= 0 for number in numbers):
                continue
            for (name, inner), others in told.items():
                if name != wide and (inside := narrow(inner, areas)):
                    holding = tuple(area for area in areas if narrow(inside, (area,)))
                    meant_by = dict.fromkeys(others, inside) | dict.fromkeys(numbers, holding)
                    for number, meaning in meant_by.items():
                        meant[number] = meaning
        return meant

    @staticmethod
    def _weigh(role: _Role, *, at_home: bool) -> float:
        return _AT_HOME if at_home and role is _Role.HOME else _WEIGHT[role]

    def _leveled(self, text: str, phrase: Mention) -> Codes:
        """A bare name of a township and a village means the township; with several villages, these."""
        inside = self._index.those_in_home(phrase.codes) or phrase.codes
        if len(inside) == 1:
            return inside
        sizes = [size_of(code) for code in inside]
        level = max(sizes)
        if level == TOWNSHIP and sizes.count(VILLAGE) > 1 and not self._says_township(text, phrase):
            level = VILLAGE
        return tuple(code for code, size in zip(inside, sizes, strict=True) if size == level)

    def _says_township(self, text: str, phrase: Mention) -> bool:
        before = self._township_before.search(text, max(0, phrase.start - 6), phrase.start)
        return bool(before or self._township_after.match(text, phrase.end))

    @staticmethod
    def _sharing(one: Mention, other: Mention) -> list[Codes]:
        """Return what two names in one breath mean when only one township has both (官厅街跟顺河街)."""
        areas = {code // TOWNSHIP for code in one.codes} & {code // TOWNSHIP for code in other.codes}
        if len(areas) != 1:
            return []
        both = [narrow(phrase.codes, (next(iter(areas)) * TOWNSHIP,)) for phrase in (one, other)]
        return both if all(both) else []

    @staticmethod
    def _meet(places: Sequence[tuple[Codes, bool]]) -> tuple[Codes, bool]:
        """Places of one standing: the narrower if nested, what they share, else the first.

        They share a township, or the county when they are named in one breath, which is told of each but
        the first. The second answer is whether it is such an area.
        """
        chosen, shared = places[0][0], False
        for codes, coupled in places[1:]:
            if shared and narrow(codes, chosen):
                continue
            if (
                nested := narrow(chosen, codes)
                or narrow(codes, chosen)
                or tuple(sorted({*chosen} & {*codes}))
            ):
                chosen = nested
                continue
            for size in (TOWNSHIP, COUNTY) if coupled else (TOWNSHIP,):
                areas = {code // size for code in chosen} & {code // size for code in codes}
                if len(areas) == 1 and (size == TOWNSHIP or len(chosen) == len(codes) == 1):
                    chosen, shared = (areas.pop() * size,), True
                    break
        return chosen, shared

    def are_coupled(self, text: str, one: Mention, other: Mention) -> bool:
        """Whether two places are named in one breath (卸西跟卸东)."""
        return self._and.fullmatch(text, one.end, other.start) is not None

    def _role(self, text: str, phrase: Mention) -> _Role:
        """What a place is in the dispute, by the longest word before it, else by the word after it."""
        if self._taken_back.match(text, phrase.end):
            return _Role.TAKEN_BACK
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
