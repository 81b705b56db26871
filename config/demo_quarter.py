"""What a made-up quarter is made of: names, stories, how often what happens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.loading import RuleModel, load_rules
from mediation.lifecycle import EndReason
from mediation.vocabulary import CaseSource, DisputeType, Group, RiskFlag, RiskGrade

Words = Annotated[tuple[str, ...], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Danger(RuleModel):
    """A sentence that makes a story dangerous."""

    text: str
    flags: tuple[RiskFlag, ...]


class Matter(RuleModel):
    """One kind of dispute. `amount` is the span of sums in yuan, `company` says who the other side is."""

    type: DisputeType
    subtype: str | None = None
    weight: int = Field(gt=0)
    stories: Words
    settled: Words
    amount: tuple[int, int] | None = None
    company: bool = False
    groups: tuple[Group, ...] = ()


class QuarterWords(RuleModel):
    """`config/demo_quarter.yaml`."""

    surnames: Annotated[str, Field(min_length=1)]
    given: Words
    companies: Words
    sources: Mapping[CaseSource, int]
    by_phone: Share
    grades: Mapping[RiskGrade, Share]
    results: Mapping[EndReason, int]
    ratings: Mapping[int, int]
    danger: Mapping[RiskGrade, tuple[Danger, ...]]
    investigations: Words
    sessions: Words
    matters: Annotated[tuple[Matter, ...], Field(min_length=1)]
    tips: Words
    call_outcomes: Words


def load_quarter_words(config_dir: Path) -> QuarterWords:
    """Read the file; raises RuleFileError."""
    return load_rules(config_dir / "demo_quarter.yaml", QuarterWords)
