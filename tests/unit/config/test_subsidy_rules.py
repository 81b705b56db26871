"""The rule file of the subsidy: it loads, and each mistake is refused with its line."""

from pathlib import Path

import pytest

from config.loading import CONFIG_DIR, RuleFileError
from config.subsidy_rules import load_subsidy_rules
from mediation.subsidy import ORAL
from mediation.vocabulary import CommitteeKind

SOURCE = (CONFIG_DIR / "rules" / "subsidy.yaml").read_text(encoding="utf-8")


def refused(tmp_path: Path, old: str, new: str) -> str:
    assert old in SOURCE
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "subsidy.yaml").write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleFileError) as found:
        load_subsidy_rules(tmp_path)
    return str(found.value)


def test_the_file_says_what_is_paid() -> None:
    rules = load_subsidy_rules(CONFIG_DIR)
    village = CommitteeKind.VILLAGE
    assert [rule.code for rule in rules.grade_rules()] == list(rules.grades)
    heaviest, *_, lightest = rules.grades
    assert rules.amount_for(heaviest, village, failed=False) == rules.rates[village][heaviest]
    half = rules.rates[village][lightest] * rules.oral.share
    assert rules.amount_for(ORAL, village, failed=False) == half
    assert rules.amount_for(heaviest, village, failed=True) == 0
    assert rules.grade_name(ORAL) == "口头"


def test_the_figures_are_called_examples() -> None:
    assert SOURCE.count("【示例】") >= 4
    assert "漯河自己的标准我们不知道" in SOURCE


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  simple: {name: 简易}", "  simple: {name: 简易, people_from: 2}", "may have no conditions"),
        ("  simple: {name: 简易}", "  light: {name: 轻微}\n  simple: {name: 简易}", "light takes every case"),
        ("  simple: {name: 简易}", "  oral: {name: 简易}", "oral has a place of its own"),
        ("village: {major: 150, difficult: 80", "village: {major: 15, difficult: 80", "pays less for major"),
        ("village: {major: 150, ", "village: {", "needs exactly major, difficult, simple"),
        ("  city: {major: 400, difficult: 200, simple: 50} # 市\n", "", "missing city"),
        ("share: 0.5", "share: 1.5", "subsidy.yaml:16: oral.share"),
        ("simple: 30} # 村", "simple: -1} # 村", "greater than or equal to 0"),
        ("within: 365天", "within: 一年", "not a length of time"),
        ("risk: [red]", "risk: [purple]", "grades.major.risk"),
        ("agreements_a_day: 5", "agreements_per_day: 5", "agreements_per_day"),
    ],
)
def test_a_mistake_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refused(tmp_path, old, new)
