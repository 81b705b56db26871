"""Agreement sentences become obligations; what cannot be read is asked, no sum is invented."""

import json
import re
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.loading import CONFIG_DIR, load_rules
from config.rulebook import load_rulebook
from mediation.agreement import Obligation, ObligationKind, Question, Reading, Side, Unclear
from nlp.obligation_rules import ObligationRules
from nlp.obligations import read_agreement

TODAY = date(2026, 11, 24)
A, R = Side.APPLICANT, Side.RESPONDENT
RULES = load_rules(CONFIG_DIR / "rules" / "understanding" / "obligations.yaml", ObligationRules)
LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "agreements_own.jsonl").read_text("utf-8").splitlines()
]
LEAST_RIGHT = 0.95
SLACK = 4


def read(text: str, applicant: str | None = "张三", respondent: str | None = "李四") -> Reading:
    return read_agreement(text, RULES, applicant=applicant, respondent=respondent, today=TODAY)


def paid(text: str, applicant: str | None = "张三", respondent: str | None = "李四") -> list[tuple[Any, ...]]:
    """Who pays how much by when, of each payment."""
    found = read(text, applicant, respondent).obligations
    assert all(one.kind is ObligationKind.PAY for one in found)
    return [(one.debtor, one.amount, one.due_on) for one in found]


def test_instalments_share_a_sum_and_only_the_last_day_is_known() -> None:
    reading = read("张三12月31日前付李四3000元，分三期")
    assert [(one.amount, one.instalment, one.due_on) for one in reading.obligations] == [
        (1000, (1, 3), None),
        (1000, (2, 3), None),
        (1000, (3, 3), date(2026, 12, 31)),
    ]
    assert reading.questions == (
        Question(unclear=Unclear.DUE, obligation=0),
        Question(unclear=Unclear.DUE, obligation=1),
    )


def test_a_sum_that_cannot_be_divided_is_asked() -> None:
    reading = read("李四年底前付张三1000元，分三期")
    assert [one.amount for one in reading.obligations] == [1000]
    assert Question(unclear=Unclear.INSTALMENTS, obligation=0) in reading.questions


def test_instalments_that_do_not_add_up_are_asked() -> None:
    reading = read("李四共欠张三9000，12月10日前付4000，1月10日前付4000")
    assert [one.amount for one in reading.obligations] == [4000, 4000]
    assert reading.questions == (Question(unclear=Unclear.INSTALMENTS, obligation=0),)


def test_the_rest_of_a_whole_is_reckoned() -> None:
    text = "李四赔偿张三5000元，签字当天付2000，剩下的下月底前给清"
    assert paid(text) == [(R, 2000, TODAY), (R, 3000, date(2026, 12, 31))]


def test_the_rest_of_nothing_known_is_asked() -> None:
    assert Question(unclear=Unclear.AMOUNT, obligation=0) in read("余下的钱李四年底给清").questions


@pytest.mark.parametrize(
    ("text", "debtor"),
    [
        ("李四付张三3000元", R),
        ("由李四支付给张三3000元", R),
        ("医药费3000元由李四承担", R),
        ("张三收李四3000元", R),
        ("付李四3000元", A),
        ("老李给张三3000元", R),
        ("李家赔3000元", R),
        ("乙方赔偿甲方3000元", R),
        ("被申请人支付3000元", R),
        ("甲方：李四，乙方：张三；甲方支付乙方3000元", R),
        ("我给他3000元", None),
        ("王五付李四3000元", None),
        ("付3000元", None),
    ],
)
def test_the_debtor_is_who_pays(text: str, debtor: Side | None) -> None:
    reading = read(text)
    assert [one.debtor for one in reading.obligations] == [debtor]
    asked = Question(unclear=Unclear.DEBTOR, obligation=0) in reading.questions
    assert asked == (debtor is None)


@pytest.mark.parametrize("word", ["公司", "鑫源公司", "鑫源建筑", "用人单位", "老板"])
def test_a_company_is_known_by_its_short_names(word: str) -> None:
    assert paid(f"{word}支付工资3000元", "刘志强", "漯河鑫源建筑有限公司") == [(R, 3000, None)]


def test_a_surname_that_both_share_names_nobody() -> None:
    assert paid("老李付3000元", "李大柱", "李春生") == [(None, 3000, None)]
    assert paid("大柱付春生3000元", "李大柱", "李春生") == [(A, 3000, None)]


def test_names_that_are_also_numbers_do_not_change_a_sum() -> None:
    assert paid("李四给张三三千块") == [(R, 3000, None)]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("12月31日前", date(2026, 12, 31)),
        ("2027年1月5号之前", date(2027, 1, 5)),
        ("腊月二十三以前", date(2027, 1, 30)),
        ("春节前", date(2027, 2, 5)),
        ("元旦前", date(2026, 12, 31)),
        ("年底前", date(2026, 12, 31)),
        ("下月底前", date(2026, 12, 31)),
        ("15号前", date(2026, 12, 15)),
        ("下周五", date(2026, 12, 4)),
        ("十日内", date(2026, 12, 4)),
        ("一个月内", date(2026, 12, 24)),
        ("自签订协议之日起15日内", date(2026, 12, 9)),
        ("三月一日前", date(2027, 3, 1)),
        ("明年三月底以前", date(2027, 3, 31)),
        ("二〇二七年一月一日前", date(2027, 1, 1)),
    ],
)
def test_due_days_are_read_in_both_calendars(words: str, day: date) -> None:
    assert paid(f"李四{words}付张三3000元") == [(R, 3000, day)]


@pytest.mark.parametrize("words", ["", "麦收后", "尽快", "2026年11月20日前", "十个工作日内"])
def test_a_day_that_cannot_be_told_is_asked(words: str) -> None:
    assert read(f"李四{words}付张三3000元").questions == (Question(unclear=Unclear.DUE, obligation=0),)


def test_working_days_are_counted_with_a_calendar() -> None:
    calendar = load_rulebook(CONFIG_DIR).calendar
    reading = read_agreement(
        "李四十个工作日内付张三3000元",
        RULES,
        applicant="张三",
        respondent="李四",
        today=TODAY,
        calendar=calendar,
    )
    assert reading.obligations[0].due_on == date(2026, 12, 8)


def test_a_payment_every_month_until_an_end_is_one_obligation_with_its_words() -> None:
    (one,) = read("孙浩每月5号前付抚养费800元，到孩子18岁", "周敏", "孙浩").obligations
    assert (one.amount, one.due_on, one.condition) == (800, date(2026, 12, 5), "每月5号前,到孩子18岁")


def test_a_condition_is_kept_in_its_words_and_no_day_is_asked() -> None:
    reading = read("李四三日内把树移走，如不移走赔500")
    assert [(one.kind, one.due_on, one.condition) for one in reading.obligations] == [
        (ObligationKind.ACT, date(2026, 11, 27), ""),
        (ObligationKind.PAY, None, "如不移走"),
    ]
    assert reading.questions == ()


def test_a_span_after_an_event_is_part_of_the_condition() -> None:
    (one,) = read("张三收到货款后三日内撤回起诉").obligations
    assert (one.due_on, one.condition, one.act) == (None, "收到货款后三日内", "撤回起诉")


def test_both_sides_promise() -> None:
    found = read("双方各让30公分").obligations
    assert [(one.debtor, one.creditor, one.act) for one in found] == [
        (A, R, "各让30公分"),
        (R, A, "各让30公分"),
    ]


def test_what_is_done_on_the_spot_has_no_other_day() -> None:
    (one,) = read("李四赔偿张三医药费8600元，当场付清").obligations
    assert (one.immediate, one.due_on) == (True, None)


@pytest.mark.parametrize("text", ["今后互不追究", "各自承担自己的医药费", "天气不好", "", "张三与李四系邻居"])
def test_words_that_oblige_nobody_are_no_obligation(text: str) -> None:
    assert read(text) == Reading(obligations=(), questions=(Question(unclear=Unclear.NOTHING_READ),))


def test_a_lasting_act_is_asked_no_day() -> None:
    reading = read("李四不得再往张三家门口倒污水")
    assert [one.act for one in reading.obligations] == ["不得再往张三家门口倒污水"]
    assert reading.questions == ()


@pytest.mark.parametrize("words", ["三千多", "三千左右", "两三千"])
def test_a_rough_sum_is_asked(words: str) -> None:
    assert Question(unclear=Unclear.AMOUNT, obligation=0) in read(f"李四年底付张三{words}").questions


def matches(wanted: dict[str, Any], found: Obligation) -> bool:
    """Whether a reading is the labelled one; act and condition may differ by a few leading words."""
    day = wanted.get("due_on")
    exact = (
        wanted["kind"] == found.kind
        and wanted["debtor"] == found.debtor
        and wanted["creditor"] == found.creditor
        and wanted.get("amount") == found.amount
        and (date.fromisoformat(day) if day else None) == found.due_on
        and wanted.get("immediate", False) == found.immediate
        and tuple(wanted.get("instalment", ())) == (found.instalment or ())
    )
    return (
        exact
        and alike(wanted.get("act", ""), found.act)
        and alike(wanted.get("condition", ""), found.condition)
    )


def alike(wanted: str, found: str) -> bool:
    wanted, found = (re.sub(r"[\s,，、]", "", words) for words in (wanted, found))
    within = bool(wanted and found) and (wanted in found or found in wanted)
    return wanted == found or (within and abs(len(wanted) - len(found)) <= SLACK)


def is_right(row: dict[str, Any]) -> bool:
    reading = read(row["text"], row["applicant"], row["respondent"])
    asked = sorted(
        (one.unclear.value, -1 if one.obligation is None else one.obligation) for one in reading.questions
    )
    wanted = sorted((unclear, -1 if index is None else index) for unclear, index in row["questions"])
    return (
        len(reading.obligations) == len(row["obligations"])
        and all(map(matches, row["obligations"], reading.obligations))
        and asked == wanted
    )


def test_labelled_agreements_are_read_right() -> None:
    wrong = [f"{row['id']} {row['text']}" for row in LABELLED if not is_right(row)]
    assert len(wrong) <= (1 - LEAST_RIGHT) * len(LABELLED), "\n".join(wrong)


PIECES = st.builds(
    lambda row, start, length: row["text"][start % len(row["text"]) :][:length],
    st.sampled_from(LABELLED),
    st.integers(0, 80),
    st.integers(1, 60),
)
ANY_TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.one_of(PIECES, st.text(alphabet="0123456789一三十百万月日号前后每分期元,。;如把付给", max_size=6)),
        max_size=8,
    ).map("".join),
)
ANY_NAME = st.one_of(
    st.none(), st.sampled_from(["张三", "李四", "欧阳大宝", "漯河鑫源建筑有限公司"]), st.text(max_size=5)
)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT, ANY_NAME, ANY_NAME)
def test_any_text_gives_a_sound_answer(text: str, applicant: str | None, respondent: str | None) -> None:
    reading = read(text, applicant, respondent)
    for question in reading.questions:
        assert question.obligation is None or question.obligation < len(reading.obligations)
    for index, one in enumerate(reading.obligations):
        asked = {question.unclear for question in reading.questions if question.obligation == index}
        assert (one.kind is ObligationKind.ACT) == bool(one.act)
        assert one.amount is None or (one.kind is ObligationKind.PAY and one.amount > 0)
        assert (one.debtor is None) == (Unclear.DEBTOR in asked)
        assert one.kind is ObligationKind.ACT or one.amount is not None or Unclear.AMOUNT in asked
    assert reading.obligations or reading.questions == (Question(unclear=Unclear.NOTHING_READ),)


@pytest.mark.parametrize(
    "piece", ["张三12月31日前付李四3000元", "张三", "第一期", "后", "如", "每月", "1、", "年", "拆"]
)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        started = time.perf_counter()
        read(text)
        return time.perf_counter() - started

    seconds(100)
    short, long = min(seconds(1000) for _ in range(3)), min(seconds(4000) for _ in range(3))
    assert long < 10 * short + 0.05
