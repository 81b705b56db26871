"""Decides the dispute type (纠纷类型) and its second level, with an honest probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from mediation.vocabulary import Decision, DisputeType
from nlp.evidence import Evidence, Span, total
from nlp.rules import DisputeTypeRules, Signs

CANDIDATES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Types with their probability, best first; `score` and `spans` are those of the best one."""

    candidates: tuple[tuple[DisputeType, float], ...]
    subtype: str | None
    score: float
    spans: tuple[Span, ...]
    decision: Decision


class Classifier:
    """Weighs the evidence for the types; labels in the evidence are `type` and `type.subtype`."""

    def __init__(self, rules: DisputeTypeRules) -> None:
        self._rules = rules

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

    def classify(self, evidence: Mapping[str, list[Evidence]]) -> Classification:
        """Return the reading; with nothing seen it is `other` and the decision is to ask."""
        scores: dict[DisputeType, float] = {}
        counted: dict[DisputeType, list[Evidence]] = {}
        for code, type_rules in self._rules.types.items():
            found = [*evidence.get(code, ())]
            for name in type_rules.subtypes:
                found += evidence.get(f"{code}.{name}", ())
            found.sort(key=lambda one: (-abs(one.weight), one.spans))
            score, counted[code] = total(found)
            scores[code] = max(score, 0.0)
        for number, between in enumerate(self._rules.between):
            found = evidence.get(f"between.{number}", [])
            if found and scores.get(between.prefer, 0) > 0 and scores.get(between.over, 0) > 0:
                weight, _ = total(found)
                scores[between.prefer] += weight / 2
                scores[between.over] = max(0.0, scores[between.over] - weight / 2)
        scores[DisputeType.OTHER] = scores.get(DisputeType.OTHER, 0.0) + self._rules.nothing_known
        odds = {code: exp(score / self._rules.temperature) for code, score in scores.items()}
        ranked = sorted(odds.items(), key=lambda pair: -pair[1])
        whole = sum(odds.values())
        candidates = tuple((code, odd / whole) for code, odd in ranked[:CANDIDATES])
        best, probability = candidates[0]
        return Classification(
            candidates=candidates,
            subtype=self._subtype(best, evidence),
            score=scores[best] if best is not DisputeType.OTHER else 0.0,
            spans=tuple(span for one in counted.get(best, []) for span in one.spans),
            decision=Decision.AUTO if probability >= self._rules.auto_from else Decision.ASK,
        )

    def _subtype(self, code: DisputeType, evidence: Mapping[str, list[Evidence]]) -> str | None:
        best, best_score = None, 0.0
        for name in self._rules.types[code].subtypes if code in self._rules.types else ():
            score, _ = total(evidence.get(f"{code}.{name}", ()))
            if score > best_score:
                best, best_score = name, score
        return best
