"""Every phrase that the code says exists, every phrase that exists is said, and the facts fit."""

import ast
import json
import re
import shutil
from pathlib import Path

import pytest

from config.loading import CONFIG_DIR, RuleFileError
from config.phrases import FACTS_FILE, load_phrases
from handlers.conversation import Question
from handlers.ruleset import RuleSet
from mediation.agreement import Doubt, Side, Unclear, WrittenReason
from mediation.lifecycle import CaseStatus, EndReason
from mediation.vocabulary import HelperRole, NotMediable, RiskFlag, RiskGrade

ROOT = Path(__file__).parents[2]
STEMS = "|".join(sorted(path.stem for path in (CONFIG_DIR / "phrases").glob("*.yaml")))
KEY = re.compile(rf"^(?:{STEMS})\.(?!css$|js$)\w*[a-z0-9]$")
FAMILY = re.compile(rf"^(?:{STEMS})\.\w*_$")
IN_TEMPLATES = re.compile(rf"""["']((?:{STEMS})\.\w+)["']""")
FAMILIES = {
    "resident.ask_": [question.value for question in Question],
    "resident.not_mediable_": [reason.value for reason in NotMediable],
    "resident.status_": [status.value for status in CaseStatus],
    "resident.detail_": [status.value for status in CaseStatus],
    "words.end_": [reason.value for reason in EndReason],
    "words.side_": [side.value for side in Side],
    "words.role_": [role.value for role in HelperRole],
    "mediator.doubt_": [doubt.value for doubt in Doubt],
    "mediator.open_": [unclear.value for unclear in Unclear],
    "words.written_": [reason.value for reason in WrittenReason],
    "words.grade_": [grade.value for grade in RiskGrade],
    "words.risk_": [flag.value for flag in RiskFlag],
}
ASKED_OF_RESIDENTS = {
    *("story", "danger", "not_mediable", "type", "type_any", "place", "place_which", "respondent", "name"),
    *("phone", "confirm", "correct", "same_or_new", "law_apply", "tip", "withdraw", "another", "erase"),
}


def literals() -> tuple[set[str], set[str]]:
    """Return (whole keys, beginnings of made-up keys) in the code and in the console's templates."""
    found = set()
    for folder in ("handlers", "bot"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                    found.add(str(node.values[0].value))
                elif isinstance(node, ast.Constant):
                    found.add(str(node.value))
        for path in (ROOT / folder).rglob("*.html"):
            found |= set(IN_TEMPLATES.findall(path.read_text(encoding="utf-8")))
    return {one for one in found if KEY.match(one)}, {one for one in found if FAMILY.match(one)}


def test_every_key_in_the_code_is_a_phrase(rules: RuleSet) -> None:
    keys, families = literals()
    assert keys - set(rules.phrases) == set()
    assert [one for one in families if not any(key.startswith(one) for key in rules.phrases)] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_of_a_family_has_its_phrase(family: str, rules: RuleSet) -> None:
    for member in FAMILIES[family]:
        if family != "resident.ask_" or member in ASKED_OF_RESIDENTS:
            assert f"{family}{member}" in rules.phrases.by_key, f"{family}{member}"


def test_every_phrase_is_said_somewhere(rules: RuleSet) -> None:
    keys, families = literals()
    unsaid = [
        key for key in rules.phrases if key not in keys and not any(key.startswith(one) for one in families)
    ]
    assert unsaid == []


def test_the_list_of_facts_is_that_of_the_phrases(rules: RuleSet) -> None:
    facts = json.loads(FACTS_FILE.read_text(encoding="utf-8"))
    assert facts == {key: sorted(rules.phrases[key].placeholders) for key in rules.phrases}


def test_a_wrong_or_missing_phrase_is_named_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(CONFIG_DIR / "phrases", tmp_path / "phrases")
    path = tmp_path / "phrases" / "resident.yaml"
    text = path.read_text(encoding="utf-8").replace("登记好了，编号 {case_no}", "登记好了，编号 {caseno}")
    path.write_text(text, encoding="utf-8")
    (tmp_path / "phrases" / "operator.yaml").unlink()
    with pytest.raises(RuleFileError) as found:
        load_phrases(tmp_path)
    told = "\n".join(str(mistake) for mistake in found.value.mistakes)
    assert "nothing is filled into caseno" in told
    assert "operator.yaml:1: alarm is missing" in told
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith("  filed:"))
    assert f"resident.yaml:{line}:" in told


def test_every_timeline_event_has_its_words(rules: RuleSet) -> None:
    events = set()
    for path in (ROOT / "handlers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                told = [one.value for one in node.args if isinstance(one, ast.Constant)]
                if called == "record" and told:
                    events.add(str(told[0]))
    assert events
    assert {f"words.event_{event}" for event in events} <= set(rules.phrases)


def test_residents_never_read_office_language(rules: RuleSet) -> None:
    stiff = ("贵方", "兹", "予以", "届时", "逾期", "相关部门", "敬请", "特此", "知悉")
    for key in rules.phrases:
        if key.startswith(("resident.", "party.")):
            assert not [word for word in stiff if word in rules.phrases[key].text], key
