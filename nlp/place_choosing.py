"""Chooses the place of the dispute among all places that a text names."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from nlp.place_index import TOWNSHIP, VILLAGE, Codes, PlaceIndex, narrow, size_of
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


class PlaceChoosing:
    """Weighs places by the words before and after them."""

    def __init__(self, index: PlaceIndex, rules: PlaceRules) -> None:
        self._index = index
        roles = rules.roles
        self._role_before = self._role_words(roles, lambda words: words.before)
        self._role_after = self._role_words(roles, lambda words: words.after)
        self._before_place = re.compile(rf"(?:{any_of(self._role_before)})$")
        self._after_place = re.compile(any_of(self._role_after))
        self._township_after = re.compile(any_of(roles.township_after))
        self._and = re.compile(any_of(roles.joined_by))
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
                (_Role.BACKGROUND, roles.background),
            )
            for word in side(words)
        }

    def choose(self, text: str, phrases: Sequence[Mention]) -> Codes:
        """Return the codes of the dispute's place among all places named."""
        if len(phrases) == 1:
            return self._leveled(text, phrases[0])
        at_home = bool(self._at_home.search(text))
        weighed: list[tuple[float, Mention]] = []
        for number, phrase in enumerate(phrases):
            coupled = number > 0 and self._and.fullmatch(text, phrases[number - 1].end, phrase.start)
            weight = weighed[-1][0] if coupled else self._weigh(self._role(text, phrase), at_home=at_home)
            weighed.append((weight, phrase))
        top = max(weight for weight, _ in weighed)
        best = [self._leveled(text, phrase) for weight, phrase in weighed if weight == top]
        chosen = best[0]
        for codes in best[1:]:
            chosen = self._meet(chosen, codes)
        for weight, phrase in weighed:
            if not 0 < weight < top:
                continue
            if len(chosen) > 1 and (narrowed := narrow(chosen, self._leveled(text, phrase))):
                chosen = narrowed
            elif top < _WEIGHT[_Role.EVENT] and (refined := narrow(phrase.codes, chosen)):
                chosen = refined
        return chosen

    @staticmethod
    def _weigh(role: _Role, *, at_home: bool) -> float:
        return _AT_HOME if at_home and role is _Role.HOME else _WEIGHT[role]

    def _leveled(self, text: str, phrase: Mention) -> Codes:
        """A bare name of a township and a village means the township; with several villages, these."""
        inside = tuple(code for code in phrase.codes if self._index.in_home(code)) or phrase.codes
        level = max(map(size_of, inside))
        villages = sum(size_of(code) == VILLAGE for code in inside)
        if level == TOWNSHIP and villages > 1 and not self._township_after.match(text, phrase.end):
            level = VILLAGE
        return tuple(code for code in inside if size_of(code) == level)

    def _meet(self, one: Codes, other: Codes) -> Codes:
        """Two places of one standing: the narrower if nested, their township if shared, else the first."""
        if narrowed := narrow(one, other):
            return narrowed
        if narrowed := narrow(other, one):
            return narrowed
        if set(one) & set(other):
            return tuple(sorted(set(one) & set(other)))
        shared = {code // TOWNSHIP for code in one} & {code // TOWNSHIP for code in other}
        return (next(iter(shared)) * TOWNSHIP,) if len(shared) == 1 else one

    def _role(self, text: str, phrase: Mention) -> _Role:
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
