"""Finds danger: flags, grade, and the words behind them; what is negated or only an idiom is kept out."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import copysign, sqrt
from typing import Literal

from mediation.vocabulary import RiskFlag, RiskGrade
from nlp.evidence import Evidence, Span, total
from nlp.rules import DangerRules, LearnedDangers, LearnedFlags, LearnedRules, Signs
from nlp.word_lists import any_of

THRESHOLD = 1.0
LEAST_LEARNED = -7.0
"""Learned weights speak no more than this against a danger: one sure sign (10 and more) outweighs them."""
NEARLY = 1.5
"""What is learned less by this is told nearly as strongly."""
KINDS = {
    RiskFlag.SELF_HARM: (RiskFlag.SELF_HARM,),
    RiskFlag.DEATH: (RiskFlag.DEATH,),
    RiskFlag.FAMILY_VIOLENCE: (RiskFlag.FAMILY_VIOLENCE,),
    RiskFlag.VIOLENCE: (RiskFlag.VIOLENCE, RiskFlag.WEAPON),
    RiskFlag.GROUP: (RiskFlag.GROUP,),
}
"""What makes a message red, and the flags whose red signs speak for it."""
HEATING = "heating"
FLAGS = ("repeat", "minor", "petition", "group", "violence", "weapon", "family_violence", HEATING)
"""The flags, and a quarrel heating up, that signs and learned weights tell together; others go by signs."""
DENIED, THREATENED, HEATED = "有否认", "有苗头", "吵得厉害"
FACTS = (DENIED, THREATENED, HEATED)
"""Facts about a message that the learned weights of danger know."""
_ALWAYS_VIOLENCE = {RiskFlag.FAMILY_VIOLENCE, RiskFlag.WEAPON}
_HEATING = f"danger.{HEATING}"
_KINDS_OF = {flag: {kind for kind, flags in KINDS.items() if flag in flags} for flag in RiskFlag}
_LEVELS = {
    flag: [(level, f"danger.{flag}.{level}") for level in (RiskGrade.RED, RiskGrade.ORANGE)]
    for flag in RiskFlag
}
_SIGNS_OF_FLAGS = {flag: (f"danger.{flag}.red", f"danger.{flag}.orange") for flag in FLAGS} | {
    HEATING: (_HEATING,)
}


def weigh_red_signs(evidence: Mapping[str, list[Evidence]]) -> dict[RiskFlag, float]:
    """Return, for each kind of danger, the root of what its red signs written by hand say.

    Below zero where nothing but signs against it was seen (用砖头把路堵了).
    """
    scores = {
        flag: total(evidence[label])[0] for flag, ((_, label), _) in _LEVELS.items() if label in evidence
    }
    roots = {}
    for kind, flags in KINDS.items():
        said = [scores[flag] for flag in flags if flag in scores]
        score = max(said) if any(one > 0 for one in said) else min(said, default=0.0)
        roots[kind] = copysign(sqrt(abs(score)), score)
    return roots


def weigh_signs_of_flags(evidence: Mapping[str, list[Evidence]]) -> dict[str, float]:
    """Return, for each of `FLAGS`, the root of what its signs written by hand say, whatever their grade."""
    return {
        flag: sqrt(max([0.0, *(total(evidence[label])[0] for label in labels if label in evidence)]))
        for flag, labels in _SIGNS_OF_FLAGS.items()
    }


def _read_flags(
    evidence: Mapping[str, list[Evidence]], learned: Mapping[str, float], weights: LearnedFlags
) -> set[RiskFlag | Literal["heating"]]:
    """Return those of `FLAGS` of which signs and learned weights together say that they are there."""
    roots = weigh_signs_of_flags(evidence)
    return {
        flag
        for flag, least in weights.from_score.items()
        if weights.hand * roots[flag] + learned.get(f"flag.{flag}", 0.0) >= least
    }


def list_danger_facts(evidence: Mapping[str, list[Evidence]], *, denies: bool) -> list[str]:
    """Return the facts; `denies` says that a danger word stands behind a negator (没动手)."""
    said = {label for label, found in evidence.items() if total(found)[0] >= THRESHOLD}
    threatened = any(orange in said for _, (_, orange) in _LEVELS.values())
    told = ((DENIED, denies), (THREATENED, threatened), (HEATED, _HEATING in said))
    return [fact for fact, is_told in told if is_told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """The dangers of one text."""

    flags: frozenset[RiskFlag]
    grade: RiskGrade
    spans: tuple[Span, ...]


class DangerReader:
    """Weighs the evidence for each danger; what stands directly behind a negator is not said (没动手)."""

    def __init__(self, rules: DangerRules) -> None:
        self._major_amount, self._group_people = rules.major_amount, rules.group_people
        self._negator = re.compile(any_of(rules.negators))

    @staticmethod
    def signs(rules: DangerRules) -> dict[str, Signs]:
        """Return the signs under the labels that `read` reads."""
        signs = {_HEATING: rules.heating}
        for flag, flag_rules in rules.flags.items():
            for (_, label), its_signs in zip(_LEVELS[flag], (flag_rules.red, flag_rules.orange), strict=True):
                signs[label] = its_signs
        return signs

    def denied(self, text: str) -> Collection[int]:
        """Return the offsets at which a word would stand directly behind a negator."""
        return {negator.end() for negator in self._negator.finditer(text)}

    def read(
        self,
        evidence: Mapping[str, list[Evidence]],
        learned: Mapping[str, float],
        weights: LearnedRules,
        *,
        amount: float | None,
        people: int | None,
    ) -> Danger:
        """Return the flags and the grade; `amount` (yuan) and `people` (complaining side) are the text's."""
        red = self._read_red(evidence, learned, weights.danger)
        told = _read_flags(evidence, learned, weights.flags)
        flags = {*red, *(flag for flag in told if isinstance(flag, RiskFlag))}
        spans: list[Span] = []
        for flag, (_, (_, orange)) in _LEVELS.items():
            score, counted = total(evidence[orange]) if orange in evidence else (0.0, [])
            if flag in flags or (flag not in FLAGS and score >= THRESHOLD):
                flags.add(flag)
                spans += [span for one in counted for span in one.spans]
        for flag in red:
            label = _LEVELS[flag][0][1]
            spans[:0] = [span for one in total(evidence.get(label, ()))[1] for span in one.spans]
        if flags & _ALWAYS_VIOLENCE:
            flags.add(RiskFlag.VIOLENCE)
        if amount is not None and amount >= self._major_amount:
            flags.add(RiskFlag.MAJOR_AMOUNT)
        if people is not None and people >= self._group_people:
            flags.add(RiskFlag.GROUP)
        grade = RiskGrade.RED if red else RiskGrade.ORANGE if flags else RiskGrade.NONE
        if grade is RiskGrade.NONE and HEATING in told:
            grade = RiskGrade.YELLOW
            spans = [span for one in total(evidence.get(_HEATING, ()))[1] for span in one.spans]
        return Danger(flags=frozenset(flags), grade=grade, spans=tuple(spans))

    @staticmethod
    def _read_red(
        evidence: Mapping[str, list[Evidence]], learned: Mapping[str, float], weights: LearnedDangers
    ) -> list[RiskFlag]:
        """Return the flags that make the message red.

        A kind of danger needs the root of what its signs say, times `hand`, and the learned score together;
        one without any sign is told only where hardly any other is learned to be stronger, for the learned
        words of all kinds are much the same. A flag beside the kinds needs its own signs.
        """
        roots = weigh_red_signs(evidence)
        told = {kind: max(learned.get(f"danger.{kind}", 0.0), LEAST_LEARNED) for kind in roots}
        strong = max(told.values()) - NEARLY
        kinds = {
            kind
            for kind, root in roots.items()
            if weights.hand * root + told[kind] >= weights.from_score and (root > 0 or told[kind] >= strong)
        }
        red = []
        for flag, ((_, label), _) in _LEVELS.items():
            is_signed = label in evidence and total(evidence[label])[0] >= THRESHOLD
            belongs_to = _KINDS_OF[flag]
            if flag in kinds or (is_signed and (not belongs_to or kinds & belongs_to)):
                red.append(flag)
        return red
