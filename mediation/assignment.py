"""Who of a committee's mediators is asked next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from mediation.vocabulary import DisputeType

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mediator (调解员) as assignment sees one; `last_offered_at` is None before the first offer."""

    mediator_id: int
    committee_id: int
    on_duty: bool
    reachable: bool
    open_cases: int
    specialities: frozenset[DisputeType]
    last_offered_at: datetime | None


class Ground(StrEnum):
    """What decided between the candidates; stable codes for the timeline."""

    ONLY = "only"
    SPECIALITY = "speciality"
    LOAD = "load"
    WAITING = "waiting"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The mediator to ask, and the grounds that told this one from the others, weightiest first."""

    mediator_id: int
    because: tuple[str, ...]


def rank(
    candidates: Iterable[Candidate],
    *,
    type: DisputeType,  # noqa: A002 - the word of the trade, as in CaseFacts
    excluded: frozenset[int],
) -> tuple[Candidate, ...]:
    """Return everybody who can be asked, best first.

    Left out are those off duty, out of reach, or `excluded` (declined, let an offer run out, related to a
    party). Speciality comes first, then the fewest open cases, then the longest time without an offer.
    """
    able = (one for one in candidates if one.on_duty and one.reachable and one.mediator_id not in excluded)
    grounds = _grounds(type)
    return tuple(sorted(able, key=lambda one: tuple(key(one) for key in grounds.values())))


def choose_mediator(
    candidates: Iterable[Candidate],
    *,
    type: DisputeType,  # noqa: A002 - the word of the trade, as in CaseFacts
    excluded: frozenset[int],
) -> Chosen | None:
    """Return the mediator to ask and why, None when nobody is left."""
    ranked = rank(candidates, type=type, excluded=excluded)
    if not ranked:
        return None
    best = ranked[0]
    if len(ranked) == 1:
        return Chosen(mediator_id=best.mediator_id, because=(Ground.ONLY,))
    because: list[str] = []
    equals = ranked
    for ground, key in _grounds(type).items():
        still_equal = tuple(one for one in equals if key(one) == key(best))
        if len(still_equal) < len(equals):
            because.append(ground)
        equals = still_equal
    return Chosen(mediator_id=best.mediator_id, because=tuple(because))


def _grounds(wanted: DisputeType) -> dict[Ground, Callable[[Candidate], int | datetime]]:
    """What counts, weightiest first; the smaller value is preferred."""
    return {
        Ground.SPECIALITY: lambda one: wanted not in one.specialities,
        Ground.LOAD: lambda one: one.open_cases,
        Ground.WAITING: lambda one: one.last_offered_at or NEVER,
        Ground.ORDER: lambda one: one.mediator_id,
    }
