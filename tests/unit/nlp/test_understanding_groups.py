"""Groups that come first (重点人群): told by words, or implied by what the matter is."""

import pytest

from mediation.vocabulary import DisputeType, Group
from nlp.evidence import Evidence
from nlp.rules import LearnedGroups, LearnedLabel, StandingRules
from nlp.standing import read_groups
from tests.unit.nlp.test_understanding import understand

RULES = StandingRules(
    groups={},
    group_types={Group.ENTERPRISE: ["labour"]},
    implied_by={Group.ELDER: ["marriage_family.support_elder"], Group.MINOR: ["damage.school"]},
    not_mediable={},
)
NOTHING_LEARNED = LearnedGroups(hand=1, from_score=0, labels={})


def test_what_the_matter_is_implies_a_group() -> None:
    groups = read_groups(
        {}, {}, RULES, NOTHING_LEARNED, dispute_type=DisputeType.MARRIAGE_FAMILY, subtype="support_elder"
    )
    assert groups == {Group.ELDER}


def test_another_matter_of_the_same_type_does_not() -> None:
    assert not read_groups(
        {}, {}, RULES, NOTHING_LEARNED, dispute_type=DisputeType.MARRIAGE_FAMILY, subtype="divorce"
    )


@pytest.mark.parametrize(
    ("dispute_type", "expected"),
    [(DisputeType.LABOUR, {Group.ENTERPRISE}), (DisputeType.CONSUMER, set())],
)
def test_a_company_counts_only_in_certain_types(dispute_type: DisputeType, expected: set[Group]) -> None:
    evidence = {"group.enterprise": [Evidence(2.0, ((0, 2),), 3)]}
    assert (
        read_groups(evidence, {}, RULES, NOTHING_LEARNED, dispute_type=dispute_type, subtype=None) == expected
    )


def test_what_was_learned_of_a_group_counts_beside_its_signs() -> None:
    weights = LearnedGroups(hand=2, from_score=-1, labels={Group.ELDER: LearnedLabel()})

    def read(learned: float, sign: float) -> frozenset[Group]:
        evidence = {"group.elder": [Evidence(sign, ((0, 2),), 3)]}
        scores = {"group.elder": learned}
        return read_groups(evidence, scores, RULES, weights, dispute_type=DisputeType.TRAFFIC, subtype=None)

    assert read(-3.0, 1.0) == {Group.ELDER}
    assert read(-3.1, 1.0) == set()
    assert read(-0.9, 0.0) == {Group.ELDER}


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("俺娘在超市门口听讲座买了四千块的保健品", Group.ELDER),
        ("公公在温泉滑倒摔断了胯骨", Group.ELDER),
        ("体育课老师让孩子跑步,孩子晕倒了没人扶", Group.MINOR),
        ("我当兵八年回来,单位不给安置", Group.VETERAN),
        ("送一单五块二超时扣八块,平台说扣就扣", Group.NEW_WORKER),
    ],
)
def test_a_group_is_told_without_its_name(text: str, group: Group) -> None:
    assert group in understand(text).groups


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("外卖员送餐晚了两个小时,蛋糕化了", Group.NEW_WORKER),
        ("马瘸了,他说是我骑瘸的", Group.DISABLED),
        ("他儿子是退伍的,见人就骂", Group.VETERAN),
    ],
)
def test_who_is_only_spoken_of_is_no_group(text: str, group: Group) -> None:
    assert group not in understand(text).groups
