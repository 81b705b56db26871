"""Decides the dispute type (纠纷类型) and its second level, with an honest probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from mediation.vocabulary import Decision, DisputeType
from nlp.evidence import Evidence, Span, strongest_first, total
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
        self._labels = {
            code: (code.value, *(f"{code}.{name}" for name in type_rules.subtypes))
            for code, type_rules in rules.types.items()
        }
        self._between_labels = [f"between.{number}" for number in range(len(rules.between))]

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
        counted: dict[DisputeType, list[Evidence]] = {}
        scores = self.scores(evidence, counted)
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

    def scores(
        self,
        evidence: Mapping[str, list[Evidence]],
        counted: dict[DisputeType, list[Evidence]] | None = None,
    ) -> dict[DisputeType, float]:
        """Return the score of every type; what was counted for each is put into `counted`."""
        scores = dict.fromkeys(self._rules.types, 0.0)
        for code, labels in self._labels.items():
            found = [one for label in labels if label in evidence for one in evidence[label]]
            if found:
                if len(found) > 1:
                    found.sort(key=strongest_first)
                score, used = total(found)
                scores[code] = max(score, 0.0)
                if counted is not None:
                    counted[code] = used
        for number, between in enumerate(self._rules.between):
            found = evidence.get(self._between_labels[number], [])
            if found and scores.get(between.prefer, 0) > 0 and scores.get(between.over, 0) > 0:
                weight, _ = total(found)
                scores[between.prefer] += weight / 2
                scores[between.over] = max(0.0, scores[between.over] - weight / 2)
        scores[DisputeType.OTHER] = scores.get(DisputeType.OTHER, 0.0) + self._rules.nothing_known
        return scores

    def _subtype(self, code: DisputeType, evidence: Mapping[str, list[Evidence]]) -> str | None:
        best, best_score = None, 0.0
        for label in self._labels.get(code, ())[1:]:
            score = total(evidence[label])[0] if label in evidence else 0.0
            if score > best_score:
                best, best_score = label.partition(".")[2], score
        return best
