"""The term of a mediation (调解期限): starts, warns, runs out, is paused for an appraisal and extended."""

from datetime import timedelta

from handlers.casework import move
from handlers.mediating import inquiring
from handlers.mediating.ending import end
from handlers.mediating.parties import (
    BOTH,
    FOR_ALL,
    FOR_STAFF,
    party_of,
    tell_known,
    tell_mediator_of,
)
from handlers.mediating.work import Work
from handlers.notifying import ask_operator
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.calendar import Span
from mediation.lifecycle import CaseAction, CaseStatus, EndReason, NotNow
from mediation.term import after_pause, days_left
from mediation.vocabulary import DisputeType
from storage import cases, inquiries, outbox
from storage.tables import CaseRow, InquiryRow

TERM_DEADLINES = ("term_warning", "term_due")


def span_of(work: Work, case: CaseRow) -> Span:
    """Return how long this case may take."""
    return work.limits.term.span_for(DisputeType(case.dispute_type))


def start_term(work: Work, case: CaseRow) -> None:
    """The mediation begins now."""
    case.due_at = work.after(span_of(work, case))
    _watch(work, case)


def _watch(work: Work, case: CaseRow) -> None:
    assert case.due_at is not None  # noqa: S101 - set by every caller
    for span in work.limits.term.warn_before:
        at = case.due_at - (work.after(span) - work.now)
        if at > work.now:
            work.due("term_warning", case.id, at=at)
    work.due("term_due", case.id, at=case.due_at)


async def _rewatch(work: Work, case: CaseRow) -> None:
    await work.cancel(*TERM_DEADLINES, subject_id=case.id)
    _watch(work, case)


def left_words(work: Work, case: CaseRow) -> str:
    """Return 还剩12天（12月24日前）, 已超期2天, 暂停中, or "" when no term runs.

    Where the year's holidays are not published yet, it says so.
    """
    if case.due_at is None or CaseStatus(case.status) not in {
        CaseStatus.MEDIATING,
        CaseStatus.PAUSED,
        CaseStatus.CONFIRMING,
    }:
        return ""
    if case.paused_at is not None:
        return work.text("words.term_paused")
    left = days_left(work.calendar, now=work.now, due_at=case.due_at)
    day = work.spoken_day(case.due_at)
    if left < 0:
        return work.text("words.term_over", days=-left)
    sure = work.calendar.is_certain(case.due_at.astimezone(work.calendar.zone).date())
    key = "words.term_left" if sure or not _in_working_days(work, case) else "words.term_left_unsure"
    return work.text(key, days=left, day=day)


def _in_working_days(work: Work, case: CaseRow) -> bool:
    return "working" in span_of(work, case).unit


async def pause(work: Work, case: CaseRow, *, words: str) -> None:
    """An appraisal (鉴定) begins: its time is not counted."""
    move(case, CaseAction.PAUSE)
    case.paused_at = work.now
    await work.cancel(*TERM_DEADLINES, subject_id=case.id)
    await inquiring.drop(work, case, kinds=("extension",))
    await work.record(case, "paused", audience=FOR_ALL, text=words)
    await tell_known(
        work, case, Utterance("party.paused", work.case_facts(case)), key=f"paused:{case.id}:{work.stamp}"
    )


async def resume(work: Work, case: CaseRow) -> None:
    """The appraisal is there: the term runs on."""
    move(case, CaseAction.RESUME)
    assert case.paused_at is not None and case.due_at is not None  # noqa: S101, PT018 - set by pause
    case.due_at = after_pause(
        work.calendar,
        due_at=case.due_at,
        paused_at=case.paused_at,
        resumed_at=work.now,
        span=span_of(work, case),
    )
    case.paused_at = None
    await _rewatch(work, case)
    await work.record(case, "resumed", audience=FOR_ALL)
    facts = {**work.case_facts(case), "left": left_words(work, case)}
    await tell_known(work, case, Utterance("party.resumed", facts), key=f"resumed:{case.id}:{work.stamp}")


async def propose_extension(work: Work, case: CaseRow) -> bool:
    """Ask both sides whether the term may be extended; False when it was extended often enough.

    Raises NotNow when no term runs.
    """
    if CaseStatus(case.status) not in {CaseStatus.MEDIATING, CaseStatus.CONFIRMING}:
        raise NotNow(CaseStatus(case.status))
    if case.extended >= work.limits.term.extensions or case.due_at is None:
        return False
    await inquiring.drop(work, case, kinds=("extension",))
    before = await inquiries.list_inquiries(work.session, case_id=case.id, kind="extension")
    round_no = max((one.subject_id or 0 for one in before), default=0) + 1
    later = work.after(work.limits.term.extension, since=case.due_at)
    for side in BOTH:
        party = party_of(case, side)
        if party.person_id is not None:
            await inquiring.ask(
                work,
                case,
                person_id=party.person_id,
                side=side,
                kind="extension",
                subject_id=round_no,
                facts={**work.case_facts(case), "day": work.spoken_day(later)},
            )
    await work.record(case, "extension_asked", audience=FOR_ALL)
    return True


async def answer_extension(work: Work, case: CaseRow, inquiry: InquiryRow, choice: str) -> str:
    """One side said yes or no to an extension; returns the phrase for it."""
    asked = await inquiries.list_inquiries(
        work.session, case_id=case.id, kind="extension", subject_id=inquiry.subject_id
    )
    if choice != "1":
        await extension_off(work, case, inquiry)
        await work.record(case, "extension_refused", audience=FOR_STAFF, side=inquiry.side)
        facts = {"case_no": case.case_no, "side": work.text(f"words.side_{inquiry.side}")}
        await tell_mediator_of(
            work, case, Utterance("mediator.extension_refused", facts), key=f"ext_no:{inquiry.id}"
        )
        return "party.extension_no"
    if not all(one.state == "answered" and one.answer == "1" for one in asked):
        return "party.extension_yes"
    await _extend(work, case)
    return "party.extension_agreed"


async def extension_off(work: Work, case: CaseRow, inquiry: InquiryRow) -> None:
    """One side does not agree to an extension, or kept silent: the other hears that the term stays."""
    await inquiring.drop(work, case, kinds=("extension",))
    said = Utterance("party.extension_off", {**work.case_facts(case), "left": left_words(work, case)})
    await tell_known(work, case, said, key=f"ext_off:{inquiry.id}", except_side=Side(inquiry.side))


async def _extend(work: Work, case: CaseRow) -> None:
    assert case.due_at is not None  # noqa: S101 - an extension is asked only for a running term
    case.due_at = work.after(work.limits.term.extension, since=case.due_at)
    case.extended += 1
    await _rewatch(work, case)
    await work.record(case, "extended", audience=FOR_ALL, until=case.due_at.isoformat())
    facts = {**work.case_facts(case), "left": left_words(work, case)}
    key = f"extended:{case.id}:{case.extended}"
    await tell_known(work, case, Utterance("party.extended", facts), key=key)
    await tell_mediator_of(work, case, Utterance("mediator.extended", facts), key=key)


async def warn(work: Work, case_id: int) -> None:
    """The term is about to end: the mediator is told, instead of what was said of it earlier."""
    case = await cases.get_case(work.session, case_id)
    left = left_words(work, case)
    await outbox.forget(work.session, key=f"term:{case.id}", now=work.now)
    if left and case.paused_at is None:
        await tell_mediator_of(
            work,
            case,
            Utterance("mediator.term_warning", {"case_no": case.case_no, "left": left}),
            key=f"term:{case.id}:{work.stamp}",
        )


async def run_out(work: Work, case_id: int) -> None:
    """The term is over: a medical case counts as failed by law, any other goes upward as overdue."""
    case = await cases.get_case(work.session, case_id)
    if CaseStatus(case.status) not in {CaseStatus.MEDIATING, CaseStatus.CONFIRMING} or case.due_at is None:
        return
    if case.due_at > work.now + timedelta(seconds=1):
        return
    if DisputeType(case.dispute_type) is DisputeType.MEDICAL:
        await end(work, case, EndReason.TIMED_OUT)
        return
    await work.record(case, "overdue", audience=FOR_STAFF)
    facts = {"case_no": case.case_no}
    await tell_mediator_of(work, case, Utterance("mediator.term_over", facts), key=f"over:{case.id}")
    await ask_operator(
        work.session,
        work.service,
        "operator.overdue",
        kind="overdue",
        key=f"overdue:{case.id}:{case.extended}:{case.reopened}",
        now=work.now,
        case_id=case.id,
        facts={**work.case_facts(case)},
    )
