"""Grades of cases, what speaks against paying, and when two disputes are one."""

from dataclasses import replace

import pytest

from mediation.agreement import Side
from mediation.lifecycle import CaseStatus
from mediation.subsidy import (
    ORAL,
    Conduct,
    Effort,
    GradeReason,
    GradeRule,
    Objection,
    bare_text,
    grade_of,
    objections_to,
    overlap,
    same_pairs,
)
from mediation.vocabulary import RiskGrade

RULES = (
    GradeRule(code="major", amount_from=100_000, risk=frozenset({RiskGrade.RED}), sessions_from=5),
    GradeRule(code="difficult", amount_from=30_000, people_from=5, days_from=30),
    GradeRule(code="simple"),
)
LIGHT = Effort(oral=False, amount=None, people=None, risk=RiskGrade.NONE, sessions=0, days=0)
DONE = Conduct(
    status=CaseStatus.CLOSED,
    confirmed={Side.APPLICANT: "chat", Side.RESPONDENT: "call"},
    concluded=True,
    performed=("chat", "call"),
)


@pytest.mark.parametrize(
    ("effort", "grade", "reasons"),
    [
        (LIGHT, "simple", (GradeReason.ORDINARY,)),
        (replace(LIGHT, amount=99_999.99), "difficult", (GradeReason.AMOUNT,)),
        (replace(LIGHT, amount=100_000), "major", (GradeReason.AMOUNT,)),
        (replace(LIGHT, people=4), "simple", (GradeReason.ORDINARY,)),
        (replace(LIGHT, people=5, days=30), "difficult", (GradeReason.PEOPLE, GradeReason.DAYS)),
        (replace(LIGHT, risk=RiskGrade.RED, people=9), "major", (GradeReason.RISK,)),
        (replace(LIGHT, sessions=5), "major", (GradeReason.SESSIONS,)),
        (replace(LIGHT, sessions=5, oral=True), ORAL, (GradeReason.ORAL,)),
    ],
)
def test_the_heaviest_grade_that_fits_counts(
    effort: Effort, grade: str, reasons: tuple[GradeReason, ...]
) -> None:
    assert grade_of(effort, RULES) == (grade, reasons)


def test_nothing_speaks_against_a_case_confirmed_and_performed_by_the_parties() -> None:
    assert objections_to(DONE) == ()


@pytest.mark.parametrize(
    ("conduct", "objection"),
    [
        (replace(DONE, confirmed=None), Objection.NO_AGREEMENT),
        (
            replace(DONE, confirmed={Side.APPLICANT: "", Side.RESPONDENT: "chat"}),
            Objection.APPLICANT_UNCONFIRMED,
        ),
        (
            replace(DONE, confirmed={Side.APPLICANT: "chat", Side.RESPONDENT: "mediator"}),
            Objection.RESPONDENT_UNCONFIRMED,
        ),
        (replace(DONE, concluded=False), Objection.NOT_CONCLUDED),
        (replace(DONE, performed=()), Objection.NOTHING_PROMISED),
        (replace(DONE, performed=("chat", "")), Objection.NOT_PERFORMED),
        (replace(DONE, performed=("chat", "mediator")), Objection.PERFORMANCE_UNCONFIRMED),
        (replace(DONE, status=CaseStatus.PERFORMING), Objection.NOT_CLOSED),
        (replace(DONE, status=CaseStatus.TERMINATED), Objection.FAILED),
    ],
)
def test_each_thing_that_is_missing_is_named(conduct: Conduct, objection: Objection) -> None:
    assert objections_to(conduct) == (objection,)


def test_two_cases_are_between_the_same_two_whoever_asked() -> None:
    wang, li = frozenset({"person:1", "hash"}), frozenset({"person:2"})
    again, other = frozenset({"person:9", "hash"}), frozenset({"person:3"})
    assert same_pairs(wang, li) & same_pairs(li, again)
    assert not same_pairs(wang, li) & same_pairs(wang, other)
    assert not same_pairs(wang, frozenset()) & same_pairs(wang, frozenset())


def test_copied_agreements_are_equal_without_names_and_numbers() -> None:
    one = bare_text("张三在2026年12月31日前付给李四3000元，分三期。", names=("张三", "李四"))
    other = bare_text("王五在2027年1月1日前付给赵小六 八百元, 分两期", names=("王五", "赵小六", ""))
    assert one == other != ""
    assert one != bare_text("张三给李四赔礼道歉", names=("张三", "李四"))


def test_the_overlap_of_stories_is_that_of_their_pairs_of_letters() -> None:
    story = "东边邻居盖房占了俺家宅基地半米"
    assert overlap(story, story) == 1
    assert overlap(story, f"还是那件事：{story}，这回又占了") == 1
    assert overlap(story, "他欠我三个月工资九千块") == 0
    assert overlap("", "") == 0
    assert 0 < overlap(story, "西边邻居盖房挡了俺家的光") < 1
