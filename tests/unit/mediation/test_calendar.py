"""Office hours, working days and the spans counted in them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.calendar import CHINA_TIME, Span, SpanUnit, WorkingCalendar

MORNING, AFTERNOON = (time(8, 30), time(12)), (time(14, 30), time(18))
CALENDAR = WorkingCalendar(
    holidays=frozenset({date(2026, 10, day) for day in range(1, 8)}),
    make_up_days=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),  # a Sunday and a Saturday
    known_years=frozenset({2026}),
    office_hours=(MORNING, AFTERNOON),
)


def china(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA_TIME)


def test_working_days_follow_holidays_and_make_up_days() -> None:
    assert CALENDAR.is_working_day(date(2026, 11, 24))
    assert not CALENDAR.is_working_day(date(2026, 11, 22))
    assert not CALENDAR.is_working_day(date(2026, 10, 2))
    assert CALENDAR.is_working_day(date(2026, 10, 10))


def test_years_without_published_holidays_are_uncertain() -> None:
    assert CALENDAR.is_certain(date(2026, 12, 31))
    assert not CALENDAR.is_certain(date(2027, 1, 1))


def test_offices_close_at_the_minute() -> None:
    assert CALENDAR.is_open(china(11, 24, 8, 30))
    assert not CALENDAR.is_open(china(11, 24, 12))
    assert CALENDAR.is_open(china(11, 24, 17, 59))


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (china(11, 24, 10), china(11, 24, 10)),
        (china(11, 24, 3), china(11, 24, 8, 30)),
        (china(11, 24, 12), china(11, 24, 14, 30)),
        (china(11, 27, 18), china(11, 30, 8, 30)),  # Friday evening
        (china(9, 30, 18), china(10, 8, 8, 30)),  # before the national holiday
    ],
)
def test_the_next_opening(at: datetime, opening: datetime) -> None:
    assert CALENDAR.next_opening(at) == opening


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        (china(11, 28, 23), 30, SpanUnit.MINUTE, china(11, 28, 23, 30)),
        (china(11, 28, 23), 2, SpanUnit.HOUR, china(11, 29, 1)),
        (china(11, 28, 23), 3, SpanUnit.DAY, china(12, 1, 23)),
        (china(11, 24, 11), 2, SpanUnit.WORKING_HOUR, china(11, 24, 15, 30)),
        (china(11, 24, 17), 1, SpanUnit.WORKING_HOUR, china(11, 24, 18)),
        (china(11, 27, 17), 4, SpanUnit.WORKING_HOUR, china(11, 30, 11, 30)),
        (china(11, 27, 17), 1, SpanUnit.WORKING_DAY, china(11, 30, 18)),
        (china(9, 30, 9), 3, SpanUnit.WORKING_DAY, china(10, 10, 18)),
    ],
)
def test_a_span_ends(start: datetime, amount: int, unit: SpanUnit, end: datetime) -> None:
    assert CALENDAR.after(start, Span(amount=amount, unit=unit)) == end


def test_a_working_day_is_that_of_china_not_of_utc() -> None:
    late = datetime(2026, 11, 24, 17, tzinfo=UTC)  # already the 25th, 01:00 in China
    assert CALENDAR.after(late, Span(amount=1, unit=SpanUnit.WORKING_DAY)) == china(11, 26, 18)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="-1 day"):
        CALENDAR.add_working_time(china(11, 24), timedelta(days=-1))
    with pytest.raises(ValueError, match="-1"):
        CALENDAR.add_working_days(date(2026, 11, 24), -1)


moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
spans = st.timedeltas(timedelta(0), timedelta(hours=60))


@given(start=moments, first=spans, second=spans)
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    at_once = CALENDAR.add_working_time(start, first + second)
    in_steps = CALENDAR.add_working_time(CALENDAR.add_working_time(start, first), second)
    # A step that ends at closing time is the same moment of work as the next opening.
    assert CALENDAR.next_opening(at_once) == CALENDAR.next_opening(in_steps)


@given(start=moments, span=spans.filter(bool))
def test_a_deadline_never_falls_outside_office_hours(start: datetime, span: timedelta) -> None:
    end = CALENDAR.add_working_time(start, span)
    assert end.tzinfo is UTC
    assert end > start
    assert CALENDAR.is_open(end - timedelta(microseconds=1))


@given(at=moments)
def test_offices_are_open_at_the_next_opening(at: datetime) -> None:
    opening = CALENDAR.next_opening(at)
    assert opening >= at
    assert CALENDAR.is_open(opening)
    assert (opening == at) == CALENDAR.is_open(at)


@given(day=st.dates(date(2026, 1, 1), date(2027, 12, 31)), count=st.integers(1, 40))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    end = CALENDAR.add_working_days(day, count)
    between = (day + timedelta(days=step) for step in range(1, (end - day).days + 1))
    assert sum(CALENDAR.is_working_day(one) for one in between) == count
    assert CALENDAR.is_working_day(end)
