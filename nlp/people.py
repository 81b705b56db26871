"""Finds how many people complain."""
from nlp.fact_rules import FactRules


def read_people(text: str, rules: FactRules) -> int | None:
    """Return the number of people or households on the complaining side."""
    return None
