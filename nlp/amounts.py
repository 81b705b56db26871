"""Finds the sum at stake: what is still owed or claimed, among all the numbers of a text."""

import re
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest

from nlp.fact_rules import AmountRules, FactRules, PeopleRules
from nlp.numerals import DIGITS
from nlp.phones import blank_phones
from nlp.sums import ANYTHING, IN_TIME, LEAST_BARE, MONTHS_OF_YEARS, Part, Sum, SumReader, near_before
from nlp.word_lists import any_of

_SAME_BREATH = 30
_MAY_BE_SUM = re.compile("[0-9十拾百佰千仟万亿]|[壹贰叁肆伍陆柒捌玖一二三四五六七八九两俩仨][块元毛圆钱人]")
"""Most messages hold no sum at all, which this finds out at little cost."""
_NUMBER_ENDS = re.compile(
    r"(?<=[万千百\d二三四五六七八九])(?=一分[^之]|一毛|一口价|一把|一收|一次|一直|人事|队里|平台|车位|人还|人没|人跑)|(?<=[万千])(?=两年|年终)"
)
"""Where a number ends though the next character could go on with it (两万二|一分没给, 三万|两年不还)."""
_GIVEN_BACK = re.compile("退[了回]{1,2}$")
_TAKEN_BACK = re.compile(r"不是[^\d,。!?]{0,3}$")
_NOT_BEFORE = re.compile(r",?\s?(?:而)?不是")
_HALF_TOLD = re.compile(r"[^\d。!?;]{0,6}[\d一二三四五六七八九十两]+[百千万]")
_INSTEAD = re.compile(r"[^\d。!?]{0,3},?\s?(?:而)?是")
_UNSETTLED = frozenset("月天时晚亩平斤吨棵只头车笼桶座")
"""Measures of which a price alone says nothing about what is at stake."""
_CHEAP = frozenset("台套张针票桌件")
_LEAST_DEAR = 3000
"""Nor does that of one of these things, unless it costs as much as this (一台七千八)."""
_ONE_YEAR = re.compile("[去今前]年[^,。!?;给]{0,8}(?:没给|不给|没见|没发)")
"""Of a sum for each year, that of one year is owed (每年一万二, 去年没给)."""
_NEXT_ITEM = re.compile("[,、][^,。!?;差他她我俺说给退赔要花交扣付收还是只就才不了共总合]{1,4}")
"""What is bought or broken, named before its price (检测费三百,衣裳四百五)."""
_MOST_RATES = 8
_ITEMS_APART = 12
_PLUS = frozenset(("、", "、还有", ",还有", "加", "加上", "再加", "还加", "外加", ",加上", ",再加", ",外加"))
_LIKE = {
    "人": (("户", 1), ("些", 1)),
    "户": (("众", 1), ("些", 1)),
    "月": (("期", 1),),
    ANYTHING: (("些", 1),),
    "晚": (("天", 1),),
    "天": (("月", 30),),
}
"""What is counted instead: 十二户, 一人六十; 一个月八百, 还有九期."""
_ITEM_PARTS = frozenset((Part.GIVEN, Part.NAMED, Part.OWED))


class _Chooser:
    """The patterns of one rule file by which one of the sums is chosen, compiled once."""

    def __init__(self, rules: AmountRules, people: PeopleRules) -> None:
        self.reader = SumReader(rules, people)
        self.earned_before = re.compile(any_of(rules.earned_before))
        self.got_before = near_before(rules.got_before, reach=2)
        self.got_after = re.compile(rf"[^\d,。!?;没未]{{0,4}}?(?:{any_of(rules.got_after)})(?!一半)")
        self.giver_before = re.compile(rf"(?:{any_of(rules.giver_before)})(?:我|俺)?$")
        self.own_repayment = re.compile(rf"(?:{any_of(rules.own_repayment)})[^,。!?;]{{0,5}}还[了过]$")
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

    def at_stake(self, text: str) -> int | float | None:
        """Return what is owed if that is said, else what rate and count make, else what is named."""
        told = self.reader.sums(text)
        if not told:
            return None
        sums = self._without_corrected(text, told)
        value = self._of(text, told, sums)
        half = self.half.search(text, sums[0].end) if value and len(sums) == 1 and not sums[0].per else None
        if value is None or half is None or _HALF_TOLD.match(text, half.end()):
            return value
        return _plain(value / 2)

    def _of(self, text: str, told: list[Sum], sums: list[Sum]) -> int | float | None:
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
        owed = [item for item in totals if item.part is Part.OWED]
        if owed:
            return self._added_up(text, owed)
        told_total = [item for item in totals if item.total and item.part is Part.NAMED]
        if told_total:
            return max(item.value for item in told_total)
        product = self._product(text, rates, totals)
        named = max((item.value for item in totals if item.part is Part.NAMED), default=0)
        if product is not None and (product >= named or self.owing.search(text)):
            return product
        promised = [item for item in totals if item.part is Part.PROMISED]
        paid = [item for item in totals if item.part in (Part.PAID, Part.OFFERED, Part.GIVEN)]
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
            and item.part > Part.PAID
        ]
        for choice in ([item for item in totals if item.part in (Part.NAMED, Part.GIVEN)], whole):
            if choice:
                return max(item.value for item in choice)
        if only is None or only.per or only.part > Part.OFFERED:
            return None
        return only.value

    def _is_received(self, text: str, item: Sum) -> bool:
        """Whether the sender has been given a sum, so that it is not what the dispute is about."""
        if item.part not in (Part.OFFERED, Part.PAID, Part.GIVEN):
            return False
        low = max(0, item.start - 12)
        if self.got_after.match(text, item.end) or self.giver_before.search(text, low, item.start):
            return True
        if item.part is not Part.PAID or not self.got_before.search(text, low, item.start):
            return False
        return self.own_repayment.search(text, low, item.start) is None

    def _rest(self, text: str, totals: list[Sum]) -> int | float | None:
        """Return a whole sum less what was paid of it (十二万七,给了八万), None when that is not told so."""
        wholes = [item for item in totals if item.part in (Part.OWED, Part.NAMED, Part.PROMISED)]
        paid = [item for item in totals if item.part in (Part.PAID, Part.GIVEN)]
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

    def _without_corrected(self, text: str, sums: list[Sum]) -> list[Sum]:
        """Drop a sum that the sender takes back: 不是三万五,是三万二."""
        kept = [
            item
            for before, item, following in zip_longest((None, *sums), sums, sums[1:])
            if item
            and not (following and self._is_corrected(text, item, following))
            and not (before and _NOT_BEFORE.fullmatch(text, before.end, item.start))
        ]
        kept = [item for item in kept if item.part is not Part.WORTHLESS]
        return [item for item in kept if item.part is not Part.ALONE] or kept

    def _itemised(self, text: str, totals: list[Sum]) -> list[Sum]:
        """Add up what is told item by item (学费五千八住宿费一千二, 押金五百加工资两千六)."""
        added: list[Sum] = []
        for item in totals:
            last = added[-1] if added else None
            if last and {item.part, last.part} <= _ITEM_PARTS and self._are_items(text, last, item):
                part = max(item.part, last.part)
                added[-1] = replace(last, value=last.value + item.value, end=item.end, part=part)
            else:
                added.append(item)
        return added

    def _are_items(self, text: str, one: Sum, two: Sum) -> bool:
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

    def _is_corrected(self, text: str, item: Sum, following: Sum) -> bool:
        """Whether the next sum is told in place of this one."""
        taken_back = _TAKEN_BACK.search(text, max(0, item.start - 6), item.start)
        if taken_back and _INSTEAD.match(text, item.end):
            return True
        if following.start - item.end > _SAME_BREATH:
            return False
        return self.corrected.search(text, item.end, following.start) is not None

    def _product(self, text: str, rates: list[Sum], totals: list[Sum]) -> int | float | None:
        """Return rate times count less what was paid, when the text says that it is owed."""
        rates = [
            item for item in rates if not self.earned_before.search(text, max(0, item.start - 6), item.start)
        ]
        owing = self.owing.search(text) is not None
        counts = self.reader.counts(text, rates) if rates else []
        for rate in sorted(rates, key=lambda item: (item.part, item.start), reverse=True)[:_MOST_RATES]:
            small = rate.value < LEAST_BARE and "天" in rate.per
            if owing or (IN_TIME.isdisjoint(rate.per) and not small):
                product = self._multiplied(text, rate, counts)
                if product is not None:
                    return self._less_paid(product, totals)
        return None

    def _multiplied(
        self, text: str, rate: Sum, counts: list[tuple[str, int | float, int]]
    ) -> int | float | None:
        """Return a rate times what is counted of each of its measures, None where one is not counted."""
        product: int | float = rate.value
        for measure in rate.per:
            same = (measure, MONTHS_OF_YEARS) if measure == "月" else (measure,)
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
    def _less_paid(product: int | float, totals: list[Sum]) -> int | float:
        paid = sum(item.value for item in totals if item.part in (Part.PAID, Part.GIVEN, Part.OFFERED))
        return _plain(product - paid if paid < product else product)

    def _owed_count(self, text: str, rate: Sum, counts: list[tuple[str, int | float, int]]) -> int | float:
        """Prefer the count in whose clause owing is said, else the nearest to the rate."""
        for _, value, at in counts:
            if self.owing.search(text, max(0, at - 4), at):
                return value
        return min(counts, key=lambda count: abs(count[2] - rate.start))[1]

    def _added_up(self, text: str, owed: list[Sum]) -> int | float:
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
def _chooser_of(rules: FactRules) -> _Chooser:
    return _Chooser(rules.amounts, rules.people)


def read_amount(text: str, rules: FactRules) -> int | float | None:
    """Return the sum at stake in yuan as told in a normalised text, None when none is told.

    What is still owed or claimed counts; what was paid does not, an offer only when it is the only sum.
    """
    if not _MAY_BE_SUM.search(text):
        return None
    return _chooser_of(rules).at_stake(_plain_sums(text))


def read_told_sum(text: str, rules: FactRules) -> int | float | None:
    """Return the one sum that a short answer names, paid or not (3000到账了), else as `read_amount`."""
    told = _chooser_of(rules).reader.sums(_plain_sums(text))
    if len(told) == 1 and not told[0].per:
        return told[0].value
    return read_amount(text, rules)


def _plain_sums(text: str) -> str:
    """Return the text without phones, with a blank where a number ends before a word like one."""
    return _NUMBER_ENDS.sub(" ", blank_phones(text))
