"""Shared steps on a case: its timeline, its status, its words."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.asking import spoken_number
from handlers.ruleset import RuleSet
from mediation.lifecycle import CaseAction, CaseStatus, advance
from mediation.routing import CaseFacts
from mediation.vocabulary import Audience, DisputeType, Group, RiskGrade
from storage import cases
from storage.tables import CaseRow

EVERYBODY = frozenset({Audience.APPLICANT, Audience.STAFF})
STAFF = frozenset({Audience.STAFF})
SUMMARY_LENGTH = 300
LONG_NUMBER = re.compile(r"\d[\d\- ]{5,}[\dXx]")


def move(case: CaseRow, action: CaseAction) -> None:
    """Take a case along one edge of the lifecycle table; raises IllegalTransition."""
    case.status = advance(CaseStatus(case.status), action).value


async def record(
    session: AsyncSession,
    case: CaseRow,
    event: str,
    *,
    at: datetime,
    actor: str,
    audience: frozenset[Audience] = EVERYBODY,
    **content: Any,
) -> None:
    """Add one step to the case's timeline."""
    await cases.add_entry(
        session, case_id=case.id, at=at, actor=actor, event=event, audience=audience, content=content
    )


def facts_of(case: CaseRow) -> CaseFacts:
    """Return what routing needs to know of a case."""
    return CaseFacts(
        type=DisputeType(case.dispute_type),
        subtype=case.subtype,
        place=case.place,
        grade=RiskGrade(case.grade),
        people=case.people,
        groups=frozenset(Group(group) for group in case.groups),
    )


def place_of(case: CaseRow, *, rules: RuleSet) -> str:
    """Return the case's place in words."""
    if case.place:
        return rules.place_name(case.place)
    return case.place_words or rules.phrases.text("words.place_unknown")


def danger_line(case: CaseRow, *, rules: RuleSet) -> str:
    """Return the line about danger, "" when there is none."""
    if case.grade == RiskGrade.NONE:
        return ""
    return (
        rules.phrases.text(
            "mediator.offer_danger",
            grade=rules.phrases.text(f"words.grade_{case.grade}"),
            words="、".join(rules.phrases.text(f"words.risk_{flag}") for flag in case.risk),
        )
        + "\n"
    )


def mask_numbers(text: str) -> str:
    """Return the text with every phone and identity number cut to its ends."""
    return LONG_NUMBER.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}", text)


def case_words(case: CaseRow, *, rules: RuleSet, masked: bool = True) -> dict[str, object]:
    """Return the facts that phrases about a case are filled with.

    Numbers are masked until somebody has taken the case: an offer may be declined.
    """
    text = rules.phrases.text
    facts, summary = "", case.summary[:SUMMARY_LENGTH]
    if case.amount is not None:
        facts += text("mediator.offer_fact_amount", amount=spoken_number(case.amount)) + "\n"
    if case.people is not None:
        facts += text("mediator.offer_fact_people", people=case.people) + "\n"
    return {
        "case_no": case.case_no,
        "type": rules.type_name(case.dispute_type, case.subtype),
        "place": place_of(case, rules=rules),
        "danger": danger_line(case, rules=rules),
        "applicant": case.applicant_name or text("words.name_unknown"),
        "respondent": case.respondent or text("words.respondent_unknown"),
        "facts": facts,
        "summary": mask_numbers(summary) if masked else summary,
    }
