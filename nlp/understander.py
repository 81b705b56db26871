"""Understands one text: type, intent, danger, place, facts, and the words that decided."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any

from mediation.regions import Region
from mediation.understanding import Understanding
from mediation.vocabulary import Decision, DisputeType, Intent, RiskGrade
from nlp.amounts import read_amount
from nlp.classifying import Classification, Classifier
from nlp.danger import HEATING, Danger, DangerReader, list_danger_facts
from nlp.dates import read_since
from nlp.evidence import EvidenceBook, Sightings, Span
from nlp.intents import FEATURES, intent_signs, list_features, list_lengths, read_intent
from nlp.learned import LearnedWeights, Seen, list_topics
from nlp.names import read_applicant_name
from nlp.normalising import normalise
from nlp.other_side import read_other_side
from nlp.people import CROWD, read_people, sees_crowd
from nlp.phones import read_own_phone, read_phone
from nlp.places import Gazetteer
from nlp.rules import UnderstandingRules
from nlp.segmentation import Segmenter
from nlp.standing import read_groups, read_not_mediable, standing_signs

_WITHOUT_MATTER = frozenset({Intent.GREETING, Intent.THANKS, Intent.IRRELEVANT, Intent.ABUSE, Intent.HUMAN})
_ALWAYS_A_MATTER = frozenset({Intent.COMPLAINT, Intent.TIP})
_MATTER_FROM = {Intent.LAW_QUESTION: 0.3}
_USUAL_MATTER_FROM = 0.9
"""How likely the first type must be where no sign tells a matter, for intents that need not have one."""
MOST_LEARNED_WORDS = 6
LIKELY = 0.5
"""Less likely than this, a few words without any sign tell no dispute."""
# The stages of the evidence book, in the order in which they are given to it.
_MATTER, _INTENT, _DANGER = range(3)


class Understander:
    """The rules, compiled once; `understand` may be called from any number of threads."""

    def __init__(
        self,
        rules: UnderstandingRules,
        regions: Iterable[Region],
        landmarks: Mapping[str, str] | None = None,
    ) -> None:
        self._rules = rules.without_words()
        self._segmenter = Segmenter(rules.words.jieba)
        self._danger = DangerReader(rules.danger)
        self._book = EvidenceBook(
            (
                Classifier.signs(rules.types) | standing_signs(rules.standing),
                intent_signs(rules.intents),
                DangerReader.signs(rules.danger),
            ),
            classes=rules.words.classes | rules.danger.classes,
            idioms=[*rules.words.idioms, *rules.danger.idioms],
            features=[*FEATURES, CROWD],
        )
        self._classifier = Classifier(rules.types, rules.learned.types, auto_from=rules.overruled.auto_from)
        self._learned = LearnedWeights(
            rules.learned, rules.overruled, list_topics(rules.topics.topics, rules.words.classes)
        )
        self.gazetteer = Gazetteer(regions, rules.places, rules.pinyin, landmarks)

    def understand(self, text: str, *, today: date) -> Understanding:
        """Return what a text says; never raises for a str. `today` anchors 前年腊月 and the like."""
        plain = normalise(text)
        boundaries = self._segmenter.boundaries(plain)
        sightings = self._book.see(plain, boundaries)
        evidence = self._book.weigh(sightings, stage=_MATTER)
        seen = self._learned.see(plain)
        learned = self._learned.weigh(seen)
        reading = self._classifier.classify(evidence, learned)
        not_mediable = read_not_mediable(evidence, learned, self._rules.learned.not_mediable)
        intent = self._intent(plain, sightings, reading, learned, is_told=not_mediable is not None)
        dispute_type: DisputeType | None = None
        subtype: str | None = None
        if self._tells_matter(intent, reading):
            dispute_type = reading.candidates[0][0]
            subtype = self._classifier.read_subtype(
                dispute_type,
                evidence,
                self._learned.weigh_subtypes(dispute_type, seen),
                hand=self._rules.learned.subtypes.hand,
            )
        place = self.gazetteer.read(plain)
        amount = read_amount(plain, self._rules.facts)
        people = read_people(plain, self._rules.facts)
        applicant_name = read_applicant_name(plain, self._rules.facts)
        other = read_other_side(plain, self._rules.facts, own=applicant_name, places=place.spans)
        if sees_crowd(plain, self._rules.facts):
            self._book.add_feature(sightings, CROWD)
        danger = self._read_danger(plain, sightings, learned, amount=amount, people=people)
        return Understanding(
            intent=intent,
            type=dispute_type,
            subtype=subtype,
            confidence=reading.candidates[0][1] if dispute_type else 0.0,
            decision=reading.decision if dispute_type else Decision.ASK,
            candidates=reading.candidates if dispute_type else (),
            risk=danger.flags,
            grade=danger.grade,
            groups=read_groups(
                evidence,
                learned,
                self._rules.standing,
                self._rules.learned.groups,
                dispute_type=dispute_type,
                subtype=subtype,
            ),
            not_mediable=not_mediable,
            place=place.place,
            place_candidates=place.candidates,
            place_outside=place.outside,
            phone=read_phone(plain),
            own_phone=read_own_phone(plain, self._rules.facts),
            amount=amount,
            people=people,
            since=read_since(plain, today=today),
            applicant_name=applicant_name,
            respondent=other.words if other else None,
            respondent_name=other.name if other else None,
            because=self._because(plain, seen, reading, boundaries) if dispute_type else (),
            because_risk=_words_at(plain, danger.spans or self._told_of(danger, plain, seen, boundaries)),
        )

    def _tells_matter(self, intent: Intent, reading: Classification) -> bool:
        """Whether a message of this intent names the matter: always, by signs, or likely enough."""
        if intent in _WITHOUT_MATTER or intent in _ALWAYS_A_MATTER:
            return intent in _ALWAYS_A_MATTER
        signed = reading.score >= self._rules.types.known_from
        return signed or reading.candidates[0][1] >= _MATTER_FROM.get(intent, _USUAL_MATTER_FROM)

    def _intent(
        self,
        text: str,
        sightings: Sightings,
        reading: Classification,
        learned: Mapping[str, float],
        *,
        is_told: bool,
    ) -> Intent:
        """Return what the text wants; `is_told` says that a matter is known from elsewhere."""
        facts = list_features(
            text,
            self._rules.intents,
            type_score=reading.score,
            known_from=self._rules.types.known_from,
        )
        for fact in facts:
            self._book.add_feature(sightings, fact)
        scores = {**learned}
        for label, weight in self._learned.weigh_facts([*facts, *list_lengths(text)]).items():
            scores[label] += weight
        evidence = self._book.weigh(sightings, stage=_INTENT)
        intent = read_intent(evidence, scores, hand=self._rules.learned.intents.hand)
        best, odds = reading.candidates[0]
        likely = odds >= LIKELY and best is not DisputeType.OTHER
        told = is_told or reading.score or likely or len(text) > self._rules.intents.short_to
        return intent if told or evidence or intent not in _ALWAYS_A_MATTER else Intent.IRRELEVANT

    def _read_danger(
        self,
        text: str,
        sightings: Sightings,
        learned: Mapping[str, float],
        *,
        amount: float | None,
        people: int | None,
    ) -> Danger:
        denied = self._danger.denied(text)
        evidence = self._book.weigh(sightings, stage=_DANGER, denied=denied)
        denies = self._book.denies(sightings, stage=_DANGER, denied=denied)
        facts = [*list_danger_facts(evidence, denies=denies), *list_lengths(text)]
        scores = {**learned}
        if denies:
            kept = self._learned.weigh(self._learned.see(_without_denied(text, sightings, denied)))
            scores = {label: min(score, kept[label]) for label, score in learned.items()}
        for label, weight in self._learned.weigh_facts(facts).items():
            scores[label] += weight
        return self._danger.read(evidence, scores, self._rules.learned, amount=amount, people=people)

    def _told_of(self, danger: Danger, text: str, seen: Seen, boundaries: Collection[int]) -> list[Span]:
        """Return the learned words behind a danger that no sign of the rule file tells."""
        flags = [HEATING] if danger.grade is RiskGrade.YELLOW else sorted(danger.flags)
        section = "danger" if danger.grade is RiskGrade.RED else "flag"
        told = [
            span for flag in flags for span in self._learned.tell(text, seen, f"{section}.{flag}", boundaries)
        ]
        return told[:MOST_LEARNED_WORDS]

    def _because(
        self, text: str, seen: Seen, reading: Classification, boundaries: Collection[int]
    ) -> tuple[str, ...]:
        """Return the words that decided: those of the rules written by hand, then the learned ones."""
        words = _words_at(text, reading.spans)
        told = _words_at(text, self._learned.tell(text, seen, f"type.{reading.candidates[0][0]}", boundaries))
        more = (word for word in told if not any(word in other for other in words))
        return words + tuple(islice(more, MOST_LEARNED_WORDS))


def _without_denied(text: str, sightings: Sightings, denied: Collection[int]) -> str:
    """Return the text with the words blotted out that stand directly behind a negator (没打我)."""
    for spans in sightings.words.values():
        for start, end in spans:
            if start in denied:
                text = text[:start] + "\n" * (end - start) + text[end:]
    return text


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
