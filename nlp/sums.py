"""Finds all sums of a text, what each is in the dispute, and what is counted beside them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from nlp.fact_rules import AmountRules, PeopleRules
from nlp.numerals import DIGITS, LONG_FIRST, NUMBER, numbers_in, read_number
from nlp.word_lists import any_of

LEAST_BARE = 100
"""A number below this is money only where the words beside it say so (yuan)."""
_TENTHS = re.compile(
    r"[1-9一二三四五六七八九](?![\d.十百千万个块元直分点下年天次回共起样定盒袋箱瓶桶斤亩张只头棵套件双条本封把月股小个晚桌趟])"
)
_PAUSE_AFTER = re.compile(r"[,。!?;\s]|$")
_TENS = re.compile(r"\d\d|十|百|千|万")
_LARGE = re.compile("[百千万亿佰仟kKwW]")
_LEAST_SUM = 10
_LEAST_YEAR = 1900
_CALLED = re.compile("(?:拨打?|打了?)$")
_YEARS = frozenset(map(str, range(2001, 2030)))
_PLAINLY_MONEY = ("元", "块钱")
IN_TIME = frozenset(("月", "年", "期", "时", "次", "斤"))
"""Measures that make a sum at stake only where the text says that it is owed; of others each one counts."""
_TENTH = "毛"
_SHARED = IN_TIME | {"人", "户", "亩", "平", "天", "晚", "疗程"}
_SHORT_NAME = 3
_PRICING = re.compile("[补给赔收要交卖说付得值扣多少摊租差][了我俺他]{0,2}$|[算按价钱]")
"""Between one thing and the number these make it a price: 一棵补八十, but 一台旧收割机一万七."""
_PAID_OUT = re.compile("[给发结]")
MONTHS_OF_YEARS = "年月"
"""The kind of count that years make in months (两年 = 24)."""
_MONTH = "[0-9]{1,2}|十[一二]?|[一二三四五六七八九]"
_FROM_TO = re.compile(
    rf"(?P<since>前年|去年|今年)?(?:的)?(?P<first>{_MONTH})月份?(?:到|至)(?P<until>前年|去年|今年)?(?:的)?(?P<last>{_MONTH})月"
)
_YEARS_AGO = {"今年": 0, "去年": 1, "前年": 2}
_MONTH_BEFORE = re.compile("[年从到至前上]$")
_MONTH_AFTER = re.compile("[到至里那]")
_HALVED = frozenset(("月", "年"))
"""Measures of which a half counts (半年); 半天 and 半斤 only mean little."""
ANYTHING = "个"
"""The measure of things whose own measure is not told (一个八十)."""


class Part(IntEnum):
    """What a sum is in the dispute; the higher, the more it is at stake."""

    WORTHLESS = 0
    ALONE = 1
    PAID = 2
    OFFERED = 3
    PROMISED = 4
    GIVEN = 5
    NAMED = 6
    OWED = 7


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in yuan and where it stands; `per` are the measures of which it is the price (月, 人)."""

    value: int | float
    start: int
    end: int
    part: Part
    per: tuple[str, ...] = ()
    rate_only: bool = False
    total: bool = False


class SumReader:
    """Finds sums and counts by the patterns of one rule file, compiled once."""

    def __init__(self, rules: AmountRules, people: PeopleRules) -> None:
        self.rules = rules
        who = any_of(people.crowd_of)
        self.never = frozenset(rules.never_sums)
        currency = any_of(rules.currency)
        measures = rf"{any_of(rules.per)}(?!上|性|(?<=次)[付交充]|[{DIGITS}][口个])"
        self.whole_before = re.compile(r"(?:[了满]|[欠拖压扣][我俺]?)$")
        self.number = re.compile(
            rf"(?<![\d.])(?<![A-Za-z](?=\d))(?P<number>{NUMBER})(?P<currency>{currency})?"
            rf"(?P<not_money>{any_of(rules.not_money_after)})?"
        )
        counted = rf"{any_of(measure for measure in rules.per if measure != ANYTHING)}(?!上)"
        self.measure = re.compile(measures)
        self.numbered = re.compile(rf"(?:{any_of(rules.numbered)})[^\d,。!?;]{{0,3}}$")
        self.one_month = re.compile(rf"(?:{any_of(rules.withheld)})了?(?:我|俺|他|她|俺们|我们)?的?$")
        self.count = re.compile(
            rf"(?P<number>{NUMBER}|半)(?:(?P<people>[个名位]{who})|(?P<measure>{counted})|(?P<bare>个)(?![月人]))"
        )
        self.us_before = re.compile(rf"(?:{any_of(people.ours)})$")
        self.total_before = re.compile(rf"(?:{any_of(rules.total_before)})[^\d,。!?;]{{0,4}}$")
        self.one_before = re.compile(rf"(?:(?<![{DIGITS}])一|每)个?(?:{measures})[^,。!?;{DIGITS}]?$")
        self.not_before = re.compile(
            rf"(?:{any_of(rules.not_money_before)}|(?:{any_of(rules.audience)})[量数了有过到达破近]{{0,3}})$"
        )
        not_after = "".join(f"(?<!{re.escape(word)})" for word in rules.not_rate_before)
        self.per_before = re.compile(
            rf"(?:{not_after}(?:(?<![{DIGITS}])一|每)个?(?P<measure>{measures})"
            rf"|了一(?P<each>人|户|家)"
            rf"|(?<![个俩仨几两半上当本这\d一二三四五六七八九十])(?P<month>月)(?=工资|租|薪|供))[^\d,。!?;]{{0,6}}$"
        )
        self.per_twice = re.compile(
            rf"(?:一|每)个?(?P<measure>{measures})(?:一|每)个?(?:{measures})[^\d,。!?;]{{0,4}}$"
        )
        self.per_after = re.compile(
            rf"\s?(?:(?:一|每|/|1)个?(?P<measure>{measures}))(?!共|起|直|块|样|下|年到头)"
        )
        self.small_before = re.compile(rf"(?:{any_of(rules.small_before)})$")
        self.rate_only = re.compile(any_of(rules.rate_only))
        parts_before = (
            (rules.alone_before, 5, Part.ALONE),
            (rules.promised_before, 3, Part.PROMISED),
            (rules.offered_before, 3, Part.OFFERED),
            (rules.owed_before, 8, Part.OWED),
            (rules.claimed_before, 1, Part.OWED),
            (rules.given_before, 1, Part.GIVEN),
            (rules.paid_before, 2, Part.PAID),
        )
        self.parts_before = [(near_before(words, reach), part) for words, reach, part in parts_before]
        self.any_before = near_before([word for words, _, _ in parts_before for word in words])
        self.compared_before = re.compile(rf"(?:{any_of(rules.compared_before)})(?!卡)[^\d,。!?;]{{0,5}}$")
        self.owed_after = re.compile(rf"[^\d。!?;百千万]{{0,8}}?(?:{any_of(rules.owed_after)})")
        self.paid_after = re.compile(rf"[^\d,。!?;]{{0,4}}?(?:{any_of(rules.paid_after)})")
        self.worthless = re.compile(rf"(?:元|块)?(?:的)?(?:{any_of(rules.worthless_after)})")

    def sums(self, text: str) -> list[Sum]:
        """Return all sums of a text, from left to right."""
        found: list[Sum] = []
        for match in numbers_in(text, self.number, LONG_FIRST):
            if not match["currency"] and len(match["number"]) == 1:
                continue
            value = self._money(text, match)
            if value is None:
                continue
            floor = found[-1].end if found else 0
            item = self._with_part(text, match, value, floor)
            if item.per or value >= LEAST_BARE or not self._is_price(text, match):
                found.append(item)
        return found

    def _is_price(self, text: str, match: re.Match[str]) -> bool:
        """Whether the number is said directly beside what one of something costs (一棵八十五, 25一个月)."""
        start, end = match.start("number"), self._end(text, match)
        if match["not_money"] or not (match["currency"] or _TENS.search(match["number"])):
            return False
        before = self.one_before.search(text, max(0, start - 8), start)
        return bool(before or self.per_after.match(text, end))

    @staticmethod
    def _end(text: str, match: re.Match[str]) -> int:
        """Return where the sum ends, the tenths after 块 included (三块二)."""
        if match["currency"] == "块" and _TENTHS.match(text, match.end("currency")):
            return match.end("currency") + 1
        return match.end("currency" if match["currency"] else "number")

    def _money(self, text: str, match: re.Match[str]) -> int | float | None:
        """Return the value if the number is money, None when it counts something else."""
        written, currency = match["number"], match["currency"]
        bare = written.isdigit()
        if not currency and not bare and not _LARGE.search(written):
            if match["not_money"] or not (self._is_price(text, match) or self._is_small_sum(text, match)):
                return None
            return read_number(written)
        value = read_number(written)
        if value is None or value == 0 or (bare and value in self.never):
            return None
        if self.not_before.search(text, max(0, match.start() - 6), match.start()) and not currency:
            return None
        if bare and not currency and self._is_no_sum(text, match):
            return None
        if currency == _TENTH:
            return value / 10 if self._is_price(text, match) else None
        if currency == "块" and (tenths := _TENTHS.match(text, match.end("currency"))):
            value += (read_number(tenths[0]) or 0) / 10
        if currency:
            plain = value >= _LEAST_SUM or currency in _PLAINLY_MONEY
            return value if plain or self._is_price(text, match) else None
        if match["not_money"]:
            return None
        if bare and (
            len(written) > 7 or text[match.end("number") : match.end("number") + 1] in set(".-~:)/")
        ):
            following = text[match.end("number") + 1 : match.end("number") + 2]
            if len(written) > 7 or following.isdigit() or text[match.end("number")] == ")":
                return None
        if value < LEAST_BARE and not (self._is_price(text, match) or self._is_small_sum(text, match)):
            return None
        return value

    def _is_no_sum(self, text: str, match: re.Match[str]) -> bool:
        """Whether bare digits are a year, the number of something or a reading."""
        start = match.start()
        if (
            match["number"][0] == "0"
            or match["number"] in _YEARS
            or _CALLED.search(text, max(0, start - 3), start)
        ):
            return True
        return self.numbered.search(text, max(0, match.start() - 8), match.start()) is not None

    def _is_small_sum(self, text: str, match: re.Match[str]) -> bool:
        """Whether a bare small number is money: 要赔六十, 花了四十."""
        start, end = match.span("number")
        before = self.small_before.search(text, max(0, start - 6), start)
        return bool(before and _TENS.search(match["number"]) and _PAUSE_AFTER.match(text, end))

    def _with_part(self, text: str, match: re.Match[str], value: int | float, floor: int) -> Sum:
        start, end = match.start("number"), self._end(text, match)
        low = max(floor, start - 14)
        per = self._per(text, low, start, end)
        compared = self.compared_before.search(text, low, start)
        if self.worthless.match(text, match.end("number")) or (
            compared and not (per and "价" in compared[0])
        ):
            part = Part.WORTHLESS
        else:
            part = self._part(text, low, start, end)
        rate_only = bool(per) and (
            value < LEAST_BARE or bool(self.rate_only.search(text, max(floor, start - 8), end + 4))
        )
        total = part is Part.NAMED and self.total_before.search(text, low, start) is not None
        return Sum(value, start, end, part, per, rate_only, total)

    def _part(self, text: str, low: int, start: int, end: int) -> Part:
        """Return what a sum is by the words before it, else by those after it."""
        if self.any_before.search(text, low, start):
            for pattern, part in self.parts_before:
                if pattern.search(text, low, start):
                    return part
        if self.owed_after.match(text, end):
            return Part.OWED
        return Part.PAID if self.paid_after.match(text, end) else Part.NAMED

    def _per(self, text: str, low: int, start: int, end: int) -> tuple[str, ...]:
        """Return the measures of which the sum is the price (一人一月4000 = 人, 月)."""
        per = self.rules.per
        measures = []
        if after := self.per_after.match(text, end):
            measures.append(per[after["measure"]])
        before = self.per_before.search(text, low, start)
        while before and self._is_one(text, before, start):
            before = self.per_before.search(text, before.end("measure"), start)
        if before:
            if twice := self.per_twice.search(text, low, start):
                measures.append(per[twice["measure"]])
                measures.append(per[self.measure.findall(text, low, start)[-1]])
            else:
                measures.append(per[before["measure"] or before["each"] or before["month"]])
        return tuple(dict.fromkeys(measures))

    def _is_one(self, text: str, before: re.Match[str], start: int) -> bool:
        """Whether 一 counts one thing or month and names no rate (一台旧收割机, 扣我一个月工资)."""
        measure = before["measure"]
        if measure is None:
            return False
        kind, between = self.rules.per[measure], text[before.end("measure") : start]
        if kind == "月":
            if text[before.start() - 1 : before.start()] == "满" and _PAID_OUT.search(between):
                return True
            return self.one_month.search(text, max(0, before.start() - 6), before.start()) is not None
        if kind in _SHARED:
            return False
        if measure == ANYTHING and before[0][0] != "每":
            return len(between) > 1
        if len(between) < 2 or before[0][0] == "每":
            return False
        if len(between) <= _SHORT_NAME and _PRICING.search(between):
            return False
        return re.search(rf"[\d二三四五六七八九十百千万两]{measure}", text) is None

    def counts(self, text: str, sums: Sequence[Sum] = ()) -> list[tuple[str, int | float, int]]:
        """Return what is counted: kind of measure, number, offset (七个月 = 月, 7); sums are no counts."""
        taken = {at for item in sums for at in range(item.start, item.end)}
        in_months = any("月" in item.per for item in sums)
        found: list[tuple[str, int | float, int]] = list(self._spans(text)) if in_months else []
        for match in numbers_in(text, self.count):
            if match.start() in taken:
                continue
            value = 0.5 if match["number"] == "半" else read_number(match["number"])
            if value and match["measure"] == "年" and text[match.end() : match.end() + 1] == "半":
                value += 0.5
            if value and match["measure"] == "亩" and (tenths := _TENTHS.match(text, match.end())):
                value += (read_number(tenths[0]) or 0) / 10
            measure = match["measure"]
            if measure is None:
                us = match["people"] or self.us_before.search(text, max(0, match.start() - 4), match.start())
                if value and value > 1:
                    found.extend((kind, value, match.start()) for kind in (("人", "众") if us else ("些",)))
                continue
            if match["number"] == "半" and self.rules.per[measure] not in _HALVED:
                continue
            after = text[match.end() : match.end() + 1]
            calendar = match["measure"] in ("月", "日") and (
                (after in "份底初中末" and after) or after.isdigit()
            )
            calendar = calendar or (measure == "月" and self._is_month(text, match))
            arabic_month = match["measure"] == "月" and match["number"].isdigit()
            if value and not calendar and not arabic_month and (measure != "年" or value < _LEAST_YEAR):
                kind = self.rules.per[match["measure"]]
                whole = self.whole_before.search(text, max(0, match.start() - 2), match.start())
                one = match["number"] == "一" and not (whole and kind not in ("人", "户"))
                if not one:
                    found.append((kind, value, match.start()))
                    if kind == "年":
                        found.append((MONTHS_OF_YEARS, value * 12, match.start()))
        return found

    @staticmethod
    def _spans(text: str) -> Iterator[tuple[str, int, int]]:
        """Yield how many months lie from one month to another, both counted (去年九月到今年三月 = 7)."""
        for match in _FROM_TO.finditer(text):
            first, last = read_number(match["first"]), read_number(match["last"])
            if not (isinstance(first, int) and isinstance(last, int) and 1 <= first <= 12 >= last >= 1):
                continue
            since, until = _YEARS_AGO.get(match["since"]), _YEARS_AGO.get(match["until"])
            years = since - until if since is not None and until is not None else int(last < first)
            if (months := 12 * years + last - first + 1) > 0:
                yield "月", months, match.start()

    @staticmethod
    def _is_month(text: str, match: re.Match[str]) -> bool:
        """Whether 三月 is the month of March, not three months."""
        before = _MONTH_BEFORE.search(text, max(0, match.start() - 2), match.start())
        return bool(before or _MONTH_AFTER.match(text, match.end()))


def near_before(words: Iterable[str], reach: int = 8) -> re.Pattern[str]:
    """Return a pattern of the words that end at most `reach` characters before a number, in one clause."""
    return re.compile(rf"(?:{any_of(words)})[^\d,。!?;]{{0,{reach}}}$")
