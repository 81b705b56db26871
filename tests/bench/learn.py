"""Learns faint words for the dispute types and how sure the rules may be, from the labelled messages.

`python -m tests.bench.learn` prints what came out of fold and the temperature and threshold that fit;
`--write` puts the learned words and both numbers into types.yaml; `--plot FILE` draws the reliability.

A learned word stands under a weight with two decimals (0.45). It is only ever as faint as that, and only where
people wrote no rule for it: a word moved to another weight, or given a negative one, belongs to people.
"""

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

from config.loading import CONFIG_DIR
from nlp.classifying import Classifier
from nlp.evidence import EvidenceBook
from nlp.normalising import normalise
from nlp.rules import Signs, UnderstandingRules
from nlp.segmentation import Segmenter
from tests.bench.reliability import draw
from tests.bench.score import DEFAULT_FILES, load_rules_of_understanding, read_labels, share

TYPES = CONFIG_DIR / "rules" / "understanding" / "types.yaml"
FOLDS = 5
ROUNDS, RATE, TOWARDS_ZERO = 20, 0.3, 0.05
SEEN_IN, KINDS_AT_MOST = 3, 6
STEPS = (0.35, 0.55, 0.85)
SURE_ENOUGH = 0.98
_LEARNED = re.compile(r"    ( {0,4})  0\.\d5: \[")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")

Weights = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Message:
    """A labelled message: the types that are right, its words, and what the rules score."""

    right: frozenset[str]
    words: frozenset[str]
    scores: Mapping[str, float]
    text: str


class Reader:
    """The rules compiled with or without learned words; gives the score of every type."""

    def __init__(self, rules: UnderstandingRules, learned: Weights | None = None) -> None:
        self._temperature = rules.types.temperature
        self._segmenter = Segmenter(rules.words.jieba)
        signs = Classifier.signs(rules.types)
        for code, words in (learned or {}).items():
            signs[code] = Signs(words=_grouped(words, onto=signs[code].words), together=signs[code].together)
        self._book = EvidenceBook((signs,), classes=rules.words.classes, idioms=rules.words.idioms)
        self._classifier = Classifier(rules.types)

    def read(self, text: str) -> tuple[dict[str, float], frozenset[str]]:
        """Return the scores of all types (up to a constant) and the words of a text."""
        plain = normalise(text)
        boundaries = self._segmenter.boundaries(plain)
        evidence = self._book.weigh(self._book.see(plain, boundaries))
        offsets = sorted(boundaries)
        words = (plain[start:end] for start, end in zip(offsets, offsets[1:], strict=False))
        scores = self._classifier.scores(evidence)
        return {code.value: score for code, score in scores.items()}, frozenset(filter(_HAN.fullmatch, words))


def _grouped(words: Mapping[str, float], *, onto: Mapping[float, Sequence[str]]) -> dict[float, list[str]]:
    grouped = {weight: list(listed) for weight, listed in onto.items()}
    for word, weight in words.items():
        grouped.setdefault(weight, []).append(word)
    return grouped


def odds_of(scores: Mapping[str, float], temperature: float) -> dict[str, float]:
    """Turn scores into probabilities."""
    best = max(scores.values())
    odds = {code: exp((score - best) / temperature) for code, score in scores.items()}
    whole = sum(odds.values())
    return {code: odd / whole for code, odd in odds.items()}


def learn(messages: Sequence[Message], *, temperature: float, taken: Mapping[str, set[str]]) -> Weights:
    """Fit words on top of the rules (logistic regression, pulled towards 0); keep the clearly helpful ones."""
    counted = Counter(word for message in messages for word in message.words)
    kinds = defaultdict(set)
    for message in messages:
        for word in message.words:
            kinds[word] |= message.right
    known = {
        word for word, count in counted.items() if count >= SEEN_IN and len(kinds[word]) <= KINDS_AT_MOST
    }
    weights: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    order, shuffle = list(messages), random.Random(1)
    for turn in range(ROUNDS):
        shuffle.shuffle(order)
        for message in order:
            words = message.words & known
            scores = dict(message.scores)
            for word in words:
                for code, weight in weights[word].items():
                    scores[code] += weight
            odds = odds_of(scores, temperature)
            whole = sum(odds[code] for code in message.right)
            for code, odd in odds.items():
                pull = (odd / whole if code in message.right else 0.0) - odd
                for word in words:
                    weight = weights[word][code]
                    weights[word][code] += RATE / (1 + turn / 6) * (pull - TOWARDS_ZERO * weight)
    learned: Weights = defaultdict(dict)
    for word, of_type in sorted(weights.items()):
        code, weight = max(of_type.items(), key=lambda pair: pair[1])
        steps = [step for step in STEPS if weight >= step]
        if steps and code != "other" and word not in taken[code]:
            learned[code][word] = steps[-1]
    return learned


def words_of_rules(rules: UnderstandingRules) -> dict[str, set[str]]:
    """Return the words that people wrote for each type; faint learned ones of an earlier run left out."""
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for code, type_rules in rules.types.types.items():
        for signs in (type_rules, *type_rules.subtypes.values()):
            for words in signs.words.values():
                taken[code.value].update(words)
    return taken


def read_messages(reader: Reader, labels: Iterable[tuple[str, frozenset[str]]]) -> Iterator[Message]:
    for text, right in labels:
        scores, words = reader.read(text)
        yield Message(right, words, scores, text)


def out_of_fold(
    rules: UnderstandingRules, messages: Sequence[Message]
) -> list[tuple[Message, dict[str, float]]]:
    """Score every message with words learned from the other folds only."""
    order = list(messages)
    random.Random(7).shuffle(order)
    taken, scored = words_of_rules(rules), []
    for fold in range(FOLDS):
        train = [one for number, one in enumerate(order) if number % FOLDS != fold]
        reader = Reader(rules, learn(train, temperature=rules.types.temperature, taken=taken))
        scored += [(one, reader.read(one.text)[0]) for one in order[fold::FOLDS]]
    return scored


def fitting_temperature(scored: Sequence[tuple[Message, dict[str, float]]]) -> float:
    """Return the temperature under which the right types are likeliest."""

    def surprise(temperature: float) -> float:
        probabilities = (
            sum(odds_of(scores, temperature)[code] for code in one.right) for one, scores in scored
        )
        return -sum(log(max(probability, 1e-9)) for probability in probabilities)

    return min((step / 20 for step in range(8, 61)), key=surprise)


def fitting_threshold(guesses: Sequence[tuple[float, bool]]) -> float:
    """Return the lowest probability from which upwards at least `SURE_ENOUGH` of the guesses are right."""
    threshold, right = 1.0, 0
    for number, (probability, is_right) in enumerate(sorted(guesses, reverse=True), 1):
        right += is_right
        if right / number >= SURE_ENOUGH:
            threshold = probability
    return threshold


def put_into_rules(text: str, learned: Weights, *, temperature: float, auto_from: float) -> str:
    """Return types.yaml with these learned words in the place of the earlier ones, and both numbers."""
    lines, code = [], ""
    for line in text.splitlines():
        if _LEARNED.match(line):
            continue
        if found := re.fullmatch(r"  (\w+):", line):
            code = found[1]
        lines.append(line)
        if line == "    words:" and code in learned:
            grouped = _grouped(learned[code], onto={})
            lines += [f"      {weight}: [{', '.join(grouped[weight])}]" for weight in sorted(grouped)]
    text = "\n".join(lines) + "\n"
    text = re.sub(r"^temperature: .*", f"temperature: {temperature}", text, flags=re.MULTILINE)
    return re.sub(r"^auto_from: .*", f"auto_from: {auto_from}", text, flags=re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--write", action="store_true", help="put the result into types.yaml")
    parser.add_argument("--plot", type=Path, help="draw the reliability out of fold as SVG")
    arguments = parser.parse_args()
    rules = load_rules_of_understanding()
    labels = [
        (label["text"], frozenset({label["type"], *label["also"]}))
        for path in arguments.files or DEFAULT_FILES
        for label in read_labels(path)
        if label["type"]
    ]
    messages = list(read_messages(Reader(rules), labels))
    scored = out_of_fold(rules, messages)
    temperature = fitting_temperature(scored)
    guesses = []
    for one, scores in scored:
        odds = odds_of(scores, temperature)
        best = max(odds, key=lambda code: odds[code])
        guesses.append((odds[best], best in one.right))
    threshold = fitting_threshold(guesses)
    sure = [is_right for probability, is_right in guesses if probability >= threshold]
    print(
        "right without learned words",
        share(max(m.scores, key=m.scores.__getitem__) in m.right for m in messages),
    )
    print("right out of fold          ", share(is_right for _, is_right in guesses))
    print(
        f"temperature {temperature}, auto_from {threshold:.3f}: auto",
        share([True] * len(sure)),
        "right",
        share(sure),
    )
    print(f"auto for {100 * len(sure) / len(guesses):.0f} % of {len(guesses)}")
    if arguments.plot:
        arguments.plot.write_text(draw(guesses), encoding="utf-8")
    if arguments.write:
        learned = learn(messages, temperature=rules.types.temperature, taken=words_of_rules(rules))
        text = put_into_rules(
            TYPES.read_text(encoding="utf-8"), learned, temperature=temperature, auto_from=round(threshold, 3)
        )
        new = TYPES.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(TYPES)
        print("learned words", sum(map(len, learned.values())))


if __name__ == "__main__":
    main()
