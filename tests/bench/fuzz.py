"""`make fuzz`: any text whatever gets an answer, never an exception; 100 000 random and mangled inputs.

`python -m tests.bench.fuzz [--examples N]`. Half the texts are made by hypothesis from all of Unicode, half
are real messages cut, joined, doubled, shuffled or sprinkled with odd characters.
"""

import argparse
import json
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediation.understanding import Understanding
from nlp.understander import Understander, as_record
from tests.bench.score import DEFAULT_FILES, TODAY, load_regions, load_rules_of_understanding

EXAMPLES = 100_000
ODD = " \t\n\u200b\ufeff\u0000\ud800０１２一二三万亿年月日没不打刀3.5%,。!?~…【】()①㈠🙏👨‍👩‍👧繁體ａｂｃ"


def pieces(messages: list[str]) -> st.SearchStrategy[str]:
    """Stretches of real messages, of any length and from anywhere."""
    return st.builds(
        lambda message, start, length: message[start % len(message) :][:length],
        st.sampled_from(messages),
        st.integers(0, 400),
        st.integers(1, 400),
    )


def mangled(messages: list[str]) -> st.SearchStrategy[str]:
    """Real messages in pieces, put together again with odd characters between them."""
    part = st.one_of(pieces(messages), st.text(alphabet=ODD, max_size=8))
    joined = st.lists(part, max_size=12).map("".join)
    doubled = st.builds(lambda text, times: text * times, pieces(messages), st.integers(1, 40))
    shuffled = pieces(messages).flatmap(st.permutations).map("".join)
    return st.one_of(joined, doubled, shuffled)


def check(text: str, answer: Understanding) -> None:
    """Raise AssertionError when an answer is not sound."""
    json.dumps(as_record("fuzz", answer), ensure_ascii=True)
    assert 0.0 <= answer.confidence <= 1.0
    assert answer.amount is None or answer.amount >= 0
    assert answer.people is None or answer.people >= 0
    assert (answer.grade.value == "none") <= (not answer.risk), text


def main() -> None:
    """Run the inputs and say how many and how fast; an exception ends the run with its input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    examples = parser.parse_args().examples
    understander = Understander(load_rules_of_understanding(), load_regions())
    messages = [
        json.loads(line)["text"] for path in DEFAULT_FILES for line in path.read_text("utf-8").splitlines()
    ]
    done = 0

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.text(max_size=600), mangled(messages)))
    def answer(text: str) -> None:
        nonlocal done
        check(text, understander.understand(text, today=TODAY))
        done += 1

    started = time.perf_counter()
    answer()
    print(f"{done} inputs answered in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
