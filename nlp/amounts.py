"""Finds the sum at stake: what is still owed or claimed, among all the numbers of a text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import zip_longest

from nlp.fact_rules import AmountRules, FactRules
from nlp.numerals import NUMBER, numbers_in, read_number
from nlp.phones import blank_phones
from nlp.word_lists import any_of

_LEAST_BARE = 100
_SAME_BREATH = 30
_TENTHS = re.compile(r"[1-9一二三四五六七八九](?![\d.十百千万个块元直分点下年天次回共起样定])")
_PAUSE_AFTER = re.compile(r"[,。!?;\s]|$")
_LARGE = re.compile("[百千万亿佰仟kKwW]")
_LEAST_SUM = 10
_LEAST_YEAR = 1900
_PLAINLY_MONEY = ("元", "块钱")
_NUMBER_ENDS = re.compile(
    r"(?<=[万千百\d二三四五六七八九])(?=一分[^之]|一毛|一口价|人事|队里|平台|车位)|(?<=[万千])(?=两年)"
)
"""Where a number ends though the next character could go on with it (两万二|一分没给, 三万|两年不还)."""
_TAKEN_BACK = re.compile(r"不是[^\d,。!?]{0,3}$")
_INSTEAD = re.compile(r"[^\d。!?]{0,3},?\s?(?:而)?是")
_EACH = frozenset(("人", "户", "座", "疗程", "头", "平", "亩", "天"))
"""Measures of which each owes or is owed the same, whether or not the text says so."""
_SETTLED = frozenset(("年", "人", "次", "期", "节", "户"))


class _Part(IntEnum):
    """What a sum is in the dispute; the higher, the more it is at stake."""

    WORTHLESS = 0
    PAID = 1
    OFFERED = 2
    PROMISED = 3
    GIVEN = 4
    NAMED = 5
    OWED = 6


@dataclass(frozen=True, slots=True)
class _Sum:
    value: int | float
    start: int
    end: int
    part: _Part
    per: tuple[str, ...] = ()
    rate_only: bool = False


class _Reader:
    """The patterns of one rule file, compiled once."""

    def __init__(self, rules: AmountRules) -> None:
        self.rules = rules
        self.never = frozenset(rules.never_sums)
        currency = any_of(rules.currency)
        measures = any_of(rules.per)
        self.whole_before = re.compile(r"[了欠拖压扣]$")
        self.number = re.compile(
            rf"(?<![\d.A-Za-z])(?P<number>{NUMBER})(?P<currency>{currency})?"
            rf"(?P<not_money>{any_of(rules.not_money_after)})?"
        )
        self.measure = re.compile(measures)
        self.count = re.compile(rf"(?P<number>{NUMBER}|半)(?P<measure>{measures})")
        self.not_before = re.compile(
            rf"(?:{any_of(rules.not_money_before)}|(?:{any_of(rules.audience)})[量数了有过到达破近]{{0,3}})$"
        )
        not_after = "".join(f"(?<!{re.escape(word)})" for word in rules.not_rate_before)
        self.per_before = re.compile(
            rf"(?:{not_after}(?:一|每)个?(?P<measure>{measures})"
            rf"|(?<![个俩仨几两半\d一二三四五六七八九十])(?P<month>月)(?=工资|租|薪))[^\d,。!?;]{{0,6}}$"
        )
        self.per_twice = re.compile(
            rf"(?:一|每)个?(?P<measure>{measures})(?:一|每)个?(?:{measures})[^\d,。!?;]{{0,4}}$"
        )
        self.per_after = re.compile(
            rf"\s?(?:(?:一|每|/)个?(?P<measure>{measures}))(?!共|起|直|块|样|下|年到头)"
        )
        self.earned_before = re.compile(any_of(rules.earned_before))
        self.small_before = re.compile(rf"(?:{any_of(rules.small_before)})$")
        self.rate_only = re.compile(any_of(rules.rate_only))
        self.owed_before = self._near_before(rules.owed_before)
        self.paid_before = self._near_before(rules.paid_before, reach=2)
        self.got_before = self._near_before(rules.got_before, reach=2)
        self.offered_before = self._near_before(rules.offered_before, reach=3)
        self.promised_before = self._near_before(rules.promised_before, reach=3)
        self.compared_before = re.compile(rf"(?:{any_of(rules.compared_before)})(?!卡)[^\d,。!?;]{{0,5}}$")
        self.claimed_before = self._near_before(rules.claimed_before, reach=1)
        self.given_before = self._near_before(rules.given_before, reach=1)
        self.owed_after = re.compile(rf"[^\d。!?;]{{0,8}}?(?:{any_of(rules.owed_after)})")
        self.paid_after = re.compile(rf"[^\d,。!?;]{{0,4}}?(?:{any_of(rules.paid_after)})")
        self.worthless = re.compile(rf"(?:元|块)?(?:的)?(?:{any_of(rules.worthless_after)})")
        self.rest_before = re.compile(rf"(?:{any_of(rules.rest_before)})[^\d,。!?;]{{0,4}}$")
        self.own_payment = re.compile(rf"(?:{any_of(rules.own_payment)})[^\d,。!?;]{{0,5}}$")
        self.owing = re.compile(any_of(rules.owing))
        self.added = re.compile(any_of(rules.added))

    @staticmethod
    def _near_before(words: Iterable[str], reach: int = 8) -> re.Pattern[str]:
        return re.compile(rf"(?:{any_of(words)})[^\d,。!?;]{{0,{reach}}}$")

    # --- the sums of a text ----------------------------------------------------------------------------

    def sums(self, text: str) -> list[_Sum]:
        found: list[_Sum] = []
        for match in numbers_in(text, self.number):
            value = self._money(text, match)
            if value is None:
                continue
            floor = found[-1].end if found else 0
            found.append(self._with_part(text, match, value, floor))
        return found

    def _money(self, text: str, match: re.Match[str]) -> int | float | None:
        """Return the value if the number is money, None when it counts something else."""
        written, currency = match["number"], match["currency"]
        bare = written.isdigit()
        if not currency and not bare and not _LARGE.search(written):
            if match["not_money"] or not self._is_small_sum(text, match):
                return None
            return read_number(written)
        value = read_number(written)
        if value is None or value == 0 or (bare and value in self.never):
            return None
        if self.not_before.search(text, max(0, match.start() - 6), match.start()) and not currency:
            return None
        if currency == "块" and (tenths := _TENTHS.match(text, match.end("currency"))):
            value += (read_number(tenths[0]) or 0) / 10
        if currency:
            return value if value >= _LEAST_SUM or currency in _PLAINLY_MONEY else None
        if match["not_money"]:
            return None
        if bare and (
            len(written) > 7 or text[match.end("number") : match.end("number") + 1] in set(".-~:)/")
        ):
            following = text[match.end("number") + 1 : match.end("number") + 2]
            if len(written) > 7 or following.isdigit() or text[match.end("number")] == ")":
                return None
        if value < _LEAST_BARE:
            return None
        return value

    def _is_small_sum(self, text: str, match: re.Match[str]) -> bool:
        """Whether a bare small number is money: 要赔六十, 花了四十."""
        start, end = match.span("number")
        before = self.small_before.search(text, max(0, start - 6), start)
        return bool(before and "十" in match["number"] and _PAUSE_AFTER.match(text, end))

    def _with_part(self, text: str, match: re.Match[str], value: int | float, floor: int) -> _Sum:
        start, end = (
            match.start("number"),
            match.end("currency") if match["currency"] else match.end("number"),
        )
        low = max(floor, start - 14)
        per = self._per(text, low, start, end)
        part = _Part.NAMED
        if self.worthless.match(text, match.end("number")) or self.compared_before.search(text, low, start):
            part = _Part.WORTHLESS
        elif self.promised_before.search(text, low, start):
            part = _Part.PROMISED
        elif self.offered_before.search(text, low, start):
            part = _Part.OFFERED
        elif self.owed_before.search(text, low, start) or self.claimed_before.search(text, low, start):
            part = _Part.OWED
        elif self.given_before.search(text, low, start):
            part = _Part.GIVEN
        elif self.paid_before.search(text, low, start):
            part = _Part.PAID
        elif self.owed_after.match(text, end):
            part = _Part.OWED
        elif self.paid_after.match(text, end):
            part = _Part.PAID
        return _Sum(
            value, start, end, part, per, bool(self.rate_only.search(text, max(floor, start - 8), end + 4))
        )

    def _per(self, text: str, low: int, start: int, end: int) -> tuple[str, ...]:
        """Return the measures of which the sum is the price (一人一月4000 = 人, 月)."""
        per = self.rules.per
        measures = []
        if after := self.per_after.match(text, end):
            measures.append(per[after["measure"]])
        if before := self.per_before.search(text, low, start):
            if twice := self.per_twice.search(text, low, start):
                measures.append(per[twice["measure"]])
                measures.append(per[self.measure.findall(text, low, start)[-1]])
            else:
                measures.append(per[before["measure"] or before["month"]])
        return tuple(dict.fromkeys(measures))

    def counts(self, text: str) -> list[tuple[str, int | float, int]]:
        """Return what is counted: kind of measure, number, offset (七个月 = 月, 7)."""
        found = []
        for match in numbers_in(text, self.count):
            value = 0.5 if match["number"] == "半" else read_number(match["number"])
            if value and match["measure"] == "亩" and (tenths := _TENTHS.match(text, match.end())):
                value += (read_number(tenths[0]) or 0) / 10
            after = text[match.end() : match.end() + 1]
            calendar = match["measure"] in ("月", "日") and (
                (after in "份底初中末" and after) or after.isdigit()
            )
            arabic_month = match["measure"] == "月" and match["number"].isdigit()
            if value and not calendar and not arabic_month and value < _LEAST_YEAR:
                kind = self.rules.per[match["measure"]]
                one = match["number"] == "一" and not self.whole_before.search(
                    text, max(0, match.start() - 1), match.start()
                )
                if not one:
                    found.append((kind, value, match.start()))
                    if kind == "年":
                        found.append(("月", value * 12, match.start()))
        return found

    # --- the one at stake ------------------------------------------------------------------------------

    def at_stake(self, text: str) -> int | float | None:
        """Return what is owed if that is said, else what rate and count make, else what is named."""
        told = self.sums(text)
        sums = self._without_corrected(text, told)
        if not sums:
            return None
        rates = [item for item in sums if item.per]
        totals = [item for item in sums if not item.per]
        rest = self._rest(text, totals) if len(told) == len(sums) else None
        if rest is not None:
            return rest
        owed = [item for item in totals if item.part is _Part.OWED]
        if owed:
            return self._added_up(text, owed)
        product = self._product(text, rates, totals)
        if product is not None:
            return product
        promised = [item for item in totals if item.part is _Part.PROMISED]
        paid = [item for item in totals if item.part in (_Part.PAID, _Part.GIVEN)]
        if len(promised) == 1 and len(paid) == 1 and promised[0].value > paid[0].value:
            return promised[0].value - paid[0].value
        if promised:
            return max(item.value for item in promised)
        whole = [
            item
            for item in rates
            if not item.rate_only and set(item.per) <= _SETTLED and item.part > _Part.PAID
        ]
        for choice in ([item for item in totals if item.part in (_Part.NAMED, _Part.GIVEN)], whole):
            if choice:
                return max(item.value for item in choice)
        only = sums[0] if len(sums) == 1 else None
        if only is None or only.per or only.part not in (_Part.OFFERED, _Part.PAID):
            return None
        got = only.part is _Part.PAID and self.got_before.search(text, max(0, only.start - 12), only.start)
        return None if got else only.value

    def _rest(self, text: str, totals: list[_Sum]) -> int | float | None:
        """Return a whole sum less what was paid of it (十二万七,给了八万), None when that is not told so."""
        wholes = [item for item in totals if item.part in (_Part.OWED, _Part.NAMED, _Part.PROMISED)]
        paid = [item for item in totals if item.part in (_Part.PAID, _Part.GIVEN)]
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
        return round(whole.value - left, 2)

    def _without_corrected(self, text: str, sums: list[_Sum]) -> list[_Sum]:
        """Drop a sum that the sender takes back: 不是三万五,是三万二."""
        kept = [
            item
            for item, following in zip_longest(sums, sums[1:])
            if not (
                following
                and _TAKEN_BACK.search(text, max(0, item.start - 6), item.start)
                and _INSTEAD.match(text, item.end)
            )
        ]
        return [item for item in kept if item.part is not _Part.WORTHLESS]

    def _product(self, text: str, rates: list[_Sum], totals: list[_Sum]) -> int | float | None:
        """Return rate times count less what was paid, when the text says that it is owed."""
        rates = [
            item for item in rates if not self.earned_before.search(text, max(0, item.start - 6), item.start)
        ]
        if not rates or not (self.owing.search(text) or any(_EACH.issuperset(item.per) for item in rates)):
            return None
        counts = self.counts(text)
        rate = max(rates, key=lambda item: (item.part, item.start))
        product: int | float = rate.value
        for measure in rate.per:
            fitting = [count for count in counts if count[0] == measure]
            if not fitting:
                return None
            product *= self._owed_count(text, rate, fitting)
        if rate.per == ("亩",):
            years = [value for kind, value, _ in counts if kind == "年"]
            product *= years[0] if len(years) == 1 else 1
        paid = sum(item.value for item in totals if item.part in (_Part.PAID, _Part.GIVEN, _Part.OFFERED))
        rest = product - paid if paid < product else product
        return int(rest) if rest == int(rest) else rest

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


@lru_cache(maxsize=4)
def _reader_of(rules: AmountRules) -> _Reader:
    return _Reader(rules)


def read_amount(text: str, rules: FactRules) -> int | float | None:
    """Return the sum at stake in yuan as told in a normalised text, None when none is told.

    What is still owed or claimed counts; what was paid does not, an offer only when it is the only sum.
    """
    return _reader_of(rules.amounts).at_stake(_NUMBER_ENDS.sub(" ", blank_phones(text)))
