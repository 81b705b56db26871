"""Law questions as people ask them: the right article, or nothing at all."""

from dataclasses import replace

import pytest

from config.loading import CONFIG_DIR
from config.statutes import Asking, Statutes, load_statutes
from handlers.lawfully import find_answers
from mediation.vocabulary import DisputeType as Kind

STATUTES = load_statutes(CONFIG_DIR)


@pytest.mark.parametrize(
    ("question", "kind", "subtype", "law", "article"),
    [
        ("借条没写还款日期还有用吗", Kind.CONTRACT, "loan", "民法典", 675),
        ("欠条过了三年还能起诉吗", Kind.CONTRACT, "loan", "民法典", 192),
        ("月息三分合法不", Kind.CONTRACT, "loan", "民间借贷规定", 25),
        ("担保几年失效", Kind.FINANCE, "guarantee", "民法典", 692),
        ("老公借的钱我要还吗", Kind.CONTRACT, "loan", "民法典", 1064),
        ("试用期最长多久", Kind.LABOUR, "contract", "劳动合同法", 19),
        ("没签劳动合同能要双倍工资吗？", Kind.LABOUR, "contract", "劳动合同法", 82),
        ("国庆节上班工资给几倍", Kind.LABOUR, "overtime", "劳动法", 44),
        ("下班路上出车祸算工伤不", Kind.LABOUR, "injury", "工伤保险条例", 14),
        ("老板不给申报工伤咋弄", Kind.LABOUR, "injury", "工伤保险条例", 17),
        ("劳动仲裁多长时间内申请", Kind.LABOUR, None, "劳动争议调解仲裁法", 27),
        ("包工头跑了工资找谁要", Kind.LABOUR, "wages", "保障农民工工资支付条例", 30),
        ("离婚冷静期几天", Kind.MARRIAGE_FAMILY, "divorce", "民法典", 1077),
        ("离婚孩子判给谁", Kind.MARRIAGE_FAMILY, "support_child", "民法典", 1084),
        ("彩礼没领证能退不", Kind.MARRIAGE_FAMILY, "betrothal", "民法典", 1042),
        ("出嫁的闺女有没有继承权", Kind.MARRIAGE_FAMILY, "inheritance", "民法典", 1126),
        ("打印的遗嘱算数不", Kind.MARRIAGE_FAMILY, "inheritance", "民法典", 1136),
        ("人身安全保护令咋申请", Kind.MARRIAGE_FAMILY, "violence", "反家庭暴力法", 23),
        ("邻居盖房挡了俺家采光咋办", Kind.NEIGHBOUR, "drainage", "民法典", 293),
        ("狗咬人谁赔", Kind.DAMAGE, "injury", "民法典", 1245),
        ("高空抛物找不着人谁赔", Kind.DAMAGE, "injury", "民法典", 1254),
        ("一户能有两处宅基地吗", Kind.HOMESTEAD, "ownership", "土地管理法", 62),
        ("村里能收回承包地吗", Kind.FOREST_LAND, "contract_land", "农村土地承包法", 27),
        ("定金能退不", Kind.CONTRACT, "sale", "民法典", 587),
        ("网购七天无理由退货，拆封了还算不", Kind.ECOMMERCE, "online_shopping", "消费者权益保护法", 25),
        ("吃到过期食品能赔多少", Kind.CONSUMER, "food", "食品安全法", 148),
        ("物业能给俺停水停电不", Kind.PROPERTY_SERVICE, "fee", "民法典", 944),
        ("能复印病历吗", Kind.MEDICAL, "attitude", "医疗纠纷预防和处理条例", 16),
        ("车借给别人出了事我要赔吗", Kind.TRAFFIC, "liability", "民法典", 1209),
        ("司法确认要在多少天内申请", None, None, "民事诉讼法", 205),
    ],
)
def test_a_question_is_answered_by_its_article(
    question: str, kind: Kind | None, subtype: str | None, law: str, article: int
) -> None:
    best, *_ = find_answers(question, STATUTES, type=kind, subtype=subtype, words=())
    assert best.law == law
    assert article in best.articles


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("你好", None),
        ("我的事办得咋样了", None),
        ("今天天气咋样", None),
        ("打人致轻伤构成犯罪吗", Kind.DAMAGE),
        ("盗窃罪判几年", None),
        ("拒不支付劳动报酬罪咋立案", Kind.LABOUR),
        ("政府信息公开咋申请", None),
        ("被派出所行政处罚了咋办", None),
        ("酒驾扣几分", Kind.TRAFFIC),
        ("身份证丢了去哪补办", None),
        ("退休年龄是多少岁", Kind.LABOUR),
        ("医保报销比例是多少", Kind.MEDICAL),
        ("低保咋申请", None),
        ("公司股东能查账吗", Kind.BUSINESS),
        ("公司破产了债权咋申报", Kind.BUSINESS),
        ("订金和定金有啥区别", Kind.CONTRACT),
        ("个人所得税咋算", Kind.LABOUR),
        ("怎么注册公司", Kind.BUSINESS),
        ("出国签证要啥材料", None),
        ("邻居的果子掉到我院里归谁", Kind.NEIGHBOUR),
    ],
)
def test_nothing_is_better_than_a_wrong_law(question: str, kind: Kind | None) -> None:
    assert find_answers(question, STATUTES, type=kind, subtype=None, words=()) == ()


def statutes_called_by(**words: str) -> Statutes:
    """Statutes that one word each calls, the text of each being its name."""
    some = STATUTES.entries[0]
    return replace(
        STATUTES,
        entries=tuple(
            replace(
                some,
                text=name,
                types=frozenset({name}),
                asked=(Asking(groups=(frozenset({word}),), absent=frozenset()),),
            )
            for name, word in words.items()
        ),
    )


def test_the_type_of_the_dispute_decides_between_statutes() -> None:
    statutes = statutes_called_by(traffic="时效", insurance="期限")
    for kind in (Kind.TRAFFIC, Kind.INSURANCE):
        best, *_ = find_answers("时效是什么期限", statutes, type=kind, subtype=None)
        assert best.text == kind


def test_the_words_of_the_understanding_decide_between_equals() -> None:
    statutes = statutes_called_by(traffic="时效", insurance="期限")
    for word, name in (("时效", "traffic"), ("期限", "insurance")):
        best, *_ = find_answers("时效是什么期限", statutes, type=None, subtype=None, words=(word,))
        assert best.text == name


def test_a_statute_far_behind_the_best_is_not_shown() -> None:
    statutes = statutes_called_by(traffic="道路交通事故认定书", insurance="期限")
    (only,) = find_answers("道路交通事故认定书是什么期限", statutes, type=None, subtype=None)
    assert only.text == "traffic"


def test_no_more_are_shown_than_asked_for() -> None:
    question = "离婚后对方不让看孩子，也不给抚养费，咋办"
    several = find_answers(question, STATUTES, type=Kind.MARRIAGE_FAMILY, subtype=None)
    assert len(several) >= 2
    assert find_answers(question, STATUTES, type=Kind.MARRIAGE_FAMILY, subtype=None, most=1) == several[:1]


def test_words_far_apart_call_nothing() -> None:
    between = "，说到这里我先讲讲别的事情" * 4
    assert find_answers(f"孩子{between}，归谁", STATUTES, type=None, subtype=None) == ()
    assert find_answers("孩子归谁", STATUTES, type=None, subtype=None) != ()


def test_blanks_and_traditional_characters_do_not_matter() -> None:
    plain = find_answers("离婚冷静期几天", STATUTES, type=None, subtype=None)
    assert find_answers("離婚 冷靜期 幾天", STATUTES, type=None, subtype=None) == plain
