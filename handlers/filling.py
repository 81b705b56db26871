"""Fills the draft of a complaint from what was understood, and finds the next thing to ask."""

from collections.abc import Collection
from datetime import date

from config.dialogue import DialogueWords
from handlers.conversation import Draft, Question
from handlers.ruleset import RuleSet
from mediation.regions import level_of
from mediation.understanding import Understanding
from mediation.vocabulary import Decision, DisputeType, RegionLevel, RiskFlag, RiskGrade

GRADE_ORDER = (RiskGrade.NONE, RiskGrade.YELLOW, RiskGrade.ORANGE, RiskGrade.RED)
TELLING_LENGTH = 8
OFFERED_TYPES = 3
LEAST_ODDS = 0.05


def add_story(draft: Draft, text: str, *, rules: RuleSet, today: date) -> Draft:
    """Return the draft with one more piece of the story, everything understood anew from the whole."""
    story = (*draft.story, text)
    whole = rules.understander.understand("\n".join(story), today=today)
    latest = whole if len(story) == 1 else rules.understander.understand(text, today=today)
    filled = draft.model_copy(update={"story": story})
    filled = _take_type(filled, whole)
    if _knows_place(latest):
        filled = take_place(filled, latest)
    elif not (draft.place or draft.place_candidates or draft.place_settled):
        filled = take_place(filled, whole)
    filled = _take_danger(filled, whole, latest)
    return filled.model_copy(
        update={
            "respondent": draft.respondent or whole.respondent,
            "name": latest.applicant_name or draft.name or whole.applicant_name,
            "phone": latest.own_phone or draft.phone or whole.own_phone,
            "amount": whole.amount if whole.amount is not None else draft.amount,
            "people": whole.people if whole.people is not None else draft.people,
            "since": whole.since or draft.since,
            "groups": draft.groups | whole.groups,
            "not_mediable": whole.not_mediable if not draft.mediable_settled else draft.not_mediable,
        }
    )


def _take_type(draft: Draft, whole: Understanding) -> Draft:
    if draft.type_settled:
        return draft
    return draft.model_copy(
        update={
            "type": whole.type,
            "subtype": whole.subtype,
            "decision": whole.decision if whole.type else Decision.ASK,
            "candidates": _likely_types(whole),
            "because": whole.because,
        }
    )


def _likely_types(whole: Understanding) -> tuple[DisputeType, ...]:
    """The types worth offering: none that the text hardly speaks for, never "other"."""
    likely = [code for code, odds in whole.candidates if odds >= LEAST_ODDS and code is not DisputeType.OTHER]
    return tuple(likely[:OFFERED_TYPES])


def _knows_place(understanding: Understanding) -> bool:
    return bool(understanding.place or understanding.place_candidates)


def take_place(draft: Draft, understanding: Understanding) -> Draft:
    """Return the draft with the place that a text determines, if it determines one."""
    if understanding.place:
        if draft.place and draft.place != understanding.place and draft.place.startswith(understanding.place):
            return draft  # a wider name for what is known already
        return draft.model_copy(
            update={"place": understanding.place, "place_candidates": (), "place_outside": False}
        )
    if understanding.place_candidates:
        within = tuple(
            code for code in understanding.place_candidates if draft.place and code.startswith(draft.place)
        )
        one = within[0] if len(within) == 1 else None  # the township was said before, now the village
        candidates = () if one else within or understanding.place_candidates
        return draft.model_copy(update={"place": one, "place_candidates": candidates, "place_outside": False})
    if understanding.place_outside and not draft.place:
        return draft.model_copy(update={"place_outside": True})
    return draft


def _take_danger(draft: Draft, *readings: Understanding) -> Draft:
    risk: Collection[RiskFlag] = draft.risk.union(*(reading.risk for reading in readings))
    grade = max((draft.grade, *(reading.grade for reading in readings)), key=GRADE_ORDER.index)
    return draft.model_copy(update={"risk": frozenset(risk), "grade": grade})


def next_question(draft: Draft, *, words: DialogueWords) -> Question:
    """Return what must be asked next; CONFIRM when nothing is missing."""
    question = Question.CONFIRM
    if not draft.story:
        question = Question.PLACE_WHICH if draft.place_candidates else Question.STORY
    elif draft.not_mediable and not draft.mediable_settled:
        question = Question.NOT_MEDIABLE
    elif _says_too_little(draft):
        question = Question.STORY
    elif not draft.type_settled and draft.decision is Decision.ASK and not _only_one_fits(draft):
        question = Question.TYPE if draft.candidates else Question.TYPE_ANY
    elif not draft.place_settled and _place_question(draft, words=words):
        question = _place_question(draft, words=words) or question
    elif not draft.respondent:
        question = Question.RESPONDENT
    elif not draft.name:
        question = Question.NAME
    elif not draft.phone and not draft.phone_settled:
        question = Question.PHONE
    return question


def _says_too_little(draft: Draft) -> bool:
    """A few words without any matter ("有人欺负俺"): asked once to tell more."""
    vague = draft.type in {None, DisputeType.OTHER} and draft.decision is Decision.ASK
    return vague and not draft.story_asked and not draft.type_settled


def _only_one_fits(draft: Draft) -> bool:
    """Nothing else comes into question: the card, which must be confirmed, asks well enough."""
    return draft.candidates == (draft.type,)


def _place_question(draft: Draft, *, words: DialogueWords) -> Question | None:
    if draft.place_candidates:
        return Question.PLACE_WHICH
    if draft.place is None:
        return Question.PLACE
    narrow = level_of(draft.place) is RegionLevel.VILLAGE
    return None if narrow or draft.type not in words.rural_types else Question.PLACE
