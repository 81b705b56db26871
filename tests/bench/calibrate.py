"""Finds how sure the rules may be: temperature and threshold of types.yaml that fit labelled messages.

`python -m tests.bench.calibrate FILE...` prints what fits; a person writes it into types.yaml. Only messages
that nobody had seen when the rules were written tell the truth: on others the rules look surer than they are.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

from nlp.classifying import Classifier
from nlp.evidence import EvidenceBook
from nlp.normalising import normalise
from nlp.rules import UnderstandingRules
from nlp.segmentation import Segmenter
from tests.bench.score import load_rules_of_understanding, read_labels

SURE_ENOUGH = 0.98
TEMPERATURES = [step / 20 for step in range(8, 61)]


@dataclass(frozen=True, slots=True)
class Scored:
    """A message: the types that are right, and the score of every type."""

    right: frozenset[str]
    scores: Mapping[str, float]


def score_messages(rules: UnderstandingRules, paths: Sequence[Path]) -> list[Scored]:
    """Score all messages that have a type."""
    segmenter = Segmenter(rules.words.jieba)
    classifier = Classifier(rules.types)
    book = EvidenceBook(
        (Classifier.signs(rules.types),), classes=rules.words.classes, idioms=rules.words.idioms
    )
    scored = []
    for label in (label for path in paths for label in read_labels(path) if label["type"]):
        plain = normalise(label["text"])
        evidence = book.weigh(book.see(plain, segmenter.boundaries(plain)))
        scores = {code.value: score for code, score in classifier.scores(evidence).items()}
        scored.append(Scored(frozenset({label["type"], *label["also"]}), scores))
    return scored


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    messages = score_messages(load_rules_of_understanding(), parser.parse_args().files)
    temperature = fitting_temperature(messages)
    guesses = first_guesses(messages, temperature)
    threshold = fitting_threshold(guesses)
    sure = sum(probability >= threshold for probability, _ in guesses)
    print(f"temperature: {temperature}")
    print(f"auto_from: {threshold:.3f}   # auto for {100 * sure / len(guesses):.0f} % of {len(guesses)}")


if __name__ == "__main__":
    main()
