"""Finds the sum at stake: what is still owed or claimed, among all the numbers of a text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from itertools import zip_longest

from nlp.fact_rules import AmountRules, FactRules, PeopleRules
from nlp.numerals import DIGITS, LONG_FIRST, NUMBER, numbers_in, read_number
from nlp.phones import blank_phones
from nlp.word_lists import any_of

_LEAST_BARE = 100
_SAME_BREATH = 30
_TENTHS = re.compile(
    r"[1-9一二三四五六七八九](?![\d.十百千万个块元直分点下年天次回共起样定盒袋箱瓶桶斤亩张只头棵套件双条本封把月股小个晚桌趟])"
)
_PAUSE_AFTER = re.compile(r"[,。!?;\s]|$")
_TENS = re.compile(r"\d\d|十|百|千|万")
_MAY_BE_SUM = re.compile("[0-9十拾百佰千仟万亿]|[壹贰叁肆伍陆柒捌玖一二三四五六七八九两俩仨][块元毛圆钱人]")
"""Most messages hold no sum at all, which this finds out at little cost."""
_LARGE = re.compile("[百千万亿佰仟kKwW]")
_LEAST_SUM = 10
_LEAST_YEAR = 1900
_CALLED = re.compile("(?:拨打?|打了?)$")
_YEARS = frozenset(map(str, range(2001, 2030)))
_PLAINLY_MONEY = ("元", "块钱")
_NUMBER_ENDS = re.compile(
    r"(?<=[万千百\d二三四五六七八九])(?=一分[^之]|一毛|一口价|一把|一收|一次|一直|人事|队里|平台|车位|人还|人没|人跑)|(?<=[万千])(?=两年|年终)"
)
"""Where a number ends though the next character could go on with it (两万二|一分没给, 三万|两年不还)."""
_GIVEN_BACK = re.compile("退[了回]{1,2}$")
_TAKEN_BACK = re.compile(r"不是[^\d,。!?]{0,3}$")
_NOT_BEFORE = re.compile(r",?\s?(?:而)?不是")
_HALF_TOLD = re.compile(r"[^\d。!?;]{0,6}[\d一二三四五六七八九十两]+[百千万]")
_INSTEAD = re.compile(r"[^\d。!?]{0,3},?\s?(?:而)?是")
_IN_TIME = frozenset(("月", "年", "期", "时", "次", "斤"))
"""Measures that make a sum at stake only where the text says that it is owed; of others each one counts."""
_TENTH = "毛"
_UNSETTLED = frozenset("月天时晚亩平斤吨棵只头车笼桶座")
"""Measures of which a price alone says nothing about what is at stake."""
_CHEAP = frozenset("台套张针票桌件")
_LEAST_DEAR = 3000
"""Nor does that of one of these things, unless it costs as much as this (一台七千八)."""
_SHARED = _IN_TIME | {"人", "户", "亩", "平", "天", "晚", "疗程"}
_SHORT_NAME = 3
_PRICING = re.compile("[补给赔收要交卖说付得值扣多少摊租差][了我俺他]{0,2}$|[算按价钱]")
"""Between one thing and the number these make it a price: 一棵补八十, but 一台旧收割机一万七."""
_PAID_OUT = re.compile("[给发结]")
_MONTHS_OF_YEARS = "年月"
_ONE_YEAR = re.compile("[去今前]年[^,。!?;给]{0,8}(?:没给|不给|没见|没发)")
"""Of a sum for each year, that of one year is owed (每年一万二, 去年没给)."""
_MONTH = "[0-9]{1,2}|十[一二]?|[一二三四五六七八九]"
_FROM_TO = re.compile(
    rf"(?P<since>前年|去年|今年)?(?:的)?(?P<first>{_MONTH})月份?(?:到|至)(?P<until>前年|去年|今年)?(?:的)?(?P<last>{_MONTH})月"
)
_YEARS_AGO = {"今年": 0, "去年": 1, "前年": 2}
_MONTH_BEFORE = re.compile("[年从到至前上]$")
_MONTH_AFTER = re.compile("[到至里那]")
_NEXT_ITEM = re.compile("[,、][^,。!?;差他她我俺说给退赔要花交扣付收还是只就才不了共总合]{1,4}")
"""What is bought or broken, named before its price (检测费三百,衣裳四百五)."""
_MOST_RATES = 8
_ITEMS_APART = 12
_PLUS = frozenset(("、", "、还有", ",还有", "加", "加上", "再加", "还加", "外加", ",加上", ",再加", ",外加"))
_HALVED = frozenset(("月", "年"))
"""Measures of which a half counts (半年); 半天 and 半斤 only mean little."""
_ANYTHING = "个"
_LIKE = {
    "人": (("户", 1), ("些", 1)),
    "户": (("众", 1), ("些", 1)),
    "月": (("期", 1),),
    _ANYTHING: (("些", 1),),
    "晚": (("天", 1),),
    "天": (("月", 30),),
}
"""What is counted instead: 十二户, 一人六十; 一个月八百, 还有九期."""


class _Part(IntEnum):
    """What a sum is in the dispute; the higher, the more it is at stake."""

    WORTHLESS = 0
    ALONE = 1
    PAID = 2
    OFFERED = 3
    PROMISED = 4
    GIVEN = 5
    NAMED = 6
    OWED = 7


_ITEM_PARTS = frozenset((_Part.GIVEN, _Part.NAMED, _Part.OWED))


@dataclass(frozen=True, slots=True)
class _Sum:
    value: int | float
    start: int
    end: int
    part: _Part
    per: tuple[str, ...] = ()
    rate_only: bool = False
    total: bool = False


class _Reader:
    """The patterns of one rule file, compiled once."""

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
        counted = rf"{any_of(measure for measure in rules.per if measure != _ANYTHING)}(?!上)"
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
        self.earned_before = re.compile(any_of(rules.earned_before))
        self.small_before = re.compile(rf"(?:{any_of(rules.small_before)})$")
        self.rate_only = re.compile(any_of(rules.rate_only))
        parts_before = (
            (rules.alone_before, 5, _Part.ALONE),
            (rules.promised_before, 3, _Part.PROMISED),
            (rules.offered_before, 3, _Part.OFFERED),
            (rules.owed_before, 8, _Part.OWED),
            (rules.claimed_before, 1, _Part.OWED),
            (rules.given_before, 1, _Part.GIVEN),
            (rules.paid_before, 2, _Part.PAID),
        )
        self.parts_before = [(self._near_before(words, reach), part) for words, reach, part in parts_before]
        self.any_before = self._near_before([word for words, _, _ in parts_before for word in words])
        self.got_before = self._near_before(rules.got_before, reach=2)
        self.got_after = re.compile(rf"[^\d,。!?;没未]{{0,4}}?(?:{any_of(rules.got_after)})(?!一半)")
        self.giver_before = re.compile(rf"(?:{any_of(rules.giver_before)})(?:我|俺)?$")
        self.own_repayment = re.compile(rf"(?:{any_of(rules.own_repayment)})[^,。!?;]{{0,5}}还[了过]$")
        self.compared_before = re.compile(rf"(?:{any_of(rules.compared_before)})(?!卡)[^\d,。!?;]{{0,5}}$")
        self.owed_after = re.compile(rf"[^\d。!?;百千万]{{0,8}}?(?:{any_of(rules.owed_after)})")
        self.paid_after = re.compile(rf"[^\d,。!?;]{{0,4}}?(?:{any_of(rules.paid_after)})")
        self.worthless = re.compile(rf"(?:元|块)?(?:的)?(?:{any_of(rules.worthless_after)})")
        self.rest_before = re.compile(rf"(?:{any_of(rules.rest_before)})[^\d,。!?;]{{0,4}}$")
        self.own_payment = re.compile(rf"(?:{any_of(rules.own_payment)})[^\d,。!?;]{{0,5}}$")
        self.owing = re.compile(any_of(rules.owing))
        self.added = re.compile(any_of(rules.added))
        items = any_of(rules.items)
        self.item_before = re.compile(rf"(?:{items})[^\d,。!?;]{{0,2}}$")
        self.item_after = re.compile(rf"[^\d,。!?;{DIGITS}]{{0,3}}?(?:{items})[、,]?")
        self.changed = re.compile(any_of(rules.changed))
        self.difference = re.compile(any_of(rules.difference_after))
        self.half = re.compile(any_of(rules.half_after))
        self.corrected = re.compile(any_of(rules.corrected))

    @staticmethod
    def _near_before(words: Iterable[str], reach: int = 8) -> re.Pattern[str]:
        return re.compile(rf"(?:{any_of(words)})[^\d,。!?;]{{0,{reach}}}$")

    # --- the sums of a text ----------------------------------------------------------------------------

    def sums(self, text: str) -> list[_Sum]:
        found: list[_Sum] = []
        for match in numbers_in(text, self.number, LONG_FIRST):
            if not match["currency"] and len(match["number"]) == 1:
                continue
            value = self._money(text, match)
            if value is None:
                continue
            floor = found[-1].end if found else 0
            item = self._with_part(text, match, value, floor)
            if item.per or value >= _LEAST_BARE or not self._is_price(text, match):
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
        if value < _LEAST_BARE and not (self._is_price(text, match) or self._is_small_sum(text, match)):
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

    def _with_part(self, text: str, match: re.Match[str], value: int | float, floor: int) -> _Sum:
        start, end = match.start("number"), self._end(text, match)
        low = max(floor, start - 14)
        per = self._per(text, low, start, end)
        compared = self.compared_before.search(text, low, start)
        if self.worthless.match(text, match.end("number")) or (
            compared and not (per and "价" in compared[0])
        ):
            part = _Part.WORTHLESS
        else:
            part = self._part(text, low, start, end)
        rate_only = bool(per) and (
            value < _LEAST_BARE or bool(self.rate_only.search(text, max(floor, start - 8), end + 4))
        )
        total = part is _Part.NAMED and self.total_before.search(text, low, start) is not None
        return _Sum(value, start, end, part, per, rate_only, total)

    def _part(self, text: str, low: int, start: int, end: int) -> _Part:
        """Return what a sum is by the words before it, else by those after it."""
        if self.any_before.search(text, low, start):
            for pattern, part in self.parts_before:
                if pattern.search(text, low, start):
                    return part
        if self.owed_after.match(text, end):
            return _Part.OWED
        return _Part.PAID if self.paid_after.match(text, end) else _Part.NAMED

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
        if measure == _ANYTHING and before[0][0] != "每":
            return len(between) > 1
        if len(between) < 2 or before[0][0] == "每":
            return False
        if len(between) <= _SHORT_NAME and _PRICING.search(between):
            return False
        return re.search(rf"[\d二三四五六七八九十百千万两]{measure}", text) is None

    def counts(self, text: str, sums: Sequence[_Sum] = ()) -> list[tuple[str, int | float, int]]:
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
                        found.append((_MONTHS_OF_YEARS, value * 12, match.start()))
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

    # --- the one at stake ------------------------------------------------------------------------------

    def at_stake(self, text: str) -> int | float | None:
        """Return what is owed if that is said, else what rate and count make, else what is named."""
        told = self.sums(text)
        if not told:
            return None
        sums = self._without_corrected(text, told)
        value = self._of(text, told, sums)
        half = self.half.search(text, sums[0].end) if value and len(sums) == 1 and not sums[0].per else None
        if value is None or half is None or _HALF_TOLD.match(text, half.end()):
            return value
        return _plain(value / 2)

    def _of(self, text: str, told: list[_Sum], sums: list[_Sum]) -> int | float | None:
        if not sums:
            return None
        only = sums[0] if len(sums) == 1 else None
        if only and self._is_received(text, only):
            return None
        rates = [item for item in sums if item.per]
        totals = self._itemised(text, [item for item in sums if not item.per])
        rest = self._rest(text, totals) if len(told) == len(sums) else None
        if rest is not None:
            return rest
        if len(totals) == len(sums) == 2 and self.difference.search(text, sums[1].end):
            return _plain(abs(totals[0].value - totals[1].value))
        owed = [item for item in totals if item.part is _Part.OWED]
        if owed:
            return self._added_up(text, owed)
        told_total = [item for item in totals if item.total and item.part is _Part.NAMED]
        if told_total:
            return max(item.value for item in told_total)
        product = self._product(text, rates, totals)
        named = max((item.value for item in totals if item.part is _Part.NAMED), default=0)
        if product is not None and (product >= named or self.owing.search(text)):
            return product
        promised = [item for item in totals if item.part is _Part.PROMISED]
        paid = [item for item in totals if item.part in (_Part.PAID, _Part.OFFERED, _Part.GIVEN)]
        if len(promised) == 1 and len(paid) == 1 and promised[0].value > paid[0].value:
            return promised[0].value - paid[0].value
        if promised:
            return max(item.value for item in promised)
        whole = [
            item
            for item in rates
            if not item.rate_only
            and _UNSETTLED.isdisjoint(item.per)
            and (_CHEAP.isdisjoint(item.per) or item.value >= _LEAST_DEAR)
            and item.part > _Part.PAID
        ]
        for choice in ([item for item in totals if item.part in (_Part.NAMED, _Part.GIVEN)], whole):
            if choice:
                return max(item.value for item in choice)
        if only is None or only.per or only.part > _Part.OFFERED:
            return None
        return only.value

    def _is_received(self, text: str, item: _Sum) -> bool:
        """Whether the sender has been given a sum, so that it is not what the dispute is about."""
        if item.part not in (_Part.OFFERED, _Part.PAID, _Part.GIVEN):
            return False
        low = max(0, item.start - 12)
        if self.got_after.match(text, item.end) or self.giver_before.search(text, low, item.start):
            return True
        if item.part is not _Part.PAID or not self.got_before.search(text, low, item.start):
            return False
        return self.own_repayment.search(text, low, item.start) is None

    def _rest(self, text: str, totals: list[_Sum]) -> int | float | None:
        """Return a whole sum less what was paid of it (十二万七,给了八万), None when that is not told so."""
        wholes = [item for item in totals if item.part in (_Part.OWED, _Part.NAMED, _Part.PROMISED)]
        paid = [item for item in totals if item.part in (_Part.PAID, _Part.GIVEN)]
        if not wholes and len(paid) == 2 and _GIVEN_BACK.search(text, paid[0].end, paid[1].start):
            wholes = [paid.pop(0)]
        if len(wholes) != 1 or not paid or len(wholes) + len(paid) != len(totals):
            return None
        whole = wholes[0]
        left = sum(item.value for item in paid)
        if left >= whole.value or not whole.end <= paid[0].start <= whole.end + _SAME_BREATH:
            return None
        if self.rest_before.search(text, max(0, whole.start - 8), whole.start):
            return None
        if any(self.own_payment.search(text, max(0, item.start - 8), item.start) for item in paid):
            return None
        return _plain(whole.value - left)

    def _without_corrected(self, text: str, sums: list[_Sum]) -> list[_Sum]:
        """Drop a sum that the sender takes back: 不是三万五,是三万二."""
        kept = [
            item
            for before, item, following in zip_longest((None, *sums), sums, sums[1:])
            if item
            and not (following and self._is_corrected(text, item, following))
            and not (before and _NOT_BEFORE.fullmatch(text, before.end, item.start))
        ]
        kept = [item for item in kept if item.part is not _Part.WORTHLESS]
        return [item for item in kept if item.part is not _Part.ALONE] or kept

    def _itemised(self, text: str, totals: list[_Sum]) -> list[_Sum]:
        """Add up what is told item by item (学费五千八住宿费一千二, 押金五百加工资两千六)."""
        added: list[_Sum] = []
        for item in totals:
            last = added[-1] if added else None
            if last and {item.part, last.part} <= _ITEM_PARTS and self._are_items(text, last, item):
                part = max(item.part, last.part)
                added[-1] = replace(last, value=last.value + item.value, end=item.end, part=part)
            else:
                added.append(item)
        return added

    def _are_items(self, text: str, one: _Sum, two: _Sum) -> bool:
        between = text[one.end : two.start]
        if len(between) > _ITEMS_APART or "。" in between or self.changed.search(between):
            return False
        if between in _PLUS:
            return True
        named_before = self.item_before.search(text, max(0, one.start - 6), one.start)
        if named_before and (self.item_before.search(between) or _NEXT_ITEM.fullmatch(between)):
            return True
        return bool(
            self.item_after.fullmatch(text, one.end, two.start) and self.item_after.match(text, two.end)
        )

    def _is_corrected(self, text: str, item: _Sum, following: _Sum) -> bool:
        """Whether the next sum is told in place of this one."""
        taken_back = _TAKEN_BACK.search(text, max(0, item.start - 6), item.start)
        if taken_back and _INSTEAD.match(text, item.end):
            return True
        if following.start - item.end > _SAME_BREATH:
            return False
        return self.corrected.search(text, item.end, following.start) is not None

    def _product(self, text: str, rates: list[_Sum], totals: list[_Sum]) -> int | float | None:
        """Return rate times count less what was paid, when the text says that it is owed."""
        rates = [
            item for item in rates if not self.earned_before.search(text, max(0, item.start - 6), item.start)
        ]
        owing = self.owing.search(text) is not None
        counts = self.counts(text, rates) if rates else []
        for rate in sorted(rates, key=lambda item: (item.part, item.start), reverse=True)[:_MOST_RATES]:
            small = rate.value < _LEAST_BARE and "天" in rate.per
            if owing or (_IN_TIME.isdisjoint(rate.per) and not small):
                product = self._multiplied(text, rate, counts)
                if product is not None:
                    return self._less_paid(product, totals)
        return None

    def _multiplied(
        self, text: str, rate: _Sum, counts: list[tuple[str, int | float, int]]
    ) -> int | float | None:
        """Return a rate times what is counted of each of its measures, None where one is not counted."""
        product: int | float = rate.value
        for measure in rate.per:
            same = (measure, _MONTHS_OF_YEARS) if measure == "月" else (measure,)
            fitting = [count for count in counts if count[0] in same] or [
                (kind, value * times, at)
                for kind, value, at in counts
                for like, times in _LIKE.get(measure, ())
                if kind == like
            ]
            if not fitting and measure == "年" and _ONE_YEAR.search(text):
                continue
            if not fitting:
                return None
            product *= self._owed_count(text, rate, fitting)
        if rate.per == ("亩",):
            years = [value for kind, value, _ in counts if kind == "年"]
            product *= years[0] if len(years) == 1 else 1
        return product

    @staticmethod
    def _less_paid(product: int | float, totals: list[_Sum]) -> int | float:
        paid = sum(item.value for item in totals if item.part in (_Part.PAID, _Part.GIVEN, _Part.OFFERED))
        return _plain(product - paid if paid < product else product)

    def _owed_count(self, text: str, rate: _Sum, counts: list[tuple[str, int | float, int]]) -> int | float:
        """Prefer the count in whose clause owing is said, else the nearest to the rate."""
        for _, value, at in counts:
            if self.owing.search(text, max(0, at - 4), at):
                return value
        return min(counts, key=lambda count: abs(count[2] - rate.start))[1]

    def _added_up(self, text: str, owed: list[_Sum]) -> int | float:
        """Several sums owed: added when the text lists them, else the largest."""
        if len({item.value for item in owed}) == len(owed) > 1:
            between = text[owed[0].start : owed[-1].end + 6]
            if self.added.search(between):
                return sum(item.value for item in owed)
        return max(item.value for item in owed)


def _plain(value: int | float) -> int | float:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


@lru_cache(maxsize=4)
def _reader_of(rules: FactRules) -> _Reader:
    return _Reader(rules.amounts, rules.people)


def read_amount(text: str, rules: FactRules) -> int | float | None:
    """Return the sum at stake in yuan as told in a normalised text, None when none is told.

    What is still owed or claimed counts; what was paid does not, an offer only when it is the only sum.
    """
    if not _MAY_BE_SUM.search(text):
        return None
    return _reader_of(rules).at_stake(_plain_sums(text))


def read_told_sum(text: str, rules: FactRules) -> int | float | None:
    """Return the one sum that a short answer names, paid or not (3000到账了), else as `read_amount`."""
    told = _reader_of(rules).sums(_plain_sums(text))
    if len(told) == 1 and not told[0].per:
        return told[0].value
    return read_amount(text, rules)


def _plain_sums(text: str) -> str:
    """Return the text without phones, with a blank where a number ends before a word like one."""
    return _NUMBER_ENDS.sub(" ", blank_phones(text))
