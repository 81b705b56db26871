"""Which committee a case goes to, and why: an ordered table of rules, the first that fits decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mediation.committees import Committee
from mediation.regions import is_within, level_of
from mediation.vocabulary import CommitteeKind, DisputeType, Group, RegionLevel, RiskGrade

# The statutory ladder, narrowest first, with the level of region that each rung serves.
LADDER = {
    CommitteeKind.VILLAGE: RegionLevel.VILLAGE,
    CommitteeKind.TOWNSHIP: RegionLevel.TOWNSHIP,
    CommitteeKind.COUNTY: RegionLevel.COUNTY,
    CommitteeKind.CITY: RegionLevel.CITY,
}
RUNGS = tuple(LADDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What routing needs to know.

    `place` is the narrowest region code known, `people` counts both sides, `against` is the level whose own
    authority or cadres are the other side.
    """

    type: DisputeType
    subtype: str | None = None
    place: str | None = None
    grade: RiskGrade = RiskGrade.NONE
    people: int | None = None
    groups: frozenset[Group] = frozenset()
    against: RegionLevel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule:
    """One row of the table: every condition that is given must hold; an empty one always holds.

    `types` and `subtypes` are one condition: a whole type, or a type's subtype. `levels` is the level to
    which the place is known (an unknown place counts as the city). `to` is the lowest kind of committee
    that takes the case; where a sector or enterprise committee for it does not exist, the rule is passed
    over. `reason` is the sentence for the resident, with {type}, {people} and {committee}, the one that
    the rule means (whether or not it can be reached).
    """

    key: str
    to: CommitteeKind
    reason: str
    types: frozenset[DisputeType] = frozenset()
    subtypes: frozenset[tuple[DisputeType, str]] = frozenset()
    groups: frozenset[Group] = frozenset()
    grades: frozenset[RiskGrade] = frozenset()
    people_from: int | None = None
    levels: frozenset[RegionLevel] = frozenset()
    against: frozenset[RegionLevel] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class InformRule:
    """When the township is told although a sector or enterprise committee handles the case: either holds."""

    grades: frozenset[RiskGrade]
    people_from: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSentences:
    """Sentences that go with any rule, each with {committee}, the one that has or is told of the case.

    `place_level`: the place is not known down to the level of the rule. `unreachable` and `escalated` also
    take {passed}, whoever the case passes by or leaves. `nobody`: an operator will call.
    """

    place_level: str
    unreachable: str
    nobody: str
    informed: str
    escalated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRules:
    """The routing table with its sentences and the names of the types."""

    table: tuple[RoutingRule, ...]
    inform: InformRule
    sentences: RoutingSentences
    type_names: Mapping[DisputeType, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Where a case goes. `reasons` are ready Chinese sentences, the deciding one first.

    `committee.reachable` is False only when nobody at all can be reached: an operator has to call.
    `informed` are told as well and have nothing to do.
    """

    committee: Committee
    rule: str
    reasons: tuple[str, ...]
    informed: tuple[Committee, ...] = field(default=())


def route(facts: CaseFacts, committees: Iterable[Committee], rules: RoutingRules) -> Routing | None:
    """Return the committee that by rule should have the case; None only when there are no committees.

    `committees` are those of the place and of every wider region; when the place is unknown, those of the
    city. A committee without a reachable mediator is passed over upwards; when nobody at all can be
    reached, the case stays where the rule puts it, so that whoever comes on duty there finds it.
    """
    there = [one for one in committees if facts.place is None or is_within(facts.place, one.region)]
    for rule in rules.table:
        if not _fits(rule, facts):
            continue
        if chain := _chain(rule.to, facts, there):
            break
    else:
        if not there:
            return None
        # Only committees of other sectors exist here: the widest one knows whom to ask.
        chain = sorted(there, key=lambda one: (len(one.region), one.code))[:1]
    committee, passed = _first_reachable(chain)
    words = {
        "type": rules.type_names[facts.type],
        "people": str(facts.people or ""),
        "committee": chain[0].name,
    }
    reasons = [rule.reason.format(**words)]
    if rule.to in LADDER and chain[0].kind is not rule.to and _is_place_wider(facts, rule.to):
        reasons.append(rules.sentences.place_level.format(**words))
    reasons += _passing(passed, committee, rules.sentences)
    informed = _informed(facts, there, committee, rules.inform)
    reasons += [rules.sentences.informed.format(committee=one.name) for one in informed]
    return Routing(committee=committee, rule=rule.key, reasons=tuple(reasons), informed=informed)


def escalate(
    current: Committee, facts: CaseFacts, committees: Iterable[Committee], rules: RoutingRules
) -> Routing | None:
    """Return the next committee up, None above the highest.

    Village → township → county → city; a sector or enterprise committee → the committee of its county →
    city. Those without a reachable mediator are passed over; when nobody above can be reached, the next
    one is named.
    """
    above = [
        one
        for one in _ladder(committees)
        if is_within(current.region, one.region)
        and (current.kind not in LADDER or RUNGS.index(one.kind) > RUNGS.index(current.kind))
    ]
    if not above:
        return None
    committee, passed = _first_reachable(above)
    reason = rules.sentences.escalated.format(passed=current.name, committee=committee.name)
    return Routing(
        committee=committee,
        rule="escalated",
        reasons=(reason, *_passing(passed, committee, rules.sentences)),
        informed=(),
    )


def _fits(rule: RoutingRule, facts: CaseFacts) -> bool:
    """Whether every condition of a rule holds."""
    if (rule.types or rule.subtypes) and not (
        facts.type in rule.types or (facts.type, facts.subtype) in rule.subtypes
    ):
        return False
    if rule.groups and not rule.groups & facts.groups:
        return False
    if rule.grades and facts.grade not in rule.grades:
        return False
    if rule.people_from is not None and (facts.people or 0) < rule.people_from:
        return False
    if rule.against and facts.against not in rule.against:
        return False
    return not rule.levels or _place_level(facts) in rule.levels


def _place_level(facts: CaseFacts) -> RegionLevel:
    return level_of(facts.place) if facts.place else RegionLevel.CITY


def _is_place_wider(facts: CaseFacts, kind: CommitteeKind) -> bool:
    """Whether the place is known less exactly than a kind of committee would need."""
    levels = tuple(RegionLevel)
    return levels.index(_place_level(facts)) < levels.index(LADDER[kind])


def _ladder(committees: Iterable[Committee]) -> list[Committee]:
    """The statutory committees, narrowest first."""
    statutory = (one for one in committees if one.kind in LADDER)
    return sorted(statutory, key=lambda one: (RUNGS.index(one.kind), one.code))


def _chain(kind: CommitteeKind, facts: CaseFacts, there: Iterable[Committee]) -> list[Committee]:
    """Return who takes a case of a kind of committee, in turn; empty when there is no such committee.

    A sector or enterprise committee of the narrowest area comes first, and above all of them the county's.
    """
    there = tuple(there)
    lowest = CommitteeKind.COUNTY if kind not in LADDER else kind
    upwards = [one for one in _ladder(there) if RUNGS.index(one.kind) >= RUNGS.index(lowest)]
    if kind in LADDER:
        return upwards
    special = [
        one
        for one in there
        if one.kind is kind
        and (facts.type in one.sectors or (kind is CommitteeKind.ENTERPRISE and not one.sectors))
    ]
    special.sort(key=lambda one: (-len(one.region), one.code))
    return special + upwards if special else []


def _first_reachable(chain: list[Committee]) -> tuple[Committee, list[Committee]]:
    """Return the first that can be reached and those passed over, else simply the first."""
    for index, one in enumerate(chain):
        if one.reachable:
            return one, chain[:index]
    return chain[0], []


def _passing(passed: list[Committee], committee: Committee, sentences: RoutingSentences) -> list[str]:
    """Return the sentence that tells why a case did not stay where the rule put it."""
    if not committee.reachable:
        return [sentences.nobody.format(committee=committee.name)]
    if not passed:
        return []
    names = "、".join(one.name for one in passed)
    return [sentences.unreachable.format(passed=names, committee=committee.name)]


def _informed(
    facts: CaseFacts, there: list[Committee], committee: Committee, rule: InformRule
) -> tuple[Committee, ...]:
    """Return who is told of a dangerous or large case that a sector or enterprise committee handles."""
    pressing = facts.grade in rule.grades or (facts.people or 0) >= rule.people_from
    if committee.kind in LADDER or not pressing:
        return ()
    chain = _chain(CommitteeKind.TOWNSHIP, facts, there)
    told = next((one for one in chain if one.reachable), chain[0] if chain else None)
    return (told,) if told else ()
