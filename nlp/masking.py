"""Finds what tells who somebody is in a text: numbers, plates, companies, streets, case numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Secret(StrEnum):
    """What kind of thing is masked."""

    IDENTITY = "identity"
    PHONE = "phone"
    PLATE = "plate"
    COMPANY = "company"
    ADDRESS = "address"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Found:
    """One stretch of the text; `tail` is the telling end of a company's name (厂, 公司)."""

    start: int
    end: int
    secret: Secret
    tail: str = ""


@dataclass(frozen=True, slots=True)
class MaskingWords:
    """Words of rule files: ends of companies' names, what stands before them but is no part of them."""

    company_ends: tuple[str, ...]
    company_stops: str
    provinces: str


_IDENTITY = re.compile(r"(?<![0-9])\d{17}[0-9Xx](?![0-9])")
_PHONE = re.compile(r"(?<![0-9])(?:1[3-9]\d(?:[ -]?\d){8}|0\d{2,3}[ -]?\d{7,8}|\d{7,8})(?![0-9])")
_CASE = re.compile(r"[（(]\d{4}[)）][^\s，。；,;]{1,20}?第?\d+号|漯调\d{4}-\d+")
_ADDRESS = re.compile(
    r"[一-鿿\d]{1,8}(?:路|街|巷|大道)\d+号(?:院|楼)?(?:\d+(?:号楼|栋|单元|室|层))*|\d+(?:号楼|栋)(?:\d+单元)?(?:\d+室|\d+户)?|\d+单元\d+室?"
)


class Masker:
    """Compiled once from the rule file's words."""

    def __init__(self, words: MaskingWords) -> None:
        ends = "|".join(sorted(map(re.escape, words.company_ends), key=len, reverse=True))
        self._plate = re.compile(rf"[{words.provinces}][A-Z][·\s]?[A-Z0-9]{{5,6}}(?![A-Z0-9])")
        self._company = re.compile(rf"[一-鿿A-Za-z0-9（）()]{{2,14}}?(?P<end>{ends})")
        self._stops = re.compile(rf".*[{words.company_stops}]")

    def find(self, text: str) -> Iterator[Found]:
        """Yield what must be masked, none overlapping, in the order of the text."""
        taken = [False] * len(text)
        found: list[Found] = []

        def take(one: Found) -> None:
            if one.end > one.start and not any(taken[one.start : one.end]):
                taken[one.start : one.end] = [True] * (one.end - one.start)
                found.append(one)

        for secret, pattern in (
            (Secret.IDENTITY, _IDENTITY),
            (Secret.PLATE, self._plate),
            (Secret.CASE, _CASE),
            (Secret.PHONE, _PHONE),
            (Secret.ADDRESS, _ADDRESS),
        ):
            for match in pattern.finditer(text):
                take(Found(match.start(), match.end(), secret))
        for match in self._company.finditer(text):
            begin = self._stops.match(match[0][: -len(match["end"])])
            start = match.start() + (begin.end() if begin else 0)
            if match.start("end") - start >= 2:
                take(Found(start, match.end(), Secret.COMPANY, match["end"]))
        yield from sorted(found, key=lambda one: one.start)
