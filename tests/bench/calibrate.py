"""Finds how sure the rules may be: the temperature and threshold that fit messages they had not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

SURE_ENOUGH = 0.98
TEMPERATURES = [step / 20 for step in range(8, 61)]


@dataclass(frozen=True, slots=True)
class Scored:
    """A message: the types that are right, and the score of every type."""

    right: frozenset[str]
    scores: Mapping[str, float]


def odds_of(scores: Mapping[str, float], temperature: float) -> dict[str, float]:
    """Turn scores into probabilities."""
    best = max(scores.values())
    odds = {code: exp((score - best) / temperature) for code, score in scores.items()}
    whole = sum(odds.values())
    return {code: odd / whole for code, odd in odds.items()}


def fitting_temperature(messages: Sequence[Scored]) -> float:
    """Return the temperature under which the right types are likeliest."""

    def surprise(temperature: float) -> float:
        likely = (sum(odds_of(one.scores, temperature)[code] for code in one.right) for one in messages)
        return -sum(log(max(probability, 1e-9)) for probability in likely)

    return min(TEMPERATURES, key=surprise)


def first_guesses(messages: Sequence[Scored], temperature: float) -> list[tuple[float, bool]]:
    """Return the probability of each first guess and whether it was right."""
    guesses = []
    for one in messages:
        odds = odds_of(one.scores, temperature)
        best = max(odds, key=lambda code: odds[code])
        guesses.append((odds[best], best in one.right))
    return guesses


def fitting_threshold(guesses: Sequence[tuple[float, bool]]) -> float:
    """Return the lowest probability from which upwards at least `SURE_ENOUGH` of the guesses are right."""
    threshold, right = 1.0, 0
    for number, (probability, is_right) in enumerate(sorted(guesses, reverse=True), 1):
        right += is_right
        if right / number >= SURE_ENOUGH:
            threshold = probability
    return threshold
