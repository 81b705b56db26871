"""Prints how well labelled messages are understood.

`python -m tests.bench.score [FILE...] [--wrong FIELD] [--part FROM:TO] [--plot SVG] [--texts FOLDER]`.
An `also` type counts as right.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from config.loading import CONFIG_DIR, load_rules
from mediation.regions import Region, level_of, parent_of
from nlp.rules import FILES, UnderstandingRules
from nlp.understander import Understander, as_record
from tests.bench.reliability import draw, table

TODAY = date(2024, 11, 1)
DATA = Path(__file__).parent.parent / "data"
DEFAULT_FILES = tuple(
    DATA / f"messages_{name}.jsonl"
    for name in ("dev", "own", "second", "held", *(f"train{number}" for number in range(1, 44)), "usual")
)

Record = dict[str, Any]
UNLABELLED: Record = {
    "intent": "complaint",
    "type": None,
    "subtype": None,
    "also": [],
    "risk": [],
    "grade": "none",
    "groups": [],
    "not_mediable": None,
}
"""What a label is when a line leaves it out."""
LOOKED_AT_IN_SOME_FILES: Record = {
    "place": None,
    "place_candidates": [],
    "phone": None,
    "amount": None,
    "people": None,
}
"""The same, for what was looked at only in those files that name it in some line."""


def load_rules_of_understanding() -> UnderstandingRules:
    """Read all rule files of the understanding."""
    folder = CONFIG_DIR / "rules" / "understanding"
    return UnderstandingRules(
        **{Path(name).stem: load_rules(folder / name, model) for name, model in FILES.items()}
    )


def load_regions() -> list[Region]:
    """Read Luohe's region table."""
    with (CONFIG_DIR / "regions" / "luohe.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            Region(
                code=row["code"],
                name=row["name"],
                level=level_of(row["code"]),
                parent=row.get("parent") or parent_of(row["code"]),
            )
            for row in csv.DictReader(file)
        ]


def read_labels(path: Path, texts: Path | None = None) -> list[Record]:
    """Read labelled messages, one JSON object a line.

    Where texts are not ours to keep, a line names its `source` and the `line` there: `texts` is the folder in
    which these files are, and `sha256` (its first twelve digits) says that it is the same text.
    """
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if lines and "source" in lines[0]:
        return list(_with_texts(lines, texts or Path()))
    named = {key for line in lines for key in line}
    if "place" in named:
        named.add("place_candidates")
    left_out = UNLABELLED | {key: value for key, value in LOOKED_AT_IN_SOME_FILES.items() if key in named}
    return [{"id": f"{path.stem}-{number}", **left_out, **line} for number, line in enumerate(lines, 1)]


def _with_texts(labels: Iterable[Record], folder: Path) -> Iterator[Record]:
    """Yield the labels with their texts; what was not labelled stays out."""
    files: dict[str, list[str]] = {}
    for label in labels:
        source, number = label["source"], label["line"]
        if source not in files:
            files[source] = (folder / f"{source}.jsonl").read_text(encoding="utf-8").splitlines()
        text = json.loads(files[source][number - 1])["text"]
        if sha256(text.encode()).hexdigest()[:12] != label["sha256"]:
            raise ValueError(f"{source}.jsonl:{number} is not the text that was labelled")
        yield {"id": f"{source}-{number}", "also": [], **label, "text": text}


def labelled(field: str, pairs: list[tuple[Record, Record]]) -> list[tuple[Record, Record]]:
    """Return the pairs that carry this label; files of our own may leave some out."""
    return [pair for pair in pairs if field in pair[0]]


def right_type(label: Record, answer: Record) -> bool:
    return answer["type"] == label["type"] or answer["type"] in label["also"]


def right_top_three(label: Record, answer: Record) -> bool:
    accepted = {label["type"], *label["also"]}
    return any(code in accepted for code, _ in answer["candidates"][:3])


def is_red(label: Record) -> bool:
    """Whether a message was labelled as red; some files say no more of the grade than this."""
    return label["red"] if "red" in label else label["grade"] == "red"


def same(field: str) -> Callable[[Record, Record], bool]:
    return lambda label, answer: answer[field] == label[field]


def same_set(field: str) -> Callable[[Record, Record], bool]:
    return lambda label, answer: set(answer[field]) == set(label[field])


CHECKS: dict[str, Callable[[Record, Record], bool]] = {
    "type": right_type,
    "top3": right_top_three,
    "subtype": same("subtype"),
    "intent": lambda label, answer: answer["intent"] in (label["intent"], label.get("intent_also")),
    "grade": same("grade"),
    "red": lambda label, answer: (answer["grade"] == "red") == is_red(label),
    "risk": same_set("risk"),
    "not_mediable": same("not_mediable"),
    "groups": same_set("groups"),
    "place": same("place"),
    "place_candidates": same_set("place_candidates"),
    "phone": same("phone"),
    "amount": same("amount"),
    "people": same("people"),
    "auto": lambda label, answer: answer["decision"] != "auto" or right_type(label, answer),
}
TYPED = {"type", "top3", "subtype", "auto"}


def share(hits: Iterable[bool]) -> str:
    values = list(hits)
    return f"{100 * sum(values) / len(values):5.1f} %  ({sum(values)}/{len(values)})" if values else "    -"


def f1_of(pairs: Iterable[tuple[object, object]], code: object) -> float:
    """Return F1 of one label over (expected, answered) pairs."""
    pairs = list(pairs)
    right = sum(expected == code == answered for expected, answered in pairs)
    wanted = sum(expected == code for expected, _ in pairs)
    given = sum(answered == code for _, answered in pairs)
    return 2 * right / (wanted + given) if wanted + given else 1.0


def print_types(typed: list[tuple[Record, Record]]) -> None:
    pairs = [
        (answer["type"] if right_type(label, answer) else label["type"], answer["type"])
        for label, answer in typed
    ]
    codes = sorted({label["type"] for label, _ in typed})
    auto = [(label, answer) for label, answer in typed if answer["decision"] == "auto"]
    print("type, first guess      ", share(right_type(*pair) for pair in typed))
    print("type, among three      ", share(right_top_three(*pair) for pair in typed))
    print("type, macro-F1         ", f"{sum(f1_of(pairs, code) for code in codes) / len(codes):7.3f}")
    print("auto, share            ", share(answer["decision"] == "auto" for _, answer in typed))
    print("auto, right            ", share(right_type(*pair) for pair in auto))
    named = [pair for pair in typed if pair[0]["subtype"] and pair[0]["type"] == pair[1]["type"]]
    print("subtype (type right)   ", share(CHECKS["subtype"](*pair) for pair in named))
    untyped_note = Counter(f"{want} -> {got}" for want, got in pairs if want != got)
    print("\nconfusions (labelled -> answered)")
    for line, count in untyped_note.most_common(25):
        print(f"  {count:3}  {line}")
    print("\nreliability (probability of the first guess: share right)")
    for low, high, number, right in table(guesses_of(typed)):
        print(f"  {low:4.2f}-{high:4.2f} ", share([True] * right + [False] * (number - right)))


def guesses_of(typed: list[tuple[Record, Record]]) -> list[tuple[float, bool]]:
    """Return the probability of each first guess and whether it was right."""
    return [(answer["confidence"], right_type(label, answer)) for label, answer in typed]


def print_rest(pairs: list[tuple[Record, Record]]) -> None:
    print()
    for field in ("intent", "grade", "risk", "groups", "phone", "amount", "people"):
        print(f"{field:23}", share(CHECKS[field](*pair) for pair in labelled(field, pairs)))
    red = [pair for pair in pairs if is_red(pair[0])]
    calm = [pair for pair in pairs if not is_red(pair[0])]
    print("red found              ", share(answer["grade"] == "red" for _, answer in red))
    print("red false alarm        ", share(answer["grade"] == "red" for _, answer in calm))
    reasons = [(label["not_mediable"], answer["not_mediable"]) for label, answer in pairs]
    right = sum(want == got is not None for want, got in reasons)
    total = sum(want is not None for want, _ in reasons) + sum(got is not None for _, got in reasons)
    print("not_mediable, F1       ", f"{2 * right / total if total else 1:7.3f}")
    pairs = labelled("place", pairs)
    if not pairs:
        return
    known = [pair for pair in pairs if pair[0]["place"]]
    several = [pair for pair in pairs if pair[0]["place_candidates"]]
    without = [pair for pair in pairs if not pair[0]["place"] and not pair[0]["place_candidates"]]
    print("place exact            ", share(CHECKS["place"](*pair) for pair in known))
    print(
        "place among candidates ",
        share(
            set(label["place_candidates"]) <= {*answer["place_candidates"], answer["place"]}
            for label, answer in several
        ),
    )
    print(
        "no place invented      ",
        share(not answer["place"] and not answer["place_candidates"] for _, answer in without),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--wrong", choices=sorted(CHECKS), help="list the messages with this field wrong")
    parser.add_argument("--texts", type=Path, help="the folder of texts that a file only refers to")
    parser.add_argument("--part", help="FROM:TO, only these lines")
    parser.add_argument("--plot", type=Path, help="draw the reliability of the types of the last file as SVG")
    arguments = parser.parse_args()
    understander = Understander(load_rules_of_understanding(), load_regions())
    for path in arguments.files or [path for path in DEFAULT_FILES if path.exists()]:
        labels = read_labels(path, arguments.texts)
        if arguments.part:
            first, last = (int(number) if number else None for number in arguments.part.split(":"))
            labels = labels[first:last]
        pairs = [
            (label, as_record(label["id"], understander.understand(label["text"], today=TODAY)))
            for label in labels
        ]
        print(f"\n=== {path.name}: {len(pairs)} messages")
        if arguments.wrong:
            print_wrong(pairs, arguments.wrong)
        else:
            typed = [pair for pair in pairs if pair[0]["type"]]
            print_types(typed)
            print_rest(pairs)
            if arguments.plot:
                arguments.plot.write_text(draw(guesses_of(typed)), encoding="utf-8")


def print_wrong(pairs: list[tuple[Record, Record]], field: str) -> None:
    shown = {"top3": "type", "auto": "type", "red": "grade"}.get(field, field)
    for label, answer in pairs:
        if field in TYPED and not label["type"]:
            continue
        if not CHECKS[field](label, answer):
            print(f"{label['id']} {label['text'][:150]!r}")
            print(f"    labelled {label.get(shown)} {label['also'] or ''} answered {answer[shown]}")
            odds = " ".join(f"{code}:{p:.2f}" for code, p in answer["candidates"][:4])
            print(f"    {answer['intent']} {odds} because {' '.join(answer['because'][:8])}")


if __name__ == "__main__":
    main()
