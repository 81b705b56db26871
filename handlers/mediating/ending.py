"""Every end without an agreement: refused, silent, withdrawn, stopped, out of time, not ours."""

from config.document_rules import DocumentKind
from handlers.casework import move
from handlers.mediating import inquiring, papers
from handlers.mediating.parties import (
    BOTH,
    FOR_ALL,
    FOR_STAFF,
    tell_mediator_of,
    tell_side,
)
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import CaseAction, CaseStatus, EndReason
from mediation.vocabulary import DisputeType
from storage import agreements, outbox
from storage.tables import CaseRow

SHOWN_WAYS = 3
CASE_DEADLINES = (
    "consent_due",
    "consent_end",
    "term_warning",
    "term_due",
    "room_idle",
    "agreement_due",
    "court_reminder",
)
ACTION_OF = {
    EndReason.SELF_SETTLED: CaseAction.WITHDRAW,
    EndReason.WITHDRAWN: CaseAction.WITHDRAW,
    EndReason.NOT_MEDIABLE: CaseAction.REJECT,
}
WITH_WAYS = frozenset(EndReason) - {EndReason.SELF_SETTLED, EndReason.WITHDRAWN, EndReason.SETTLED}


async def end(
    work: Work, case: CaseRow, reason: EndReason, *, words: str = "", told_already: Side | None = None
) -> None:
    """End a mediation without an agreement and tell each side what remains open to it (人民调解法 26).

    `words` are for the staff only. Raises IllegalTransition where the status does not allow it.
    """
    was = CaseStatus(case.status)
    move(case, ACTION_OF.get(reason, CaseAction.TERMINATE))
    await put_down(work, case, reason)
    await work.record(case, "ended", audience=FOR_ALL, reason=reason.value, was=was.value)
    if words:
        await work.record(case, "ended_words", audience=FOR_STAFF, text=words)
    said = [Utterance(f"party.ended_{reason}", work.case_facts(case))]
    if reason in WITH_WAYS:
        said.append(await what_remains(work, case))
    for side in BOTH:
        if side is told_already or (side is Side.RESPONDENT and case.respondent_id is None):
            continue
        await tell_side(work, case, side, *said, key=f"ended:{case.id}:{work.stamp}")
    if not work.actor.startswith("mediator:"):
        why = work.text(f"words.end_{reason}")
        await tell_mediator_of(
            work,
            case,
            Utterance("mediator.ended", {"case_no": case.case_no, "why": why}),
            key=f"ended:{case.id}:{work.stamp}",
        )


async def put_down(work: Work, case: CaseRow, reason: EndReason) -> None:
    """Nothing of the case is under way any more: rooms, questions, drafts, deadlines, meetings."""
    case.end_reason, case.ended_at = reason.value, work.now
    await stand_still(work, case)


async def stand_still(work: Work, case: CaseRow) -> None:
    """Close rooms, drop questions and drafts, forget deadlines."""
    case.rooms, case.paused_at = [], None
    await work.cancel(*CASE_DEADLINES, subject_id=case.id)
    await outbox.forget(work.session, key=f"term:{case.id}", now=work.now)
    await inquiring.drop(work, case)
    agreement = await agreements.find_agreement(work.session, case.id)
    if agreement is not None and agreement.state != "effective":
        agreement.state = "dropped"
    for meeting in await agreements.list_set_meetings(work.session, case.id):
        meeting.state = "cancelled"
        await work.cancel("meeting_reminder", "meeting_over", subject_id=meeting.id)
    await work.session.flush()


async def what_remains(work: Work, case: CaseRow) -> Utterance:
    """The lawful ways that stay open, and the notice of the end (人民调解法 26)."""
    notice = (DocumentKind.TERMINATION, DocumentKind.REJECTION)
    links = await papers.party_links(work, case, notice)
    return Utterance("party.ways", {"ways": ways_text(work, case), "papers": links})


def ways_text(work: Work, case: CaseRow) -> str:
    """Return the lawful ways that stay open, by type, in plain words."""
    ways = work.rules.ways.ways_for(DisputeType(case.dispute_type), case.subtype)
    return "\n".join(work.text("words.listed", text=way.said) for way in ways[:SHOWN_WAYS])


async def withdraw(work: Work, case: CaseRow, side: Side, *, reason: EndReason) -> None:
    """One side takes its part back: the applicant withdraws (撤回), the respondent stops (人民调解法 23)."""
    end_reason = reason
    if reason is EndReason.WITHDRAWN and side is Side.RESPONDENT:
        end_reason = EndReason.STOPPED
    await end(work, case, end_reason, told_already=side)


async def reopen(work: Work, case: CaseRow) -> None:
    """The dispute flared up again: it is mediated anew (重启)."""
    move(case, CaseAction.REOPEN)
    case.reopened += 1
    case.end_reason, case.ended_at = None, None
    agreement = await agreements.find_agreement(work.session, case.id)
    if agreement is not None:
        for obligation in await agreements.list_obligations(work.session, agreement.id):
            await work.cancel("payment_reminder", "payment_check", "payment_today", subject_id=obligation.id)
        agreement.state = "dropped"
    await inquiring.drop(work, case)
    await work.cancel("follow_up", "court_reminder", subject_id=case.id)
    await work.session.flush()
    await work.record(case, "reopened", audience=FOR_ALL, times=case.reopened)
