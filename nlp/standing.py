"""Reads who the person is (重点人群, 涉企) and whether mediation can take the matter at all."""

from collections.abc import Mapping
from math import sqrt

from mediation.vocabulary import DisputeType, Group, NotMediable
from nlp.evidence import Evidence, total
from nlp.rules import LearnedReasons, Signs, StandingRules

THRESHOLD = 1.0
_GROUPS = {group: f"group.{group}" for group in Group}
_REASONS = {reason: f"not_mediable.{reason}" for reason in NotMediable}


def standing_signs(rules: StandingRules) -> dict[str, Signs]:
    """Return the signs under the labels that the functions here read."""
    groups = {_GROUPS[group]: signs for group, signs in rules.groups.items()}
    return groups | {_REASONS[reason]: signs for reason, signs in rules.not_mediable.items()}


def read_groups(
    evidence: Mapping[str, list[Evidence]],
    rules: StandingRules,
    *,
    dispute_type: DisputeType | None,
    subtype: str | None,
) -> frozenset[Group]:
    """Return the groups; those with `group_types` only where the dispute is of such a type."""
    groups = set()
    for group, label in _GROUPS.items():
        if label not in evidence or total(evidence[label])[0] < THRESHOLD:
            continue
        types = rules.group_types.get(group)
        if types is None or dispute_type in types or f"{dispute_type}.{subtype}" in types:
            groups.add(group)
    return frozenset(groups)


def read_not_mediable(
    evidence: Mapping[str, list[Evidence]], learned: Mapping[str, float], rules: LearnedReasons
) -> NotMediable | None:
    """Return the strongest reason why mediation cannot take it, None when it can."""
    best, best_score = None, rules.from_score
    for reason, label in _REASONS.items():
        score = learned.get(label, 0.0)
        if label in evidence:
            score += rules.hand * sqrt(max(total(evidence[label])[0], 0.0))
        if score >= best_score:
            best, best_score = reason, score
    return best
