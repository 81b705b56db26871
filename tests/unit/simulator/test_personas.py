"""The invented people of the demonstration."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from bot.simulator.personas import Personas, load_personas
from config.loading import CONFIG_DIR, RuleFileError

COUNTIES = ("411102", "411103", "411104", "411121", "411122", "411171")
SECTORS = ("labour", "consumer", "medical", "traffic", "property", "marriage", "enterprise")
RESIDENT = "residents: [{openid: sim-resident-1, name: 徐大山, line: 村民}]\n"
MEDIATOR = "{openid: sim-mediator-1, name: 李秉和, committee: '411122', line: 调委会}"


@pytest.fixture(scope="module")
def personas() -> Personas:
    return load_personas(CONFIG_DIR)


def read(folder: Path, text: str) -> Personas:
    (folder / "demo.yaml").write_text(text, encoding="utf-8")
    return load_personas(folder)


def test_every_committee_of_a_demo_mediator_is_founded(personas: Personas) -> None:
    known: set[str] = set()
    for name in ("luohe.csv", "luohe_sector_committees.csv"):
        with (CONFIG_DIR / "regions" / name).open(encoding="utf-8-sig", newline="") as file:
            known |= {row["code"] for row in csv.DictReader(file)}
    assert {one.committee for one in personas.mediators} <= known


def test_every_county_and_its_sector_committees_have_a_mediator(personas: Personas) -> None:
    staffed = {one.committee for one in personas.mediators}
    assert {*COUNTIES, "4111-centre", "411122102", "411122102215"} <= staffed
    assert {f"{county}-{sector}" for county in COUNTIES for sector in SECTORS} <= staffed


def test_there_are_several_residents_and_nobody_is_there_twice(personas: Personas) -> None:
    assert len(personas.residents) >= 6
    assert len(personas.openids) == len(personas.residents) + len(personas.mediators)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"{RESIDENT}mediators:\n  - {MEDIATOR}\n  - {MEDIATOR}\n", "demo.yaml:1"),
        (f"{RESIDENT}mediators:\n  - {MEDIATOR.replace('sim-mediator-1', 'oReal')}\n", "demo.yaml:3"),
        (f"{RESIDENT}mediators:\n  - {MEDIATOR.replace('line', 'phone')}\n", "demo.yaml:3"),
        (f"{RESIDENT}mediators: []\n", "demo.yaml:2"),
    ],
    ids=["twice", "real-looking account", "unknown field", "nobody"],
)
def test_a_mistake_names_its_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(RuleFileError, match=where):
        read(tmp_path, text)


def test_the_reader_accepts_what_the_mistakes_were_made_from(tmp_path: Path) -> None:
    assert Counter(read(tmp_path, f"{RESIDENT}mediators: [{MEDIATOR}]").openids) == Counter(
        ["sim-resident-1", "sim-mediator-1"]
    )
