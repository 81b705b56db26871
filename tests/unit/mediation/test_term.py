"""The term of a mediation: thirty working days for medical cases, appraisals not counted, days left."""

from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.ruleset import RuleSet
from mediation.calendar import CHINA_TIME, Span, SpanUnit, WorkingCalendar
from mediation.term import after_pause, days_left

MEDICAL = Span(amount=30, unit=SpanUnit.WORKING_DAY)
USUAL = Span(amount=30, unit=SpanUnit.DAY)


@pytest.fixture
def calendar(rules: RuleSet) -> WorkingCalendar:
    return rules.rulebook.calendar


def at(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA_TIME).astimezone(UTC)


def day_of(moment: datetime) -> date:
    return moment.astimezone(CHINA_TIME).date()


def test_thirty_working_days_leave_out_spring_festival_and_count_make_up_days(
    calendar: WorkingCalendar,
) -> None:
    # 2026: off from February 15 to 23, to be made up on February 14 and 28, both Saturdays.
    end = day_of(calendar.after(at(2, 2), MEDICAL))
    working = [
        date(2026, 2, 2) + timedelta(days=number)
        for number in range(1, (end - date(2026, 2, 2)).days + 1)
        if calendar.is_working_day(date(2026, 2, 2) + timedelta(days=number))
    ]
    assert len(working) == 30
    assert {date(2026, 2, 14), date(2026, 2, 28)} <= set(working)
    assert not [day for day in working if date(2026, 2, 15) <= day <= date(2026, 2, 23)]


def test_an_appraisal_leaves_a_medical_term_the_working_days_that_were_left(
    calendar: WorkingCalendar,
) -> None:
    begun = at(3, 2)
    due = calendar.after(begun, MEDICAL)
    paused = calendar.after(begun, Span(amount=10, unit=SpanUnit.WORKING_DAY))
    resumed = at(6, 1)
    end = after_pause(calendar, due_at=due, paused_at=paused, resumed_at=resumed, span=MEDICAL)
    assert end == calendar.after(resumed, Span(amount=20, unit=SpanUnit.WORKING_DAY))


def test_an_appraisal_moves_any_other_term_by_its_length(calendar: WorkingCalendar) -> None:
    due = calendar.after(at(3, 2), USUAL)
    end = after_pause(calendar, due_at=due, paused_at=at(3, 12), resumed_at=at(3, 22), span=USUAL)
    assert end == due + timedelta(days=10)


def test_a_term_paused_on_its_last_day_still_has_that_day(calendar: WorkingCalendar) -> None:
    due = calendar.after(at(3, 2), MEDICAL)
    paused = due - timedelta(hours=2)
    end = after_pause(calendar, due_at=due, paused_at=paused, resumed_at=at(6, 1), span=MEDICAL)
    assert day_of(end) == date(2026, 6, 1)


def test_days_left_are_days_of_the_wall_calendar(calendar: WorkingCalendar) -> None:
    due = at(3, 12, hour=1)
    assert days_left(calendar, now=at(3, 11, hour=23), due_at=due) == 1
    assert days_left(calendar, now=at(3, 12, hour=23), due_at=due) == 0
    assert days_left(calendar, now=at(3, 14, hour=1), due_at=due) == -2


def test_a_year_without_published_holidays_is_counted_by_weekends_and_said_to_be_unsure(
    calendar: WorkingCalendar,
) -> None:
    unknown = max(calendar.known_years) + 1
    end = calendar.after(at(1, 4, year=unknown), MEDICAL)
    assert not calendar.is_certain(day_of(end))
    days = [date(unknown, 1, 4) + timedelta(days=number) for number in range(1, 60)]
    weekdays = [day for day in days if day.isoweekday() <= 5]
    assert day_of(end) == weekdays[29]
