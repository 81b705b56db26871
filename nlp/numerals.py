"""Reads a written number: 三千六, 一万五六, 叁万贰, 2.8万, 3k6, 16万8, 二十来."""

import re
from collections.abc import Iterator

_DIGITS = {
    **dict(zip("零一二三四五六七八九", range(10), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    **{"〇": 0, "两": 2, "俩": 2, "仨": 3},
}
_TO_CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
_UNITS = {
    **{"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "亿": 100_000_000},
    **{"k": 1000, "K": 1000, "w": 10_000, "W": 10_000},
}
_VAGUE = "来多几余"
_DIGIT_CLASS = "".join(_DIGITS)
_CHINESE = _DIGIT_CLASS + "".join(unit for unit in _UNITS if not unit.isascii())
NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:[{_VAGUE}]?[十百千万亿kKwW]{{1,2}}(?:(?:\d[千百十]){{1,3}}\d?|\d(?![\d.])|[{_CHINESE}]{{1,6}})?)?"
    rf"[{_VAGUE}]?"
    rf"|[{_DIGIT_CLASS}十拾][{_CHINESE}{_VAGUE}]{{0,11}}"
)
"""Pattern of one number, without capturing groups; what it finds may still be no number (see read_number)."""
DIGITS = rf"0-9十百千万{_DIGIT_CLASS}"
"""What a number consists of, to be put into a class of a pattern."""
_FIRST = re.compile(rf"[0-9半{_DIGIT_CLASS}十拾]")
LONG_FIRST = re.compile(rf"[0-9半{_DIGIT_CLASS}十拾](?=[0-9.,{_CHINESE}{_VAGUE}kKwW块元圆钱毛])")
"""Where a number may begin that is of more than one character, or money."""
_WESTERN = re.compile(rf"([\d,]+(?:\.\d+)?)[{_VAGUE}]?(.*)", re.DOTALL)
MAX_NUMBER = 10**12


def numbers_in(
    text: str, pattern: re.Pattern[str], beginning: re.Pattern[str] = _FIRST
) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern that begins with a number in a group named `number`, without overlap.

    Does what `finditer` would, but looks only where a number may begin.
    """
    first = beginning.search(text)
    while first:
        found = pattern.match(text, first.start())
        if found:
            yield found
        first = beginning.search(text, found.end("number") if found else first.end())


def read_number(written: str) -> int | float | None:
    """Return the value of one written number, None when it is not one.

    A vague number gives its sure part (三千多 = 3000, 二十来万 = 200000), a span its lower end
    (一万五六 = 15000).
    A digit after the last unit counts a tenth of that unit (三千六 = 3600, 3k6 = 3600).
    """
    written = written.rstrip(_VAGUE)
    western = _WESTERN.fullmatch(written)
    value: int | float | None
    if western is None:
        value = _read_chinese(written)
    else:
        value = _read_western(western[1].replace(",", ""), western[2])
    if value is None or value > MAX_NUMBER:
        return None
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _read_western(head: str, rest: str) -> int | float | None:
    if not head:
        return None
    value = float(head) if "." in head else int(head[:15])
    unit = 1
    while rest and rest[0] in _UNITS:
        unit *= _UNITS[rest[0]]
        rest = rest[1:]
    if not rest:
        return value * unit
    if len(rest) == 1 and unit > 1:
        digit = int(rest) if rest.isdigit() else _DIGITS.get(rest)
        return None if digit is None else value * unit + digit * unit // 10
    tail = int(rest) if rest.isdigit() else _read_chinese(rest.translate(_TO_CHINESE))
    return None if tail is None else value * unit + tail


def _read_chinese(written: str) -> int | None:
    """Read digits and units from left to right; digits alone are a row (一三八) or a span (两三)."""
    if not written or not all(char in _DIGITS or char in _UNITS or char in _VAGUE for char in written):
        return None
    if all(char in _DIGITS for char in written):
        digits = [_DIGITS[char] for char in written]
        if len(digits) == 2 and 0 < digits[0] < digits[1]:
            return digits[0]
        return int("".join(map(str, digits)))
    total = section = 0
    pending: int | None = None
    last_unit = 1
    for char in written:
        unit = _UNITS.get(char)
        if unit is None:
            if char in "零〇":
                pending, last_unit = None, 10
            elif pending is None:
                pending = _DIGITS.get(char)
        elif unit >= 10_000:
            total = (total + section + (pending or 0)) * unit
            section, pending, last_unit = 0, None, unit
        else:
            section += (1 if pending is None else pending) * unit
            pending, last_unit = None, unit
    if pending is not None:
        section += pending * (last_unit // 10) if last_unit >= 100 else pending
    return total + section
