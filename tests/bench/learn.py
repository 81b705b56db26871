"""Learns weights from labelled messages and writes them as a rule file that people read and overrule.

`python -m tests.bench.learn` prints what cross-validation says; `--write` writes learned.yaml too.

The rules written by hand were written looking at some of the messages, where they are better than they will
ever be again. There only strings and topics are learned from; how much the hand-written rules count comes
from messages that nobody had looked at. Most messages were written to be hard; how sure an answer is comes
from those that were written as people usually write.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from math import sqrt
from operator import add
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from config.loading import CONFIG_DIR
from mediation.vocabulary import DisputeType, Group, Intent, NotMediable, RiskFlag, RiskGrade
from nlp.classifying import Classifier
from nlp.danger import FACTS as DANGER_FACTS
from nlp.danger import (
    FLAGS,
    HEATING,
    KINDS,
    LEAST_LEARNED,
    DangerReader,
    list_danger_facts,
    weigh_red_signs,
    weigh_signs_of_flags,
)
from nlp.evidence import EvidenceBook, total
from nlp.intents import FEATURES, LENGTHS, intent_signs, list_features, list_lengths
from nlp.learned import FACT, TopicFinder, list_strings, list_topics, share_of_each
from nlp.names import read_applicant_name, read_respondent
from nlp.normalising import normalise
from nlp.people import CROWD, sees_crowd
from nlp.places import Gazetteer
from nlp.rules import UnderstandingRules
from nlp.segmentation import Segmenter
from nlp.standing import standing_signs
from tests.bench.calibrate import Scored, first_guesses, fitting_temperature, fitting_threshold
from tests.bench.fitting import Array, Model, fit, fit_squares
from tests.bench.score import DATA, Record, load_regions, load_rules_of_understanding, read_labels

LOOKED_AT = ("dev", "own", "second", "held", *(f"train{number}" for number in range(1, 10)))
"""The files that were looked at when rules were written; for those of danger, all but `USUAL` were."""
USUAL = ("usual", "usual2")
"""The files whose messages are as long, plain and misleading as those of the sample from the field (dev)."""
NAMES = (*LOOKED_AT, *(f"train{number}" for number in range(10, 44)), *USUAL)
ONLINE = tuple(f"train{number}" for number in range(20, 32))
"""The files in the manner of questions to an online lawyer: violence is told in passing there, danger is not
learned from them.
"""
FILE = CONFIG_DIR / "rules" / "understanding" / "learned.yaml"
SEEN_AT_LEAST = 6
FOLDS = 5
SECTIONS = {
    "types": "type",
    "subtypes": "subtype",
    "intents": "intent",
    "not_mediable": "not_mediable",
    "groups": "group",
    "danger": "danger",
    "flags": "flag",
}
"""The sections of the file, and what is learned for each."""
LEARNED_GROUPS = [group for group in Group if group not in {Group.VETERAN, Group.NEW_WORKER}]
"""Words tell less well than signs whose trade or service it is (外卖员送晚了, 他儿子退伍的)."""
STEP = 0.05
"""Weights are multiples of it."""
PENALTY = 0.016
SQUARES, PENALTY_OF_SQUARES = {"type": 6.0, "subtype": 6.0, "danger": 6.0}, 0.6
"""Half of these weights is of softmax; this part is of least squares, which errs elsewhere."""
LEAST = {
    "type": 0.08,
    "subtype": 0.2,
    "intent": 0.2,
    "not_mediable": 0.2,
    "group": 0.2,
    "danger": 0.2,
    "flag": 0.2,
}
"""Weights below this are dropped: a weight times the fourth root of how many messages have the feature."""
RARITY_OF_FACTS = 4.0
COUNTS = {"subtype": 2.5, "intent": 0.67, "not_mediable": 1.29, "group": 1.7, "danger": 3.5, "flag": 1.7}
"""What the root of a hand-written score counts where it is not fitted anew: one figure for all subtypes.

Those of intents and reasons were fitted before their rules were written further looking at train10 to train19
(2026-11-27). Half of that of danger stands in the file, since least squares knows no signs: `usual` is
best understood with 1 to 2 there, and one sure sign (12 and more in danger.yaml) is then enough.
"""
FALSE_ALARMS = 0.02
"""The share of calm messages that may be called red by mistake."""
SHARE_OF_ALSO = 0.25
WIDTH = 108
_CHINESE = re.compile(r"[一-鿿]+")
_EDGE = re.compile(r"\^[一-鿿]{2}|[一-鿿?!]{2}\$")
_DANGERS = {"danger", "flag"}
_FACTS = (*FEATURES, *LENGTHS, *DANGER_FACTS)
_FACTS_OF = {
    "intent": {*FEATURES, *LENGTHS},
    "danger": {*LENGTHS, *DANGER_FACTS},
    "flag": {*LENGTHS, *DANGER_FACTS},
}


@dataclass(frozen=True, slots=True)
class Message:
    """A labelled message: its features, facts, and what the rules written by hand say of it."""

    label: Record
    file: str
    text: str
    facts: tuple[str, ...]
    by_hand: Mapping[str, float]
    """The scores; of dangers and flags the roots."""


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
    usual: NDArray[np.bool_]


def read_messages(rules: UnderstandingRules) -> list[Message]:
    """Read all messages; places and persons are taken out, nothing is to be learned from them."""
    segmenter, classifier = Segmenter(rules.words.jieba), Classifier(rules.types, rules.learned.types)
    gazetteer, danger = Gazetteer(load_regions(), rules.places, rules.pinyin), DangerReader(rules.danger)
    book = EvidenceBook(
        (
            Classifier.signs(rules.types) | standing_signs(rules.standing),
            intent_signs(rules.intents),
            DangerReader.signs(rules.danger),
        ),
        classes=rules.words.classes | rules.danger.classes,
        idioms=[*rules.words.idioms, *rules.danger.idioms],
        features=[*FEATURES, CROWD],
    )
    messages = []
    for name in NAMES:
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
            if sees_crowd(plain, rules.facts):
                book.add_feature(sightings, CROWD)
            denied = danger.denied(plain)
            signs = book.weigh(sightings, stage=2, denied=denied)
            denies = book.denies(sightings, stage=2, denied=denied)
            facts += [*list_lengths(plain), *list_danger_facts(signs, denies=denies)]
            by_hand |= {f"danger.{kind}": root for kind, root in weigh_red_signs(signs).items()}
            by_hand |= {f"flag.{flag}": root for flag, root in weigh_signs_of_flags(signs).items()}
            text = without_names(plain, gazetteer, rules)
            messages.append(Message(label, name, text, tuple(facts), by_hand))
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
        strings = {string for run in _CHINESE.findall(text) for string in {*run, *map(add, run, run[1:])}}
        counted.update(strings | {string for string in list_strings(text) if _EDGE.fullmatch(string)})
    return sorted(string for string, count in counted.items() if count >= SEEN_AT_LEAST)


def list_feature_rows(messages: Sequence[Message], rules: UnderstandingRules) -> tuple[csr_matrix, list[str]]:
    """Return the features (messages x features) and their names; facts come last."""
    topics = list_topics(rules.topics.topics, rules.words.classes)
    strings = choose_strings(message.text for message in messages)
    finder = TopicFinder(topics)
    names = sorted({*strings, *topics})
    facts = [f"{FACT}{fact}" for fact in _FACTS]
    number = {name: at for at, name in enumerate([*names, *facts])}
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for message in messages:
        seen = (list_strings(message.text) & number.keys()) | finder.find(message.text).keys()
        columns += [number[name] for name in seen]
        values += [share_of_each(len(seen))] * len(seen)
        columns += [number[f"{FACT}{fact}"] for fact in message.facts]
        values += [1.0] * len(message.facts)
        ends.append(len(columns))
    rows = csr_matrix((values, columns, ends), shape=(len(messages), len(number)))
    return rows, list(number)


def scale_of(features: csr_matrix) -> Array:
    """Return a factor for each feature: how rare it is (inverse document frequency); facts count all alike.

    Then a usual message has the length 1.
    """
    counts = np.asarray((features > 0).sum(axis=0)).ravel()
    rarity = np.log(features.shape[0] / np.maximum(counts, 1))
    rarity[-len(_FACTS) :] = RARITY_OF_FACTS
    lengths = np.sqrt(np.asarray((features @ diags(rarity)).power(2).sum(axis=1)).ravel())
    return rarity / np.median(lengths)


def kind_of(label: Record) -> str:
    """Return what makes a message red, the gravest first; empty where it is not red."""
    if label["grade"] != RiskGrade.RED:
        return ""
    told = (kind for kind, flags in KINDS.items() if not {*label["risk"]}.isdisjoint(flags))
    return next(told, RiskFlag.VIOLENCE)


def list_tasks(messages: Sequence[Message], features: csr_matrix, rules: UnderstandingRules) -> list[Task]:
    """Return what is to be learned; from `not_mediable` on the first label stands for none of them."""
    everyone = np.arange(len(messages))
    in_chat = np.array([row for row, message in enumerate(messages) if message.file not in ONLINE])
    typed = np.array([row for row, message in enumerate(messages) if message.label["type"]])
    tasks = [_task("type", [code.value for code in DisputeType], typed, messages, features)]
    for code, type_rules in rules.types.types.items():
        labels = [f"{code}.{name}" for name in type_rules.subtypes]
        rows = [row for row in typed if _label_of("subtype", labels, messages[row].label) in labels]
        if rows:
            tasks.append(_task("subtype", labels, np.array(rows), messages, features))
    return [
        *tasks,
        _task("intent", [intent.value for intent in Intent], everyone, messages, features),
        _task("not_mediable", ["", *(reason.value for reason in NotMediable)], everyone, messages, features),
        *(_task("group", ["", group.value], everyone, messages, features) for group in LEARNED_GROUPS),
        _task("danger", ["", *(kind.value for kind in KINDS)], in_chat, messages, features),
        *(_task("flag", ["", flag], in_chat, messages, features) for flag in FLAGS),
    ]


def _label_of(name: str, labels: Sequence[str], label: Record) -> str:
    if name == "subtype":
        return f"{label['type']}.{label['subtype']}"
    if name == "group":
        return labels[-1] if labels[-1] in label["groups"] else ""
    if name == "flag":
        is_told = label["grade"] == RiskGrade.YELLOW if labels[-1] == HEATING else labels[-1] in label["risk"]
        return labels[-1] if is_told else ""
    return kind_of(label) if name == "danger" else label[name] or ""


def _task(
    name: str, labels: list[str], rows: NDArray[np.int64], messages: Sequence[Message], features: csr_matrix
) -> Task:
    wanted = np.zeros((len(rows), len(labels)))
    by_hand = np.zeros((len(rows), len(labels)))
    for at, row in enumerate(rows):
        label = messages[row].label
        also = [code for code in label["also"] if code != label["type"]] if name == "type" else []
        wanted[at, labels.index(_label_of(name, labels, label))] = 1 - SHARE_OF_ALSO * bool(also)
        for code in also:
            wanted[at, labels.index(code)] += SHARE_OF_ALSO / len(also)
        hand = messages[row].by_hand
        scores = (hand.get(code if name == "subtype" else f"{name}.{code}", 0.0) for code in labels)
        by_hand[at] = [score if name in _DANGERS else sqrt(max(score, 0.0)) for score in scores]
    usual = np.array([messages[row].file in USUAL for row in rows])
    by_file = np.array([messages[row].file in LOOKED_AT for row in rows])
    looked_at = ~usual if name in _DANGERS else by_file
    known = np.ones(features.shape[1])
    known[-len(_FACTS) :] = [fact in _FACTS_OF.get(name, ()) for fact in _FACTS]
    return Task(name, tuple(labels), rows, wanted, features[rows] @ diags(known), by_hand, looked_at, usual)


def learn(task: Task, chosen: NDArray[np.bool_]) -> Model:
    """Fit on the chosen messages, drop the weights that say little, and fit the others again.

    What the hand-written rules say counts only where they were not seen.
    """
    given = np.where(task.looked_at[:, None], 0.0, task.by_hand)[chosen]
    scale = scale_of(task.features)
    features, wanted = (task.features[chosen] @ diags(scale)).tocsr(), task.wanted[chosen]
    counts, part = COUNTS.get(task.name), SQUARES.get(task.name)
    soft: Model | None = None
    kept: NDArray[np.bool_] | None = None
    for _ in range(2):
        soft = model = fit(features, wanted, given, penalty=PENALTY, counts=counts, kept=kept, start=soft)
        if part:
            squares = fit_squares(features, wanted, penalty=PENALTY_OF_SQUARES, kept=kept)
            model = soft.mixed(squares, part)
        weights = model.weights * scale[:, None]
        common = np.asarray((features > 0).sum(axis=0)).ravel() ** 0.25
        kept = np.abs(weights) * common[:, None] >= LEAST[task.name]
    model = Model(weights, model.bias, model.given).rounded(STEP)
    if task.labels[0]:
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
    usual = task.usual[tested]
    temperature = fitting_temperature([*compress(scored, usual)])
    threshold = fitting_threshold(first_guesses([*compress(scored, usual)], temperature))
    by_hand = task.by_hand[tested].argmax(axis=1)
    alone = [task.labels[best] in one.right for best, one in zip(by_hand, scored, strict=True)]
    for chosen, name in (
        (usual, "as people usually write"),
        (~usual, "written to be hard"),
    ):
        some = [*compress(scored, chosen)]
        guesses = first_guesses(some, temperature)
        three = [bool(one.right & set(sorted(one.scores, key=one.scores.__getitem__)[-3:])) for one in some]
        print(f"types of {len(some)} messages {name}, by cross-validation")
        print(f"  first guess {np.mean([is_right for _, is_right in guesses]):.3f}")
        print(f"  among three {np.mean(three):.3f}")
        for least in (threshold, 0.95, 0.9, 0.85, 0.8, 0.7):
            sure = [is_right for probability, is_right in guesses if probability >= least]
            share = len(sure) / len(guesses)
            print(f"  from {least:.3f} on {share:.3f}, right {np.mean(sure) if sure else 1:.3f}")
        print(f"  the hand-written rules alone {np.mean([*compress(alone, chosen)]):.3f}")
    return temperature, threshold


def measure_intents(task: Task) -> None:
    """Print how often cross-validation finds the intent."""
    tested, scores = cross_validate(task)
    right = task.wanted[tested].argmax(axis=1) == scores.argmax(axis=1)
    usual = task.usual[tested]
    print(
        f"{task.name} {right[usual].mean():.3f} of the usual messages, {right[~usual].mean():.3f} of the hard"
    )


def measure_subtypes(tasks: Sequence[Task]) -> None:
    """Print how often cross-validation finds the second level, the first being known."""
    found = number = 0
    for task in tasks:
        tested, scores = cross_validate(task)
        found += int((task.wanted[tested].argmax(axis=1) == scores.argmax(axis=1)).sum())
        number += len(tested)
    print(f"subtype {found / number:.3f} of {number} messages by cross-validation")


def measure_reasons(task: Task) -> float:
    """Print what cross-validation says of the reasons; return the score from which they are best told."""
    tested, scores = cross_validate(task)
    tested, scores = tested[task.usual[tested]], scores[task.usual[tested]]
    wanted = task.wanted[tested].argmax(axis=1)
    best, highest = scores[:, 1:].argmax(axis=1) + 1, scores[:, 1:].max(axis=1)

    def f1(from_score: float) -> float:
        answered = np.where(highest >= from_score, best, 0)
        hits = int(((answered == wanted) & (wanted > 0)).sum())
        return 2 * hits / int((answered > 0).sum() + (wanted > 0).sum())

    from_score = max((step / 10 for step in range(-30, 11)), key=f1)
    print(f"not_mediable F1 {f1(from_score):.3f}")
    return from_score


def measure_groups(tasks: Sequence[Task]) -> float:
    """Print what cross-validation says of the groups; return the score from which they are best told."""
    validated = [cross_validate(task) for task in tasks]
    usual = [task.usual[tested] for task, (tested, _) in zip(tasks, validated, strict=True)]
    scores = np.array([its[mask, 1] for (_, its), mask in zip(validated, usual, strict=True)])
    wanted = np.array(
        [
            task.wanted[tested[mask], 1] > 0
            for task, (tested, _), mask in zip(tasks, validated, usual, strict=True)
        ]
    )

    def f1(from_score: float) -> float:
        told = scores >= from_score
        return 2 * int((told & wanted).sum()) / int(told.sum() + wanted.sum())

    from_score = max((step / 10 for step in range(-30, 11)), key=f1)
    alike = ((scores >= from_score) == wanted).all(axis=0).mean()
    print(f"groups F1 {f1(from_score):.3f}, all of a message right {alike:.3f}")
    return from_score


def measure_danger(task: Task) -> float:
    """Print what cross-validation says of red messages; return the score from which a message is red."""
    tested, scores = cross_validate(task)
    by_hand = task.by_hand[tested] * COUNTS["danger"] / 2
    scores = np.maximum(scores - by_hand, LEAST_LEARNED) + by_hand
    is_red = task.wanted[tested].argmax(axis=1) > 0
    highest = scores[:, 1:].max(axis=1)
    calm = np.sort(highest[~is_red])[::-1]
    for share in (0.01, 0.02, 0.03, 0.04, 0.05):
        print(f"red found {(highest[is_red] > calm[int(share * len(calm))]).mean():.3f} at {share:.0%} false")
    return float(round(calm[int(FALSE_ALARMS * len(calm))], 2))


def measure_flags(tasks: Sequence[Task]) -> dict[str, float]:
    """Print what cross-validation says of each flag; return the scores from which they are best told."""
    scores_of = {}
    for task in tasks:
        tested, scores = cross_validate(task)
        usual = task.usual[tested]
        told, wanted = scores[usual, 1], task.wanted[tested[usual], 1] > 0

        def f1(from_score: float, told: Array = told, wanted: NDArray[np.bool_] = wanted) -> float:
            hits = int(((told >= from_score) & wanted).sum())
            return 2 * hits / int((told >= from_score).sum() + wanted.sum())

        # Few messages have a flag: a score counts by its neighbours too.
        flag = task.labels[1]
        scores_of[flag] = max(
            (step / 10 for step in range(-25, 11)),
            key=lambda least: f1(least - 0.3) + f1(least) + f1(least + 0.3),
        )
        signed = task.by_hand[tested[usual], 1] >= 1
        alone = 2 * int((signed & wanted).sum()) / int(signed.sum() + wanted.sum())
        print(f"{flag} F1 {f1(scores_of[flag]):.3f} from {scores_of[flag]}, by signs alone {alone:.3f}")
    return scores_of


def as_yaml(names: Sequence[str], labels: Sequence[str], model: Model) -> list[str]:
    """Return the labels with their words by weight, the strongest first."""
    lines = []
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


def section_of(text: str, name: str) -> list[str]:
    """Return the lines of a section of the file."""
    found = re.search(rf"^{name}:\n(?:[ #].*\n)*", text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"no section {name}")
    return found[0].splitlines()


HEADER = """\
# 学来的分值：由 python -m tests.bench.learn --write 从 {count} 条带标签的消息学出（{day}），不要手改，
# 重新学习会整个换掉。要改哪个词的分值，写在 overruled.yaml，它说了算。怎么看，见 docs/understanding.md。
# 分值 -> 字串；“话题:…”见 topics.yaml，“词类:…”见 words.yaml，“判断:…”是很短、有事由等现成的判断。
"""


def main() -> None:
    """Learn, print what cross-validation says, and write the file when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write learned.yaml")
    parser.add_argument(
        "--only",
        action="append",
        choices=SECTIONS,
        metavar="SECTION",
        help="learn this section, leave the others as they are",
    )
    parser.add_argument("--day", type=date.fromisoformat, default=None, help="the day to name in the file")
    arguments = parser.parse_args()
    rules = load_rules_of_understanding()
    messages = read_messages(rules)
    features, names = list_feature_rows(messages, rules)
    print(f"{len(messages)} messages, {len(names)} features")
    tasks = list_tasks(messages, features, rules)
    before = FILE.read_text(encoding="utf-8")
    day = arguments.day or date.today()  # noqa: DTZ011 - the day on which it is run
    lines = [HEADER.format(count=len(messages), day=day)]
    for section, task_name in SECTIONS.items():
        if arguments.only and section not in arguments.only:
            lines += section_of(before, section)
            continue
        its_tasks = [task for task in tasks if task.name == task_name]
        settings = measure(section, its_tasks, messages)
        if arguments.write:
            lines += learn_section(section, settings, its_tasks, names)
    if arguments.write:
        FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def measure(section: str, tasks: Sequence[Task], messages: Sequence[Message]) -> dict[str, object]:
    """Print what cross-validation says of a section; return the settings that fit it."""
    match section:
        case "types":
            temperature, auto_from = measure_types(tasks[0], messages)
            return {"temperature": temperature, "auto_from": auto_from}
        case "subtypes":
            measure_subtypes(tasks)
            return {}
        case "intents":
            measure_intents(tasks[0])
            return {}
        case "not_mediable":
            return {"from_score": measure_reasons(tasks[0])}
        case "groups":
            return {"from_score": measure_groups(tasks)}
        case "flags":
            return {"from_score": measure_flags(tasks)}
        case _:
            return {"from_score": measure_danger(tasks[0])}


def learn_section(
    section: str, settings: Mapping[str, object], tasks: Sequence[Task], names: Sequence[str]
) -> list[str]:
    """Return the lines of a section, learned from all messages."""
    models = [learn(task, np.ones(len(task.rows), dtype=bool)) for task in tasks]
    hand = sum(model.given for model in models) / len(models)
    lines = [f"{section}:", f"  hand: {hand:.2f}"]
    for name, setting in settings.items():
        lines.append(f"  {name}: {setting:.3f}" if isinstance(setting, float) else f"  {name}:")
        if isinstance(setting, dict):
            lines += [f"    {key}: {value:.3f}" for key, value in setting.items()]
    lines.append("  labels:")
    for task, model in zip(tasks, models, strict=True):
        lines += as_yaml(names, task.labels, model)
    return lines


if __name__ == "__main__":
    main()
