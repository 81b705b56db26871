"""Finds coming days in a text: 12月31日前, 下月底, 腊月二十三, 下周五, 十日内, 春节前.

The words for time belong to the language, not to the rules of a bureau, so they stand here.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lunar_python import Lunar, LunarMonth, Solar

from mediation.calendar import WorkingCalendar
from nlp.numerals import read_number
from nlp.word_lists import any_of

_DAYS_AHEAD = {
    **dict.fromkeys(("今天", "今日", "今儿", "今儿个", "今早", "今晚", "今夜", "今黑", "今晌午"), 0),
    **dict.fromkeys(("明天", "明日", "明儿", "明儿个", "明早", "明晚", "明黑", "明晌午", "赶明儿"), 1),
    **dict.fromkeys(("后天", "后日", "后儿", "后儿个"), 2),
    **dict.fromkeys(("大后天", "大后日", "大后儿"), 3),
}
_LUNAR_FEASTS = {
    **dict.fromkeys(("春节", "过年", "大年初一"), (1, 1)),
    **dict.fromkeys(("除夕", "大年三十", "年三十"), (12, 30)),
    **dict.fromkeys(("元宵节", "元宵"), (1, 15)),
    **dict.fromkeys(("端午节", "端午"), (5, 5)),
    **dict.fromkeys(("中秋节", "中秋"), (8, 15)),
    **dict.fromkeys(("重阳节", "重阳"), (9, 9)),
    **dict.fromkeys(("小年",), (12, 23)),
    **dict.fromkeys(("腊八节", "腊八"), (12, 8)),
}
_SOLAR_FEASTS = {
    **dict.fromkeys(("元旦节", "元旦", "阳历年"), (1, 1)),
    **dict.fromkeys(("清明节", "清明"), (4, 5)),
    **dict.fromkeys(("五一劳动节", "五一节", "五一"), (5, 1)),
    **dict.fromkeys(("国庆节", "国庆", "十一国庆"), (10, 1)),
}
_LUNAR_MONTHS = {"正月": 1, "冬月": 11, "腊月": 12}
_YEARS_AHEAD = {"今年": 0, "本年": 0, "明年": 1, "来年": 1, "后年": 2}
_WEEKDAYS = "一二三四五六日"
_JUST_PAST = timedelta(days=20)
_FARTHEST_YEARS = 100

_DAY_NUMBER = (
    r"3[01]|[12]\d|0?[1-9]|[二三]十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九]"
)
_MONTH_NUMBER = r"1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]"
_NOT_A_HOUSE = r"(?![楼院线门店库机棚地井车])(?!会议|办公)"
_DAY = (
    rf"(?P<first>初[一二三四五六七八九十])|(?P<day>{_DAY_NUMBER})(?:[号日]{_NOT_A_HOUSE}|(?=[以之]?前|止))"
    r"|(?P<edge>底|末|初|中旬|上旬|下旬|月底|月末)"
)
_WITHIN_YEAR = (
    r"(?P<mid_autumn>八月十五(?![号日]))"
    r"|(?P<lunar_month>正月|冬月|腊月)(?:(?P<lunar_date>初?[一二三四五六七八九十廿]{1,3}|\d{1,2})[号日]?|底)?"
    rf"|(?P<lunar_feast>{any_of(_LUNAR_FEASTS)})|(?P<solar_feast>{any_of(_SOLAR_FEASTS)})(?![路街村])"
    rf"|(?P<old>农历|阴历|旧历)?(?P<month>{_MONTH_NUMBER})月份?(?:的)?(?:{_DAY})?"
)
_YEAR = rf"(?P<year>{any_of(_YEARS_AHEAD)}|20\d\d年|二[〇零O○]二[〇零一二三四五六七八九O○]年)"
_BEFORE = (
    r"(?:(?:上午|中午|下午|晚上)?(?:\d{1,2}[时点]整?)?(?=[以之]?前))?"
    r"(?P<before>(?:以|之)?前(?!后))?(?:为止|止|之内|以内|内)?"
)
_SPAN = (
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十百半俩仨]{1,4})个?(?P<half>半)?"
    r"(?P<unit>工作日|天|日|周|星期|礼拜|月|年)(?P<half_after>半)?"
)
# Kind, the characters with which it may begin (looking only there is much faster), pattern.
_PATTERNS: tuple[tuple[str, frozenset[str], re.Pattern[str]], ...] = tuple(
    (kind, frozenset(first), re.compile(pattern))
    for kind, first, pattern in (
        (
            "full",
            "2",
            rf"(?P<y>20\d\d)[.\-/](?P<m>1[0-2]|0?[1-9])[.\-/](?P<d>3[01]|[12]\d|0?[1-9])(?!\d)日?{_BEFORE}",
        ),
        (
            "in_year",
            "今本明来后2二",
            rf"{_YEAR}的?(?:{_WITHIN_YEAR}|(?P<year_end>年?底|年?末|年内|内))?{_BEFORE}",
        ),
        (
            "in_month",
            "再下本这当",
            rf"(?P<ahead>再下个?月|下下个?月|下个?月|本月|这个?月|当月)份?的?(?:{_DAY})?{_BEFORE}",
        ),
        ("month_edge", "月", rf"(?P<edge>月底|月末|月内){_BEFORE}"),
        ("year_edge", "年", rf"(?P<edge>年底|年末|年内){_BEFORE}"),
        ("new_year", "年", r"(?<![一二三四五六七八九十几两])(?<!(?<!\d)\d)(?<!(?<!\d)\d\d)年前"),
        (
            "in_coming_year",
            "正冬腊春过大除年元端中重小清五国十农阴旧阳一二三四六七八九0123456789",
            rf"(?:{_WITHIN_YEAR}){_BEFORE}",
        ),
        (
            "dotted",
            "0123456789",
            rf"(?P<m>1[0-2]|0?[1-9])[./](?P<d>3[01]|[12]\d|0?[1-9])(?:[日号]|(?=[以之]?前|\s?[上下中]午|\s?晚)){_BEFORE}",
        ),
        (
            "day_of_month",
            "0123456789一二三四五六七八九十",
            rf"(?P<day>{_DAY_NUMBER})[号日]{_NOT_A_HOUSE}(?![之以]?[内后]){_BEFORE}",
        ),
        (
            "lunar_day",
            "初过年",
            rf"(?P<new_year>(?:过(?:了|完)?年|年后)的?)?(?P<first>初[一二三四五六七八九十]){_BEFORE}",
        ),
        (
            "week",
            "下本这周星礼",
            r"(?P<ahead>下下个?|下个?|这个?|本)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])" + _BEFORE,
        ),
        ("whole_week", "下本这", r"(?P<ahead>下下个?|下个?|这个?|本)(?:周|星期|礼拜)" + _BEFORE),
        ("days", "今明后大赶", rf"(?P<word>{any_of(_DAYS_AHEAD)}){_BEFORE}"),
        ("limit", "限期", rf"(?:限期|期限|限)为?{_SPAN}(?:之内|以内|内)?"),
        (
            "span",
            "0123456789一二两三四五六七八九十半俩仨",
            rf"{_SPAN}(?:之内|以内|内|里|之后|以后|后(?![天日])|(?=[^\d,。;还付给结]{{0,2}}[完好清齐]))",
        ),
    )
)
_SPANS = frozenset({"span", "limit"})
_NUMERAL = re.compile(r"[\d零一二两三四五六七八九十百千万亿第.每]")
_NUMBERED = frozenset({"full", "in_year", "in_coming_year", "dotted", "day_of_month", "span"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingDay:
    """A day told in `text[start:end]`; `exact` is false where only a week, month or year is told,
    `counted` true where a span is told that may be counted from something else (三日内).

    `day` is None where the words tell a time that cannot be turned into a day (working days without a
    calendar).
    """

    day: date | None
    start: int
    end: int
    exact: bool = True
    counted: bool = False


def coming_days(text: str, *, today: date, calendar: WorkingCalendar | None = None) -> list[ComingDay]:
    """Return the days that a normalised text names, in their order, looking forward from `today`.

    `前` includes the day named by a number (12月31日前), not the feast (春节前 is its eve). A day without a
    year that went by at most 20 days ago is taken as past, an older one as next year's; older days with their
    year are left out. Spans end inclusively.
    """
    return list(_scan(text, today, calendar))


def _scan(text: str, today: date, calendar: WorkingCalendar | None) -> Iterator[ComingDay]:
    at = 0
    while at < len(text):
        best: tuple[re.Match[str], ComingDay] | None = None
        after_numeral = at > 0 and _NUMERAL.match(text[at - 1]) and _NUMERAL.match(text[at])
        for kind, first, pattern in _PATTERNS:
            if text[at] not in first or (after_numeral and kind in _NUMBERED):
                continue
            found = pattern.match(text, at)
            if found is None or (best and found.end() <= best[0].end()):
                continue
            told = _read(kind, found, today, calendar)
            if told:
                best = found, told
        if best:
            yield best[1]
            at = best[0].end()
        else:
            at += 1


def _read(kind: str, found: re.Match[str], today: date, calendar: WorkingCalendar | None) -> ComingDay | None:
    if kind in _SPANS and found["unit"] == "工作日":
        count = number_of(found["n"])
        day = calendar.add_working_days(today, count) if calendar and count <= 250 else None
        return ComingDay(day=day, start=found.start(), end=found.end(), exact=False, counted=True)
    day = _READERS[kind](found, today)
    if day is None or day < today - _JUST_PAST:
        return None
    groups = found.groupdict()
    if groups.get("before") and (groups.get("lunar_feast") or groups.get("solar_feast")):
        day -= timedelta(days=1)
    exact = kind not in {"month_edge", "year_edge", "new_year", "whole_week"} and not groups.get("edge")
    if kind in {"in_year", "in_month", "in_coming_year"}:
        exact = exact and any(
            groups.get(name)
            for name in ("day", "first", "lunar_date", "lunar_feast", "solar_feast", "mid_autumn")
        )
    return ComingDay(day=day, start=found.start(), end=found.end(), exact=exact, counted=kind in _SPANS)


def number_of(written: str | None) -> int:
    """Return a small written number, 0 when it is none."""
    return int(read_number(written.replace("廿", "二十")) or 0) if written else 0


def solar_day(year: int, month: int, day: int) -> date | None:
    """Return a day of the calendar; a day after the month's end is its last day."""
    if not 1 <= month <= 12 or not 1 <= day <= 31 or not 1 <= year <= 9000:
        return None
    return date(year, month, min(day, monthrange(year, month)[1]))


def lunar_day(year: int, month: int, day: int) -> date | None:
    """Turn a lunar day (农历) into the calendar; the thirtieth of a short month is its last day."""
    lunar = LunarMonth.fromYm(year, month)
    if lunar is None or not 1 <= day <= 30:
        return None
    solar = Lunar.fromYmd(year, month, min(day, lunar.getDayCount())).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def month_after(today: date, months: int) -> tuple[int, int]:
    """Return (year, month) so many months after a day."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return year, month + 1


def _coming(make: Callable[[int], date | None], today: date, *, first_year: int) -> date | None:
    """Return the day in the first year in which it has not long gone by."""
    for year in range(first_year, first_year + 3):
        day = make(year)
        if day is not None and day >= today - _JUST_PAST:
            return day
    return None


def _lunar_date(today: date) -> tuple[int, int]:
    lunar = Solar.fromYmd(today.year, today.month, today.day).getLunar()
    return lunar.getYear(), abs(lunar.getMonth())


def _read_in_coming_year(found: re.Match[str], today: date) -> date | None:
    return _coming(lambda year: _within(found, year), today, first_year=_first_year(found, today))


def _first_year(found: re.Match[str], today: date) -> int:
    """Lunar years begin later, so the lunar year now may still be last year's number."""
    lunar = any(found[name] for name in ("lunar_month", "lunar_feast", "mid_autumn", "old", "first"))
    return _lunar_date(today)[0] if lunar else today.year


def _read_in_year(found: re.Match[str], today: date) -> date | None:
    written = found["year"]
    if written in _YEARS_AHEAD:
        year = today.year + _YEARS_AHEAD[written]
    else:
        digits = written.removesuffix("年").translate(
            str.maketrans("〇零O○一二三四五六七八九", "0000123456789")
        )
        year = int(digits)
    if found["year_end"]:
        return date(year, 12, 31)
    day = _within(found, year)
    if day is None and found["before"]:
        return date(year - 1, 12, 31)
    return day


def _within(found: re.Match[str], year: int) -> date | None:
    if found["lunar_feast"]:
        return lunar_day(year, *_LUNAR_FEASTS[found["lunar_feast"]])
    if found["solar_feast"]:
        return solar_day(year, *_SOLAR_FEASTS[found["solar_feast"]])
    if found["mid_autumn"]:
        return lunar_day(year, 8, 15)
    if found["lunar_month"]:
        written = (found["lunar_date"] or "").removeprefix("初")
        return lunar_day(year, _LUNAR_MONTHS[found["lunar_month"]], number_of(written) or 30)
    if not found["month"]:
        return None
    month = number_of(found["month"])
    if found["first"] or found["old"]:
        written = found["first"][1:] if found["first"] else found["day"]
        return lunar_day(year, month, number_of(written) or 30)
    return _day_in_month(found, year, month)


def _day_in_month(found: re.Match[str], year: int, month: int) -> date | None:
    """Return the day, else the end of the part of the month that is told."""
    if found["day"]:
        return solar_day(year, month, number_of(found["day"]))
    ends = {"初": 5, "上旬": 10, "中旬": 20}
    if found["edge"] in ends:
        return solar_day(year, month, ends[found["edge"]])
    if found["edge"] is None and found["before"]:
        first = solar_day(year, month, 1)
        return first - timedelta(days=1) if first else None
    return solar_day(year, month, 31)


def _read_in_month(found: re.Match[str], today: date) -> date | None:
    ahead = 2 if found["ahead"].startswith(("下下", "再下")) else 1 if found["ahead"][0] == "下" else 0
    if found["first"]:
        year, month = _lunar_date(today)
        later = LunarMonth.fromYm(year, month).next(ahead)
        return lunar_day(later.getYear(), later.getMonth(), number_of(found["first"][1:]))
    return _day_in_month(found, *month_after(today, ahead))


def _read_day_of_month(found: re.Match[str], today: date) -> date | None:
    """The fifteenth, alone, is this month's or, when that is over, the next one's."""
    number = number_of(found["day"])
    ahead = 0 if number >= today.day else 1
    return solar_day(*month_after(today, ahead), number)


def _read_lunar_day(found: re.Match[str], today: date) -> date | None:
    year, month = _lunar_date(today)
    number = number_of(found["first"][1:])
    if found["new_year"]:
        return _coming(lambda coming: lunar_day(coming, 1, number), today, first_year=today.year)
    day = lunar_day(year, month, number)
    if day is not None and day < today:
        later = LunarMonth.fromYm(year, month).next(1)
        day = lunar_day(later.getYear(), later.getMonth(), number)
    return day


def _read_week(found: re.Match[str], today: date) -> date | None:
    """Weeks begin on Monday; a weekday alone is the next one, today included."""
    groups = found.groupdict()
    weekday = (
        6 if groups.get("weekday", "日") in ("天", "末") else _WEEKDAYS.index(groups.get("weekday") or "日")
    )
    if not found["ahead"]:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    ahead = 2 if found["ahead"].startswith(("下下", "再下")) else 1 if found["ahead"][0] == "下" else 0
    return today + timedelta(days=7 * ahead + weekday - today.weekday())


def _read_span(found: re.Match[str], today: date) -> date | None:
    half = 0.5 if found["n"] == "半" else 0
    number = half or number_of(found["n"])
    if found["half"] or found["half_after"]:
        number += 0.5
    unit = found["unit"]
    if not number or (unit == "年" and number > _FARTHEST_YEARS):
        return None
    if unit == "月" and number == 0.5:
        return today + timedelta(days=15)
    if unit in ("年", "月"):
        months, part = divmod(number * (12 if unit == "年" else 1), 1)
        day = solar_day(*month_after(today, int(months)), today.day)
        return day + timedelta(days=15 if part else 0) if day else None
    return today + timedelta(days=round(number * (1 if unit in ("天", "日") else 7)))


def _read_new_year(found: re.Match[str], today: date) -> date | None:
    """年前 is before the next New Year of the lunar calendar."""
    for year in (today.year, today.year + 1):
        day = lunar_day(year, 1, 1)
        if day is not None and day > today:
            return day - timedelta(days=1)
    return None


_READERS: dict[str, Callable[[re.Match[str], date], date | None]] = {
    "full": lambda found, today: solar_day(int(found["y"]), int(found["m"]), int(found["d"])),
    "in_year": _read_in_year,
    "in_month": _read_in_month,
    "month_edge": lambda found, today: solar_day(today.year, today.month, 31),
    "year_edge": lambda found, today: date(today.year, 12, 31),
    "new_year": _read_new_year,
    "in_coming_year": _read_in_coming_year,
    "dotted": lambda found, today: _coming(
        lambda year: solar_day(year, int(found["m"]), int(found["d"])), today, first_year=today.year
    ),
    "day_of_month": _read_day_of_month,
    "lunar_day": _read_lunar_day,
    "week": _read_week,
    "whole_week": _read_week,
    "days": lambda found, today: today + timedelta(days=_DAYS_AHEAD[found["word"]]),
    "span": _read_span,
    "limit": _read_span,
}
