"""Grades and rates of the subsidy for mediated cases (以案定补), as an official may change them."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.loading import RuleModel, load_rules
from config.rulebook import SpanText, Word
from mediation.lifecycle import EndReason
from mediation.subsidy import ORAL, GradeRule
from mediation.vocabulary import CommitteeKind, RiskGrade

Share = Annotated[float, Field(ge=0, le=1)]
Yuan = Annotated[float, Field(ge=0)]
AtLeast = Annotated[int, Field(ge=1)]


class GradeEntry(RuleModel):
    """One grade and from when on a case has it; see mediation.subsidy.GradeRule."""

    name: Word
    amount_from: Annotated[float, Field(gt=0)] | None = None
    people_from: AtLeast | None = None
    risk: frozenset[RiskGrade] = frozenset()
    sessions_from: AtLeast | None = None
    days_from: AtLeast | None = None

    def as_rule(self, code: str) -> GradeRule:
        """Return the grade as mediation knows it."""
        return GradeRule(code=code, **self.model_dump(exclude={"name"}))

    @property
    def has_conditions(self) -> bool:
        """Whether anything is asked of a case."""
        return any(value for name, value in self if name != "name")


class OralEntry(RuleModel):
    """What an oral agreement is called and which part of the lightest grade it is paid with."""

    name: Word
    share: Share


class FailedEntry(RuleModel):
    """Which part of its grade a case is paid with that came to no agreement, and when at all."""

    share: Share
    sessions_from: AtLeast
    reasons: frozenset[EndReason]


class SameDisputeEntry(RuleModel):
    """When two cases of the same two parties are one dispute."""

    within: SpanText
    overlap: Annotated[float, Field(gt=0, le=1)]


class SuspicionEntry(RuleModel):
    """From when on something is looked at again."""

    same_parties_from: Annotated[int, Field(ge=2)]
    same_text_from: Annotated[int, Field(ge=2)]
    shortest_text: AtLeast
    agreements_a_day: AtLeast
    closed_within: SpanText


class SubsidyRules(RuleModel):
    """`config/rules/subsidy.yaml`. Rates are in yuan for one case."""

    grades: Annotated[Mapping[Word, GradeEntry], Field(min_length=1)]
    oral: OralEntry
    failed: FailedEntry
    rates: Mapping[CommitteeKind, Mapping[Word, Yuan]]
    same_dispute: SameDisputeEntry
    suspicions: SuspicionEntry

    @model_validator(mode="after")
    def _grades_are_in_order(self) -> Self:
        *heavier, lightest = self.grades
        if ORAL in self.grades:
            raise ValueError(f"grades: {ORAL} has a place of its own")
        if empty := [code for code in heavier if not self.grades[code].has_conditions]:
            raise ValueError(f"grades: {', '.join(empty)} takes every case from those behind it")
        if self.grades[lightest].has_conditions:
            raise ValueError(f"grades: {lightest} is the last and may have no conditions")
        return self

    @model_validator(mode="after")
    def _rates_are_whole(self) -> Self:
        if missing := [kind for kind in CommitteeKind if kind not in self.rates]:
            raise ValueError(f"rates: missing {', '.join(missing)}")
        for kind, rates in self.rates.items():
            if set(rates) != set(self.grades):
                raise ValueError(f"rates: {kind} needs exactly {', '.join(self.grades)}")
            for heavier, lighter in pairwise(self.grades):
                if rates[heavier] < rates[lighter]:
                    raise ValueError(f"rates: {kind} pays less for {heavier} than for {lighter}")
        return self

    def grade_rules(self) -> tuple[GradeRule, ...]:
        """Return the grades, the heaviest first."""
        return tuple(entry.as_rule(code) for code, entry in self.grades.items())

    def grade_name(self, code: str) -> str:
        """Return what a grade is called."""
        return self.oral.name if code == ORAL else self.grades[code].name

    def amount_for(self, code: str, kind: CommitteeKind, *, failed: bool) -> float:
        """Return what is paid for a case, in yuan and whole cents."""
        *_, lightest = self.grades
        paid = self.rates[kind][lightest] * self.oral.share if code == ORAL else self.rates[kind][code]
        return round(paid * self.failed.share if failed else paid, 2)


def load_subsidy_rules(config_dir: Path) -> SubsidyRules:
    """Read the rules; raises RuleFileError."""
    return load_rules(config_dir / "rules" / "subsidy.yaml", SubsidyRules)
