"""Reads when and where a meeting is to be: 明天上午9点村委会, 改到后天下午, 半小时后."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from mediation.calendar import CHINA_TIME
from nlp.coming_dates import ComingDay, coming_days, number_of
from nlp.normalising import normalise
from nlp.word_lists import any_of

Word = Annotated[str, Field(min_length=1)]


class MomentRules(BaseModel):
    """moments.yaml: the words around a time and a place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place_before: list[Word]
    place_after: list[Word] = Field(description="a place ends before one of these")
    not_ended_before: list[Word] = Field(description="nor does it end when one of these follows")
    place_words: list[Word] = Field(description="with one of these any words are a place")
    fillers: list[Word]
    vague: list[Word]
    changed_to: list[Word] = Field(description="times before these no longer hold")
    denied_before: list[Word] = Field(description="directly before a time that is not meant")
    denied_after: list[Word] = Field(description="directly after a time that is not meant")

    def __hash__(self) -> int:
        """By identity, so that what is compiled from a rule file can be kept beside it."""
        return id(self)


class DayPart(StrEnum):
    """Part of a day (上午, 中午, 下午, 晚上)."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, in China time; a clock time and a part of the day when told; the words that name the place."""

    day: date
    clock: time | None = None
    part: DayPart | None = None
    place: str = ""


_PARTS = {
    **dict.fromkeys(
        ("上午", "早上", "早晨", "清早", "清晨", "一大早", "前晌", "前半晌", "今早", "明早"), DayPart.MORNING
    ),
    **dict.fromkeys(("中午", "晌午", "正午", "晌午头"), DayPart.NOON),
    **dict.fromkeys(("下午", "后晌", "后半晌", "午后"), DayPart.AFTERNOON),
    **dict.fromkeys(
        ("晚上", "傍晚", "夜里", "晚黑", "黑里", "今晚", "明晚", "今黑", "明黑", "晚饭后"), DayPart.EVENING
    ),
}
_PART_ENDS = {DayPart.MORNING: 12, DayPart.NOON: 14, DayPart.AFTERNOON: 19, DayPart.EVENING: 24}
_NUMBER = r"\d{1,2}|[一二两三四五六七八九十]{1,3}"
_MINUTE = r"[0-5]?\d|[一二三四五]?十[一二三四五六七八九]?|[零〇]?[一二三四五六七八九]"
_CLOCK = re.compile(
    rf"(?<![\d.])(?P<h>{_NUMBER})(?:"
    rf"[点时](?:钟|整)?(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<m>{_MINUTE})分?)?"
    r"|:(?P<colon>[0-5]\d)(?::[0-5]\d)?)"
)
_RANGE = re.compile(
    rf"\s?(?:到|至|-|~|—)\s?(?:{any_of(_PARTS)})?(?:{_CLOCK.pattern.replace('(?P<', '(?P<to_')})"
)
_SPAN = re.compile(
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}|半)(?:个)?(?P<half>半)?(?P<unit>小时|钟头|分钟|刻钟)(?:之后|以后|后)"
)
_PART = re.compile(any_of(_PARTS))
_LONGEST_PLACE = 20
_FIRST_SURE_HOUR = 7
_MASK = "\0"


class _Reader:
    """The patterns of one rule file, compiled once."""

    def __init__(self, rules: MomentRules) -> None:
        self.changed_to = re.compile(any_of(rules.changed_to))
        self.denied_before = re.compile(rf"(?:{any_of(rules.denied_before)})$")
        self.vague = re.compile(any_of(rules.vague))
        self.denied_after = re.compile(any_of(rules.denied_after))
        after = rf"(?:{any_of(rules.place_after)})(?!{any_of(rules.not_ended_before)})"
        self.marked = re.compile(
            rf"(?:{any_of(rules.place_before)})(?P<place>[^\s,。;!?:、{_MASK}]{{2,{_LONGEST_PLACE}}}?)(?={after}|[\s,。;!?:、{_MASK}]|$)"
        )
        self.places = re.compile(any_of(rules.place_words))
        self.after = re.compile(after)
        self.fillers = re.compile(any_of(rules.fillers))
        self.segments = re.compile(rf"[\s,。;!?:、(){_MASK}]+")

    def read(self, text: str, now: datetime) -> Moment | None:
        times = text
        for changed in self.changed_to.finditer(text):
            times = _MASK * changed.end() + text[changed.end() :]
        for start, end in [one.span() for one in self.vague.finditer(times)]:
            times = times[:start] + _MASK * (end - start) + times[end:]
        if span := _SPAN.search(times):
            at = now + _length(span)
            return self._moment(
                text, [span.span()], day=at.date(), clock=at.time().replace(second=0, microsecond=0)
            )
        days = [day for day in coming_days(times, today=now.date()) if not self._denied(times, day)]
        told = [day for day in days if day.exact and day.day is not None]
        clock = next((one for one in _CLOCK.finditer(times) if _hour_of(one) is not None), None)
        part_found = _PART.search(times)
        part = _PARTS[part_found[0]] if part_found else None
        spans = [(day.start, day.end) for day in coming_days(text, today=now.date())]
        spans += [
            one.span() for pattern in (_RANGE, _CLOCK, _PART, self.vague) for one in pattern.finditer(text)
        ]
        if not told and not clock and (part is None or now.hour >= _PART_ENDS[part]):
            return None
        day = self._day(told, now)
        hour = _hour_of(clock, part) if clock else None
        if hour == 24:
            day, hour = day + timedelta(days=1), 0
        read_clock = time(hour, _minute_of(clock)) if clock and hour is not None else None
        return self._moment(text, spans, day=day, clock=read_clock, part=part)

    def _day(self, told: list[ComingDay], now: datetime) -> date:
        return told[0].day if told and told[0].day else now.date()

    def _denied(self, text: str, day: ComingDay) -> bool:
        before = self.denied_before.search(text, max(0, day.start - 3), day.start)
        return bool(before or self.denied_after.match(text, day.end))

    def _moment(
        self,
        text: str,
        spans: list[tuple[int, int]],
        *,
        day: date,
        clock: time | None,
        part: DayPart | None = None,
    ) -> Moment:
        left = text
        for start, end in spans:
            left = left[:start] + _MASK * (end - start) + left[end:]
        return Moment(day=day, clock=clock, part=part, place=self._place(left))

    def _place(self, left: str) -> str:
        """Return what follows 在 or 到, else the first words that name a kind of place, else what is left."""
        marked = [self._cleaned(found["place"]) or found["place"] for found in self.marked.finditer(left)]
        rests = [self._cleaned(segment) for segment in self.segments.split(left)]
        rests = [rest for rest in rests if 2 <= len(rest) <= _LONGEST_PLACE]
        named = [one for one in (*marked, *rests) if self.places.search(one)]
        if named:
            return named[0]
        if marked:
            return marked[0]
        return rests[0] if len(rests) == 1 else ""

    def _cleaned(self, segment: str) -> str:
        """Take the filling words off both ends, and all that follows a word that ends a place."""
        before = None
        while segment != before:
            before = segment
            if found := self.fillers.match(segment):
                segment = segment[found.end() :]
        if (found := self.after.search(segment)) and found.start() >= 2:
            segment = segment[: found.start()]
        elif found and found.start() == 0:
            return ""
        for size in range(min(4, len(segment)), 0, -1):
            if self.fillers.fullmatch(segment[-size:]):
                return self._cleaned(segment[:-size])
        return segment


def _length(found: re.Match[str]) -> timedelta:
    number = 0.5 if found["n"] == "半" else float(number_of(found["n"]))
    if found["half"]:
        number += 0.5
    minutes = {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15}[found["unit"]]
    return timedelta(minutes=round(number * minutes))


def _hour_of(found: re.Match[str], part: DayPart | None = None) -> int | None:
    """Return the hour of 24; one to six without a part of the day is after noon: nobody meets at night."""
    hour = number_of(found["h"])
    if found["h"] in ("零", "〇") or not 0 <= hour <= 24 or (hour == 0 and not found["h"].isdigit()):
        return None
    if hour > 12:
        return hour
    if part is DayPart.EVENING:
        return 24 if hour == 12 else hour + 12 if hour >= 5 else hour
    if part is DayPart.AFTERNOON or (part is DayPart.NOON and hour < 10):
        return hour if hour == 12 else hour + 12
    if part is None and 0 < hour < _FIRST_SURE_HOUR:
        return hour + 12
    return hour


def _minute_of(found: re.Match[str]) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 * number_of(found["quarter"])
    if found["colon"]:
        return int(found["colon"])
    return min(59, number_of((found["m"] or "").lstrip("零〇")))


@lru_cache(maxsize=4)
def _reader_of(rules: MomentRules) -> _Reader:
    return _Reader(rules)


def read_moment(text: str, rules: MomentRules, *, now: datetime) -> Moment | None:
    """Return when and where a meeting is, None when no day or time is told (过两天); never raises.

    `now` is aware. A time that is over today is given as it was said, for the caller to compare; 上午 alone
    is today while it is still to come. What was changed counts by its last word (改到后天下午).
    """
    return _reader_of(rules).read(normalise(text), now.astimezone(CHINA_TIME))
