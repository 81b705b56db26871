"""Finds since when the matter lasts: 前年腊月, 上个月初八 (lunar), 三月份, 去年春上, 欠了五年, 昨天.

The words for time belong to the language, not to the rules of a bureau, so they stand here.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from lunar_python import Lunar, LunarMonth, Solar

from nlp.numerals import read_number
from nlp.word_lists import any_of

_NUMBER = r"(?:\d{1,4}|[一二两三四五六七八九十俩仨半几]{1,3})"
_YEARS_AGO = {"今年": 0, "去年": 1, "头年": 1, "上年": 1, "年时": 1, "前年": 2, "大前年": 3}
_TODAY = dict.fromkeys(
    ("今天", "今儿", "今儿个", "今早", "今黑", "刚才", "刚刚", "今晚", "今晌午", "今天上午", "今天下午"), 0
)
_EARLIER_DAYS = {
    **dict.fromkeys(("昨天", "昨儿", "昨儿个", "夜儿", "夜儿个", "夜个", "昨晚", "昨黑", "昨夜", "昨个"), 1),
    **dict.fromkeys(("前天", "前儿", "前儿个", "前晚", "前黑"), 2),
    **dict.fromkeys(("大前天", "大前儿"), 3),
}
_DAYS_AGO = _TODAY | _EARLIER_DAYS
# 今天不给说法, 今天就要, 今天想问问, 今天几号: told of what is to come or still lacking, not of a beginning.
_NOT_YET = (
    r"(?:[你他她我俺恁您咱们]{0,3}(?:再|要|非|必须|得|就|都|也|还|仍|是|几|想|来|能|可|给个|给我|给俺)?(?:不|没|未|别)"
    r"|[你他她我俺恁您咱们]{0,3}(?:要是|再|非|必须|得给|就要|就得|就去|就跟|就找|就叫|想|来问|来咨询|问|能|可以|会|星期|周|几|是|之内|以内|内|前))"
)
_LUNAR_MONTHS = {"正月": 1, "冬月": 11, "腊月": 12}
_LUNAR_DAYS = {
    "过年": (1, 1), "春节": (1, 1), "大年初一": (1, 1), "元宵": (1, 15), "端午": (5, 5), "七夕": (7, 7),
    "八月十五": (8, 15), "中秋": (8, 15), "重阳": (9, 9), "小年": (12, 23), "除夕": (12, 29),
    "大年三十": (12, 29),
}  # fmt: skip
_SOLAR_DAYS = {
    "元旦": (1, 1),
    "五一": (5, 1),
    "六一": (6, 1),
    "七一": (7, 1),
    "国庆": (10, 1),
    "十一国庆": (10, 1),
    "清明": (4, 5),
}
_SEASONS = {
    "开春": 2, "春上": 3, "春天": 3, "春季": 3, "麦前": 5, "麦罢": 6, "收麦": 6, "麦收": 6, "夏天": 6,
    "夏上": 6,
    "秋罢": 10, "收秋": 9, "秋天": 9, "秋上": 9, "冬天": 12, "冬上": 12, "年初": 1, "年底": 12, "年中": 6,
    "上半年": 1, "下半年": 7,
}  # fmt: skip


_YEAR = (
    rf"(?P<year>{any_of(_YEARS_AGO)}|(?<![\dA-Za-z])(?:19|20)\d\d(?!\d)年?"
    r"|(?<!\d)[0-24-9]\d年|[零一二五六七八九][零一二三四五六七八九]年(?!级))"
)
_WITHIN_YEAR = (
    r"(?P<lunar_month>正月|冬月|腊月)(?P<lunar_date>初?[一二三四五六七八九十]{1,3})?"
    rf"|(?P<lunar_day>{any_of(_LUNAR_DAYS)})|(?P<solar_day>{any_of(_SOLAR_DAYS)})(?![路街村])"
    rf"|(?P<season>{any_of(_SEASONS)})"
    r"|(?P<old>阴历|农历)?(?P<month>1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十])(?:月份|月(?!的?工资|租))"
)
_DAY = (
    r"(?:(?P<first>初[一二三四五六七八九十])"
    r"|(?P<day>3[01]|[12]\d|0?[1-9]|[二三]十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
    r"(?:号|日|那天))"
)
# Kind, the characters with which it may begin (looking only there is much faster), pattern.
_PATTERNS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (kind, re.compile(first), re.compile(pattern))
    for kind, first, pattern in (
        (
            "full",
            "[12]",
            r"(?P<y>(?:19|20)\d\d)[年.\-/](?P<m>1[0-2]|0?[1-9])[月.\-/](?P<d>3[01]|[12]\d|0?[1-9])(?!\d)",
        ),
        (
            "in_year",
            "[今去头上年前大0-9零一二五六七八九]",
            rf"{_YEAR}(?:的|那|又|刚)?(?:{_WITHIN_YEAR}){_DAY}?",
        ),
        ("last_month", "[上这本]", rf"(?P<ago>上上个?月|上个?月|这个?月|本月)(?:的)?{_DAY}?"),
        (
            "week",
            "[上这本]",
            r"(?P<ago>上上个?|上个?|这个?|本)(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])?",
        ),
        ("year", "[去头上年前大0-9零一二五六七八九]", rf"(?!今年){_YEAR}(?!级|款|产)"),
        (
            "in_this_year",
            "[从自打正冬腊过春大元端七八中重小除五六国十清开麦收夏秋年上下阴农0-9一二三四九]",
            rf"(?<![明后]年)(?<!下个)(?:从|自|打)?(?:{_WITHIN_YEAR}){_DAY}?",
        ),
        (
            "days",
            "[今昨前夜刚大]",
            rf"(?P<ago>(?<!到)(?<!截至)(?<!截止)(?<!要是)(?<!如果)(?:{any_of(_TODAY)})(?!{_NOT_YET})"
            rf"|{any_of(_EARLIER_DAYS)})",
        ),
        (
            "span",
            "[0-9一二两三四五六七八九十俩仨半几]",
            rf"(?P<n>{_NUMBER})(?P<more>多)?(?:个)?(?P<half>半)?(?P<unit>年|月|星期|礼拜|周|天)(?P<half_after>半)?"
            r"(?:了|多|以来|没|前|之前|以前|不)",
        ),
    )
)
_WEEKDAYS = "一二三四五六日"


def read_since(text: str, *, today: date) -> date | None:
    """Return the day from which the matter of a normalised text lasts, None when no time is told.

    A time without a day gives its first day; lunar days (初八, 腊月, 八月十五) are turned into the calendar.
    Nothing after `today` is returned. The time that is told most exactly wins, then the first one.
    """
    for kind, first, pattern in _PATTERNS:
        for at in first.finditer(text):
            found = pattern.match(text, at.start())
            if found is None:
                continue
            day = _READERS[kind](found, today)
            if day is not None and date(1949, 10, 1) <= day <= today:
                return day
    return None


def _year_of(written: str, today: date) -> int:
    if written in _YEARS_AGO:
        return today.year - _YEARS_AGO[written]
    digits = written.removesuffix("年")
    number = int(digits) if digits.isdigit() else int(str(read_number("零" + digits) or 0))
    if number > 100:
        return number
    return number + (2000 if number <= today.year - 2000 else 1900)


def _read_in_year(found: re.Match[str], today: date) -> date | None:
    return _within(found, _year_of(found["year"], today))


def _read_in_this_year(found: re.Match[str], today: date) -> date | None:
    """A month without a year is the last such month."""
    return _last_not_after(lambda year: _within(found, year), today)


def _last_not_after(make: Callable[[int], date | None], today: date) -> date | None:
    for year in (today.year, today.year - 1):
        day = make(year)
        if day is not None and day <= today:
            return day
    return None


def _within(found: re.Match[str], year: int) -> date | None:
    first, day = found["first"], _number(found["day"])
    if found["lunar_day"]:
        return _from_lunar(year, *_LUNAR_DAYS[found["lunar_day"]])
    if found["lunar_month"]:
        written = (found["lunar_date"] or "").removeprefix("初")
        return _from_lunar(year, _LUNAR_MONTHS[found["lunar_month"]], _number(written) or day or 1)
    if found["solar_day"]:
        return date(year, *_SOLAR_DAYS[found["solar_day"]])
    if found["season"]:
        return date(year, _SEASONS[found["season"]], 1)
    month = _number(found["month"])
    if first or found["old"]:
        return _from_lunar(year, month, _number(first[1:]) if first else day or 1)
    return _solar(year, month, day or 1)


def _read_last_month(found: re.Match[str], today: date) -> date | None:
    back = {"上": 1, "这": 0, "本": 0}[found["ago"][0]] + (found["ago"].startswith("上上"))
    if found["first"]:
        lunar = LunarMonth.fromYm(*_lunar_month(today)).next(-back)
        return _from_lunar(lunar.getYear(), lunar.getMonth(), _number(found["first"][1:]))
    year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
    return _solar(year, month + 1, _number(found["day"]) or 1)


def _lunar_month(today: date) -> tuple[int, int]:
    lunar = Solar.fromYmd(today.year, today.month, today.day).getLunar()
    return lunar.getYear(), lunar.getMonth()


def _read_week(found: re.Match[str], today: date) -> date | None:
    back = (2 if found["ago"].startswith("上上") else 1 if found["ago"][0] == "上" else 0) * 7
    weekday = _WEEKDAYS.index(found["weekday"].replace("天", "日")) if found["weekday"] else 0
    return today - timedelta(days=today.weekday() + back - weekday)


def _read_span(found: re.Match[str], today: date) -> date | None:
    number = 0.5 if found["n"] == "半" else float(read_number(found["n"]) or 0)
    if found["half"] or found["half_after"]:
        number += 0.5
    if not number:
        return None
    if found["unit"] in ("年", "月"):
        months = round(number * (12 if found["unit"] == "年" else 1))
        if number == 0.5 and found["unit"] == "月":
            return today - timedelta(days=15)
        if months > 12 * 80:
            return None
        year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
        return _solar(year, month + 1, 1)
    return today - timedelta(days=round(number * (1 if found["unit"] == "天" else 7)))


def _number(written: str | None) -> int:
    return int(read_number(written) or 0) if written else 0


def _solar(year: int, month: int, day: int) -> date | None:
    if not 1 <= month <= 12:
        return None
    return date(year, month, min(day, monthrange(year, month)[1]))


def _from_lunar(year: int, month: int, day: int) -> date | None:
    """Turn a lunar day into the calendar; the thirtieth of a short month is its last day."""
    lunar = LunarMonth.fromYm(year, month)
    if lunar is None or not 1 <= day <= 30:
        return None
    solar = Lunar.fromYmd(year, month, min(day, lunar.getDayCount())).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


_READERS: dict[str, Callable[[re.Match[str], date], date | None]] = {
    "full": lambda found, today: _solar(int(found["y"]), int(found["m"]), int(found["d"])),
    "in_year": _read_in_year,
    "last_month": _read_last_month,
    "week": _read_week,
    "year": lambda found, today: date(_year_of(found["year"], today), 1, 1),
    "in_this_year": _read_in_this_year,
    "days": lambda found, today: today - timedelta(days=_DAYS_AGO[found["ago"]]),
    "span": _read_span,
}
