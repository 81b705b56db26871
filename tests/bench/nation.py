"""Speed and memory with a region table as large as China's, made up from Luohe's names.

`python -m tests.bench.nation` compares it with Luohe's own table: the whole understanding of a message, and
what the process holds. The real table is loaded with `fengqiao regions import`; what is made up here has
as many townships and villages, and names made of the same characters.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date

from mediation.regions import Region, level_of, parent_of
from nlp.understander import Understander
from tests.bench.score import DATA, load_regions, load_rules_of_understanding

VILLAGES, TOWNSHIPS, COUNTIES, CITIES = 620_573, 41_352, 2_978, 342
ROUNDS = 5
TODAY = date(2026, 11, 24)


def make_up_nation() -> list[Region]:
    """Return Luohe and, beside it, as many other regions as China has; the same ones every time."""
    luohe = load_regions()
    chance = random.Random(1)
    names = {size: [region.name for region in luohe if len(region.code) == size] for size in (6, 9, 12)}
    stems = [name.removesuffix("村委会").removesuffix("村村民委员会") for name in names[12]]
    first = sorted({stem[0] for stem in stems})
    rest = sorted({stem[1:] for stem in stems})

    def called(ending: str) -> str:
        return f"{chance.choice(first)}{chance.choice(rest)}{ending}"

    def regions() -> Iterator[Region]:
        cities = [f"{4200 + number}" for number in range(CITIES)]
        counties = [f"{cities[number % CITIES]}{number // CITIES + 1:02}" for number in range(COUNTIES)]
        townships = [
            f"{counties[number % COUNTIES]}{number // COUNTIES + 1:03}" for number in range(TOWNSHIPS)
        ]
        villages = (
            f"{townships[number % TOWNSHIPS]}{number // TOWNSHIPS + 1:03}" for number in range(VILLAGES)
        )
        for codes, ending in (
            (cities, "市"),
            (counties, "县"),
            (townships, "镇"),
            (villages, "村村民委员会"),
        ):
            for code in codes:
                yield Region(code=code, name=called(ending), level=level_of(code), parent=parent_of(code))

    return [*luohe, *regions()]


def measure(regions: list[Region]) -> None:
    """Print seconds to load, µs per message and resident MiB, as one line of JSON."""
    rules = load_rules_of_understanding()
    started = time.perf_counter()
    understander = Understander(rules, regions)
    loaded = time.perf_counter() - started
    count = len(regions)
    regions.clear()
    texts = [
        json.loads(line)["text"] for line in (DATA / "messages_dev.jsonl").read_text("utf-8").splitlines()
    ]
    spent = []
    for _ in range(ROUNDS):
        for text in texts:
            started = time.perf_counter()
            understander.understand(text, today=TODAY)
            spent.append(time.perf_counter() - started)
    with open("/proc/self/status", encoding="utf-8") as status:
        resident = int(status.read().split("VmRSS:")[1].split()[0]) / 1024
    print(json.dumps({"regions": count, "s": loaded, "us": statistics.median(spent) * 1e6, "MiB": resident}))


def main() -> None:
    """Measure each table in a process of its own and print them side by side."""
    if len(sys.argv) > 1:
        measure(make_up_nation() if sys.argv[1] == "nation" else load_regions())
        return
    print("| table | regions | load | a message | memory |\n|---|---|---|---|---|")
    for table in ("luohe", "nation"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.nation", table], capture_output=True, text=True, check=True
        )
        got = json.loads(done.stdout.splitlines()[-1])
        print(
            f"| {table} | {got['regions']} | {got['s']:.1f} s | {got['us']:.0f} µs | {got['MiB']:.0f} MiB |"
        )


if __name__ == "__main__":
    main()
