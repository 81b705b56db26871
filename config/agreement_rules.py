"""What makes a mediation agreement doubtful or major, as an official may change it."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from config.loading import RuleModel, load_rules
from mediation.agreement import Doubt


class AgreementRules(RuleModel):
    """`config/rules/agreement.yaml`. `major_amount` is in yuan."""

    doubts: Mapping[Doubt, tuple[str, ...]]
    major_amount: float = Field(gt=0)


def load_agreement_rules(config_dir: Path) -> AgreementRules:
    """Read the rules; raises RuleFileError."""
    return load_rules(config_dir / "rules" / "agreement.yaml", AgreementRules)
