"""The sender's name and how the sender calls the other side."""

import pytest

from nlp.fact_rules import FactRules
from nlp.names import read_applicant_name, read_respondent


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫张建国,住北徐庄", "张建国"),
        ("我叫欧阳明", "欧阳明"),
        ("俺是归村南嘞我姓付", "付"),
        ("联系人:赵经理 18939500310", "赵经理"),
        ("章化榆林村 老魏", "老魏"),
        ("他姓张,叫我滚", None),
        ("邻居太赖了", None),
    ],
)
def test_the_sender_is_named_as_given(facts: FactRules, text: str, name: str | None) -> None:
    assert read_applicant_name(text, facts) == name


@pytest.mark.parametrize(
    ("text", "respondent"),
    [
        ("东边邻居盖房占了我家的地", "东边邻居"),
        ("对门夜里打麻将", "对门"),
        ("俺二哥不养老娘", "俺二哥"),
        ("包工头王某欠我工资", "包工头王某"),
        ("包工头姓祁,说好一月4000,一分没给", "包工头姓祁"),
        ("我在鑫源公司上班,鑫源公司拖欠工资", "鑫源公司"),
        ("老板跑了,工钱没给", "老板"),
        ("张三欠我三万不还", "张三"),
        ("老李家天天骂人", "老李家"),
        ("刚才发朋友圈了", None),
        ("有人欺负俺,你们管不管", None),
    ],
)
def test_the_other_side_is_called_as_the_sender_calls_it(
    facts: FactRules, text: str, respondent: str | None
) -> None:
    assert read_respondent(text, facts) == respondent
