"""How many people complain together."""

import pytest

from nlp.fact_rules import FactRules
from nlp.people import read_people, sees_crowd


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
        ("俺十一个兄弟下午去堵桥", 11),
        ("我们二十六个都是干了十年朝上的", 26),
        ("工友名单补齐了,一共二十八个", 28),
        ("五十来户都不知道咋回事", 50),
        ("村里十九家一起去,站长不让进", 19),
        ("五个人", 5),
        ("12个人", 12),
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
        "俺三个闺女没有儿",
        "我们三个月没发工资",
        "狗生了一窝,一共五个",
        "000012",
        "12",
        "",
    ],
)
def test_other_people_are_not_counted(facts: FactRules, text: str) -> None:
    assert read_people(text, facts) is None


@pytest.mark.parametrize(
    "text",
    [
        "俺九个贴瓷砖的,一人七千",
        "男方来了九个人堵在我家楼道",
        "军张,十二家从一个经销商买的花生种",
        "门口站了七八十个老太太",
        "两姓人都出来了,三四十口",
        "我们这批女工一共十七个",
        "五六十人拿着铁锹围住施工的",
    ],
)
def test_five_or_more_on_either_side_are_a_crowd(facts: FactRules, text: str) -> None:
    assert sees_crowd(text, facts)


@pytest.mark.parametrize(
    "text",
    [
        "俺跟老三一家过",
        "我家六口三百块",
        "一桌八个人",
        "宿舍六个人",
        "俺家墙上打了十来个窟窿",
        "俺弟兄四个",
        "",
    ],
)
def test_a_family_a_table_or_things_are_no_crowd(facts: FactRules, text: str) -> None:
    assert not sees_crowd(text, facts)
