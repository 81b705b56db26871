"""Prints how often law questions are answered, and how often from the law that was expected.

`python -m tests.bench.law_answers FILE [--half development|held] [--sample N]`. FILE holds one JSON object a
line: `text`, the question, and `label`, the laws that answer it, parted by `|` (the form of STARD, a set of
real questions with their statutes). Lines count from 0: even ones are for development, odd ones are held
back. `--sample` prints answers to be judged by reading: the label names no article, and often only one of
several laws that say the same.
"""

import argparse
import json
import random
from datetime import date
from pathlib import Path
from typing import Any

from config.loading import CONFIG_DIR
from config.statutes import Statute, Statutes, load_statutes
from handlers.lawfully import find_answers
from nlp.understander import Understander
from tests.bench.score import load_regions, load_rules_of_understanding

TODAY = date(2026, 11, 24)
HALVES = {"development": 0, "held": 1}


def read_questions(path: Path, half: str | None) -> list[dict[str, Any]]:
    """Read the questions of one half, or all."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        json.loads(line)
        for number, line in enumerate(lines)
        if line and (half is None or number % 2 == HALVES[half])
    ]


def answer(question: str, statutes: Statutes, understander: Understander) -> tuple[Statute, ...]:
    """Answer as the chat does: with the type that was understood."""
    understood = understander.understand(question, today=TODAY)
    return find_answers(
        question, statutes, type=understood.type, subtype=understood.subtype, words=understood.because
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--half", choices=list(HALVES))
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    options = parser.parse_args()
    statutes = load_statutes(CONFIG_DIR)
    understander = Understander(load_rules_of_understanding(), load_regions())
    titles = {name: law.title or name for name, law in statutes.laws.by_name.items()}
    questions = read_questions(options.file, options.half)
    answered = [(one, found) for one in questions if (found := answer(one["text"], statutes, understander))]
    right = sum(
        any(titles[statute.law] in one["label"].split("|") for statute in found) for one, found in answered
    )
    print(f"{len(questions)} questions, {len(answered)} answered ({len(answered) / len(questions):.1%})")
    print(f"expected law among those shown: {right} of {len(answered)} ({right / max(1, len(answered)):.1%})")
    for one, found in random.Random(7).sample(answered, min(options.sample, len(answered))):
        print(f"\n{one['text']}  [{one['label']}]")
        for statute in found:
            print(f"  {statute.citation} {statute.text}")


if __name__ == "__main__":
    main()
