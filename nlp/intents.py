"""Decides what a message wants: to tell a dispute, to ask how it stands, to speak with a person ..."""

from collections.abc import Mapping
from math import inf, sqrt

from mediation.vocabulary import Intent
from nlp.evidence import Evidence, total
from nlp.rules import IntentRules, Signs

SHORT = "很短"
LONG = "很长"
CLEAR = "事由清楚"
SOME = "有事由"
QUESTION = "短问"
_LABELS = {intent: f"intent.{intent}" for intent in Intent}
_ONLY_BY_SIGNS = frozenset({Intent.ABUSE, Intent.GREETING, Intent.THANKS})
"""Shortness alone, which the learned weights know of these, makes none; nobody is told of anger unheard."""
FEATURES = (SHORT, LONG, CLEAR, SOME, QUESTION)
LENGTHS = {f"{length}字内": length for length in (8, 16, 30, 60)}
"""How long a message is, which only the learned weights know."""


def intent_signs(rules: IntentRules) -> dict[str, Signs]:
    """Return the signs under the labels that `read_intent` reads."""
    return {_LABELS[intent]: signs for intent, signs in rules.intents.items()}


def list_features(text: str, rules: IntentRules, *, type_score: float, known_from: float) -> list[str]:
    """Return the classes that are no words but facts about the message; rules use them like word classes."""
    seen = []
    if len(text) <= rules.short_to:
        seen.append(SHORT)
    if len(text) >= rules.long_from:
        seen.append(LONG)
    if len(text) <= rules.question_to and text.endswith(tuple(rules.question_endings)):
        seen.append(QUESTION)
    if type_score >= rules.strong_from:
        seen.append(CLEAR)
    if type_score >= known_from:
        seen.append(SOME)
    return seen


def list_lengths(text: str) -> list[str]:
    """Return the lengths within which a message is."""
    return [name for name, length in LENGTHS.items() if len(text) <= length]


def read_intent(
    evidence: Mapping[str, list[Evidence]], learned: Mapping[str, float], *, hand: float
) -> Intent:
    """Return the likeliest intent: the root of the evidence times `hand`, and the learned scores."""
    best, best_score = Intent.COMPLAINT, -inf
    for intent, label in _LABELS.items():
        by_hand = max(total(evidence[label])[0], 0.0) if label in evidence else 0.0
        if intent in _ONLY_BY_SIGNS and not by_hand:
            continue
        score = hand * sqrt(by_hand) + learned.get(label, 0.0)
        if score > best_score:
            best, best_score = intent, score
    return best
