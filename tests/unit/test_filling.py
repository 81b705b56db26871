"""What a person said before narrows what is said now."""

from datetime import UTC, date, datetime

from handlers.conversation import Draft
from handlers.filling import add_story
from handlers.ruleset import RuleSet

TODAY = date(2026, 11, 24)
WADIAN, QINZHUANG = "411122106", "411122106222"


def told(rules: RuleSet, *pieces: str) -> Draft:
    draft = Draft(started_at=datetime(2026, 11, 24, tzinfo=UTC))
    for piece in pieces:
        draft = add_story(draft, piece, rules=rules, today=TODAY)
    return draft


def test_a_village_of_many_townships_is_the_one_in_the_township_that_was_said(rules: RuleSet) -> None:
    assert told(rules, "俺是瓦店镇的，鱼塘租金一年没给").place == WADIAN
    draft = told(rules, "俺是瓦店镇的，鱼塘租金一年没给", "秦庄")
    assert (draft.place, draft.place_candidates) == (QINZHUANG, ())


def test_without_a_township_the_villages_are_asked_back(rules: RuleSet) -> None:
    draft = told(rules, "鱼塘租金一年没给", "秦庄")
    assert draft.place is None
    assert QINZHUANG in draft.place_candidates
