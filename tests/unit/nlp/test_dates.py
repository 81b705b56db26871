"""Since when the matter lasts, in the calendar and in the lunar one."""

from datetime import date

import pytest

from nlp.dates import read_since

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("前年腊月借的", date(2024, 12, 31)),
        ("上个月初八打的", date(2026, 10, 17)),
        ("三月份就说给", date(2026, 3, 1)),
        ("去年春上盖的房", date(2025, 3, 1)),
        ("今天上午他把我打了", date(2026, 11, 24)),
        ("昨天跟我吵", date(2026, 11, 23)),
        ("夜个晌午撞嘞", date(2026, 11, 23)),
        ("2021年6月3号借的", date(2021, 6, 3)),
        ("合同2020.9.1到2025.8.31", date(2020, 9, 1)),
        ("从去年8月到今年4月", date(2025, 8, 1)),
        ("98年卖给俺", date(1998, 1, 1)),
        ("12月就停了", date(2025, 12, 1)),
        ("八月十五没回来", date(2026, 9, 25)),
        ("腊月三十打的", date(2026, 2, 16)),
        ("上星期三", date(2026, 11, 18)),
        ("停发七个月了", date(2026, 4, 1)),
        ("欠了两年半了", date(2024, 5, 1)),
        ("半个月了", date(2026, 11, 9)),
    ],
)
def test_the_beginning_is_read(text: str, since: date) -> None:
    assert read_since(text, today=TODAY) == since


@pytest.mark.parametrize(
    "text",
    [
        "今天不给说法我就去堵门",
        "他今天再不还我跟他没完",
        "到今天也没给",
        "今天想问问",
        "五一路社区",
        "明年三月",
        "编号LH20240318007",
        "俺今年三十四",
        "下个月十二号开庭",
        "",
    ],
)
def test_other_words_are_no_beginning(text: str) -> None:
    assert read_since(text, today=TODAY) is None
