"""Which committee gets a case, checked on the rule file that Luohe uses."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.committees import Committee
from mediation.regions import is_within
from mediation.routing import CaseFacts, Routing, escalate, route
from mediation.vocabulary import CommitteeKind, DisputeType, Group, RegionLevel, RiskGrade
from tests.unit.mediation.luohe import CITY, COUNTY, RULEBOOK, TOWNSHIP, VILLAGE, committee, committees_of

RULES = RULEBOOK.routing
GRADES = (RiskGrade.NONE, RiskGrade.YELLOW, RiskGrade.ORANGE, RiskGrade.RED)
PLACES = {
    RegionLevel.VILLAGE: VILLAGE,
    RegionLevel.TOWNSHIP: TOWNSHIP,
    RegionLevel.COUNTY: COUNTY,
    RegionLevel.CITY: None,
}
LETTERS = {
    CommitteeKind.VILLAGE: "v",
    CommitteeKind.TOWNSHIP: "t",
    CommitteeKind.COUNTY: "c",
    CommitteeKind.CITY: "m",
    CommitteeKind.SECTOR: "S",
    CommitteeKind.ENTERPRISE: "E",
}
# v village, t township, c county, m city (市), S sector; the four letters are grades none yellow orange red.
TABLE = """
                  village township county city
marriage_family   vvtt    tttt     SScc   mmmm
neighbour         vvtt    tttt     cccc   mmmm
homestead         vvtt    tttt     cccc   mmmm
forest_land       vvtt    tttt     cccc   mmmm
expropriation     tttt    tttt     cccc   mmmm
village_affairs   tttt    tttt     cccc   mmmm
contract          vvtt    tttt     cccc   mmmm
business          vvtt    tttt     cccc   mmmm
damage            vvtt    tttt     cccc   mmmm
labour            SSSS    SSSS     SSSS   mmmm
environment       tttt    tttt     cccc   mmmm
traffic           SSSS    SSSS     SSSS   mmmm
property_service  SSSS    SSSS     SSSS   mmmm
medical           SSSS    SSSS     SSSS   mmmm
consumer          SSSS    SSSS     SSSS   mmmm
tourism           SSSS    SSSS     SSSS   SSSS
finance           SSSS    SSSS     SSSS   SSSS
insurance         SSSS    SSSS     SSSS   SSSS
ip                SSSS    SSSS     SSSS   SSSS
ecommerce         SSSS    SSSS     SSSS   mmmm
education         tttt    tttt     cccc   mmmm
other             vvtt    tttt     cccc   mmmm
"""


def routed(
    facts: CaseFacts, *, unreachable: Collection[str] = (), committees: list[Committee] | None = None
) -> Routing:
    if committees is None:
        committees = committees_of(facts.place, unreachable=unreachable)
    routing = route(facts, committees, RULES)
    assert routing is not None
    return routing


def routing_table() -> str:
    head = " " * 18 + " ".join(PLACES)
    lines = []
    for dispute_type in DisputeType:
        cells = []
        for level, place in PLACES.items():
            letters = (
                LETTERS[routed(CaseFacts(type=dispute_type, place=place, grade=grade)).committee.kind]
                for grade in GRADES
            )
            cells.append("".join(letters).ljust(len(level)))
        lines.append(f"{dispute_type:<18}{' '.join(cells)}".rstrip())
    return "\n".join([head, *lines])


def test_the_whole_table() -> None:
    table = routing_table()
    print(table)
    assert table.split() == TABLE.split()


@pytest.mark.parametrize(
    ("facts", "code", "rule"),
    [
        (CaseFacts(type=DisputeType.HOMESTEAD, subtype="boundary", place=VILLAGE), VILLAGE, "near_home"),
        (
            CaseFacts(type=DisputeType.FOREST_LAND, subtype="contract_land", place=VILLAGE),
            TOWNSHIP,
            "not_own_village",
        ),
        (CaseFacts(type=DisputeType.FOREST_LAND, subtype="boundary", place=VILLAGE), VILLAGE, "near_home"),
        (CaseFacts(type=DisputeType.NEIGHBOUR, place=VILLAGE, people=4), VILLAGE, "near_home"),
        (CaseFacts(type=DisputeType.NEIGHBOUR, place=VILLAGE, people=5), TOWNSHIP, "many_people"),
        (
            CaseFacts(
                type=DisputeType.LABOUR,
                subtype="wages",
                place=COUNTY,
                groups=frozenset({Group.MIGRANT_WORKER, Group.ENTERPRISE}),
            ),
            f"{COUNTY}-labour",
            "workers_first",
        ),
        (CaseFacts(type=DisputeType.CONSUMER, place=VILLAGE), f"{COUNTY}-consumer", "sector"),
        (CaseFacts(type=DisputeType.TOURISM, place=VILLAGE), f"{CITY}-tourism", "sector"),
        (CaseFacts(type=DisputeType.OTHER), f"{CITY}-centre", "place_unknown"),
    ],
)
def test_a_case_goes_to(facts: CaseFacts, code: str, rule: str) -> None:
    routing = routed(facts)
    assert (routing.committee.code, routing.rule) == (code, rule)


@pytest.mark.parametrize(
    "dispute_type", ["labour", "contract", "business", "environment", "ip", "forest_land"]
)
@pytest.mark.parametrize("grade", [RiskGrade.NONE, RiskGrade.YELLOW, RiskGrade.ORANGE])
def test_an_enterprise_takes_the_green_channel(dispute_type: str, grade: RiskGrade) -> None:
    facts = CaseFacts(
        type=DisputeType(dispute_type), place=VILLAGE, grade=grade, groups=frozenset({Group.ENTERPRISE})
    )
    assert routed(facts).committee.code == f"{COUNTY}-enterprise"


def test_red_danger_leaves_the_green_channel() -> None:
    facts = CaseFacts(
        type=DisputeType.CONTRACT, place=VILLAGE, grade=RiskGrade.RED, groups=frozenset({Group.ENTERPRISE})
    )
    assert routed(facts).committee.code == TOWNSHIP


def test_the_township_is_told_of_twenty_workers_without_wages() -> None:
    routing = routed(CaseFacts(type=DisputeType.LABOUR, subtype="wages", place=VILLAGE, people=20))
    assert routing.committee.code == f"{COUNTY}-labour"
    assert [one.code for one in routing.informed] == [TOWNSHIP]
    assert routing.informed[0].name in routing.reasons[-1]


def test_nobody_is_told_twice() -> None:
    assert routed(CaseFacts(type=DisputeType.NEIGHBOUR, place=VILLAGE, grade=RiskGrade.RED)).informed == ()
    assert routed(CaseFacts(type=DisputeType.LABOUR, place=VILLAGE, people=4)).informed == ()


def test_an_unreachable_village_hands_over_to_the_township_and_says_so() -> None:
    routing = routed(CaseFacts(type=DisputeType.NEIGHBOUR, place=VILLAGE), unreachable=[VILLAGE])
    assert routing.committee.code == TOWNSHIP
    assert committee(VILLAGE).name in routing.reasons[1]
    assert committee(TOWNSHIP).name in routing.reasons[1]


def test_an_unreachable_sector_committee_hands_over_to_its_county() -> None:
    routing = routed(CaseFacts(type=DisputeType.LABOUR, place=VILLAGE), unreachable=[f"{COUNTY}-labour"])
    assert routing.committee.code == COUNTY


def test_nobody_reachable_leaves_the_case_where_it_belongs_for_an_operators_call() -> None:
    facts = CaseFacts(type=DisputeType.LABOUR, place=VILLAGE)
    everybody = [one.code for one in committees_of(VILLAGE)]
    routing = routed(facts, unreachable=everybody)
    assert routing.committee.code == f"{COUNTY}-labour"
    assert not routing.committee.reachable
    assert len(routing.reasons) == 2


def test_only_a_foreign_sector_committee_is_better_than_nothing() -> None:
    facts = CaseFacts(type=DisputeType.NEIGHBOUR, place=VILLAGE)
    assert routed(facts, committees=[committee(f"{COUNTY}-labour")]).committee.code == f"{COUNTY}-labour"


def test_a_county_without_a_committee_for_a_sector_uses_the_citys() -> None:
    own = [one for one in committees_of(VILLAGE) if one.code != f"{COUNTY}-labour"]
    citywide = replace(committee(f"{COUNTY}-labour"), id=9000, code=f"{CITY}-labour", region=CITY)
    facts = CaseFacts(type=DisputeType.LABOUR, place=VILLAGE)
    assert routed(facts, committees=[*own, citywide]).committee.code == f"{CITY}-labour"


def test_a_case_climbs_the_ladder_to_its_end() -> None:
    facts = CaseFacts(type=DisputeType.NEIGHBOUR, place=VILLAGE)
    assert climbed(facts, committee(VILLAGE)) == [TOWNSHIP, COUNTY, f"{CITY}-centre"]


def test_a_sector_case_climbs_to_the_county_and_the_city() -> None:
    facts = CaseFacts(type=DisputeType.LABOUR, place=VILLAGE)
    assert climbed(facts, committee(f"{COUNTY}-labour")) == [COUNTY, f"{CITY}-centre"]
    assert climbed(facts, committee(f"{CITY}-tourism")) == [f"{CITY}-centre"]


def test_climbing_passes_over_the_unreachable_and_says_so() -> None:
    facts = CaseFacts(type=DisputeType.NEIGHBOUR, place=VILLAGE)
    routing = escalate(
        committee(VILLAGE), facts, committees_of(VILLAGE, unreachable=[TOWNSHIP]), RULEBOOK.routing
    )
    assert routing is not None
    assert routing.committee.code == COUNTY
    assert committee(TOWNSHIP).name in routing.reasons[1]


def climbed(facts: CaseFacts, current: Committee) -> list[str]:
    """Return the committees that a case passes when everybody declines."""
    codes = []
    while (routing := escalate(current, facts, committees_of(facts.place), RULES)) is not None:
        current = routing.committee
        codes.append(current.code)
    return codes


any_facts = st.builds(
    CaseFacts,
    type=st.sampled_from(DisputeType),
    place=st.sampled_from([*PLACES.values(), CITY]),
    grade=st.sampled_from(RiskGrade),
    people=st.none() | st.integers(1, 200),
    groups=st.frozensets(st.sampled_from(Group)),
)
CODES = [one.code for one in committees_of(VILLAGE)]


@given(facts=any_facts, kept=st.sets(st.sampled_from(CODES)), mute=st.sets(st.sampled_from(CODES)))
def test_every_case_finds_a_committee_of_its_place(facts: CaseFacts, kept: set[str], mute: set[str]) -> None:
    committees = [one for one in committees_of(facts.place, unreachable=mute) if one.code in kept]
    routing = route(facts, committees, RULES)
    assert (routing is None) == (not committees)
    if routing is None:
        return
    assert routing.committee in committees
    assert is_within(facts.place or CITY, routing.committee.region)
    assert routing.committee not in routing.informed
    assert all(reason and "{" not in reason for reason in routing.reasons)
    if not routing.committee.reachable:
        silent = [replace(one, reachable=True) for one in committees]
        intended = route(facts, silent, RULES)
        assert intended is not None
        assert routing.committee.code == intended.committee.code


@given(facts=any_facts, mute=st.sets(st.sampled_from(CODES)))
def test_a_village_never_judges_its_own_affairs_nor_danger(facts: CaseFacts, mute: set[str]) -> None:
    own = facts.type in {DisputeType.VILLAGE_AFFAIRS, DisputeType.EXPROPRIATION}
    pressing = facts.grade in {RiskGrade.RED, RiskGrade.ORANGE} or (facts.people or 0) >= 5
    if own or pressing:
        kind = routed(facts, unreachable=mute).committee.kind
        assert kind is not CommitteeKind.VILLAGE
