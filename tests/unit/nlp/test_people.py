"""How many people complain together."""

import pytest

from nlp.fact_rules import FactRules
from nlp.people import read_people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("俺二十三个人现在就坐在工地路口", 23),
        ("俺村四十三户把地流转给一个公司", 43),
        ("人数我查了,一共19个人", 19),
        ("我们小区九家都不认", 9),
        ("维权群130个人", 130),
        ("打从村口过都得捂鼻子,五十六户都按手印了", 56),
        ("我和另外四个工友", 5),
        ("五个人", 5),
        ("12", 12),
    ],
)
def test_the_people_on_the_complaining_side_are_counted(facts: FactRules, text: str, people: int) -> None:
    assert read_people(text, facts) == people


@pytest.mark.parametrize(
    "text",
    [
        "他们来了七八个人堵门",
        "俺一家五口在外头租房",
        "天天两三个人坐我家沙发上不走",
        "俺几十户商量好了",
        "俺弟兄三个",
        "",
    ],
)
def test_other_people_are_not_counted(facts: FactRules, text: str) -> None:
    assert read_people(text, facts) is None
