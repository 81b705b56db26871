"""Reads the pattern language of the rule files: words together, near, in order, or absent."""

import re
from dataclasses import dataclass
from sys import intern

DEFAULT_DISTANCE = 24
ANY_DISTANCE = 1_000_000
_DISTANCE = re.compile(r"~(\d+|全文)")


class PatternError(ValueError):
    """A pattern that cannot be read."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Items that must stand together; an item is the alternatives, words or names of word classes.

    `distance` is the greatest gap in characters between the first item and each other one; with `in_order`
    each item stands after the one before.
    """

    items: tuple[tuple[str, ...], ...]
    absent: tuple[tuple[str, ...], ...] = ()
    distance: int = DEFAULT_DISTANCE
    in_order: bool = False


def parse_pattern(source: str) -> Pattern:
    """Read one pattern such as `干活 没给钱 !借 ~40`; raises PatternError."""
    items: list[tuple[str, ...]] = []
    absent: list[tuple[str, ...]] = []
    distance, in_order = DEFAULT_DISTANCE, False
    for part in source.split():
        if part == ">":
            in_order = True
        elif part.startswith("~"):
            number = _DISTANCE.fullmatch(part)
            if not number:
                raise PatternError(f"{source!r}: {part!r} is not a distance")
            distance = ANY_DISTANCE if number[1] == "全文" else int(number[1])
        else:
            alternatives = tuple(map(intern, part.removeprefix("!").split("/")))
            if not all(alternatives):
                raise PatternError(f"{source!r}: an empty word")
            (absent if part.startswith("!") else items).append(alternatives)
    if not items:
        raise PatternError(f"{source!r}: nothing to look for")
    return Pattern(items=tuple(items), absent=tuple(absent), distance=distance, in_order=in_order)
