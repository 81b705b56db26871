"""Whether a committee (人民调解委员会) is staffed as the law and the local norm (配备) ask.

人民调解法 8: three to nine members, a woman among them; the number of full-time mediators is local.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mediation.vocabulary import CommitteeKind

LEAST_MEMBERS = 3
MOST_MEMBERS = 9
TERM_YEARS = 3


class Gap(StrEnum):
    """What a committee lacks."""

    NOBODY = "nobody"
    """No member is listed at all."""
    FEW_MEMBERS = "few_members"
    MANY_MEMBERS = "many_members"
    NO_WOMAN = "no_woman"
    FULL_TIME = "full_time"
    UNREACHABLE = "unreachable"
    """Nobody on duty can get a message: cases pass it by."""
    NOT_FILED = "not_filed"
    """It has no filing (备案) number."""
    TERM_OVER = "term_over"
    """The last election is longer ago than a term of three years (人民调解法 9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a committee. `unknown_sex` members keep the rule about a woman from being judged."""

    kind: CommitteeKind
    members: int
    full_time: int
    women: int
    unknown_sex: int
    reachable: int
    filed: bool
    years_since_election: float | None = None


def find_gaps(standing: Standing, norm: Mapping[CommitteeKind, int]) -> Iterator[Gap]:
    """Yield what a committee lacks, the gravest first; `norm` is the least number of full-time mediators."""
    if standing.reachable == 0:
        yield Gap.UNREACHABLE
    if standing.members == 0:
        yield Gap.NOBODY
    elif standing.members < LEAST_MEMBERS:
        yield Gap.FEW_MEMBERS
    if standing.members > MOST_MEMBERS:
        yield Gap.MANY_MEMBERS
    if standing.members and not standing.women and not standing.unknown_sex:
        yield Gap.NO_WOMAN
    if standing.full_time < norm.get(standing.kind, 0):
        yield Gap.FULL_TIME
    if not standing.filed:
        yield Gap.NOT_FILED
    if standing.years_since_election is not None and standing.years_since_election > TERM_YEARS:
        yield Gap.TERM_OVER
