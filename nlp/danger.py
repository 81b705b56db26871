"""Finds danger: flags, grade, and the words behind them; what is negated or only an idiom is kept out."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mediation.vocabulary import RiskFlag, RiskGrade
from nlp.evidence import Evidence, Span, total
from nlp.rules import DangerRules, Signs
from nlp.word_lists import any_of

THRESHOLD = 1.0
_ALWAYS_VIOLENCE = {RiskFlag.FAMILY_VIOLENCE, RiskFlag.WEAPON}
_HEATING = "danger.heating"
_LEVELS = {
    flag: [(level, f"danger.{flag}.{level}") for level in (RiskGrade.RED, RiskGrade.ORANGE)]
    for flag in RiskFlag
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """The dangers of one text."""

    flags: frozenset[RiskFlag]
    grade: RiskGrade
    spans: tuple[Span, ...]


class DangerReader:
    """Weighs the evidence for each danger; what stands directly behind a negator is not said (没动手)."""

    def __init__(self, rules: DangerRules) -> None:
        self._rules = rules
        self._negator = re.compile(any_of(rules.negators))

    def signs(self) -> dict[str, Signs]:
        """Return the signs under the labels that `read` reads."""
        signs = {_HEATING: self._rules.heating}
        for flag, flag_rules in self._rules.flags.items():
            for (_, label), its_signs in zip(_LEVELS[flag], (flag_rules.red, flag_rules.orange), strict=True):
                signs[label] = its_signs
        return signs

    def denied(self, text: str) -> Collection[int]:
        """Return the offsets at which a word would stand directly behind a negator."""
        return {negator.end() for negator in self._negator.finditer(text)}

    def read(
        self, evidence: Mapping[str, list[Evidence]], *, amount: float | None, people: int | None
    ) -> Danger:
        """Return the flags and the grade; `amount` (yuan) and `people` (complaining side) are the text's."""
        flags: set[RiskFlag] = set()
        grade = RiskGrade.NONE
        spans: list[Span] = []
        for flag, levels in _LEVELS.items():
            for level, label in levels:
                score, counted = total(evidence[label]) if label in evidence else (0.0, [])
                if score < THRESHOLD:
                    continue
                flags.add(flag)
                spans += [span for one in counted for span in one.spans]
                if level is RiskGrade.RED or grade is RiskGrade.NONE:
                    grade = level
                if level is RiskGrade.RED:
                    break
        if flags & _ALWAYS_VIOLENCE:
            flags.add(RiskFlag.VIOLENCE)
        if amount is not None and amount >= self._rules.major_amount:
            flags.add(RiskFlag.MAJOR_AMOUNT)
        if people is not None and people >= self._rules.group_people:
            flags.add(RiskFlag.GROUP)
        if flags and grade is RiskGrade.NONE:
            grade = RiskGrade.ORANGE
        if grade is RiskGrade.NONE:
            score, counted = total(evidence.get(_HEATING, ()))
            if score >= THRESHOLD:
                grade, spans = RiskGrade.YELLOW, [span for one in counted for span in one.spans]
        return Danger(flags=frozenset(flags), grade=grade, spans=tuple(spans))
