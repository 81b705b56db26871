"""Which committees the region table calls for, and what they are called."""

import pytest

from mediation.founding import NamingWords, statutory_committees
from mediation.regions import Region, level_of, parent_of
from mediation.vocabulary import CommitteeKind
from tests.unit.mediation.luohe import RULEBOOK

FOUNDED = {one.code: one for one in statutory_committees(RULEBOOK.regions, RULEBOOK.naming)}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("411122", "临颍县人民调解委员会"),
        ("411104001", "召陵区天桥街街道人民调解委员会"),
        ("411122102", "临颍县杜曲镇人民调解委员会"),
        ("411103105222", "郾城区龙城镇大李庄村人民调解委员会"),
        ("411104003001", "召陵区东城街道汾河路社区人民调解委员会"),
        ("411102002004", "源汇区马路街街道友爱街社区人民调解委员会"),
        ("411171102226", "漯河经济技术开发区邓襄镇拍子刘村人民调解委员会"),
        ("411104103220", "召陵区老窝镇二郎村人民调解委员会"),
        ("411171101203", "漯河经济技术开发区后谢镇前谢村人民调解委员会"),
    ],
)
def test_a_committee_is_called(code: str, name: str) -> None:
    assert FOUNDED[code].name == name


def test_every_county_township_and_village_has_one() -> None:
    kinds = [one.kind for one in FOUNDED.values()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        CommitteeKind.COUNTY: 6,
        CommitteeKind.TOWNSHIP: 58,
        CommitteeKind.VILLAGE: 1334,
    }


def test_no_two_committees_share_a_name() -> None:
    assert len({one.name for one in FOUNDED.values()}) == len(FOUNDED)


def test_a_name_that_is_nothing_but_an_ending_or_a_prefix_stays() -> None:
    words = NamingWords(endings={"村委会": "村"}, committee="调委会")
    regions = [
        Region(code=code, name=name, level=level_of(code), parent=parent_of(code))
        for code, name in (("999999", "某县"), ("999999100", "某县"), ("999999100200", "村委会"))
    ]
    names = [one.name for one in statutory_committees(regions, words)]
    assert names == ["某县调委会", "某县某县调委会", "某县某县村委会调委会"]
