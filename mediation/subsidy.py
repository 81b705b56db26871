"""The subsidy for a mediated case (以案定补): its grade, what speaks against paying, one dispute once.

Grades and rates are local, so they come from a rule file; no sum stands here. Common to the places that
pay: one case one volume, settled and performed, the same dispute once however often it is mediated.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mediation.agreement import Side
from mediation.lifecycle import CaseStatus
from mediation.vocabulary import RiskGrade

ORAL = "oral"
"""The grade of every case whose agreement is oral: what is heavier must be written."""

OWN_VOICE = frozenset({"chat", "call"})
"""A party spoke for itself: with its code in its own chat, or when an operator rang it up."""

NUMBERS = frozenset("零〇一二两三四五六七八九十百千万亿半几壹贰叁肆伍陆柒捌玖拾佰仟年月日号元块角分期次")
"""Numerals, and what stands behind them in dates, sums and instalments."""
PAIR = 2


class GradeReason(StrEnum):
    """What makes a case as heavy as its grade says."""

    AMOUNT = "amount"
    PEOPLE = "people"
    RISK = "risk"
    SESSIONS = "sessions"
    DAYS = "days"
    ORAL = "oral"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRule:
    """From when on a case has a grade: any one of the conditions is enough; none at all fits every case.

    `amount_from` in yuan, `people_from` in persons, `sessions_from` in days on which both met or a session
    was recorded, `days_from` in days from acceptance to the agreement.
    """

    code: str
    amount_from: float | None = None
    people_from: int | None = None
    risk: frozenset[RiskGrade] = frozenset()
    sessions_from: int | None = None
    days_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a case took, in the units of `GradeRule`."""

    oral: bool
    amount: float | None
    people: int | None
    risk: RiskGrade
    sessions: int
    days: int


def grade_of(effort: Effort, rules: Sequence[GradeRule]) -> tuple[str, tuple[GradeReason, ...]]:
    """Return the grade and why; the rules stand from the heaviest to one without conditions."""
    if effort.oral:
        return ORAL, (GradeReason.ORAL,)
    for rule in rules[:-1]:
        if reasons := _fitting(effort, rule):
            return rule.code, reasons
    return rules[-1].code, (GradeReason.ORDINARY,)


def _fitting(effort: Effort, rule: GradeRule) -> tuple[GradeReason, ...]:
    measured = (
        (GradeReason.AMOUNT, effort.amount, rule.amount_from),
        (GradeReason.PEOPLE, effort.people, rule.people_from),
        (GradeReason.SESSIONS, effort.sessions, rule.sessions_from),
        (GradeReason.DAYS, effort.days, rule.days_from),
    )
    found = [
        reason
        for reason, value, least in measured
        if value is not None and least is not None and value >= least
    ]
    if effort.risk in rule.risk:
        found.append(GradeReason.RISK)
    return tuple(found)


class Objection(StrEnum):
    """Why a case is not paid for."""

    NO_AGREEMENT = "no_agreement"
    APPLICANT_UNCONFIRMED = "applicant_unconfirmed"
    RESPONDENT_UNCONFIRMED = "respondent_unconfirmed"
    NOT_CONCLUDED = "not_concluded"
    NOTHING_PROMISED = "nothing_promised"
    NOT_PERFORMED = "not_performed"
    PERFORMANCE_UNCONFIRMED = "performance_unconfirmed"
    """Only the mediator says that it was performed."""
    NOT_CLOSED = "not_closed"
    FAILED = "failed"
    REPLACED = "replaced"
    """The same dispute was settled again later, and counts there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a case was brought to its end.

    `confirmed` tells how each side confirmed the agreement and `performed` how each obligation was found
    performed: `chat`, `call`, `mediator`, "" for not at all. `confirmed` is None without an agreement.
    """

    status: CaseStatus
    confirmed: Mapping[Side, str] | None = None
    concluded: bool = False
    performed: tuple[str, ...] = ()


def objections_to(conduct: Conduct) -> tuple[Objection, ...]:
    """Return everything that speaks against paying for a case; () when nothing does."""
    if conduct.status in {CaseStatus.TERMINATED, CaseStatus.REJECTED, CaseStatus.WITHDRAWN}:
        return (Objection.FAILED,)
    if conduct.confirmed is None:
        return (Objection.NO_AGREEMENT,)
    found = []
    if conduct.confirmed[Side.APPLICANT] not in OWN_VOICE:
        found.append(Objection.APPLICANT_UNCONFIRMED)
    if conduct.confirmed[Side.RESPONDENT] not in OWN_VOICE:
        found.append(Objection.RESPONDENT_UNCONFIRMED)
    if not conduct.concluded:
        found.append(Objection.NOT_CONCLUDED)
    if not conduct.performed:
        found.append(Objection.NOTHING_PROMISED)
    if "" in conduct.performed:
        found.append(Objection.NOT_PERFORMED)
    elif not OWN_VOICE.issuperset(conduct.performed):
        found.append(Objection.PERFORMANCE_UNCONFIRMED)
    if conduct.status is not CaseStatus.CLOSED:
        found.append(Objection.NOT_CLOSED)
    return tuple(found)


class Suspicion(StrEnum):
    """What in finished cases makes one look again: none of it proves anything by itself."""

    SAME_PARTIES = "same_parties"
    SAME_TEXT = "same_text"
    MANY_A_DAY = "many_a_day"
    ONE_PERSON = "one_person"
    """Both sides are the same person."""
    CALL_ONLY = "call_only"
    """A side was never in chat and confirmed by a call only."""
    NEVER_CONFIRMED = "never_confirmed"
    PARTY_IS_MEDIATOR = "party_is_mediator"
    """A side is a mediator of the committee that had the case."""
    TOO_FAST = "too_fast"


def same_pairs(one: frozenset[str], other: frozenset[str]) -> frozenset[frozenset[str]]:
    """Return the marks of two parties: two cases with a mark in common are between the same two.

    Each party comes with everything it is known by; which of them asked for mediation does not matter.
    """
    return frozenset(frozenset({first, second}) for first in one for second in other)


def bare_text(text: str, *, names: Iterable[str] = ()) -> str:
    """Return the letters of a text without names, numbers, marks and blanks, to find what was copied."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "")
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if char.isalpha() and char not in NUMBERS)


def overlap(one: str, other: str) -> float:
    """Return how much of the shorter story stands in the other, by pairs of letters: 0 to 1."""
    first, second = _pairs(one), _pairs(other)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else 0.0


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))
    return {plain[start : start + PAIR] for start in range(len(plain) - 1)}
