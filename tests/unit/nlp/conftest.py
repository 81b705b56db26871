"""The fact rules of the repository, read once."""

import pytest

from config.loading import CONFIG_DIR, load_rules
from nlp.fact_rules import FactRules


@pytest.fixture(scope="session")
def facts() -> FactRules:
    return load_rules(CONFIG_DIR / "rules" / "understanding" / "facts.yaml", FactRules)
