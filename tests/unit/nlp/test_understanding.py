"""What a resident's message is understood to be."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediation.understanding import Understanding
from mediation.vocabulary import Decision, DisputeType, Intent, NotMediable, RiskFlag, RiskGrade
from nlp.understander import Understander, as_record
from tests.bench.score import load_regions, load_rules_of_understanding

TODAY = date(2024, 11, 1)
UNDERSTANDER = Understander(load_rules_of_understanding(), load_regions())
RECORD_KEYS = (
    "id intent type subtype confidence decision candidates place place_candidates risk grade groups "
    "not_mediable phone amount people because"
)


def understand(text: str) -> Understanding:
    return UNDERSTANDER.understand(text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上完班三个月一分没见着，老板光说等等", "labour.wages"),
        ("对门夜里打麻将到两三点，睡不着", "neighbour.noise"),
        ("东边邻居盖房占了俺家宅基地半米", "homestead.boundary"),
        ("在商场办的美容卡退不了钱", "consumer.prepaid"),
        ("网上买的鞋货不对板，客服不理人", "ecommerce.online_shopping"),
        ("借给表弟两万，打的有条，三年不还", "contract.loan"),
        ("信用卡逾期，催收天天打电话", "finance.credit"),
        ("帮邻居上梁从架子上摔下来，腿断了，主家不管", "damage.work_help"),
        ("厂里冲床把手轧断了，老板不给报工伤", "labour.injury"),
        ("养猪场的粪水流到俺门口，臭得没法开窗", "environment.waste"),
    ],
)
def test_what_people_describe_is_given_its_type(text: str, expected: str) -> None:
    understanding = understand(text)
    assert f"{understanding.type}.{understanding.subtype}" == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("征信花了还能贷款吗", "finance"), ("开公司注销要什么手续", "other"), ("你们几点上班", None)],
)
def test_a_law_question_has_a_type_where_one_is_likely(text: str, expected: str | None) -> None:
    assert understand(text).type == expected


def test_a_type_comes_with_the_words_of_the_text_that_decided() -> None:
    text = "老板拖欠工资三个月"
    because = understand(text).because
    assert because
    assert all(word in text for word in because)


def test_nothing_known_is_asked_and_not_guessed() -> None:
    understanding = understand("有人欺负俺，你们管不管")
    assert understanding.type is DisputeType.OTHER
    assert understanding.decision is Decision.ASK


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("你好，在吗", Intent.GREETING),
        ("谢谢恁了", Intent.THANKS),
        ("转人工", Intent.HUMAN),
        ("我那个案子办得咋样了", Intent.PROGRESS),
        ("都半个月了没人联系我，恁抓紧", Intent.URGE),
        ("我们和好了，申请撤了吧", Intent.WITHDRAW),
        ("补充一下，欠条照片我发上了", Intent.SUPPLEMENT),
        ("借条过了三年还有效吗", Intent.LAW_QUESTION),
        ("鳖孙机器人", Intent.ABUSE),
        ("房东不退押金，叫他退给我", Intent.COMPLAINT),
    ],
)
def test_the_intent_is_understood(text: str, intent: Intent) -> None:
    assert understand(text).intent is intent


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("他拿着刀在俺家门口", RiskFlag.WEAPON),
        ("我不想活了，就在楼顶", RiskFlag.SELF_HARM),
        ("老公喝了酒就打我", RiskFlag.FAMILY_VIOLENCE),
    ],
)
def test_danger_makes_the_grade_red(text: str, flag: RiskFlag) -> None:
    understanding = understand(text)
    assert flag in understanding.risk
    assert understanding.grade is RiskGrade.RED
    assert understanding.because_risk


@pytest.mark.parametrize(
    "text",
    [
        "他一直杀价，货款到现在没给",
        "我不想打官司，就想叫他还钱",
        "气死我了，打工三个月没给工资",
        "开刀削面馆的，房租涨了",
        "俺没动手，是他先占俺的地",
    ],
)
def test_what_only_sounds_dangerous_is_not_red(text: str) -> None:
    assert understand(text).grade is not RiskGrade.RED


def test_a_court_case_is_not_for_mediation() -> None:
    assert understand("法院已经判决了，他还是不还钱").not_mediable is NotMediable.ADJUDICATED


def test_a_record_has_exactly_the_keys_of_the_command() -> None:
    record = as_record("x-1", understand("老板拖欠工资三个月，召陵区的"))
    assert list(record) == RECORD_KEYS.split()
    assert record["id"] == "x-1"
    assert record["candidates"][0] == [record["type"], record["confidence"]]


def test_full_width_and_traditional_text_reads_like_plain_text() -> None:
    assert understand("鄰居蓋房佔了我家宅基地").type is understand("邻居盖房占了我家宅基地").type


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gets_an_answer_whose_probabilities_are_probabilities(text: str) -> None:
    understanding = understand(text)
    assert 0.0 <= understanding.confidence <= 1.0
    assert sum(odds for _, odds in understanding.candidates) <= 1.000001


def test_what_cannot_be_mediated_is_a_matter_even_without_a_type() -> None:
    understanding = understand("镇政府给我的处罚我不服")
    assert understanding.intent is Intent.COMPLAINT
    assert understanding.not_mediable is NotMediable.ADMINISTRATIVE
