"""Reads what comes again and again: 每月15号, 每季度末, 每年10月1日前, 每周五."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice

from nlp.coming_dates import coming_days, month_after, number_of, solar_day

_UNITS = {"月": 1, "季度": 3, "季": 3, "半年": 6, "年": 12, "学期": 6}
_DAY = r"3[01]|[12]\d|0?[1-9]|[二三]十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九]"
_BEFORE = r"(?:(?:以|之)?前|(?:之|以)?内)?"
_PATTERN = re.compile(
    r"(?:每个?|按|逐)(?P<unit>月|季度|季|半年|年|学期)度?(?![息利份])(?:的)?"
    rf"(?:(?P<day>{_DAY})(?:[号日]|(?=[以之]?前))|(?P<edge>月?底|月?末|最后一天|初)|(?P<within>[^,付给还交每]{{2,8}}?(?=[以之]?前|付|给|还|交|支)))?{_BEFORE}"
    r"|每(?P<week>周|星期|礼拜)(?P<weekday>[一二三四五六日天])?"
    r"|每(?P<part>一?期|一?次|一?笔|一?批|个期)"
)
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Something that comes again, told in `text[start:end]` as `words`.

    `months` or `weekly` is the distance; both unset for 每期. `first` is the first day to come, None when
    only the distance is told.
    """

    words: str
    start: int
    end: int
    months: int = 0
    weekly: bool = False
    day_of_month: int = 0
    first: date | None = None

    @property
    def in_time(self) -> bool:
        """Whether a distance in time is told."""
        return bool(self.months or self.weekly)

    def days(self, number: int, *, since: date | None) -> list[date | None]:
        """Return the first days of so many, from `since` on when that is told; None where untold."""
        return list(islice(self._days(since), number))

    def _days(self, since: date | None) -> Iterator[date | None]:
        first = self.first
        if first is None and since is not None and self.in_time and since.day > 1:
            first = since
        if first is None:
            while True:
                yield None
        skipped = 0
        for step in count():
            day = self._after(first, step)
            if day is None:
                return
            if since and day < since and skipped < 120:
                skipped += 1
                continue
            yield day

    def _after(self, first: date, steps: int) -> date | None:
        if self.weekly:
            return first + timedelta(days=7 * steps)
        return solar_day(*month_after(first, self.months * steps), self.day_of_month or first.day)


def find_repeat(text: str, *, today: date) -> Repeat | None:
    """Return what a clause says comes again, None for nothing."""
    found = _PATTERN.search(text)
    if found is None:
        return None
    place = {"words": found[0], "start": found.start(), "end": found.end()}
    if found["part"]:
        return Repeat(**place)  # type: ignore[arg-type]
    if found["week"]:
        first = None
        if found["weekday"]:
            weekday = _WEEKDAYS.index(found["weekday"].replace("天", "日"))
            first = today + timedelta(days=(weekday - today.weekday()) % 7)
        return Repeat(**place, weekly=True, first=first)  # type: ignore[arg-type]
    months = _UNITS[found["unit"]]
    number = (
        number_of(found["day"]) if found["day"] else 31 if found["edge"] and "初" not in found["edge"] else 0
    )
    first = _first_day(months, number, today)
    if found["within"]:
        told = coming_days(found["within"] + "前", today=today + timedelta(days=20))
        if told:
            first = told[0].day
        else:
            place |= {"words": text[found.start() : found.start("within")], "end": found.start("within")}
    return Repeat(**place, months=months, day_of_month=number, first=first)  # type: ignore[arg-type]


def _first_day(months: int, number: int, today: date) -> date | None:
    """Return the first such day of a month, of the last month of a quarter, or of a year, from today on."""
    if not number:
        return None
    for ahead in range(months + 1):
        year, month = month_after(today, ahead)
        day = solar_day(year, month, number)
        if day and day >= today and month % months == 0:
            return day
    return None
