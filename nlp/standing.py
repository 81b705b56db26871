"""Reads who the person is (重点人群, 涉企) and whether mediation can take the matter at all."""

from collections.abc import Mapping
from math import sqrt

from mediation.vocabulary import DisputeType, Group, NotMediable
from nlp.evidence import Evidence, total
from nlp.rules import LearnedGroups, LearnedReasons, Signs, StandingRules

THRESHOLD = 1.0
_GROUPS = {group: f"group.{group}" for group in Group}
_REASONS = {reason: f"not_mediable.{reason}" for reason in NotMediable}


def standing_signs(rules: StandingRules) -> dict[str, Signs]:
    """Return the signs under the labels that the functions here read."""
    groups = {_GROUPS[group]: signs for group, signs in rules.groups.items()}
    return groups | {_REASONS[reason]: signs for reason, signs in rules.not_mediable.items()}


def read_groups(
    evidence: Mapping[str, list[Evidence]],
    learned: Mapping[str, float],
    rules: StandingRules,
    weights: LearnedGroups,
    *,
    dispute_type: DisputeType | None,
    subtype: str | None,
) -> frozenset[Group]:
    """Return the groups: by signs and what was learned (some only in certain types), or by the type."""
    told = {dispute_type, f"{dispute_type}.{subtype}"}
    groups = set()
    for group, label in _GROUPS.items():
        types = rules.group_types.get(group)
        by_signs = group not in weights.labels
        score = _score(label, evidence, learned, hand=1.0 if by_signs else weights.hand)
        is_told = score >= (THRESHOLD if by_signs else weights.from_score)
        counts_here = types is None or not told.isdisjoint(types)
        if (is_told and counts_here) or not told.isdisjoint(rules.implied_by.get(group, ())):
            groups.add(group)
    return frozenset(groups)


def read_not_mediable(
    evidence: Mapping[str, list[Evidence]], learned: Mapping[str, float], rules: LearnedReasons
) -> NotMediable | None:
    """Return the strongest reason why mediation cannot take it, None when it can."""
    best, best_score = None, rules.from_score
    for reason, label in _REASONS.items():
        score = _score(label, evidence, learned, hand=rules.hand)
        if score >= best_score:
            best, best_score = reason, score
    return best


def _score(
    label: str, evidence: Mapping[str, list[Evidence]], learned: Mapping[str, float], *, hand: float
) -> float:
    """Return the learned score and the root of what the signs say times `hand`."""
    by_hand = max(total(evidence[label])[0], 0.0) if label in evidence else 0.0
    return learned.get(label, 0.0) + hand * sqrt(by_hand)
