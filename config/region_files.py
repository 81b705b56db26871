"""Reads the region table and the list of committees that no law founds, row by row and strictly."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rows
from mediation.founding import Founding
from mediation.regions import CODE_LENGTHS, Region, level_of, parent_of
from mediation.vocabulary import CommitteeKind, DisputeType, RegionLevel

Word = Annotated[str, Field(min_length=1)]

STATUTORY = frozenset({CommitteeKind.VILLAGE, CommitteeKind.TOWNSHIP, CommitteeKind.COUNTY})


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
    known = {region.code for region in regions}
    mistakes = []
    seen: set[str] = set()
    for row in rows:
        if row.region not in known:
            text = f"{row.code}: region {row.region} is in none of the region files"
            mistakes.append(RuleMistake(path, line_with(path, f"{row.code},"), text))
        if row.code in seen:
            line = line_with(path, f"{row.code},", last=True)
            mistakes.append(RuleMistake(path, line, f"code {row.code} twice"))
        seen.add(row.code)
    if mistakes:
        raise RuleFileError(mistakes)
    return tuple(Founding(**dict(row)) for row in rows)


def line_with(path: Path, words: str, *, last: bool = False) -> int:
    """Return the first (or last) line of a file, from 1, that holds the words outside a comment."""
    lines = [
        number
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1)
        if words in line.partition("#")[0]
    ]
    return (lines[-1] if last else lines[0]) if lines else 1
