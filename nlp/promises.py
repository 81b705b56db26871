"""Turns what one side promised into obligations: parts of a sum, their days, and what must be asked.

No sum and no date is invented: a whole is only divided when it divides to the fen, and an instalment whose
day is not said is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from mediation.agreement import Obligation, ObligationKind, Side, Unclear
from nlp.parties import Who
from nlp.repeating import Repeat

_MOST_PARTS = 120
_FEN = 0.005


@dataclass(slots=True, kw_only=True)
class Time:
    """When and under what condition; `unsure` when a time is told that is no one day, or one that is over.

    `span` are the words of the day when it is the end of a span (三日内).
    """

    day: date | None = None
    at_once: bool = False
    condition: str = ""
    unsure: bool = False
    span: str = ""

    @property
    def told(self) -> bool:
        """Whether anything is said."""
        return bool(self.day or self.at_once or self.condition or self.unsure)

    def with_later(self, later: "Time") -> "Time":
        """Add what a later clause says; a span after a condition is counted from it."""
        if self.condition and later.span and not self.day:
            return Time(condition=_joined(f"{self.condition}{later.span}", later.condition))
        return Time(
            day=later.day or self.day,
            at_once=later.at_once or self.at_once,
            condition=_joined(self.condition, later.condition),
            unsure=later.unsure or self.unsure,
        )


@dataclass(slots=True, kw_only=True)
class Money:
    """One sum, or one part of it, in yuan; `amount` None is untold, `about` only roughly told.

    `flagged` when it is said to be a part (首付, 第一期, 余款).
    """

    amount: float | None
    time: Time
    about: bool = False
    flagged: bool = False


@dataclass(slots=True, kw_only=True)
class Promise:
    """What one side promised: an act, or money with the parts in which it is paid.

    `whole` is the sum, `parts` those named one by one, `each_part` one of `count` equal ones that `repeat`
    from `since` to `until`. `only_told` is a debt or a total without a promise yet, `by_the_way` one without
    even a word of owing. `in_parts`: paid in parts that are not told.
    """

    debtor: Who | None
    creditor: Who | None
    time: Time
    act: str = ""
    full_act: str = ""
    lasting: bool = False
    negated: bool = False
    whole: Money | None = None
    parts: list[Money] = field(default_factory=list)
    count: int = 0
    each_part: float | None = None
    repeat: Repeat | None = None
    since: date | None = None
    until: date | None = None
    until_words: str = ""
    in_parts: bool = False
    only_told: bool = False
    by_the_way: bool = False

    @property
    def amount(self) -> float | None:
        """The whole sum, None when untold."""
        return self.whole.amount if self.whole else None

    def has_room_for(self, amount: float) -> bool:
        """Whether a part fits into what is left of the whole beside the parts named so far."""
        return bool(self.parts) and self.amount is not None and _sum_of(self.parts) + amount <= self.amount

    def begin_parts(self) -> None:
        """What seemed the whole is the first part."""
        if self.whole:
            self.parts.append(replace(self.whole, time=self.time, flagged=True))
            self.whole, self.time = None, Time()

    def days(self, number: int) -> list[date | None]:
        """Return the days of so many parts, None where untold."""
        if self.repeat is None or not self.repeat.in_time:
            return [None] * number
        days = self.repeat.days(number, since=self.since)
        return days + [None] * (number - len(days))


@dataclass(slots=True, kw_only=True)
class Draft:
    """One obligation to be, with what is open about it."""

    obligation: Obligation
    open: list[Unclear]


def drafts_of(promise: Promise, *, today: date) -> Iterator[Draft]:
    """Yield the obligations of one promise, for each side when both promised."""
    if promise.only_told:
        return
    sides: list[Side | None] = [*sorted(promise.debtor)] if promise.debtor else [None]
    for debtor in sides:
        if len(sides) > 1:
            creditor = debtor.other if debtor and promise.act else None
        else:
            creditor = next(iter(promise.creditor), None) if promise.creditor else None
        for draft in [_act(promise)] if promise.act else _payments(promise, today):
            draft.obligation = replace(draft.obligation, debtor=debtor, creditor=creditor)
            if debtor is None:
                draft.open.insert(0, Unclear.DEBTOR)
            yield draft


def _act(promise: Promise) -> Draft:
    obligation = Obligation(kind=ObligationKind.ACT, debtor=None, creditor=None, act=promise.act)
    return _draft(obligation, promise.time, asks_day=not promise.lasting)


def _payments(promise: Promise, today: date) -> Iterator[Draft]:
    if promise.parts:
        yield from _listed_parts(promise)
    elif promise.count or promise.each_part is not None or promise.repeat:
        yield from _equal_parts(promise, today)
    else:
        about = bool(promise.whole and promise.whole.about)
        yield _pay(promise.amount, promise.time, about=about, broken=promise.in_parts)


def _listed_parts(promise: Promise) -> Iterator[Draft]:
    """Parts that were named one by one, checked against the whole."""
    parts, whole = [*promise.parts], promise.amount
    if promise.each_part:
        rest = max(0.0, (whole or 0) - _sum_of(parts))
        number = min(promise.count or int(rest // promise.each_part), _MOST_PARTS)
        parts += [
            Money(amount=promise.each_part, time=Time(day=day), flagged=True) for day in promise.days(number)
        ]
    untold = [part for part in parts if part.amount is None]
    if whole is not None and len(untold) == 1 and whole > _sum_of(parts):
        untold[0].amount = _plain(whole - _sum_of(parts))
    adds_up = whole is None or abs(_sum_of(parts) - whole) < _FEN
    if not adds_up and len(parts) == 1 and not promise.count and not parts[0].flagged:
        parts.insert(0, Money(amount=whole, time=promise.time))
        yield from (_pay(part.amount, part.time, about=part.about) for part in parts)
        return
    if len(parts) == 1 and whole is None and not promise.count:
        yield _pay(parts[0].amount, parts[0].time, about=parts[0].about)
        return
    broken = not adds_up or (not promise.each_part and promise.count not in (0, len(parts)))
    for number, part in enumerate(parts, start=1):
        last = number == len(parts) and not part.time.told
        yield _pay(
            part.amount,
            promise.time if last else part.time,
            instalment=(number, len(parts)),
            about=part.about,
            broken=broken and number == 1,
        )


def _equal_parts(promise: Promise, today: date) -> Iterator[Draft]:
    """Parts of the same size: so many of a whole, or one again and again."""
    whole, each = promise.amount, promise.each_part
    number = promise.count or _number_of_parts(promise, today)
    if each is None and whole is not None and number and round(whole * 100) % number == 0:
        each = _plain(whole / number)
    if not number or number > _MOST_PARTS or each is None:
        yield _again_and_again(promise, whole if each is None else each)
        return
    broken = whole is not None and abs(each * number - whole) > _FEN
    for index, day in enumerate(promise.days(number)):
        last = index == number - 1
        time = replace(
            promise.time,
            day=day or (promise.time.day if last else None),
            at_once=promise.time.at_once and last,
        )
        yield _pay(each, time, instalment=(index + 1, number), broken=broken and index == 0)


def _again_and_again(promise: Promise, amount: float | None) -> Draft:
    """A payment without an end, or in parts nobody told: its first day, and the words in the condition."""
    in_time = promise.repeat if promise.repeat and promise.repeat.in_time else None
    words = _joined(in_time.words if in_time else "", promise.until_words)
    time = replace(promise.time, condition=_joined(words, promise.time.condition))
    time.day = time.day or promise.days(1)[0]
    time.unsure = time.unsure or (bool(words) and time.day is None)
    return _pay(amount, time, broken=promise.whole is not None or not words)


def _number_of_parts(promise: Promise, today: date) -> int:
    whole, each = promise.amount, promise.each_part
    if whole is not None and each and round(whole * 100) % round(each * 100) == 0:
        return round(whole * 100) // round(each * 100)
    if each and promise.until:
        return sum(1 for day in promise.days(_MOST_PARTS + 1) if day and today <= day <= promise.until)
    return 0


def _pay(
    amount: float | None,
    time: Time,
    *,
    instalment: tuple[int, int] | None = None,
    about: bool = False,
    broken: bool = False,
) -> Draft:
    obligation = Obligation(
        kind=ObligationKind.PAY, debtor=None, creditor=None, amount=amount, instalment=instalment
    )
    draft = _draft(obligation, time, asks_day=True)
    if amount is None or about:
        draft.open.insert(0, Unclear.AMOUNT)
    if broken:
        draft.open.append(Unclear.INSTALMENTS)
    return draft


def _draft(obligation: Obligation, time: Time, *, asks_day: bool) -> Draft:
    placed = replace(obligation, due_on=time.day, immediate=time.at_once, condition=time.condition)
    unclear = time.unsure or (asks_day and not time.told)
    return Draft(obligation=placed, open=[Unclear.DUE] if unclear else [])


def _sum_of(parts: list[Money]) -> float:
    return sum(part.amount for part in parts if part.amount is not None)


def _joined(*words: str) -> str:
    return ",".join(part for part in words if part)


def _plain(value: float) -> float:
    return int(value) if value == int(value) else round(value, 2)
