"""Finds the names of the two sides."""
from nlp.fact_rules import FactRules


def read_applicant_name(text: str, rules: FactRules) -> str | None:
    """Return the sender's own name."""
    return None


def read_respondent(text: str, rules: FactRules) -> str | None:
    """Return how the sender calls the other side."""
    return None
