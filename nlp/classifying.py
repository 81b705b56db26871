"""Decides the dispute type (纠纷类型) and its second level, with an honest probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, sqrt

from mediation.vocabulary import Decision, DisputeType
from nlp.evidence import Evidence, Span, strongest_first, total
from nlp.rules import DisputeTypeRules, LearnedTypes, Signs

CANDIDATES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Types with their probability, best first, and the words written by hand that spoke for the first.

    `score` says how clearly any dispute is told, by the rules written by hand.
    """

    candidates: tuple[tuple[DisputeType, float], ...]
    score: float
    spans: tuple[Span, ...]
    decision: Decision


class Classifier:
    """Weighs the evidence for the types; labels in the evidence are `type` and `type.subtype`.

    What the hand-written rules say counts by its root (the tenth sign says less than the first), and the
    learned weights are added.
    """

    def __init__(
        self, rules: DisputeTypeRules, learned: LearnedTypes, *, auto_from: float | None = None
    ) -> None:
        self._nothing_known = rules.nothing_known
        self._hand, self._temperature = learned.hand, learned.temperature
        self._auto_from = auto_from or learned.auto_from
        self._types = list(rules.types)
        self._other = self._types.index(DisputeType.OTHER)
        self._learned_labels = [f"type.{code}" for code in self._types]
        self._subtypes = [
            [(name, f"{code}.{name}") for name in type_rules.subtypes]
            for code, type_rules in rules.types.items()
        ]
        # Places in lists from here on: an enum is slow as a key.
        self._type_of = {code.value: at for at, code in enumerate(self._types)}
        for at, subtypes in enumerate(self._subtypes):
            self._type_of |= dict.fromkeys((label for _, label in subtypes), at)
        self._between = [
            (f"between.{number}", self._types.index(between.prefer), self._types.index(between.over))
            for number, between in enumerate(rules.between)
        ]

    @staticmethod
    def signs(rules: DisputeTypeRules) -> dict[str, Signs]:
        """Return the signs under the labels that `classify` reads."""
        signs: dict[str, Signs] = {}
        for code, type_rules in rules.types.items():
            signs[code] = type_rules
            signs |= {f"{code}.{name}": subtype for name, subtype in type_rules.subtypes.items()}
        for number, between in enumerate(rules.between):
            signs[f"between.{number}"] = Signs(together=between.together)
        return signs

    def classify(
        self, evidence: Mapping[str, list[Evidence]], learned: Mapping[str, float]
    ) -> Classification:
        """Return the reading; `learned` are the learned scores by `type.…`.

        `other` is never taken without asking.
        """
        by_hand, counted = self._weigh(evidence)
        odds = [
            exp((self._hand * sqrt(score) + learned.get(label, 0.0)) / self._temperature)
            for score, label in zip(by_hand, self._learned_labels, strict=True)
        ]
        ranked = sorted(range(len(odds)), key=odds.__getitem__, reverse=True)
        whole = sum(odds)
        best = ranked[0]
        sure = odds[best] / whole >= self._auto_from
        by_hand[self._other] = 0.0
        return Classification(
            candidates=tuple((self._types[at], odds[at] / whole) for at in ranked[:CANDIDATES]),
            score=max(by_hand) if best != self._other else 0.0,
            spans=tuple(span for one in counted.get(best, ()) for span in one.spans),
            decision=Decision.AUTO if sure and best != self._other else Decision.ASK,
        )

    def scores(self, evidence: Mapping[str, list[Evidence]]) -> dict[DisputeType, float]:
        """Return the score of every type by the rules written by hand."""
        return dict(zip(self._types, self._weigh(evidence)[0], strict=True))

    def _weigh(self, evidence: Mapping[str, list[Evidence]]) -> tuple[list[float], dict[int, list[Evidence]]]:
        """Return the score of each type by hand-written rules, and what was counted for it."""
        found: dict[int, list[Evidence]] = {}
        for label in evidence.keys() & self._type_of.keys():
            at = self._type_of[label]
            found[at] = found[at] + evidence[label] if at in found else evidence[label]
        scores = [0.0] * len(self._types)
        counted: dict[int, list[Evidence]] = {}
        for at, its_evidence in found.items():
            score, counted[at] = total(sorted(its_evidence, key=strongest_first))
            scores[at] = max(score, 0.0)
        for label, prefer, over in self._between:
            if label in evidence and scores[prefer] > 0 and scores[over] > 0:
                weight, _ = total(evidence[label])
                scores[prefer] += weight / 2
                scores[over] = max(0.0, scores[over] - weight / 2)
        scores[self._other] += self._nothing_known
        return scores, counted

    def read_subtype(
        self,
        dispute_type: DisputeType,
        evidence: Mapping[str, list[Evidence]],
        learned: Mapping[str, float],
        *,
        hand: float,
    ) -> str | None:
        """Return the second level of a type; `learned` are the learned scores by `type.subtype`."""
        best, best_score = None, 0.0
        for name, label in self._subtypes[self._types.index(dispute_type)]:
            score = sqrt(max(total(evidence[label])[0], 0.0)) if label in evidence else 0.0
            if label in learned:
                score = hand * score + learned[label]
                if best is None or score > best_score:
                    best, best_score = name, score
            elif score > best_score:
                best, best_score = name, score
        return best
