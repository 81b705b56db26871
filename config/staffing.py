"""How many full-time mediators each kind of committee must have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.loading import RuleModel, load_rules
from mediation.vocabulary import CommitteeKind


class StaffingRules(RuleModel):
    """`config/rules/staffing.yaml`."""

    full_time: Mapping[CommitteeKind, Annotated[int, Field(ge=0, le=50)]]


def load_staffing_rules(config_dir: Path) -> StaffingRules:
    """Read the norm; raises RuleFileError."""
    return load_rules(config_dir / "rules" / "staffing.yaml", StaffingRules)
