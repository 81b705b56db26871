"""Finds the condition in a clause of an agreement: 如不移走, 房子修好以后, 收到钱款之日起2日内."""

import re

from nlp.clause_words import MASK, ClauseWords
from nlp.coming_dates import ComingDay
from nlp.numerals import numbers_in
from nlp.parties import Mention, Part

Stretch = tuple[int, int]
_CLOCK_BEFORE = re.compile(r"(?:[点号月日天年周]|小时)$")
_LEAST_EVENT = 2


def find_condition(
    words: ClauseWords, text: str, mentions: list[Mention], *, with_days: str, due: ComingDay | None
) -> Stretch | None:
    """Return where the condition of a clause stands, None when it has none.

    `text` is the clause with names and times blanked, `with_days` the same before its days were.
    """
    return (
        _if_clause(words, text, mentions)
        or _after_clause(words, text, mentions)
        or _span_after_event(words, with_days, due, mentions)
    )


def _if_clause(words: ClauseWords, text: str, mentions: list[Mention]) -> Stretch | None:
    """如…: up to 就, else up to the word of paying, else the whole clause."""
    found = words.if_words.search(text)
    if found is None or not _only_names(words, text[: found.start()], mentions):
        return None
    if then := words.listed["then_words"].search(text, found.end() + 1):
        return found.start(), then.start()
    sums = (one.start() for one in numbers_in(text, words.number) if words.value_of(one))
    first_sum = next(sums, None)
    if first_sum is None:
        return found.start(), len(text)
    verbs = (one.start() for one in words.any_pay.finditer(text, found.end() + 1, first_sum))
    return found.start(), min(verbs, default=first_sum)


def _only_names(words: ClauseWords, before: str, mentions: list[Mention]) -> bool:
    """Whether nothing but who stands before an if word."""
    left = "".join(
        char
        for at, char in enumerate(before)
        if not any(one.start <= at < one.end for one in mentions if one.end <= len(before))
    )
    return not words.fillers.sub("", left)


def _after_clause(words: ClauseWords, text: str, mentions: list[Mention]) -> Stretch | None:
    """…以后, …时: from the subject on, or from the beginning when somebody else then acts."""
    wrong = [one.span() for one in words.listed["not_after_words"].finditer(text)]
    opening = _opening(text, mentions)
    for found in words.listed["after_words"].finditer(text):
        at, end = found.span()
        if at < _LEAST_EVENT or text[at - 1] == MASK or _CLOCK_BEFORE.search(text, max(0, at - 2), at):
            continue
        if any(start <= at < stop for start, stop in wrong):
            continue
        while end < len(text) and text[end] == MASK:
            end += 1
        others = any(one.start >= end and one.part in (Part.SUBJECT, Part.AGENT) for one in mentions)
        start = opening.end if opening and end < len(text) and not others else 0
        start = _without_lead(words, text, start, word_at=at, end=end)
        if at - start >= _LEAST_EVENT:
            return start, end
    return None


def _span_after_event(
    words: ClauseWords, text: str, due: ComingDay | None, mentions: list[Mention]
) -> Stretch | None:
    """A span counted from something to come."""
    if due is None or not words.event_before.search(text, max(0, due.start - 8), due.start):
        return None
    opening = _opening(text, mentions)
    start = _without_lead(words, text, opening.end if opening else 0, word_at=due.start, end=due.end)
    return (start, due.end) if start < due.start - 1 else None


def _opening(text: str, mentions: list[Mention]) -> Mention | None:
    """Return the subject with which a clause begins."""
    subjects = (one for one in mentions if one.part is Part.SUBJECT)
    return next((one for one in subjects if not text[: one.start].strip(MASK)), None)


def _without_lead(words: ClauseWords, text: str, start: int, *, word_at: int, end: int) -> int:
    """Return where a condition begins: after any sum and any words without meaning before it."""
    sums = (one.end() for one in numbers_in(text[:end], words.number) if words.value_of(one))
    start = max([start, *(at for at in sums if at <= end - 3)])
    lead = words.lead.match(text, start, max(start, word_at))
    return lead.end() if lead else start
