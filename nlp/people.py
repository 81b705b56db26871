"""Finds how many people or households complain together."""

import re
from functools import lru_cache

from nlp.fact_rules import FactRules, PeopleRules
from nlp.numerals import NUMBER, numbers_in, read_number
from nlp.word_lists import any_of

CROWD = "人多"
"""A class of the danger rules that is no word but a fact: `sees_crowd`."""
_LEAST_HOUSEHOLDS_SAID_AS_HOME = 5
_LEAST_NO_FAMILY = 10
_LEAST_ANYBODY = 3
_LEAST_TOLD = 9
"""A small number after 一共 may count things as well."""
_LEAST_CROWD = 5
_GREATEST_DIGIT = 9
_ROW_OF_DIGITS = re.compile(r"[一二三四五六七八九两俩仨]+")
_ONLY_NUMBER = re.compile(
    rf"\s*(?:有|大概|大约|一共|总共|就|共)?(?P<number>{NUMBER}|一)(?:个人|人|个|口人|户|名|位)[左右吧的。,!\s]*"
)


class _Reader:
    """The patterns of one rule file, compiled once."""

    def __init__(self, rules: PeopleRules) -> None:
        self.most = rules.most
        self.counted = re.compile(
            rf"(?<![\d.第几])(?P<number>{NUMBER})(?:(?P<household>{any_of(rules.households)})|(?P<family>口人)|(?:{any_of(rules.counters)})"
            rf"|(?P<anybody>多?[个名位])(?!{any_of(rules.not_together)}))"
        )
        self.ours = re.compile(rf"(?:{any_of(rules.ours)})[^\d,。!?;:]{{0,9}}$")
        self.we_before = re.compile(rf"(?:{any_of(rules.ours)}|{any_of(rules.all_told)})$")
        self.all_told = re.compile(rf"(?:{any_of(rules.all_told)})[^\d,。!?;:]{{0,4}}$")
        self.not_ours = re.compile(rf"(?:{any_of(rules.not_ours)})[^,。!?;]{{0,4}}$")
        self.together = re.compile(rf"[^,。!?;]{{0,3}}(?:{any_of(rules.together_after)})")
        self.not_after = re.compile(any_of(rules.not_after))
        self.others = re.compile(rf"(?:我|俺)(?:和|跟|同)(?:{any_of(rules.others)})$")
        self.pair = re.compile(any_of(rules.pair))
        who = any_of(rules.crowd_of)
        self.crowd = re.compile(
            rf"(?<![\d.第])(?P<number>{NUMBER})"
            rf"(?:(?P<family>口人?)|(?:{any_of(rules.crowd_counters)}|[个名位号]?{who})|(?P<bare>[个号]))"
            rf"(?!{any_of(rules.not_crowds_after)})"
        )
        self.not_crowds = re.compile(rf"(?:{any_of(rules.not_crowds)})$")
        self.we_are = re.compile(rf"(?:{any_of(rules.ours)}|{any_of(rules.all_told)})[^\d,。!?;:]{{0,3}}$")

    def read(self, text: str) -> int | None:
        best: int | None = None
        for found in numbers_in(text, self.counted):
            value = read_number(found["number"])
            if not isinstance(value, int) or not 2 <= value <= self._most_of(found["number"]):
                continue
            if found["household"] == "家" and value < _LEAST_HOUSEHOLDS_SAID_AS_HOME:
                continue
            if found["family"] and value < _LEAST_NO_FAMILY:
                continue
            if found["anybody"] and not self._is_us(text, found.start(), value):
                continue
            if self.not_after.match(text, found.end()):
                continue
            low = max(0, found.start() - 14)
            if self.not_ours.search(text, low, found.start()):
                continue
            if value == 2 and not self.we_before.search(text, low, found.start()):
                continue
            ours = self.ours.search(text, low, found.start()) or self.all_told.search(
                text, low, found.start()
            )
            if ours or self.together.match(text, found.end()):
                best = max(best or 0, value + bool(self.others.search(text, low, found.start())))
        if best is None and self.pair.search(text):
            return 2
        return best

    def _is_us(self, text: str, start: int, value: int) -> bool:
        """Whether 我们 or 一共 stands directly before a number of whomever (俺十一个兄弟, 一共二十八个)."""
        before = self.we_before.search(text, max(0, start - 6), start)
        return before is not None and value >= (_LEAST_TOLD if "共" in before[0] else _LEAST_ANYBODY)

    def _most_of(self, written: str) -> int:
        """Return the greatest number believed: digits in a row (老三一家) are no number above nine."""
        return _GREATEST_DIGIT if _ROW_OF_DIGITS.fullmatch(written) else self.most

    def sees_crowd(self, text: str) -> bool:
        for found in numbers_in(text, self.crowd):
            value = read_number(found["number"])
            least = _LEAST_NO_FAMILY if found["family"] else _LEAST_CROWD
            low = max(0, found.start() - 12)
            if (
                value is not None
                and least <= value <= self._most_of(found["number"])
                and not self.not_crowds.search(text, low, found.start())
                and (not found["bare"] or self.we_are.search(text, low, found.start()))
            ):
                return True
        return False


@lru_cache(maxsize=4)
def _reader_of(rules: PeopleRules) -> _Reader:
    return _Reader(rules)


def read_people(text: str, rules: FactRules) -> int | None:
    """Return how many people or households of a normalised text complain together, None if untold.

    A bare answer (五个人) is read too; a number alone is none, it may answer any question. "People" above
    the limit of the rule file are no people.
    """
    if len(text) <= 10 and (only := _ONLY_NUMBER.fullmatch(text)):
        value = read_number(only["number"])
        return value if isinstance(value, int) and 1 <= value <= rules.people.most else None
    return _reader_of(rules.people).read(text)


def sees_crowd(text: str, rules: FactRules) -> bool:
    """Return whether a normalised text counts five people or households or more, on whatever side."""
    return _reader_of(rules.people).sees_crowd(text)
