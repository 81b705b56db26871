"""What a mediator says of the sides for the official forms, in messy spellings."""

from datetime import date

import pytest

from config.loading import CONFIG_DIR, load_rules
from mediation.agreement import Side
from mediation.party_details import Detail
from nlp.detail_rules import DetailRules
from nlp.party_details import ToldDetails, hide_numbers, read_details

RULES = load_rules(CONFIG_DIR / "rules" / "understanding" / "details.yaml", DetailRules)
NAMES = {Side.APPLICANT: ("王大爷",), Side.RESPONDENT: ("李大柱",)}
TODAY = date(2026, 11, 24)
WANG = "411121196205031217"
CODE = "91411100MA3X1Y2K3D"
WHOLE = {
    "sex": "male",
    "age": 64,
    "ethnic_group": "汉族",
    "occupation": "务农",
    "address": "北徐庄12号",
    "id_number": WANG,
}


def read(text: str) -> tuple[ToldDetails, ...]:
    return read_details(text, RULES, names=NAMES, today=TODAY)


def one(text: str) -> ToldDetails:
    told = read(text)
    assert len(told) == 1, told
    return told[0]


@pytest.mark.parametrize(
    "text",
    [
        f"申请人男，64岁，汉族，种地的，住北徐庄12号，身份证{WANG}",
        f"申请人男64岁汉族种地的住北徐庄12号身份证{WANG}",
        f"王大爷 男 64 汉 务农 住在北徐庄12号 {WANG}",
        f"申请人王大爷，性别：男；年龄：64；民族：汉族；职业：种地；住址：北徐庄12号；身份证号码：{WANG}",
        f"甲方是男的、六十四岁、汉民、农民、家住北徐庄12号。身份证 {WANG[:6]} {WANG[6:14]} {WANG[14:]}",
        f"申请人：男，身份证号是{WANG[:6]}-{WANG[6:14]}-{WANG[14:]}，汉族，在家种地，地址 北徐庄12号",
    ],
)
def test_one_sentence_in_any_spelling(text: str) -> None:
    told = one(text)
    assert told.side is Side.APPLICANT
    assert told.values == WHOLE
    assert told.is_sure
    assert not told.contradicts


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("对方女 58 住召陵区", {"sex": "female", "age": 58, "address": "召陵区"}),
        ("李大柱 男 55岁", {"sex": "male", "age": 55}),
        ("李大柱男55岁", {"sex": "male", "age": 55}),
        ("对方今年五十五了", {"age": 55}),
        ("对方62年生的", {"age": 64}),
        ("对方出生日期1962年12月3日", {"age": 63}),
        ("被申请人女方，回民，开大车的", {"sex": "female", "ethnic_group": "回族", "occupation": "开大车"}),
        ("对方没工作", {"occupation": "无业"}),
        ("对方是教师", {"occupation": "教师"}),
        ("对方在鑫源公司上班", {"occupation": "在鑫源公司上班"}),
        ("对方职业：快递站点的会计", {"occupation": "快递站点的会计"}),
        ("对方代理人张律师", {"agent": "张律师"}),
        ("对方委托代理人：王秀兰（妻子）", {"agent": "王秀兰(妻子)"}),
        ("对方住址改成召陵区翟庄街道 3号楼2单元 501室", {"address": "召陵区翟庄街道3号楼2单元501室"}),
        ("对方 男 汉 55 临颍县杜曲镇北徐庄村3组", None),
        ("对方法定代表人换成李四", {"representative": "李四"}),
        (f"对方信用代码{CODE.lower()}", {"id_number": CODE}),
        ("对方身份证11010519491231002x", {"sex": "female", "age": 76, "id_number": "11010519491231002X"}),
    ],
)
def test_single_details(text: str, values: dict[str, str | int] | None) -> None:
    told = one(text)
    expected = values or {
        "sex": "male",
        "ethnic_group": "汉族",
        "age": 55,
        "address": "临颍县杜曲镇北徐庄村3组",
    }
    assert told.side is Side.RESPONDENT
    assert told.values == expected
    assert told.is_sure


def test_a_unit_with_its_representative() -> None:
    told = one(f"对方是漯河市鑫源建材有限公司，信用代码{CODE}，法定代表人王大力（总经理），住所地黄河路88号")
    assert (told.name, told.is_unit, told.is_sure) == ("漯河市鑫源建材有限公司", True, True)
    assert told.values == {
        "id_number": CODE,
        "representative": "王大力",
        "occupation": "总经理",
        "address": "黄河路88号",
    }
    alone = one("对方是鑫源公司")
    assert (alone.name, alone.is_unit, alone.is_sure) == ("鑫源公司", True, True)


def test_both_sides_in_one_message() -> None:
    told = read("申请人男，62岁。对方女，58，电话139 0000 1111")
    assert [(one.side, one.values) for one in told] == [
        (Side.APPLICANT, {"sex": "male", "age": 62}),
        (Side.RESPONDENT, {"sex": "female", "age": 58}),
    ]
    assert told[1].phone == "13900001111"


def test_the_name_on_the_papers() -> None:
    assert one("申请人叫王建国").name == "王建国"
    assert one("申请人叫王建国").is_sure
    assert one("对方叫李大柱，男，55").name == "李大柱"


def test_what_is_to_be_blank_again() -> None:
    assert one("对方没有代理人").cleared == {Detail.AGENT}
    assert one("申请人民族删掉").cleared == {Detail.ETHNIC_GROUP}


@pytest.mark.parametrize("number", [WANG[:-1] + "8", WANG[:-1], WANG + "1", WANG[:6] + WANG[8:-1]])
def test_a_wrong_number_is_not_kept(number: str) -> None:
    told = one(f"申请人身份证{number}")
    assert Detail.ID_NUMBER not in told.values
    assert told.wrong_number.endswith(number[-4:])
    assert number not in told.wrong_number


def test_a_number_that_tells_another_sex_or_age_than_was_said() -> None:
    told = one(f"申请人女，40岁，身份证{WANG}")
    assert told.contradicts
    assert (told.values[Detail.SEX], told.values[Detail.AGE]) == ("male", 64)
    assert not one(f"申请人男，63岁，身份证{WANG}").contradicts  # people count a year more or less


@pytest.mark.parametrize(
    "text",
    [
        "对方女的不愿意",
        "对方住院了",
        "对方开车撞的",
        "对方58",
        "对方回",
        "对方电话13900001111",
        "对方明天上午9点村委会",
        "申请人说他不同意",
        "对方没工作，拿不出钱",
        "申请人男朋友打人",
        "对方给申请人3000元",
        "申请人同意",
        "对方住他闺女家里不走",
        "对方男的今年欠了三万块钱",
    ],
)
def test_other_words_are_not_taken_for_details(text: str) -> None:
    assert not any(told.is_sure for told in read(text))


@pytest.mark.parametrize("text", ["", "你好", "明天见申请人", "男，62岁", "孙老四 男 55岁"])
def test_words_that_begin_with_no_side_are_none(text: str) -> None:
    assert read(text) == ()


def test_what_was_not_understood_is_told() -> None:
    told = one("申请人男，62岁，属虎")
    assert told.values == {"sex": "male", "age": 62}
    assert told.unread == ["属虎"]


def test_a_very_long_message_is_read_in_time() -> None:
    assert read("申请人男" + "，住" + "啊" * 3000)[0].unread


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"申请人身份证{WANG}，男", f"申请人身份证{'*' * 14}1217，男"),
        (f"{WANG[:6]} {WANG[6:14]} {WANG[14:]}", "*" * 14 + "1217"),
        ("身份证11010519491231002x", "身份证" + "*" * 14 + "002x"),
        ("身份证４１１１２１１９６２０５０３１２１７", "身份证" + "*" * 14 + "１２１７"),
        ("电话13800001234，欠12000元", "电话13800001234，欠12000元"),
        ("", ""),
    ],
)
def test_numbers_are_hidden_but_for_their_last_signs(text: str, hidden: str) -> None:
    assert hide_numbers(text) == hidden
