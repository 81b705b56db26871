"""Who of a committee is asked next, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mediation.assignment import Candidate, Ground, choose_mediator, rank
from mediation.vocabulary import DisputeType

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
PLAIN = Candidate(
    mediator_id=1,
    committee_id=7,
    on_duty=True,
    reachable=True,
    open_cases=0,
    specialities=frozenset(),
    last_offered_at=None,
)
SPECIALIST = frozenset({DisputeType.LABOUR})


def chosen(
    *candidates: Candidate, excluded: frozenset[int] = frozenset()
) -> tuple[int, tuple[str, ...]] | None:
    found = choose_mediator(candidates, type=DisputeType.LABOUR, excluded=excluded)
    return found and (found.mediator_id, found.because)


def test_the_only_one_is_asked() -> None:
    assert chosen(PLAIN) == (1, (Ground.ONLY,))


def test_speciality_outweighs_load() -> None:
    busy = replace(PLAIN, mediator_id=2, open_cases=9, specialities=SPECIALIST)
    assert chosen(PLAIN, busy) == (2, (Ground.SPECIALITY,))


def test_among_equals_the_one_with_fewer_cases() -> None:
    assert chosen(replace(PLAIN, open_cases=2), replace(PLAIN, mediator_id=2, open_cases=1)) == (
        2,
        (Ground.LOAD,),
    )


def test_among_equally_busy_the_one_who_waited_longest() -> None:
    lately = replace(PLAIN, last_offered_at=NOON)
    before = replace(PLAIN, mediator_id=2, last_offered_at=NOON - timedelta(hours=1))
    assert chosen(lately, before) == (2, (Ground.WAITING,))
    assert chosen(lately, before, replace(PLAIN, mediator_id=3)) == (3, (Ground.WAITING,))


def test_grounds_are_named_in_the_order_in_which_they_decided() -> None:
    able = replace(PLAIN, specialities=SPECIALIST)
    assert chosen(
        PLAIN,
        replace(able, mediator_id=2, open_cases=1),
        replace(able, mediator_id=3),
        replace(able, mediator_id=4),
    ) == (3, (Ground.SPECIALITY, Ground.LOAD, Ground.ORDER))


def test_off_duty_out_of_reach_and_excluded_are_never_asked() -> None:
    away = replace(PLAIN, on_duty=False)
    silent = replace(PLAIN, mediator_id=2, reachable=False)
    declined = replace(PLAIN, mediator_id=3)
    assert chosen(away, silent, declined, excluded=frozenset({3})) is None


candidates = st.lists(
    st.builds(
        Candidate,
        mediator_id=st.integers(1, 50),
        committee_id=st.just(7),
        on_duty=st.booleans(),
        reachable=st.booleans(),
        open_cases=st.integers(0, 3),
        specialities=st.frozensets(st.sampled_from([DisputeType.LABOUR, DisputeType.OTHER])),
        last_offered_at=st.none() | st.sampled_from([NOON, NOON - timedelta(days=1)]),
    ),
    unique_by=lambda one: one.mediator_id,
    max_size=8,
)


@given(candidates=candidates, seed=st.randoms())
def test_the_order_does_not_depend_on_how_candidates_are_listed(candidates: list[Candidate], seed) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(candidates)
    seed.shuffle(shuffled)
    ordered = rank(candidates, type=DisputeType.LABOUR, excluded=frozenset())
    assert rank(shuffled, type=DisputeType.LABOUR, excluded=frozenset()) == ordered
    assert {one.mediator_id for one in ordered} == {
        one.mediator_id for one in candidates if one.on_duty and one.reachable
    }
