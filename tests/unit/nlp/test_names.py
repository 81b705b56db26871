"""The sender's name and how the sender calls the other side."""

import json
from pathlib import Path

import pytest

from nlp.fact_rules import FactRules
from nlp.names import read_applicant_name, read_named_receivers, read_respondent
from nlp.normalising import normalise
from nlp.other_side import read_other_side

LABELLED = Path(__file__).parents[2] / "data" / "names_own.jsonl"


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


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("东边邻居李大柱盖房占了我家半米地", "东边邻居李大柱", "李大柱"),
        ("我在陈建国的工地上干了三个月,一分钱没给", "陈建国", "陈建国"),
        ("俺在李老板的饭店端盘子,欠俺两个月工资", "李老板", None),
        ("俺在金华的厂里打工,欠俺两个月工资", "厂里", None),
        ("我媳妇叫刘敏,天天打我", "我媳妇刘敏", "刘敏"),
        ("对方是鑫源公司的张经理,货款一直拖", "鑫源公司的张经理", "鑫源公司"),
        ("村东头的陈寡妇天天骂俺", "村东头的陈寡妇", None),
        ("一个姓孙的借了我三万块不还", "姓孙的", None),
        ("被申请人:韩立新,因借款发生纠纷", "韩立新", "韩立新"),
        ("我是房东,租客小郝欠三个月房租跑了", "租客小郝", None),
        ("工头,姓祁,叫祁红军,欠俺们八万", "工头祁红军", "祁红军"),
        ("我在金鹏纺织厂干了八年,厂里不给交社保", "金鹏纺织厂", "金鹏纺织厂"),
    ],
)
def test_relation_and_name_are_told_together(
    facts: FactRules, text: str, words: str, name: str | None
) -> None:
    other = read_other_side(text, facts)

    assert other is not None
    assert (other.words, other.name) == (words, name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("派出所的小李也在场,邻居还是骂我", "邻居"),
        ("听邻居王婶说这能调解,我男人打我", "我男人"),
        ("俺爹叫张富贵,已经去世,我弟不让我进门", "我弟"),
        ("调解员老宋来调过两回,邻居就是不拆", "邻居"),
        ("马上过年了,工钱还没影", None),
    ],
)
def test_who_only_stands_by_is_not_the_other_side(facts: FactRules, text: str, words: str | None) -> None:
    assert read_respondent(text, facts) == words


def test_the_sender_and_a_place_are_not_the_other_side(facts: FactRules) -> None:
    assert read_other_side("柳青欠我钱", facts, own="柳青") is None
    assert read_other_side("王孟欠我钱", facts, places=[(0, 2)]) is None


def test_the_line_for_the_mediator_is_short(facts: FactRules) -> None:
    other = read_other_side("建筑公司的项目经理的合伙人的会计段文斌欠我钱不还", facts)

    assert other is not None
    assert len(other.words) <= 20
    assert other.words.endswith("段文斌")


def test_labelled_sentences_are_read(facts: FactRules) -> None:
    """Written looking at the sentences; what fails are those that came after the rules."""
    labels = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for label in labels:
        text = normalise(label["text"])
        own = read_applicant_name(text, facts)
        other = read_other_side(text, facts, own=own)
        told = (own, other.words if other else None, other.name if other else None)
        keys = ("name", "respondent", "respondent_name")
        if any(one not in label[key] for one, key in zip(told, keys, strict=True)):
            wrong.append(label["text"])

    assert len(wrong) <= 12, wrong


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("李大柱当场把多占的半米地还给王大爷,另外半米归王建设所有", ("王建设",)),
        ("由王建设付给王大爷3000元,李大柱把墙拆了", ("王建设",)),
        ("李大柱2026年12月10日前付给王大爷2000元", ()),
        ("给钱三千就算完了,由村里出面,归还工具,由于下雨推迟", ()),
        ("医药费由李大柱出,陈建国那份不要了", ()),
    ],
)
def test_who_is_named_in_an_agreement_without_being_a_party(
    text: str, named: tuple[str, ...], facts: FactRules
) -> None:
    assert read_named_receivers(text, facts, known=["王大爷", "东边邻居李大柱"]) == named
