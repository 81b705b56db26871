"""Finds since when the matter lasts."""
from datetime import date


def read_since(text: str, *, today: date) -> date | None:
    """Return the day from which the matter lasts."""
    return None
