"""When and where a meeting is to be."""

import time as clocks
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.loading import CONFIG_DIR, load_rules
from mediation.calendar import CHINA_TIME
from nlp.moments import DayPart, Moment, MomentRules, read_moment

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=CHINA_TIME)  # a Tuesday
TUESDAY = NOW.date()
MORNING, NOON, AFTERNOON, EVENING = DayPart
RULES = load_rules(CONFIG_DIR / "rules" / "understanding" / "moments.yaml", MomentRules)


def read(text: str, now: datetime = NOW) -> Moment | None:
    return read_moment(text, RULES, now=now)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", TUESDAY),
        ("明天", date(2026, 11, 25)),
        ("明儿", date(2026, 11, 25)),
        ("后天", date(2026, 11, 26)),
        ("大后天", date(2026, 11, 27)),
        ("周二", TUESDAY),
        ("这周五", date(2026, 11, 27)),
        ("周日", date(2026, 11, 29)),
        ("礼拜六", date(2026, 11, 28)),
        ("星期天", date(2026, 11, 29)),
        ("下周三", date(2026, 12, 2)),
        ("下下周一", date(2026, 12, 7)),
        ("12月3号", date(2026, 12, 3)),
        ("十二月三日", date(2026, 12, 3)),
        ("１２月３号", date(2026, 12, 3)),
        ("3号", date(2026, 12, 3)),
        ("25号", date(2026, 11, 25)),
        ("下个月5号", date(2026, 12, 5)),
        ("2027年1月5日", date(2027, 1, 5)),
        ("1月5日", date(2027, 1, 5)),
        ("腊月初八", date(2027, 1, 15)),
        ("正月十六", date(2027, 2, 21)),
        ("11月20号", date(2026, 11, 20)),
    ],
)
def test_days(text: str, day: date) -> None:
    assert read(text) == Moment(day=day)


@pytest.mark.parametrize(
    ("text", "clock", "part"),
    [
        ("9点", time(9), None),
        ("九点半", time(9, 30), None),
        ("9:30", time(9, 30), None),
        ("9：05", time(9, 5), None),
        ("9点三刻", time(9, 45), None),
        ("9点零五分", time(9, 5), None),
        ("9时20分", time(9, 20), None),
        ("十点二十", time(10, 20), None),
        ("三点", time(15), None),
        ("14:30", time(14, 30), None),
        ("二十点", time(20), None),
        ("上午10点", time(10), MORNING),
        ("下午三点", time(15), AFTERNOON),
        ("晚上7点一刻", time(19, 15), EVENING),
        ("中午12点", time(12), NOON),
        ("晌午一点", time(13), NOON),
        ("后晌四点", time(16), AFTERNOON),
        ("下午3点到5点", time(15), AFTERNOON),
        ("上午", None, MORNING),
        ("下午", None, AFTERNOON),
    ],
)
def test_clock_times_and_parts_of_today(text: str, clock: time | None, part: DayPart | None) -> None:
    assert read(text) == Moment(day=TUESDAY, clock=clock, part=part)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("明早8点半", Moment(day=date(2026, 11, 25), clock=time(8, 30), part=MORNING)),
        ("今晚八点", Moment(day=TUESDAY, clock=time(20), part=EVENING)),
        ("晚上12点", Moment(day=date(2026, 11, 25), clock=time(0), part=EVENING)),
        ("半小时后", Moment(day=TUESDAY, clock=time(10))),
        ("一个半小时后", Moment(day=TUESDAY, clock=time(11))),
        ("20分钟后", Moment(day=TUESDAY, clock=time(9, 50))),
        ("改到后天下午", Moment(day=date(2026, 11, 26), part=AFTERNOON)),
        ("从周三改到周五上午十点", Moment(day=date(2026, 11, 27), clock=time(10), part=MORNING)),
        ("不是明天，是后天下午", Moment(day=date(2026, 11, 26), part=AFTERNOON)),
        ("周三不行，改周四下午", Moment(day=date(2026, 11, 26), part=AFTERNOON)),
        ("12.5下午3点", Moment(day=date(2026, 12, 5), clock=time(15), part=AFTERNOON)),
        ("过两天，就周五吧", Moment(day=date(2026, 11, 27))),
    ],
)
def test_whole_moments(text: str, moment: Moment) -> None:
    assert read(text) == moment


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("明天上午9点村委会", "村委会"),
        ("村委会明天上午9点", "村委会"),
        ("通知双方明天上午9点到村委会开会", "村委会"),
        ("明天上午9点在杜曲镇司法所调解", "杜曲镇司法所"),
        ("下午3:30，地点在北徐庄村委会，带上身份证", "北徐庄村委会"),
        ("明天下午3点到5点，镇综治中心二楼会议室", "镇综治中心二楼会议室"),
        ("25号下午，张三家门口", "张三家门口"),
        ("周五上午在地头量地", "地头"),
        ("下午两点半咱们在李四家里见面", "李四家里"),
        ("明天上午9点，村委会，叫上王五", "村委会"),
        ("明天上午3号楼会议室", "3号楼会议室"),
        ("明天上午9点在杜曲镇人民调解委员会调解室进行调解", "杜曲镇人民调解委员会调解室"),
        ("老赵明天下午去你们村委会", "村委会"),
        ("明天九点吧", ""),
        ("改到后天下午", ""),
        ("明天上午九点见", ""),
    ],
)
def test_the_words_left_over_name_the_place(text: str, place: str) -> None:
    moment = read(text)
    assert moment is not None
    assert moment.place == place


@pytest.mark.parametrize(
    "text", ["过两天", "改天吧", "哪天有空再说", "他说三千块钱", "好的", "", "下周", "3号楼"]
)
def test_what_tells_no_day_is_none(text: str) -> None:
    assert read(text) is None


def test_a_time_that_is_over_today_is_given_as_it_was_said() -> None:
    later = NOW.replace(hour=16)
    assert read("今天上午9点", later) == Moment(day=TUESDAY, clock=time(9), part=MORNING)
    assert read("9点", later) == Moment(day=TUESDAY, clock=time(9))


def test_a_part_of_the_day_alone_counts_while_it_is_to_come() -> None:
    assert read("上午", NOW.replace(hour=16)) is None
    assert read("晚上", NOW.replace(hour=16)) == Moment(day=TUESDAY, part=EVENING)


def test_today_is_the_day_in_china() -> None:
    assert read("明天", datetime(2026, 11, 24, 17, 0, tzinfo=UTC)) == Moment(day=date(2026, 11, 26))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.text(
            alphabet="今明后天上下午周月号日点半刻分:0123456789一二三十两初腊在到村委会,。 改过小时",
            max_size=40,
        ),
    )
)
def test_any_text_gives_an_answer(text: str) -> None:
    moment = read(text)
    assert moment is None or moment.day - TUESDAY < timedelta(days=400 * 100)


@pytest.mark.parametrize("piece", ["明天上午9点村委会", "在", "改到", "到", "一", "9:", "初", "过两天"])
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        started = clocks.perf_counter()
        read(text)
        return clocks.perf_counter() - started

    seconds(100)
    short, long = min(seconds(1000) for _ in range(3)), min(seconds(4000) for _ in range(3))
    assert long < 10 * short + 0.05
