"""Finds the telephone number in a text: mobile or landline, in any spelling."""

import re
from functools import lru_cache

from nlp.fact_rules import FactRules, PhoneRules
from nlp.word_lists import any_of

_CHINESE_DIGITS = str.maketrans("〇○零幺一二两三四五六七八九壹贰叁肆伍陆柒捌玖", "00011223456789123456789")
_DIGIT = "[0-9〇○零幺一二两三四五六七八九壹贰叁肆伍陆柒捌玖]"
_GAP = r"[\s\-—–·.、_()]{0,2}"
_ROW = re.compile(rf"{_DIGIT}(?:{_GAP}{_DIGIT}){{6,30}}")
_GLUED = re.compile("[0-9.]")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_MOBILE = re.compile(r"(?:0{0,2}86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}")
_LEAST_BLANKED = 9
_LONGEST_LANDLINE = 12
_WORD = re.compile(r"(?:电话|手机|联系|微信|座机|号码|的号|这个号|打我)[^0-9一二三四五六七八九零幺]{0,8}$")


@lru_cache(maxsize=8)
def _found(text: str) -> tuple[re.Match[str], ...]:
    """Return every row of digits; kept, since one message is asked for phones and sums in turn."""
    return tuple(_ROW.finditer(text))


def _rows(text: str) -> list[tuple[list[str], int]]:
    """Return every row of digits that may be a phone: its groups of plain digits, and its offset."""
    return [
        (_NOT_DIGIT.split(found[0].translate(_CHINESE_DIGITS)), found.start())
        for found in _found(text)
        if not _GLUED.match(text, found.start() - 1, found.start())
    ]


def blank_phones(text: str) -> str:
    """Return the text with every row of digits that may be a phone blanked, offsets unchanged."""

    for found in _found(text):
        groups = _NOT_DIGIT.split(found[0].translate(_CHINESE_DIGITS))
        if sum(map(len, groups)) < _LEAST_BLANKED:
            continue
        start, end = found.span()
        phone = _phone_of(groups)
        if phone and groups[-1] == phone and groups[0] != phone:
            start = end - len(phone)
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _phone_of(groups: list[str]) -> str | None:
    """Return the number that some neighbouring groups of digits make: 139 0395 1234, but not 15000 139…"""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if mobile := _MOBILE.fullmatch(digits):
                return mobile[1]
            if _LANDLINE.fullmatch(digits) and (len(digits) == _LONGEST_LANDLINE or group is groups[-1]):
                return digits
    return None


def read_phone(text: str) -> str | None:
    """Return the first well-formed phone number as digits, None when there is none."""
    return next((phone for groups, _ in _rows(text) if (phone := _phone_of(groups))), None)


@lru_cache(maxsize=4)
def _theirs(rules: PhoneRules) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before (他家电话是…) and after (…是俺邻居的) the other side's number."""
    whose, word = any_of(rules.theirs), any_of(rules.word)
    before = (
        rf"(?:{whose})(?:[^,。!?;]{{0,6}}?|(?:叫|是|姓)[^,。!?;]{{1,6}},\s?)(?:{word})[^\d,。!?;]{{0,4}}$"
    )
    after = rf"[\s,]{{0,2}}(?:这)?是?(?:俺|我|咱)?[^,。!?;]{{0,2}}(?:{whose})[^,。!?;]{{0,3}}的"
    return re.compile(before), re.compile(after)


def read_own_phone(text: str, rules: FactRules) -> str | None:
    """Return the first phone number that is not said to be the other side's, None when there is none."""
    before, after = _theirs(rules.phones)
    for found in _found(text):
        phone = _phone_of(_NOT_DIGIT.split(found[0].translate(_CHINESE_DIGITS)))
        if phone is None or _GLUED.match(text, found.start() - 1, found.start()):
            continue
        start, end = found.span()
        if not (before.search(text, max(0, start - 24), start) or after.match(text, end)):
            return phone
    return None


def find_phone_like(text: str) -> str | None:
    """Return the digits of a number meant as a phone but of a wrong length, None when there is none."""
    rows = _rows(text)
    if any(_phone_of(groups) for groups, _ in rows):
        return None
    for groups, start in rows:
        digits = "".join(groups)
        looks_mobile = 9 <= len(digits) <= 13 and digits[0] == "1" and digits[1] in "3456789"
        if looks_mobile or _WORD.search(text, max(0, start - 20), start):
            return digits
    return None
