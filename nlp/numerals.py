"""Reads a written number: 三千六, 一万五六, 叁万贰, 2.8万, 3k6, 16万8, 二十来."""

import re

_DIGITS = {
    **dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    **{"两": 2, "俩": 2, "仨": 3, "幺": 1, "○": 0},
}
_UNITS = {
    **{"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "亿": 100_000_000},
    **{"k": 1000, "K": 1000, "w": 10_000, "W": 10_000},
}
_VAGUE = "来多几余"
_CHINESE = "".join(_DIGITS) + "".join(unit for unit in _UNITS if not unit.isascii())
NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)[{_VAGUE}]?(?:[十百千万亿kKwW]{{1,2}}(?:\d(?![\d.])|[{_CHINESE}]{{1,5}})?)?"
    rf"|[{_CHINESE}半][{_CHINESE}{_VAGUE}]{{0,11}}"
)
"""Pattern of one number, without capturing groups."""
_WESTERN = re.compile(r"([\d,]+(?:\.\d+)?)[来多几余]?(.*)", re.DOTALL)
MAX_NUMBER = 10**12


def read_number(written: str) -> int | float | None:
    """Return the value of one written number, None when it is not one.

    A vague number gives its sure part (三千多 = 3000, 二十来万 = 200000), a span its lower end (一万五六 = 15000).
    A digit after the last unit counts a tenth of that unit (三千六 = 3600, 3k6 = 3600).
    """
    western = _WESTERN.fullmatch(written)
    if western is None:
        return _read_chinese(written)
    head = western[1].replace(",", "")
    if not head or head.count(".") > 1:
        return None
    value = float(head) if "." in head else int(head[:15])
    rest = western[2]
    unit = 1
    while rest and rest[0] in _UNITS:
        unit *= _UNITS[rest[0]]
        rest = rest[1:]
    total = value * unit
    if rest:
        tail = _read_tail(rest, unit)
        if tail is None:
            return None
        total += tail
    return _plain(total)


def _read_tail(rest: str, unit: int) -> int | float | None:
    """What follows the unit: one digit is a tenth of it (16万8), else a number of its own (3万两千)."""
    if len(rest) == 1 and unit > 1:
        digit = int(rest) if rest.isdigit() else _DIGITS.get(rest)
        return None if digit is None else digit * unit // 10
    return int(rest) if rest.isdigit() else _read_chinese(rest)


def _read_chinese(written: str) -> int | None:
    """Read digits and units from left to right; digits only are read as a row (一三八 = 138)."""
    core = written.rstrip("半" + _VAGUE)
    if not core or any(char not in _DIGITS and char not in _UNITS and char not in _VAGUE for char in core):
        return None
    if all(char in _DIGITS for char in core):
        if len(core) == 2 and written[:1] not in "零〇" and _DIGITS[core[1]] == _DIGITS[core[0]] + 1:
            return _DIGITS[core[0]]
        return int("".join(str(_DIGITS[char]) for char in core))
    total = section = 0
    pending: int | None = None
    last_unit = 1
    for char in core:
        if char in _DIGITS:
            if pending is None or pending == 0:
                pending = _DIGITS[char]
            if char in "零〇":
                last_unit = 10
                pending = None
        elif char in _UNITS:
            unit = _UNITS[char]
            if unit >= 10_000:
                total = (total + section + (pending or 0)) * unit if unit > 10_000 else total + (
                    section + (pending or 0)
                ) * unit
                section = 0
            else:
                section += (1 if pending is None else pending) * unit
            pending, last_unit = None, unit
    if pending is not None:
        section += pending * (last_unit // 10) if last_unit >= 100 else pending
    return total + section


def _plain(value: float) -> int | float | None:
    if value > MAX_NUMBER:
        return None
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
