"""Reads the region table and the list of committees that no law founds, row by row and strictly."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rows
from mediation.founding import Founding
from mediation.regions import CODE_LENGTHS, Point, Region, level_of, parent_of
from mediation.vocabulary import CommitteeKind, DisputeType, RegionLevel

Word = Annotated[str, Field(min_length=1)]

STATUTORY = frozenset({CommitteeKind.VILLAGE, CommitteeKind.TOWNSHIP, CommitteeKind.COUNTY})


class LandmarkKind(StrEnum):
    """What a landmark is."""

    ROAD = "road"
    ESTATE = "estate"
    COMPANY = "company"


class RegionRow(RuleModel):
    code: Annotated[str, Field(pattern=r"^\d+$")]
    name: Word
    level: RegionLevel
    parent: str | None = None

    @model_validator(mode="after")
    def _code_and_level_agree(self) -> Self:
        if len(self.code) not in CODE_LENGTHS or level_of(self.code) is not self.level:
            raise ValueError(f"code {self.code} is not that of a {self.level}")
        if self.parent != parent_of(self.code):
            raise ValueError(f"parent of {self.code} should be {parent_of(self.code)}")
        return self


def _split_codes(text: object) -> object:
    return text.split() if isinstance(text, str) else text


class CommitteeRow(RuleModel):
    """A committee of any kind, as `committees export` writes it."""

    code: Annotated[str, Field(pattern=r"^\d+(-[a-z_]+)?$")]
    name: Word
    kind: CommitteeKind
    region: Word
    sectors: Annotated[frozenset[DisputeType], BeforeValidator(_split_codes)] = frozenset()
    note: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.kind in STATUTORY and self.code != self.region:
            raise ValueError(f"the code of a {self.kind} committee is its region's, {self.region}")
        if self.kind not in STATUTORY and not self.code.startswith(f"{self.region}-"):
            raise ValueError(f"code {self.code} must begin with the region {self.region} and -")
        if (self.kind is CommitteeKind.SECTOR) is not bool(self.sectors):
            raise ValueError("sectors are for sector committees, which must have at least one")
        return self


class SectorCommitteeRow(CommitteeRow):
    """A committee that no law founds but an official lists."""

    @field_validator("kind")
    @classmethod
    def _is_not_statutory(cls, kind: CommitteeKind) -> CommitteeKind:
        if kind in STATUTORY:
            raise ValueError(f"a {kind} committee is founded from the region table")
        return kind


class LandmarkRow(RuleModel):
    """A road, a housing estate, a company: what people name instead of the village or township it lies in."""

    name: Annotated[str, Field(min_length=2)]
    kind: LandmarkKind
    region: Annotated[str, Field(pattern=r"^\d{6,12}$")]


class PointRow(RuleModel):
    """Where a region lies, in degrees (GCJ-02, as WeChat shares locations)."""

    region: Annotated[str, Field(pattern=r"^\d{6,12}$")]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


def load_landmarks(path: Path, regions: Iterable[Region]) -> Mapping[str, str]:
    """Read the landmarks (columns name, kind, region): the region of each name; raises RuleFileError."""
    rows = load_rows(path, LandmarkRow)
    _check(path, [(f"{row.name},", row.name, row.region) for row in rows], regions)
    return {row.name: row.region for row in rows}


def load_points(path: Path, regions: Iterable[Region]) -> tuple[Point, ...]:
    """Read where regions lie (columns region, latitude, longitude); raises RuleFileError."""
    rows = load_rows(path, PointRow)
    _check(path, [(f"{row.region},", row.region, row.region) for row in rows], regions)
    return tuple(Point(**dict(row)) for row in rows)


def _check(path: Path, rows: Iterable[tuple[str, str, str]], regions: Iterable[Region]) -> None:
    """Raise RuleFileError where a row's region is unknown or its key stands twice.

    A row is what its line begins with, its key, and its region.
    """
    known = {region.code for region in regions}
    mistakes = []
    seen: set[str] = set()
    for words, key, region in rows:
        if region not in known:
            text = f"{key}: region {region} is in none of the region files"
            mistakes.append(RuleMistake(path, line_with(path, words), text))
        if key in seen:
            mistakes.append(RuleMistake(path, line_with(path, words, last=True), f"{key} twice"))
        seen.add(key)
    if mistakes:
        raise RuleFileError(mistakes)


def load_regions(path: Path) -> tuple[Region, ...]:
    """Read a region table (columns code, name, level, parent); raises RuleFileError."""
    return tuple(Region(**dict(row)) for row in load_rows(path, RegionRow))


def load_committees(
    path: Path, regions: Iterable[Region], *, model: type[CommitteeRow] = SectorCommitteeRow
) -> tuple[Founding, ...]:
    """Read committees, each in one of the regions; raises RuleFileError.

    With `model=CommitteeRow` statutory committees may be among them.
    """
    rows = load_rows(path, model)
    _check(path, [(f"{row.code},", row.code, row.region) for row in rows], regions)
    return tuple(Founding(**dict(row)) for row in rows)


def line_with(path: Path, words: str, *, last: bool = False) -> int:
    """Return the first (or last) line of a file, from 1, that holds the words outside a comment."""
    lines = [
        number
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1)
        if words in line.partition("#")[0]
    ]
    return (lines[-1] if last else lines[0]) if lines else 1
