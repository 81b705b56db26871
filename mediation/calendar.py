"""When offices work: public holidays, make-up days, office hours, and spans counted in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum

# China keeps one time all year, so a fixed offset needs no time-zone database.
CHINA_TIME = timezone(timedelta(hours=8))


class SpanUnit(StrEnum):
    """What a span is counted in: clock time, office time or working days."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"


CLOCK_UNITS = {
    SpanUnit.MINUTE: timedelta(minutes=1),
    SpanUnit.HOUR: timedelta(hours=1),
    SpanUnit.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time as a rule file states it, such as 30分钟 or 1个工作日."""

    amount: int
    unit: SpanUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """Working days and office hours of one place.

    `holidays` and `make_up_days` (调休上班) are exceptions from "Monday to Friday". `known_years` are those
    whose holidays the State Council has published; in other years only weekends are free, and `is_certain`
    says no. `office_hours` are (opening, closing) pairs in order, at least one, in `zone`.
    All times given must be aware; all times returned are UTC.
    """

    holidays: frozenset[date]
    make_up_days: frozenset[date]
    known_years: frozenset[int]
    office_hours: tuple[tuple[time, time], ...]
    zone: tzinfo = CHINA_TIME

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on this day."""
        if day in self.make_up_days:
            return True
        return day.isoweekday() <= 5 and day not in self.holidays

    def is_certain(self, day: date) -> bool:
        """Whether the holidays of the day's year are published."""
        return day.year in self.known_years

    def is_open(self, at: datetime) -> bool:
        """Whether offices are open; the closing minute is already closed."""
        local = at.astimezone(self.zone)
        return self.is_working_day(local.date()) and any(
            opening <= local.time() < closing for opening, closing in self.office_hours
        )

    def next_opening(self, at: datetime) -> datetime:
        """Return the same moment when offices are open, else the next time they open (UTC)."""
        opening, _ = next(self._office_periods(at))
        return max(opening, at.astimezone(UTC))

    def add_working_time(self, start: datetime, span: timedelta) -> datetime:
        """Return when `span` of office time has passed since `start` (UTC); a negative span is refused.

        A span that ends with the office ends then, not at the next opening.
        """
        if span < timedelta(0):
            raise ValueError(span)
        if not span:
            return self.next_opening(start)
        left = span
        periods = self._office_periods(start)
        while True:
            opening, closing = next(periods)
            begin = max(opening, start.astimezone(UTC))
            if closing - begin >= left:
                return begin + left
            left -= closing - begin

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`, which itself does not count (民法典 201)."""
        if count < 0:
            raise ValueError(count)
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def after(self, start: datetime, span: Span) -> datetime:
        """Return the end of a span that begins at `start` (UTC).

        Working days end when the offices of the last of them close (民法典 203).
        """
        if span.unit in CLOCK_UNITS:
            return start.astimezone(UTC) + span.amount * CLOCK_UNITS[span.unit]
        if span.unit is SpanUnit.WORKING_HOUR:
            return self.add_working_time(start, timedelta(hours=span.amount))
        last = self.add_working_days(start.astimezone(self.zone).date(), span.amount)
        return self._moment(last, self.office_hours[-1][1])

    def _office_periods(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the office periods that end after a moment, in order, without end."""
        day = since.astimezone(self.zone).date()
        while True:
            if self.is_working_day(day):
                for opening, closing in self.office_hours:
                    if (end := self._moment(day, closing)) > since:
                        yield self._moment(day, opening), end
            day += timedelta(days=1)

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)
