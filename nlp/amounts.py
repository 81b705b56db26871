"""Finds the sum at stake."""
from nlp.fact_rules import FactRules


def read_amount(text: str, rules: FactRules) -> int | float | None:
    """Return the sum at stake in yuan, None when none is told."""
    return None
