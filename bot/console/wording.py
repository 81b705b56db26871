"""Short words of the console for what a case is at and how much time it has."""

from handlers.mediating.work import Work
from mediation.lifecycle import CaseStatus
from mediation.term import days_left
from storage.tables import CaseRow

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
    """Return how much time a case has, in words, and the kind of badge; ("", "") when nothing runs."""
    if case.ended_at is not None or case.due_at is None:
        return "", ""
    if case.paused_at is not None:
        return work.text("words.term_paused"), "grey"
    left = days_left(work.calendar, now=work.now, due_at=case.due_at)
    if case.due_at < work.now:
        return work.text("words.term_over", days=max(-left, 1)), "red"
    if left == 0:
        return work.text("console.due_today"), "orange"
    return work.text("words.term_left", days=left, day=work.spoken_day(case.due_at)), "grey"
