"""Learns weights from labelled messages and writes them as a rule file that people read and overrule.

`python -m tests.bench.learn` prints what cross-validation says; `--write` writes learned.yaml too.

The rules written by hand were written looking at some of the messages, where they are better than they will
ever be again. There only strings and topics are learned from; how much the hand-written rules count, the
temperature and the threshold come from messages that nobody had looked at when those rules were written.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from config.loading import CONFIG_DIR
from mediation.vocabulary import DisputeType, Intent, NotMediable
from nlp.classifying import Classifier
from nlp.evidence import EvidenceBook, total
from nlp.intents import FEATURES, intent_signs, list_features
from nlp.learned import FACT, TopicFinder, list_strings, list_topics, share_of_each
from nlp.names import read_applicant_name, read_respondent
from nlp.normalising import normalise
from nlp.places import Gazetteer
from nlp.rules import UnderstandingRules
from nlp.segmentation import Segmenter
from nlp.standing import standing_signs
from tests.bench.calibrate import Scored, first_guesses, fitting_temperature, fitting_threshold
from tests.bench.fitting import Array, Model, fit
from tests.bench.score import DATA, Record, load_regions, load_rules_of_understanding, read_labels

LOOKED_AT = ("dev", "own", "second")
NOT_LOOKED_AT = ("held", "train1", "train2", "train3")
FILE = CONFIG_DIR / "rules" / "understanding" / "learned.yaml"
SEEN_AT_LEAST = 4
FOLDS = 5
STEP = 0.05
PENALTY = {"type": 1.0, "intent": 0.7, "not_mediable": 0.7}
RARITY = {"type": 0.2, "intent": 0.0, "not_mediable": 0.0}
"""How much more a rare feature may be worth than a common one (the power of its rarity)."""
USUAL_COUNT = 200
COUNTS = {"type": None, "intent": 1.1, "not_mediable": 2.8}
"""What the root of a hand-written score counts; None where it is fitted.

The rules of intents and reasons were written further looking at all messages, which would make them seem
better than they are; these are the factors fitted before that (2026-11-24).
"""
REASON_FROM = -1.0
"""The score that a reason needs, chosen at that time too."""
SHARE_OF_ALSO = 0.25
WIDTH = 108
_CHINESE = re.compile(r"[一-鿿]+")


@dataclass(frozen=True, slots=True)
class Message:
    """A labelled message: its features, facts, and what the rules written by hand say of it."""

    label: Record
    was_looked_at: bool
    text: str
    facts: tuple[str, ...]
    by_hand: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to learn: the messages (rows of the features), the labels, and which of them is right."""

    name: str
    labels: tuple[str, ...]
    rows: NDArray[np.int64]
    wanted: Array
    features: csr_matrix
    by_hand: Array
    looked_at: NDArray[np.bool_]


def read_messages(rules: UnderstandingRules) -> list[Message]:
    """Read all messages; places and persons are taken out, nothing is to be learned from them."""
    segmenter, classifier = Segmenter(rules.words.jieba), Classifier(rules.types, rules.learned.types)
    gazetteer = Gazetteer(load_regions(), rules.places)
    book = EvidenceBook(
        (Classifier.signs(rules.types) | standing_signs(rules.standing), intent_signs(rules.intents)),
        classes=rules.words.classes | rules.danger.classes,
        idioms=[*rules.words.idioms, *rules.danger.idioms],
        features=FEATURES,
    )
    messages = []
    for name in (*LOOKED_AT, *NOT_LOOKED_AT):
        for label in read_labels(DATA / f"messages_{name}.jsonl"):
            plain = normalise(label["text"])
            sightings = book.see(plain, segmenter.boundaries(plain))
            evidence = book.weigh(sightings)
            types = {f"type.{code}": score for code, score in classifier.scores(evidence).items()}
            told = max(score for code, score in types.items() if code != f"type.{DisputeType.OTHER}")
            facts = list_features(plain, rules.intents, type_score=told, known_from=rules.types.known_from)
            for fact in facts:
                book.add_feature(sightings, fact)
            evidence |= book.weigh(sightings, stage=1)
            by_hand = types | {code: total(found)[0] for code, found in evidence.items() if code not in types}
            text = without_names(plain, gazetteer, rules)
            messages.append(Message(label, name in LOOKED_AT, text, tuple(facts), by_hand))
    return messages


def without_names(text: str, gazetteer: Gazetteer, rules: UnderstandingRules) -> str:
    """Return the text with places and persons blotted out."""
    for start, end in gazetteer.read(text).spans:
        text = text[:start] + "\n" * (end - start) + text[end:]
    for name in (read_applicant_name(text, rules.facts), read_respondent(text, rules.facts)):
        if name and len(name) > 1 and not rules_know(name, rules):
            text = text.replace(name, "\n" * len(name))
    return text


def rules_know(name: str, rules: UnderstandingRules) -> bool:
    """Whether what was taken for a name is an ordinary word (物业, 俺二哥)."""
    return any(
        name in words or any(word in name for word in words if len(word) > 1)
        for words in (*rules.words.classes.values(), *rules.topics.topics.values())
    )


def choose_strings(texts: Iterable[str]) -> list[str]:
    """Return the characters and pairs of Chinese characters that stand in enough messages."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update({string for run in _CHINESE.findall(text) for string in list_strings(run)})
    return sorted(string for string, count in counted.items() if count >= SEEN_AT_LEAST)


def list_feature_rows(messages: Sequence[Message], rules: UnderstandingRules) -> tuple[csr_matrix, list[str]]:
    """Return the features (messages x features) and their names; facts come last."""
    topics = list_topics(rules.topics.topics, rules.words.classes)
    strings = choose_strings(message.text for message in messages)
    finder = TopicFinder(topics)
    names = sorted({*strings, *topics})
    facts = [f"{FACT}{fact}" for fact in FEATURES]
    number = {name: at for at, name in enumerate([*names, *facts])}
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for message in messages:
        seen = (list_strings(message.text) & number.keys()) | finder.find(message.text)
        columns += [number[name] for name in seen]
        values += [share_of_each(len(seen))] * len(seen)
        columns += [number[f"{FACT}{fact}"] for fact in message.facts]
        values += [1.0] * len(message.facts)
        ends.append(len(columns))
    rows = csr_matrix((values, columns, ends), shape=(len(messages), len(number)))
    return rows, list(number)


def rarity_of(features: csr_matrix, power: float) -> Array:
    """Return a factor for each feature, greater for rare ones; it lets a rare word weigh more at once."""
    counts = np.asarray((features > 0).sum(axis=0)).ravel()
    return (USUAL_COUNT / np.maximum(counts, 1)) ** power


def list_tasks(messages: Sequence[Message], features: csr_matrix) -> list[Task]:
    """Return what is to be learned; in `not_mediable` the first label stands for none of the reasons."""
    everyone = np.arange(len(messages))
    typed = np.array([row for row, message in enumerate(messages) if message.label["type"]])
    return [
        _task("type", [code.value for code in DisputeType], typed, messages, features[:, : -len(FEATURES)]),
        _task("intent", [intent.value for intent in Intent], everyone, messages, features),
        _task("not_mediable", ["", *(reason.value for reason in NotMediable)], everyone, messages, features),
    ]


def _task(
    name: str, labels: list[str], rows: NDArray[np.int64], messages: Sequence[Message], features: csr_matrix
) -> Task:
    wanted = np.zeros((len(rows), len(labels)))
    by_hand = np.zeros((len(rows), len(labels)))
    for at, row in enumerate(rows):
        label = messages[row].label
        also = [code for code in label["also"] if code != label["type"]] if name == "type" else []
        wanted[at, labels.index(label[name] or "")] = 1 - SHARE_OF_ALSO * bool(also)
        for code in also:
            wanted[at, labels.index(code)] += SHARE_OF_ALSO / len(also)
        hand = messages[row].by_hand
        by_hand[at] = [sqrt(max(hand.get(f"{name}.{code}", 0.0), 0.0)) for code in labels]
    looked_at = np.array([messages[row].was_looked_at for row in rows])
    return Task(name, tuple(labels), rows, wanted, features[rows], by_hand, looked_at)


def learn(task: Task, chosen: NDArray[np.bool_]) -> Model:
    """Fit on the chosen messages; what the hand-written rules say counts only where they were not seen."""
    given = np.where(task.looked_at[:, None], 0.0, task.by_hand)[chosen]
    rarity = rarity_of(task.features, RARITY[task.name])
    features = (task.features[chosen] @ diags(rarity)).tocsr()
    model = fit(
        features,
        task.wanted[chosen],
        given,
        penalty=PENALTY[task.name],
        keep_from=STEP,
        counts=COUNTS[task.name],
    )
    model = Model(model.weights * rarity[:, None], model.bias, model.given).rounded(STEP)
    if task.name != "not_mediable":
        return model
    return Model(model.weights - model.weights[:, :1], model.bias - model.bias[0], model.given)


def cross_validate(task: Task) -> tuple[NDArray[np.int64], Array]:
    """Return the messages not looked at and their scores, each from a model that never saw the message."""
    tested = np.flatnonzero(~task.looked_at)
    shuffled = np.random.default_rng(1).permutation(tested)
    scores = np.zeros(task.wanted.shape)
    for fold in range(FOLDS):
        part = shuffled[fold::FOLDS]
        chosen = np.ones(len(task.rows), dtype=bool)
        chosen[part] = False
        scores[part] = learn(task, chosen).scores(task.features[part], task.by_hand[part])
    return tested, scores[tested]


def measure_types(task: Task, messages: Sequence[Message]) -> tuple[float, float]:
    """Print what cross-validation says of the types; return the temperature and the threshold."""
    tested, scores = cross_validate(task)
    scored = []
    for at, row in enumerate(tested):
        label = messages[task.rows[row]].label
        right = frozenset({label["type"], *label["also"]})
        scored.append(Scored(right, dict(zip(task.labels, map(float, scores[at]), strict=True))))
    temperature = fitting_temperature(scored)
    guesses = first_guesses(scored, temperature)
    threshold = fitting_threshold(guesses)
    three = [bool(one.right & set(sorted(one.scores, key=one.scores.__getitem__)[-3:])) for one in scored]
    sure = [is_right for probability, is_right in guesses if probability >= threshold]
    print(f"types of {len(scored)} messages by cross-validation")
    print(f"  first guess {np.mean([is_right for _, is_right in guesses]):.3f}")
    print(f"  among three {np.mean(three):.3f}")
    print(f"  auto {len(sure) / len(guesses):.3f}, right {np.mean(sure) if sure else 1:.3f}")
    by_hand = task.by_hand[tested].argmax(axis=1)
    alone = [task.labels[best] in one.right for best, one in zip(by_hand, scored, strict=True)]
    print(f"  first guess of the hand-written rules alone {np.mean(alone):.3f}")
    return temperature, threshold


def measure_intents(task: Task) -> None:
    """Print what cross-validation says of the intents."""
    tested, scores = cross_validate(task)
    right = task.wanted[tested].argmax(axis=1) == scores.argmax(axis=1)
    print(f"intent {right.mean():.3f} of {len(right)} messages by cross-validation")


def measure_reasons(task: Task) -> None:
    """Print what cross-validation says of the reasons."""
    tested, scores = cross_validate(task)
    wanted = task.wanted[tested].argmax(axis=1)
    best = scores[:, 1:].argmax(axis=1) + 1
    answered = np.where(scores[:, 1:].max(axis=1) >= REASON_FROM, best, 0)
    hits = int(((answered == wanted) & (wanted > 0)).sum())
    print(f"not_mediable F1 {2 * hits / int((answered > 0).sum() + (wanted > 0).sum()):.3f}")


def as_yaml(names: Sequence[str], labels: Sequence[str], model: Model) -> list[str]:
    """Return the labels with their words by weight, the strongest first."""
    lines = ["  labels:"]
    for column, label in enumerate(labels):
        if not label:
            continue
        lines += [f"    {label}:", f"      bias: {model.bias[column]:.2f}", "      words:"]
        by_weight: dict[float, list[str]] = {}
        for row in np.flatnonzero(model.weights[:, column]):
            by_weight.setdefault(round(float(model.weights[row, column]), 2), []).append(names[row])
        for weight in sorted(by_weight, reverse=True):
            lines.append(f"        {weight:.2f}: >-")
            lines += wrap(
                " ".join(sorted(by_weight[weight])),
                WIDTH // 2,
                initial_indent=" " * 10,
                subsequent_indent=" " * 10,
                break_long_words=False,
                break_on_hyphens=False,
            )
        if not by_weight:
            lines[-1] = "      words: {}"
    return lines


HEADER = """\
# 学来的分值：由 python -m tests.bench.learn --write 从 {count} 条带标签的消息学出（{day}），不要手改，
# 重新学习会整个换掉。要改哪个词的分值，写在 overruled.yaml，它说了算。怎么看，见 docs/understanding.md。
# 分值 -> 字串；“话题:…”见 topics.yaml，“词类:…”见 words.yaml，“判断:…”是很短、有事由等现成的判断。
"""


def main() -> None:
    """Learn, print what cross-validation says, and write the file when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write learned.yaml")
    parser.add_argument("--day", type=date.fromisoformat, default=None, help="the day to name in the file")
    arguments = parser.parse_args()
    rules = load_rules_of_understanding()
    messages = read_messages(rules)
    features, names = list_feature_rows(messages, rules)
    print(f"{len(messages)} messages, {len(names)} features")
    types, intents, reasons = list_tasks(messages, features)
    temperature, auto_from = measure_types(types, messages)
    measure_intents(intents)
    measure_reasons(reasons)
    if not arguments.write:
        return
    models = [learn(task, np.ones(len(task.rows), dtype=bool)) for task in (types, intents, reasons)]
    day = arguments.day or date.today()  # noqa: DTZ011 - the day on which it is run
    lines = [HEADER.format(count=len(messages), day=day)]
    for task, name, model, settings in zip(
        (types, intents, reasons),
        ("types", "intents", "not_mediable"),
        models,
        ({"temperature": temperature, "auto_from": auto_from}, {}, {"from_score": REASON_FROM}),
        strict=True,
    ):
        lines += [f"{name}:", f"  hand: {model.given:.2f}"]
        lines += [f"  {key}: {value:.3f}" for key, value in settings.items()]
        lines += as_yaml(names, task.labels, model)
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
