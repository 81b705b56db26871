"""Reads who the person is (重点人群, 涉企) and whether mediation can take the matter at all."""

from collections.abc import Mapping

from mediation.vocabulary import DisputeType, Group, NotMediable
from nlp.evidence import Evidence, total
from nlp.rules import Signs, StandingRules

THRESHOLD = 1.0


def standing_signs(rules: StandingRules) -> dict[str, Signs]:
    """Return the signs under the labels that the functions here read."""
    groups = {f"group.{group}": signs for group, signs in rules.groups.items()}
    return groups | {f"not_mediable.{reason}": signs for reason, signs in rules.not_mediable.items()}


def read_groups(
    evidence: Mapping[str, list[Evidence]],
    rules: StandingRules,
    *,
    dispute_type: DisputeType | None,
    subtype: str | None,
) -> frozenset[Group]:
    """Return the groups; those with `group_types` only where the dispute is of such a type."""
    groups = set()
    for group in rules.groups:
        score, _ = total(evidence.get(f"group.{group}", ()))
        if score < THRESHOLD:
            continue
        types = rules.group_types.get(group)
        if types is None or dispute_type in types or f"{dispute_type}.{subtype}" in types:
            groups.add(group)
    return frozenset(groups)


def read_not_mediable(evidence: Mapping[str, list[Evidence]], rules: StandingRules) -> NotMediable | None:
    """Return the strongest reason why mediation cannot take it, None when it can."""
    best, best_score = None, THRESHOLD
    for reason in rules.not_mediable:
        score, _ = total(evidence.get(f"not_mediable.{reason}", ()))
        if score >= best_score and score > 0:
            best, best_score = reason, score
    return best
