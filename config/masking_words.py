"""What typical cases (典型案例) are made with: words that tell companies and plates, the template."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rules


class MaskingFile(RuleModel):
    """`config/rules/masking.yaml`."""

    company_ends: Annotated[tuple[str, ...], Field(min_length=1)]
    company_stops: Annotated[str, Field(min_length=1)]
    provinces: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalRules:
    """The words, and the Word template's bytes."""

    masking: MaskingFile
    template: bytes


def load_typical_rules(config_dir: Path) -> TypicalRules:
    """Read words and template; raises RuleFileError, also for a template that is not there."""
    path = config_dir / "documents" / "typical_case.docx"
    masking = load_rules(config_dir / "rules" / "masking.yaml", MaskingFile)
    try:
        template = path.read_bytes()
    except OSError as error:
        raise RuleFileError([RuleMistake(path, 1, str(error))]) from error
    return TypicalRules(masking=masking, template=template)
