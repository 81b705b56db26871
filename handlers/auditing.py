"""Checks that no timeline was changed: numbers without gaps, digests, hashes, and what the status tells.

What it cannot see: steps cut off at the end of a case that is still under way, and a change by somebody who
knows the program and works out all later hashes anew, but left the sealed contents alone. Against both
helps a copy of the database in other hands.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mediation.lifecycle import CaseStatus
from storage.auditing import (
    BEGINNING,
    ERASED,
    StoredStep,
    digest_of,
    list_cases_without_steps,
    list_steps_after,
)
from storage.cases import FIRST_HASH, chain_hash
from storage.database import Database

AT_ONCE = 500

ENDINGS = {
    CaseStatus.PERFORMING: "settled",
    CaseStatus.CLOSED: "closed",
    CaseStatus.TERMINATED: "ended",
    CaseStatus.REJECTED: "ended",
    CaseStatus.WITHDRAWN: "ended",
}
"""The step that took a case to a status."""
REOPENED = "reopened"


class Flaw(StrEnum):
    """What is wrong with a step or a timeline."""

    GAP = "gap"
    """Steps are missing before this one, or it stands twice."""
    PREVIOUS = "previous"
    """It does not follow from the step before."""
    HASH = "hash"
    """Time, actor, event, audience or a hash was changed."""
    CONTENT = "content"
    """The content was changed."""
    UNREADABLE = "unreadable"
    """The content cannot be opened and is not marked as erased."""
    STATUS = "status"
    """The case's status is not what its last steps tell: steps were cut off, or the status was changed."""
    NO_STEPS = "no_steps"
    """The whole timeline is gone."""
    NO_CASE = "no_case"
    """There is no case to this step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One broken step; `seq` is None when the timeline as a whole is meant."""

    case_no: str
    seq: int | None
    flaw: Flaw


@dataclass(slots=True, kw_only=True)
class Checked:
    """What was looked at."""

    cases: int = 0
    steps: int = 0
    erased: int = 0
    broken: int = 0


async def verify_timelines(
    database: Database, *, report: Callable[[Broken], None], at_once: int = AT_ONCE
) -> Checked:
    """Walk all timelines and report what is broken as it is found.

    Only `at_once` steps are in memory; the database is asked in short transactions, so the service can
    work meanwhile.
    """
    checked = Checked()

    def note(found: Iterator[Broken]) -> None:
        for broken in found:
            checked.broken += 1
            report(broken)

    previous: StoredStep | None = None
    ending = ""
    async for step in _walk(database, at_once):
        if previous is None or previous.case_id != step.case_id:
            note(_check_end(previous, ending))
            checked.cases += 1
            previous, ending = None, ""
        note(_check(step, previous))
        if step.event == REOPENED or step.event in ENDINGS.values():
            ending = step.event
        checked.steps += 1
        checked.erased += step.content == ERASED
        previous = step
    note(_check_end(previous, ending))
    async with database.unit_of_work() as session:
        empty = await list_cases_without_steps(session)
    checked.cases += len(empty)
    note(Broken(case_no=case_no, seq=None, flaw=Flaw.NO_STEPS) for case_no in empty)
    return checked


async def _walk(database: Database, at_once: int) -> AsyncIterator[StoredStep]:
    position = BEGINNING
    while True:
        async with database.unit_of_work() as session:
            steps = await list_steps_after(session, position, most=at_once)
        for step in steps:
            yield step
        if len(steps) < at_once:
            return
        position = steps[-1].position


def _check(step: StoredStep, previous: StoredStep | None) -> Iterator[Broken]:
    """Every later step is measured by what stands before it, so one change is reported once."""
    case_no = step.case_no or f"#{step.case_id}"

    def broken(flaw: Flaw) -> Broken:
        return Broken(case_no=case_no, seq=step.seq, flaw=flaw)

    if step.case_no is None:
        yield broken(Flaw.NO_CASE)
    if step.seq != (previous.seq + 1 if previous else 1):
        yield broken(Flaw.GAP)
    elif step.previous_hash != (previous.hash if previous else FIRST_HASH):
        yield broken(Flaw.PREVIOUS)
    if step.content is None:
        yield broken(Flaw.UNREADABLE)
    elif step.content != ERASED and digest_of(step.content) != step.digest:
        yield broken(Flaw.CONTENT)
    if step.at is None or step.audience is None or step.hash != _hash_of(step):
        yield broken(Flaw.HASH)


def _hash_of(step: StoredStep) -> str:
    assert step.at is not None  # noqa: S101 - looked at before
    assert step.audience is not None  # noqa: S101 - looked at before
    return chain_hash(
        previous=step.previous_hash,
        digest=step.digest,
        case_id=step.case_id,
        seq=step.seq,
        at=step.at,
        actor=step.actor,
        event=step.event,
        audience=step.audience,
    )


def _check_end(last: StoredStep | None, ending: str) -> Iterator[Broken]:
    """Steps cut off at the end leave a chain that holds, but a status that nothing led to."""
    if last is None or last.case_no is None or last.status is None:
        return
    told = ENDINGS.get(CaseStatus(last.status), "")
    if told != (ending if ending != REOPENED else ""):
        yield Broken(case_no=last.case_no, seq=last.seq, flaw=Flaw.STATUS)
