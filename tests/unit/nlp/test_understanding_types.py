"""The dispute type of what people describe without naming it, and how sure the rules may be."""

from datetime import date

import pytest

from mediation.vocabulary import Decision
from nlp.understander import Understander
from tests.bench.calibrate import Scored, first_guesses, fitting_temperature, fitting_threshold
from tests.bench.reliability import draw, table
from tests.bench.score import load_regions, load_rules_of_understanding

TODAY = date(2024, 11, 1)
UNDERSTANDER = Understander(load_rules_of_understanding(), load_regions())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他弟兄俩都说娘该对方管，老太太一人住破屋没人端饭", "marriage_family.support_elder"),
        ("俺爹走了撇下三间屋，后妈一间不给俺", "marriage_family.inheritance"),
        ("订婚给的三金和六万，女方现在不愿意了，不退", "marriage_family.betrothal"),
        ("隔壁公鸡天不亮就叫，屎拉俺一门口", "neighbour.animal"),
        ("三楼洗澡水渗到俺家吊顶，一滴一滴的", "neighbour.drainage"),
        ("胡同里他码了一垛砖，三轮车进不来", "neighbour.boundary"),
        ("地里的界石叫他挪了，犁过来一垄多", "forest_land.boundary"),
        ("大户租俺六亩地，两年租金没见", "forest_land.transfer"),
        ("修高速占了俺二亩果园，一棵树才补二十", "expropriation.crops"),
        ("组里卖坑塘的钱，一人分八百，没俺家的", "village_affairs.benefits"),
        ("给饭店送了半年豆腐，账到现在没结", "contract.sale"),
        ("俺仨人凑钱买的收割机，他收的钱不分", "contract.partnership"),
        ("买的麦种出苗稀稀拉拉，店家说是天旱", "business.seeds"),
        ("群里有人造谣说我偷东西，我抬不起头", "damage.reputation"),
        ("体育课孩子被同学推倒，门牙磕掉了", "damage.school"),
        ("干了三年，公司没给交社保", "labour.insurance"),
        ("饭店排烟口对着俺家窗户，油烟呛得开不了窗", "environment.air"),
        ("骑电动车过路口叫面包车撞倒，腿断了，司机不露面", "traffic.injury"),
        ("小区电梯坏了俩月，物业光说报修了", "property_service.repair"),
        ("拔牙把好牙拔了，诊所不认", "medical.treatment"),
        ("健身房关门跑了，卡里还剩两千", "consumer.prepaid"),
        ("导游把我们拉到玉器店，不买不让上车", "tourism.shopping"),
        ("给表哥签字担保，他跑了信用社冻我工资卡", "finance.guarantee"),
        ("住院花了三万，保险公司说带病投保不赔", "insurance.claim"),
        ("我拍的照片被他们店拿去当广告，没署名", "ip.copyright"),
        ("孩子偷拿手机给主播刷了八千块礼物", "ecommerce.virtual"),
    ],
)
def test_a_thing_described_and_not_named_is_given_its_type(text: str, expected: str) -> None:
    understanding = UNDERSTANDER.understand(text, today=TODAY)
    assert f"{understanding.type}.{understanding.subtype}" == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("老师说孩子拖后腿，叫转学", "education"),
        ("家谱上没写俺这一支，族里不给改", "other"),
    ],
)
def test_a_type_without_second_level_is_understood(text: str, expected: str) -> None:
    assert UNDERSTANDER.understand(text, today=TODAY).type == expected


def test_a_plain_case_is_taken_without_asking() -> None:
    text = "老板拖欠我三个月工资，干完活一分没给"
    assert UNDERSTANDER.understand(text, today=TODAY).decision is Decision.AUTO


def test_a_case_between_two_types_is_asked() -> None:
    assert UNDERSTANDER.understand("俺和他有点钱的事", today=TODAY).decision is Decision.ASK


def test_rules_that_are_often_wrong_get_a_higher_temperature() -> None:
    right = Scored(frozenset({"labour"}), {"labour": 3.0, "contract": 0.0})
    wrong = Scored(frozenset({"contract"}), {"labour": 3.0, "contract": 0.0})
    assert fitting_temperature([right] * 9 + [wrong]) < fitting_temperature([right] * 6 + [wrong] * 4)


def test_the_threshold_leaves_the_wrong_guesses_below() -> None:
    guesses = [(0.99, True), (0.9, True), (0.6, False), (0.5, True)]
    assert fitting_threshold(guesses) == 0.9


def test_first_guesses_carry_their_probability_and_whether_they_are_right() -> None:
    message = Scored(frozenset({"labour"}), {"labour": 1.0, "contract": 1.0, "other": -99.0})
    assert first_guesses([message], 1.0) == [(pytest.approx(0.5), True)]


def test_the_reliability_is_counted_and_drawn_by_step() -> None:
    guesses = [(0.99, True), (0.99, True), (0.6, False)]
    filled = [row for row in table(guesses) if row[2]]
    assert filled == [(0.5, 0.7, 1, 0), (0.98, 1.0, 2, 2)]
    assert draw(guesses).count("<circle") == 2
