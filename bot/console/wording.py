"""Short words of the console for what a case is at and how much time it has."""

from collections.abc import Mapping

from handlers.mediating.work import Work
from handlers.ruleset import RuleSet
from handlers.timeline import entry_words
from mediation.lifecycle import CaseStatus
from mediation.term import days_left
from mediation.vocabulary import CommitteeKind, RiskGrade
from storage.console_board import TERM_RUNS, WAITING, BoardCase
from storage.tables import CaseRow, TimelineRow

STATUS_KINDS = {
    CaseStatus.FILED: "blue",
    CaseStatus.OFFERED: "blue",
    CaseStatus.UNASSIGNED: "orange",
    CaseStatus.INVITING: "yellow",
    CaseStatus.MEDIATING: "blue",
    CaseStatus.PAUSED: "grey",
    CaseStatus.CONFIRMING: "blue",
    CaseStatus.PERFORMING: "green",
    CaseStatus.CLOSED: "green",
    CaseStatus.TERMINATED: "grey",
    CaseStatus.REJECTED: "grey",
    CaseStatus.WITHDRAWN: "grey",
}


def status_kind(status: str) -> str:
    """Return the kind of badge of a status."""
    return STATUS_KINDS[CaseStatus(status)]


def remaining(case: CaseRow, *, work: Work) -> tuple[str, str]:
    """Return how long the term still runs, in words, and the kind of badge; ("", "") when none runs."""
    if case.due_at is None or case.status not in {*TERM_RUNS, CaseStatus.PAUSED}:
        return "", ""
    if case.paused_at is not None:
        return work.text("words.term_paused"), "grey"
    left = days_left(work.calendar, now=work.now, due_at=case.due_at)
    if case.due_at < work.now:
        return work.text("words.term_over", days=max(-left, 1)), "red"
    if left == 0:
        return work.text("console.due_today"), "orange"
    return work.text("words.term_left", days=left, day=work.spoken_day(case.due_at)), "grey"


def clock(row: BoardCase, *, work: Work) -> tuple[str, str]:
    """Return what time the case has now: to be taken by a mediator, later to be mediated.

    A case that nobody was asked about counts from its filing; the green channel has its own, shorter span.
    """
    case = row.case
    if case.status not in WAITING:
        return remaining(case, work=work)
    limit = work.limits.offer_for(
        RiskGrade(case.grade), green_channel=row.committee_kind == CommitteeKind.ENTERPRISE
    )
    by = row.answer_by or work.after(limit.within, since=case.filed_at)
    late = by < work.now
    key = "console.accept_late" if late else "console.accept_by"
    return work.text(key, until=work.spoken(by)), "red" if late else "blue"


def actor_words(actor: str, *, names: Mapping[str, str], rules: RuleSet) -> str:
    """Return who did something: 调解员赵春生, 工作人员王丽, 系统."""
    kind = actor.partition(":")[0]
    known = kind if kind in {"mediator", "person", "operator"} else "system"
    return rules.phrases.text(f"console.actor_{known}", name=names.get(actor, ""))


def event_words(entry: TimelineRow, *, rules: RuleSet) -> str:
    """Return what a step says; one that has no words yet is named by its code."""
    if f"words.event_{entry.event}" not in rules.phrases.by_key:
        return entry.event
    return entry_words(entry, rules=rules)
