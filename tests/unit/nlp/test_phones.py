"""Telephone numbers in any spelling."""

import pytest

from nlp.fact_rules import FactRules
from nlp.phones import find_phone_like, read_own_phone, read_phone


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("电话13903951234", "13903951234"),
        ("1 3 9 0 3 9 5 1 2 3 4", "13903951234"),
        ("手机 136 0395 8821", "13603958821"),
        ("电话139-0000-5573", "13900005573"),
        ("+86 13903951234", "13903951234"),
        ("打这个号俺儿接 一三九三九五零零零五八", "13939500058"),
        ("幺三九零三九五幺二三四", "13903951234"),
        ("莲花镇弯庄15839500012", "15839500012"),
        ("微信fq13903951234", "13903951234"),
        ("欠我15000 13903951234", "13903951234"),
        ("座机0395-3300127", "03953300127"),
        ("(0395)3300127", "03953300127"),
        ("先打13903951234再打13703951234", "13903951234"),
    ],
)
def test_a_phone_is_read_as_digits(text: str, phone: str) -> None:
    assert read_phone(text) == phone


@pytest.mark.parametrize(
    "text", ["编号LH20240318007", "身份证411122199001011234", "打12345没人管", "1390395123", "欠我三万五", ""]
)
def test_other_numbers_are_no_phones(text: str) -> None:
    assert read_phone(text) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [("我的号是1390395123", "1390395123"), ("电话139039512345", "139039512345"), ("电话3300127", "3300127")],
)
def test_a_phone_of_a_wrong_length_is_noticed(text: str, digits: str) -> None:
    assert find_phone_like(text) == digits


@pytest.mark.parametrize("text", ["电话13903951234", "欠我1500000元", "编号LH20240318007"])
def test_a_good_phone_or_another_number_is_not_asked_again(text: str) -> None:
    assert find_phone_like(text) is None


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("他家电话是13800006021,姓芦", None),
        ("对方手机号13912345678", None),
        ("房东的微信号 139 1234 5678", None),
        ("包工头叫赵大庆,电话13700001111", None),
        ("电话13700009999是俺邻居的", None),
        ("13700009999是他的", None),
        ("我电话13800001234", "13800001234"),
        ("老板不给钱,我的电话13800001234", "13800001234"),
        ("他打人,电话13800001234", "13800001234"),
        ("他电话13987654321,我电话13812345678,他欠我工钱三千", "13812345678"),
        ("没有号码", None),
    ],
)
def test_the_other_sides_number_is_never_the_own(text: str, own: str | None, facts: FactRules) -> None:
    assert read_own_phone(text, facts) == own
