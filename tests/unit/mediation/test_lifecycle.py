"""The table of a case's life."""

import itertools

import pytest

from mediation.lifecycle import (
    TRANSITIONS,
    CaseAction,
    CaseStatus,
    IllegalTransition,
    advance,
    as_markdown_table,
)


def test_the_newcomers_case() -> None:
    status = CaseStatus.FILED
    for action in (CaseAction.OFFER, CaseAction.DECLINE, CaseAction.OFFER, CaseAction.ACCEPT):
        status = advance(status, action)
    assert status is CaseStatus.MEDIATING


def test_everybody_declined_then_an_operator_found_someone() -> None:
    status = CaseStatus.FILED
    for action in (CaseAction.OFFER, CaseAction.EXPIRE, CaseAction.ESCALATE, CaseAction.GIVE_UP):
        status = advance(status, action)
    assert status is CaseStatus.UNASSIGNED
    assert advance(status, CaseAction.OFFER) is CaseStatus.OFFERED


@pytest.mark.parametrize("pair", sorted(set(itertools.product(CaseStatus, CaseAction)) - set(TRANSITIONS)))
def test_what_is_not_in_the_table_is_refused(pair: tuple[CaseStatus, CaseAction]) -> None:
    with pytest.raises(IllegalTransition) as refused:
        advance(*pair)
    assert (refused.value.status, refused.value.action) == pair


def test_every_status_is_reached_and_only_a_withdrawn_case_is_over() -> None:
    reached, new = {CaseStatus.FILED}, {CaseStatus.FILED}
    while new:
        new = {after for (before, _), after in TRANSITIONS.items() if before in new} - reached
        reached |= new
    assert reached == set(CaseStatus)
    assert {status for status in CaseStatus if all(before is not status for before, _ in TRANSITIONS)} == {
        CaseStatus.WITHDRAWN
    }


def test_every_action_is_of_use() -> None:
    assert {action for _, action in TRANSITIONS} == set(CaseAction)


def test_the_printed_table_holds_every_cell() -> None:
    lines = as_markdown_table().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    actions = cells[0][1:]
    printed = {
        (row[0].strip("*"), action): cell
        for row in cells[2:]
        for action, cell in zip(actions, row[1:], strict=True)
        if cell != "–"
    }
    assert printed == TRANSITIONS
