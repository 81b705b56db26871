"""The life of a case: every edge works, every other one is refused."""

import itertools
import re
from pathlib import Path

import pytest

from mediation.lifecycle import (
    ENDED,
    TRANSITIONS,
    CaseAction,
    CaseStatus,
    IllegalTransition,
    NotNow,
    advance,
    as_markdown_table,
)

PAGE = (Path(__file__).parents[3] / "docs" / "lifecycle.md").read_text(encoding="utf-8")
EVERY_PAIR = list(itertools.product(CaseStatus, CaseAction))


@pytest.mark.parametrize(("status", "action"), [pair for pair in EVERY_PAIR if pair in TRANSITIONS])
def test_every_edge_leads_where_the_table_says(status: CaseStatus, action: CaseAction) -> None:
    assert advance(status, action) is TRANSITIONS[status, action]


@pytest.mark.parametrize(("status", "action"), [pair for pair in EVERY_PAIR if pair not in TRANSITIONS])
def test_everything_else_is_refused(status: CaseStatus, action: CaseAction) -> None:
    with pytest.raises(IllegalTransition) as refused:
        advance(status, action)
    assert (refused.value.status, refused.value.action) == (status, action)
    assert isinstance(refused.value, NotNow)


def walk(*actions: CaseAction) -> CaseStatus:
    status = CaseStatus.FILED
    for action in actions:
        status = advance(status, action)
    return status


def test_a_case_that_goes_well() -> None:
    status = walk(
        CaseAction.OFFER,
        CaseAction.ACCEPT,
        CaseAction.CONSENT,
        CaseAction.PROPOSE,
        CaseAction.SETTLE,
        CaseAction.PERFORM,
    )
    assert status is CaseStatus.CLOSED


def test_a_case_that_wanders_and_flares_up() -> None:
    status = walk(
        *(
            CaseAction.OFFER,
            CaseAction.DECLINE,
            CaseAction.OFFER,
            CaseAction.EXPIRE,
            CaseAction.ESCALATE,
            CaseAction.OFFER,
            CaseAction.ACCEPT,
            CaseAction.CONSENT,
            CaseAction.PAUSE,
            CaseAction.RESUME,
        ),
        *(
            CaseAction.PROPOSE,
            CaseAction.RETURN,
            CaseAction.PROPOSE,
            CaseAction.SETTLE,
            CaseAction.PERFORM,
            CaseAction.REOPEN,
            CaseAction.TRANSFER,
            CaseAction.ACCEPT,
            CaseAction.TERMINATE,
        ),
    )
    assert status is CaseStatus.TERMINATED


def test_an_agreement_in_effect_cannot_be_withdrawn_or_ended() -> None:
    for action in (CaseAction.WITHDRAW, CaseAction.TERMINATE, CaseAction.TRANSFER):
        assert (CaseStatus.PERFORMING, action) not in TRANSITIONS


def test_what_has_ended_can_only_be_reopened() -> None:
    for status, action in TRANSITIONS:
        if status in ENDED:
            assert action is CaseAction.REOPEN


def test_every_status_is_reached() -> None:
    assert {CaseStatus.FILED, *TRANSITIONS.values()} == set(CaseStatus)


def test_the_table_names_every_status_and_action() -> None:
    table = as_markdown_table()
    assert all(f"**{status}**" in table for status in CaseStatus)
    assert all(f"| {action} " in table for action in CaseAction)


def test_the_page_holds_the_table() -> None:
    assert as_markdown_table() in PAGE


def test_the_page_explains_every_status_and_action_in_chinese() -> None:
    rows = re.findall(r"^\| ([a-z_ /]+) \| (.+?) \| (.+?) \|$", PAGE, flags=re.MULTILINE)
    explained = {
        name for names, chinese, _ in rows if re.search("[一-鿿]", chinese) for name in names.split(" / ")
    }
    assert explained >= {*CaseStatus, *CaseAction}
