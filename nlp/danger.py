"""Finds danger: flags, grade, and the words behind them; what is negated or only an idiom is kept out."""

from collections.abc import Mapping
from dataclasses import dataclass

from mediation.vocabulary import RiskFlag, RiskGrade
from nlp.evidence import Evidence, Span, total
from nlp.rules import DangerRules, Signs

THRESHOLD = 1.0
_LABELS = {
    (flag, level): f"danger.{flag}.{level}"
    for flag in RiskFlag
    for level in (RiskGrade.RED, RiskGrade.ORANGE)
}
_NEGATION_REACH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """The dangers of one text."""

    flags: frozenset[RiskFlag]
    grade: RiskGrade
    spans: tuple[Span, ...]


def danger_signs(rules: DangerRules) -> dict[str, Signs]:
    """Return the signs under the labels that `read_danger` reads."""
    signs = {"danger.heating": rules.heating}
    for flag, flag_rules in rules.flags.items():
        signs[_LABELS[flag, RiskGrade.RED]] = flag_rules.red
        signs[_LABELS[flag, RiskGrade.ORANGE]] = flag_rules.orange
    return signs


def read_danger(
    text: str,
    evidence: Mapping[str, list[Evidence]],
    rules: DangerRules,
    *,
    amount: float | None,
    people: int | None,
) -> Danger:
    """Return the flags and the grade; `amount` (yuan) and `people` (complaining side) come from the text."""
    flags: set[RiskFlag] = set()
    grade = RiskGrade.NONE
    spans: list[Span] = []
    for flag in rules.flags:
        for level in (RiskGrade.RED, RiskGrade.ORANGE):
            label = _LABELS[flag, level]
            if label not in evidence:
                continue
            found = _not_negated(text, evidence[label], rules)
            score, counted = total(found)
            if score < THRESHOLD:
                continue
            flags.add(flag)
            spans += [span for one in counted for span in one.spans]
            if level is RiskGrade.RED or grade is RiskGrade.NONE:
                grade = level
            if level is RiskGrade.RED:
                break
    if amount is not None and amount >= rules.major_amount:
        flags.add(RiskFlag.MAJOR_AMOUNT)
    if people is not None and people >= rules.group_people:
        flags.add(RiskFlag.GROUP)
    if flags and grade is RiskGrade.NONE:
        grade = RiskGrade.ORANGE
    if grade is RiskGrade.NONE:
        found = _not_negated(text, evidence.get("danger.heating", ()), rules)
        score, counted = total(found)
        if score >= THRESHOLD:
            grade, spans = RiskGrade.YELLOW, [span for one in counted for span in one.spans]
    return Danger(flags=frozenset(flags), grade=grade, spans=tuple(spans))


def _not_negated(text: str, evidence: list[Evidence] | tuple[()], rules: DangerRules) -> list[Evidence]:
    """Drop what is denied: 没动手, 不会打人."""
    return [one for one in evidence if one.weight < 0 or not _is_negated(text, one.spans[0], rules)]


def _is_negated(text: str, span: Span, rules: DangerRules) -> bool:
    before = text[max(0, span[0] - _NEGATION_REACH) : span[0]]
    return any(before.endswith(negator) for negator in rules.negators)
