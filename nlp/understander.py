"""Understands one text: type, intent, danger, place, facts, and the words that decided."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from mediation.regions import Region
from mediation.understanding import Understanding
from mediation.vocabulary import Decision, DisputeType, Intent
from nlp.amounts import read_amount
from nlp.classifying import Classification, Classifier
from nlp.danger import DangerReader
from nlp.dates import read_since
from nlp.evidence import EvidenceBook, Sightings, Span
from nlp.intents import FEATURES, intent_signs, list_features, read_intent
from nlp.names import read_applicant_name, read_respondent
from nlp.normalising import normalise
from nlp.people import read_people
from nlp.phones import read_own_phone, read_phone
from nlp.places import Gazetteer
from nlp.rules import UnderstandingRules
from nlp.segmentation import Segmenter
from nlp.standing import read_groups, read_not_mediable, standing_signs

_WITHOUT_MATTER = frozenset({Intent.GREETING, Intent.THANKS, Intent.IRRELEVANT, Intent.ABUSE, Intent.HUMAN})
_ALWAYS_A_MATTER = frozenset({Intent.COMPLAINT, Intent.TIP})
# The stages of the evidence book, in the order in which they are given to it.
_MATTER, _INTENT, _DANGER = range(3)


class Understander:
    """The rules, compiled once; `understand` may be called from any number of threads."""

    def __init__(self, rules: UnderstandingRules, regions: Iterable[Region]) -> None:
        self._rules = rules
        self._segmenter = Segmenter(rules.words.jieba)
        self._danger = DangerReader(rules.danger)
        self._book = EvidenceBook(
            (
                Classifier.signs(rules.types) | standing_signs(rules.standing),
                intent_signs(rules.intents),
                self._danger.signs(),
            ),
            classes=rules.words.classes | rules.danger.classes,
            idioms=[*rules.words.idioms, *rules.danger.idioms],
            features=FEATURES,
        )
        self._classifier = Classifier(rules.types)
        self.gazetteer = Gazetteer(regions, rules.places)

    def understand(self, text: str, *, today: date) -> Understanding:
        """Return what a text says; never raises for a str. `today` anchors 前年腊月 and the like."""
        plain = normalise(text)
        sightings = self._book.see(plain, self._segmenter.boundaries(plain))
        evidence = self._book.weigh(sightings, stage=_MATTER)
        reading = self._classifier.classify(evidence)
        intent = self._intent(plain, sightings, reading)
        known = reading.score >= self._rules.types.known_from
        dispute_type: DisputeType | None = None
        if intent not in _WITHOUT_MATTER and (known or intent in _ALWAYS_A_MATTER):
            dispute_type = reading.candidates[0][0]
        place = self.gazetteer.read(plain)
        amount = read_amount(plain, self._rules.facts)
        people = read_people(plain, self._rules.facts)
        danger = self._danger.read(
            self._book.weigh(sightings, stage=_DANGER, denied=self._danger.denied(plain)),
            amount=amount,
            people=people,
        )
        return Understanding(
            intent=intent,
            type=dispute_type,
            subtype=reading.subtype if dispute_type else None,
            confidence=reading.candidates[0][1] if dispute_type else 0.0,
            decision=reading.decision if dispute_type else Decision.ASK,
            candidates=reading.candidates if dispute_type else (),
            risk=danger.flags,
            grade=danger.grade,
            groups=read_groups(
                evidence, self._rules.standing, dispute_type=dispute_type, subtype=reading.subtype
            ),
            not_mediable=read_not_mediable(evidence, self._rules.standing),
            place=place.place,
            place_candidates=place.candidates,
            place_outside=place.outside,
            phone=read_phone(plain),
            own_phone=read_own_phone(plain, self._rules.facts),
            amount=amount,
            people=people,
            since=read_since(plain, today=today),
            applicant_name=read_applicant_name(plain, self._rules.facts),
            respondent=read_respondent(plain, self._rules.facts),
            because=_words_at(plain, reading.spans) if dispute_type else (),
            because_risk=_words_at(plain, danger.spans),
        )

    def _intent(self, text: str, sightings: Sightings, reading: Classification) -> Intent:
        features = list_features(
            text,
            self._rules.intents,
            type_score=reading.score,
            known_from=self._rules.types.known_from,
        )
        for feature in features:
            self._book.add_feature(sightings, feature)
        intent = read_intent(self._book.weigh(sightings, stage=_INTENT))
        if intent is None:
            told = reading.score or len(text) > self._rules.intents.short_to
            return Intent.COMPLAINT if told else Intent.IRRELEVANT
        return intent


def _words_at(text: str, spans: Iterable[Span]) -> tuple[str, ...]:
    """Return the words of a text at these places, each once, in the given order."""
    return tuple(dict.fromkeys(text[start:end] for start, end in spans if end > start))


def as_record(identifier: str, understanding: Understanding) -> dict[str, Any]:
    """Return one line of `fengqiao understand`: enums by value, sets sorted, candidates as pairs."""
    return {
        "id": identifier,
        "intent": understanding.intent.value,
        "type": understanding.type.value if understanding.type else None,
        "subtype": understanding.subtype,
        "confidence": round(understanding.confidence, 4),
        "decision": understanding.decision.value,
        "candidates": [[code.value, round(odds, 4)] for code, odds in understanding.candidates],
        "place": understanding.place,
        "place_candidates": sorted(understanding.place_candidates),
        "risk": sorted(flag.value for flag in understanding.risk),
        "grade": understanding.grade.value,
        "groups": sorted(group.value for group in understanding.groups),
        "not_mediable": understanding.not_mediable.value if understanding.not_mediable else None,
        "phone": understanding.phone,
        "amount": understanding.amount,
        "people": understanding.people,
        "because": list(understanding.because),
    }
