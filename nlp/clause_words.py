"""The words of obligations.yaml as patterns, and what they find by themselves: sums, verbs, signs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from nlp.numerals import NUMBER, numbers_in, read_number
from nlp.obligation_rules import ObligationRules
from nlp.repeating import Repeat
from nlp.word_lists import any_of

MASK = "\0"
NAME = "\1"
_LEAST_BARE = 100
_SMALL_NUMBER = r"\d{1,3}|[一二两三四五六七八九十]{1,3}"
_LARGE = re.compile("[百千万亿佰仟kKwW]")
_ABOUT = re.compile(
    r"[来多几余]|[一二两三四五六七八][二三四五六七八九](?=[十百千万])|[百千万][一二三四五六七八][二三四五六七八九]$"
)
_ABOUT_AFTER = re.compile(r"左右|上下|以上|多块|来块")
_SAID_AGAIN = re.compile(r"[(¥￥:\s]*(?:即|计|大写|小写|人民币)?[(¥￥:\s]*")


class Verb(Enum):
    """Which way money goes in a clause."""

    PAY = auto()
    HAND_OVER = auto()
    RECEIVE = auto()
    OWE = auto()


class Sign(Enum):
    """What the words of a clause show beside who, how much and when."""

    EACH = auto()
    MONEY_NOUN = auto()
    MONEY_LAST = auto()
    """Money is what is handed over: it ends with 钱 or 款, or 钱 stands before the verb."""
    OWN_COSTS = auto()
    IN_PARTS = auto()
    PART = auto()
    REST = auto()
    SAME = auto()
    RATES = auto()
    FACT = auto()
    STARTING = auto()
    LASTING = auto()
    DONE = auto()
    CLOSING = auto()
    THEN = auto()
    NEGATED = auto()
    DEFAULT = auto()
    IN_KIND = auto()
    DENIED = auto()
    ONLY_TIME = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A sum in a clause, in yuan; `about` when only roughly told, `total` when called the whole."""

    value: float
    start: int
    about: bool
    total: bool


@dataclass(slots=True)
class Masked:
    """A clause whose words are blanked one after the other as they are understood; offsets stay."""

    text: str

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Find the first match and blank it."""
        found = pattern.search(self.text)
        if found:
            self.blank(found.start(), found.end())
        return found

    def blank(self, start: int, end: int) -> None:
        """Blank a stretch."""
        self.text = self.text[:start] + MASK * (end - start) + self.text[end:]


class ClauseWords:
    """The patterns of one rule file, compiled once; `listed` holds each list of words by its name."""

    def __init__(self, rules: ObligationRules) -> None:
        paying, acting, times = rules.paying, rules.acting, rules.times
        self.listed: dict[str, re.Pattern[str]] = {
            name: re.compile(any_of(words)) for section in (paying, acting, times) for name, words in section
        }
        self.number = re.compile(
            rf"(?<![\d.A-Za-z])(?P<number>{NUMBER})(?P<currency>{any_of(paying.currency)})?"
            rf"(?P<not_money>{any_of(paying.not_money_after)})?"
        )
        self.any_pay = re.compile(any_of([*paying.pay, *paying.hand_over]))
        nouns, units = any_of(paying.money_nouns), any_of(paying.rate_units)
        self.money_last = re.compile(rf"(?:{nouns})$|(?:{nouns})(?:{any_of(paying.hand_over)})")
        self.rate = re.compile(rf"(?:每个?(?:{units})[^,每{MASK}]{{0,6}}|一个?(?:{units}))$")
        self.restated = re.compile(rf"\((?:{any_of(paying.restated)})[^)]{{0,40}}\)")
        self.total = re.compile(rf"(?:{any_of(paying.total)})[^,\d]{{0,4}}$")
        self.rest = re.compile(rf"(?<![和及与、])(?:{any_of(paying.rest)})")
        self.ordinal = re.compile(
            rf"第[一二三四五六七八九十\d]{{1,2}}(?:{any_of(paying.ordinal)})|[二三四五六]期款"
        )
        self.count = re.compile(
            rf"分(?:成|为|作|了)?(?P<n>{_SMALL_NUMBER})个?(?:{any_of(paying.part_counters)})"
            rf"|(?:共|连续|连|还满|付满|交满)(?:还|付|给|交|支付)?(?P<run>{_SMALL_NUMBER})个?(?P<unit>月|期|次|年)"
        )
        self.acting = re.compile(any_of([*acting.verbs, *acting.signs]))
        self.if_words = re.compile(
            rf"(?!{any_of(times.not_if)})(?:{any_of(times.if_words)}|{any_of(times.default)})"
        )
        self.other_agent = re.compile(
            rf"(?<![自缘理事])(?:{any_of(rules.parties.other_agent_before)})(?![{NAME}其此])"
        )
        self.not_names = re.compile(any_of(rules.parties.not_names))
        self.each = re.compile(any_of(rules.parties.each))
        self.event_before = re.compile(rf"[^{MASK}](?:{any_of(times.event_before)})$")
        self.until = re.compile(
            rf"(?:{any_of(times.until)})[^,\d]{{0,8}}(?:{_SMALL_NUMBER})?(?:{any_of(times.until_ends)})(?:为?止)?"
        )
        lead = any_of([*rules.modals, *rules.fillers])
        self.lead = re.compile(rf"(?:{lead}|{MASK}|[\s,、的])+")
        self.tail = re.compile(rf"(?:{MASK}|[\s,、])+$")
        self.fillers = re.compile(rf"{lead}|{MASK}|[\s,、]")

    # --- sums ------------------------------------------------------------------------------------------

    def value_of(self, found: re.Match[str]) -> float | None:
        """Return the sum, None when the number counts something else."""
        written, currency = found["number"], found["currency"]
        bare = written.isdigit() or "," in written
        if not currency and (found["not_money"] or not (bare or _LARGE.search(written))):
            return None
        value = read_number(written)
        if not value or (not currency and value < _LEAST_BARE):
            return None
        return value

    def has_sum(self, text: str) -> bool:
        """Whether any number of a clause is money."""
        return any(self.value_of(found) for found in numbers_in(text, self.number))

    def sums(self, text: str, repeat: Repeat | None) -> tuple[Sum, ...]:
        """Return the sums of a clause, without prices of one and without sums said again in brackets.

        The first of two is left out when the verb stands between them (彩礼八万八退六万).
        """
        found = tuple(self._sums(text))
        if len(found) != 2 or repeat or found[0].total:
            return found
        verb = self.any_pay.search(text)
        between = verb and found[0].start < verb.start() < found[1].start
        return found[1:] if between and not self.listed["first"].search(text) else found

    def _sums(self, text: str) -> Iterator[Sum]:
        last: re.Match[str] | None = None
        for found in numbers_in(text, self.number):
            value = self.value_of(found)
            again = last and value == self.value_of(last)
            if last and again and _SAID_AGAIN.fullmatch(text, last.end(), found.start()):
                continue
            last = found if value else last
            if value is None or self.rate.search(text, max(0, found.start() - 10), found.start()):
                continue
            yield Sum(
                value=value,
                start=found.start(),
                about=bool(_ABOUT.search(found["number"]) or _ABOUT_AFTER.match(text, found.end())),
                total=bool(self.total.search(text, max(0, found.start() - 8), found.start())),
            )

    # --- verbs and signs -------------------------------------------------------------------------------

    def verb_in(self, text: str) -> Verb | None:
        """Return which way money goes, None when no word says it."""
        if self.listed["pay"].search(text):
            return Verb.PAY
        owe = self.listed["owe"].search(text)
        without = self.listed["owe"].sub(lambda found: MASK * len(found[0]), text)
        hand_over, receive = self.listed["hand_over"].search(without), self.listed["receive"].search(text)
        if receive and (hand_over is None or receive.start() < hand_over.start()):
            return Verb.OWE if owe and owe.start() < receive.start() else Verb.RECEIVE
        if hand_over:
            return Verb.HAND_OVER
        return Verb.OWE if owe else None

    def promises(self, text: str) -> bool:
        """Whether a clause has any word of paying or doing."""
        return bool(self.verb_in(text) or self.acting.search(text))

    def promises_anything(self, text: str) -> bool:
        """Whether what is left of a clause besides its subject may be something to be done."""
        left = self.fillers.sub("", text).replace(NAME, "")
        return len(left) >= 2 and not self.listed["not_promised"].search(text)

    def signs(self, words: str, *, plain: str, left: str) -> frozenset[Sign]:
        """Return what a clause shows: by all its words, by them without dates, by what was not understood."""
        listed = self.listed
        shown = {
            Sign.EACH: self.each.search(words),
            Sign.MONEY_NOUN: listed["money_nouns"].search(left),
            Sign.MONEY_LAST: self.money_last.search(left),
            Sign.OWN_COSTS: listed["own_costs"].search(words),
            Sign.IN_PARTS: listed["instalments"].search(words),
            Sign.PART: listed["first"].search(plain) or self.ordinal.search(plain),
            Sign.REST: self.rest.search(plain),
            Sign.SAME: listed["same_money"].search(plain),
            Sign.RATES: listed["rates"].search(words),
            Sign.FACT: listed["facts"].search(words),
            Sign.STARTING: listed["starting"].search(words),
            Sign.LASTING: listed["lasting"].search(words),
            Sign.DONE: listed["done"].search(words),
            Sign.CLOSING: listed["closing"].search(words),
            Sign.THEN: listed["then_words"].match(words),
            Sign.NEGATED: listed["not_done"].search(words),
            Sign.DENIED: listed["denied"].search(left),
            Sign.IN_KIND: listed["in_kind"].search(words),
            Sign.DEFAULT: listed["default"].match(words),
            Sign.ONLY_TIME: not self.fillers.sub("", left).replace(NAME, ""),
        }
        return frozenset(sign for sign, found in shown.items() if found)


@lru_cache(maxsize=4)
def clause_words(rules: ObligationRules) -> ClauseWords:
    """Return the compiled patterns of a rule file."""
    return ClauseWords(rules)
