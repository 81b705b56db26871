"""A committee as the rules see it: what it handles, where, and whether anybody there can be reached."""

from dataclasses import dataclass

from mediation.vocabulary import CommitteeKind, DisputeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """A people's mediation committee (人民调解委员会), 人民调解法 8 and 34.

    `code` is the region's code for statutory committees (village, township, county), else the region's
    code and a word (`411104-labour`, `4111-centre`). `region` is the area it serves. `sectors` are the
    dispute types of a sector committee. `reachable` says whether a mediator on duty can get a message.
    """

    id: int
    code: str
    name: str
    kind: CommitteeKind
    region: str
    sectors: frozenset[DisputeType] = frozenset()
    reachable: bool = False
