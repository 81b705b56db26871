"""The performance diary (履行): reminders, receipts, part payments, delays, default, and the close."""

from datetime import UTC, date, datetime, time, timedelta

from handlers.asking import spoken_number
from handlers.casework import move
from handlers.mediating import inquiring
from handlers.mediating.following_up import plan
from handlers.mediating.obligations import obligation_words
from handlers.mediating.parties import (
    BOTH,
    FOR_ALL,
    for_side,
    name_of,
    party_of,
    tell_known,
    tell_mediator_of,
    tell_side,
)
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import ObligationKind, Side
from mediation.calendar import CHINA_TIME, Span
from mediation.lifecycle import CaseAction, CaseStatus, EndReason, NotNow
from storage import agreements, cases, inquiries, outbox
from storage.tables import AgreementRow, CaseRow, InquiryRow, ObligationRow

DEADLINES = ("payment_reminder", "payment_today", "payment_check")
MORNING = time(8, 30)
SAID_TWICE = timedelta(days=1)


class NoSuchObligationError(Exception):
    """The agreement has no open obligation of this number."""


async def start(work: Work, case: CaseRow, agreement: AgreementRow) -> None:
    """The agreement is in effect: what is due on the spot is asked about now, the rest in its time."""
    for one in await agreements.list_obligations(work.session, agreement.id):
        if one.immediate:
            await _ask_receipt(work, case, one)
        else:
            _plan(work, one)
    await _close_when_done(work, case, agreement)


def _plan(work: Work, one: ObligationRow) -> None:
    if one.due_on is None:
        return
    for span in work.limits.payment.remind_before:
        at = _morning(one.due_on - _days(span))
        if at > work.now:
            work.due("payment_reminder", one.id, at=at)
    if (today := _morning(one.due_on)) > work.now:
        work.due("payment_today", one.id, at=today)
    work.due(
        "payment_check", one.id, at=max(work.now, _morning(one.due_on + _days(work.limits.payment.ask_after)))
    )


def _days(span: Span) -> timedelta:
    return timedelta(days=span.amount)


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=CHINA_TIME).astimezone(UTC)


async def _case_of(work: Work, one: ObligationRow) -> tuple[CaseRow, AgreementRow]:
    agreement = await agreements.get_agreement(work.session, one.agreement_id)
    return await cases.get_case(work.session, agreement.case_id), agreement


def _facts(work: Work, case: CaseRow, one: ObligationRow) -> dict[str, object]:
    left = one.amount - one.paid if one.amount is not None else None
    return {
        "case_no": case.case_no,
        "text": obligation_words(work, case, one),
        "left": spoken_number(left) if left is not None else "",
        "rest": work.text("words.still_owed", left=spoken_number(left))
        if left is not None and one.paid
        else "",
    }


async def remind(work: Work, obligation_id: int, *, today: bool) -> None:
    """The debtor hears that something is due soon, or today."""
    one = await agreements.get_obligation(work.session, obligation_id)
    case, agreement = await _case_of(work, one)
    if one.state not in {"due", "defaulted"} or agreement.state != "effective":
        return
    await _forget_reminders(work, one)
    phrase = "party.due_today" if today else "party.due_soon"
    for side in [Side(one.debtor)] if one.debtor else BOTH:
        said = Utterance(phrase, _facts(work, case, one))
        await tell_side(
            work, case, side, said, key=f"{phrase}:{one.id}:{one.due_on}", what="operator.brief_due"
        )


async def _forget_reminders(work: Work, one: ObligationRow) -> None:
    """An earlier reminder is not told any more, by no way."""
    for phrase in ("party.due_soon", "party.due_today"):
        await outbox.forget(work.session, key=f"{phrase}:{one.id}", now=work.now)


async def check(work: Work, obligation_id: int) -> None:
    """The day is over: the other side is asked whether it was performed."""
    one = await agreements.get_obligation(work.session, obligation_id)
    case, agreement = await _case_of(work, one)
    if one.state in {"due", "defaulted"} and agreement.state == "effective":
        await _ask_receipt(work, case, one)


async def _ask_receipt(work: Work, case: CaseRow, one: ObligationRow, *, claimed: str = "") -> None:
    """Ask whoever should have got it; what both owe each other is asked of both."""
    sides = [Side(one.debtor).other] if one.debtor else list(BOTH)
    if one.creditor:
        sides = [Side(one.creditor)]
    for side in sides:
        await _ask_one(work, case, one, side, claimed=claimed)


async def _ask_one(
    work: Work, case: CaseRow, one: ObligationRow, side: Side, *, claimed: str = ""
) -> InquiryRow:
    """Ask one side, once; a sum that the debtor names is said with the question."""
    kind = "receipt" if one.kind == ObligationKind.PAY else "done"
    known = await inquiries.list_inquiries(work.session, case_id=case.id, kind=kind, subject_id=one.id)
    live = next((each for each in known if each.state in inquiries.LIVE and each.side == side), None)
    if live is not None:
        if claimed and live.facts.get("claimed") != claimed:
            live.facts = {**live.facts, "claimed": claimed}
            if live.state == "open":
                await inquiring.remind(work, live)
        return live
    person_id = party_of(case, side).person_id
    assert person_id is not None  # noqa: S101 - both sides of an agreement are persons
    return await inquiring.ask(
        work,
        case,
        person_id=person_id,
        side=side,
        kind=kind,
        subject_id=one.id,
        facts={**_facts(work, case, one), "claimed": claimed},
    )


async def _open_obligations(work: Work, case: CaseRow) -> list[ObligationRow]:
    """Return what is not performed yet, the earliest first; nothing where no agreement is in effect."""
    agreement = await agreements.find_agreement(work.session, case.id)
    if agreement is None or agreement.state != "effective":
        return []
    rows = await agreements.list_obligations(work.session, agreement.id)
    left = [one for one in rows if one.state in {"due", "defaulted"}]
    return sorted(left, key=lambda one: (one.due_on or date.max, one.seq))


async def claim(work: Work, case: CaseRow, side: Side, *, amount: float | None) -> list[Utterance]:
    """A debtor says that it paid or did it: the other side is asked now. [] when nothing is owed."""
    owed = [one for one in await _open_obligations(work, case) if one.debtor in {side.value, None}]
    if amount is not None:
        owed = [one for one in owed if one.kind == ObligationKind.PAY] or owed
    if not owed:
        return []
    first = owed[0]
    claimed = work.text("words.claimed", amount=spoken_number(amount)) if amount else ""
    await _ask_receipt(work, case, first, claimed=claimed)
    await work.record(case, "claimed", audience=FOR_ALL, side=side.value, number=first.seq)
    return [Utterance("party.claim_noted", _facts(work, case, first))]


async def ask_creditor(work: Work, case: CaseRow, side: Side, *, late: bool = False) -> InquiryRow | None:
    """Return the question about the earliest payment that is owed to a side, None when none is.

    `late` wants one whose day is over.
    """
    for one in await _open_obligations(work, case):
        if late and not _is_late(work, one):
            continue
        if one.kind == ObligationKind.PAY and one.creditor == side.value:
            return await _ask_one(work, case, one, side)
    return None


async def was_noted_lately(work: Work, case: CaseRow, inquiry: InquiryRow, amount: float) -> bool:
    """Whether a part payment of this sum was written down within the last day."""
    one = await agreements.get_obligation(work.session, inquiry.subject_id or 0)
    return any(
        entry.event == "part_paid"
        and (entry.content["number"], entry.content["amount"]) == (one.seq, amount)
        and work.now - entry.at < SAID_TWICE
        for entry in await cases.list_timeline(work.session, case.id)
    )


async def hear_hardship(work: Work, case: CaseRow, side: Side, *, words: str) -> list[Utterance]:
    """A debtor cannot do it in time: the mediator hears it, the day stays until both agree to another."""
    owed = [one for one in await _open_obligations(work, case) if one.debtor in {side.value, None}]
    if not owed:
        return []
    await work.record(case, "supplemented", audience=for_side(side), side=side.value, text=words)
    facts = {
        "case_no": case.case_no,
        "side": work.text(f"words.side_{side}"),
        "text": words,
        "number": owed[0].seq,
    }
    said = Utterance("mediator.hardship", facts)
    await tell_mediator_of(work, case, said, key=f"hardship:{case.id}:{work.stamp}")
    return [Utterance("party.hardship_noted", _facts(work, case, owed[0]))]


async def answer_receipt(
    work: Work, case: CaseRow, inquiry: InquiryRow, *, choice: str, amount: float | None, how: str
) -> Utterance:
    """The creditor got all (1), a part (2, with the sum), or nothing (3); returns what it hears."""
    one = await agreements.get_obligation(work.session, inquiry.subject_id or 0)
    if choice == "1" or (amount is not None and one.amount is not None and one.paid + amount >= one.amount):
        await perform(work, case, one, how=how, side=Side(inquiry.side))
        return Utterance("party.receipt_yes", _facts(work, case, one))
    if amount is not None and amount > 0:
        one.paid += amount
        await work.session.flush()
        await work.record(case, "part_paid", audience=FOR_ALL, number=one.seq, amount=amount)
    facts = _facts(work, case, one)
    if _is_late(work, one):
        await _default(work, case, one)
        return Utterance("party.receipt_no", facts)
    if one.debtor:
        phrase = "party.part_received" if amount else "party.not_received"
        key = f"receipt:{inquiry.id}"
        await tell_side(work, case, Side(one.debtor), Utterance(phrase, facts), key=key)
    return Utterance("party.receipt_early", facts)


def _is_late(work: Work, one: ObligationRow) -> bool:
    """Whether the day of an obligation is over; what is due on the spot or has no day is late at once."""
    today = work.today
    return one.immediate or one.due_on is None or today > one.due_on


async def perform(work: Work, case: CaseRow, one: ObligationRow, *, how: str, side: Side | None) -> None:
    """One obligation was performed; when it was the last one, the case closes."""
    others = [
        inquiry
        for inquiry in await inquiries.list_inquiries(work.session, case_id=case.id, subject_id=one.id)
        if inquiry.kind in {"receipt", "done"} and inquiry.state in inquiries.LIVE and inquiry.side != side
    ]
    if others and how != "mediator":  # both owe it to each other, and the other side has not answered
        await work.record(case, "performed_half", audience=FOR_ALL, number=one.seq)
        return
    one.state, one.performed_at, one.performed_how = "performed", work.now, how
    one.paid = one.amount or 0
    await work.cancel(*DEADLINES, subject_id=one.id)
    await inquiring.drop(work, case, kinds=("receipt", "done", "postpone"), subject_id=one.id)
    await _forget_reminders(work, one)
    await work.session.flush()
    await work.record(case, "performed", audience=FOR_ALL, number=one.seq, how=how)
    if one.debtor:
        said = Utterance("party.performed", _facts(work, case, one))
        await tell_side(work, case, Side(one.debtor), said, key=f"performed:{one.id}")
    agreement = await agreements.get_agreement(work.session, one.agreement_id)
    await _close_when_done(work, case, agreement)


async def _close_when_done(work: Work, case: CaseRow, agreement: AgreementRow) -> None:
    rows = await agreements.list_obligations(work.session, agreement.id)
    if not all(one.state == "performed" or _is_lasting(one) for one in rows):
        return
    move(case, CaseAction.PERFORM)
    case.end_reason, case.ended_at = EndReason.SETTLED.value, work.now
    await work.cancel("court_reminder", "room_idle", subject_id=case.id)
    await outbox.forget(work.session, key=f"court_reminder:{agreement.id}", now=work.now)
    case.rooms = []
    await work.session.flush()
    await work.record(case, "closed", audience=FOR_ALL)
    key = f"closed:{agreement.id}"
    await tell_known(work, case, Utterance("party.closed", work.case_facts(case)), key=key)
    await tell_mediator_of(work, case, Utterance("mediator.closed", {"case_no": case.case_no}), key=key)
    plan(work, case)


def _is_lasting(one: ObligationRow) -> bool:
    """Whether it has no end, such as 今后不得再倒垃圾: nothing that a case could wait for."""
    return one.kind == ObligationKind.ACT and one.due_on is None and not one.immediate and not one.condition


async def _default(work: Work, case: CaseRow, one: ObligationRow) -> None:
    """Not performed in time: the debtor is urged, the mediator told, the creditor hears the lawful ways."""
    one.state = "defaulted"
    await work.session.flush()
    await work.record(case, "defaulted", audience=FOR_ALL, number=one.seq)
    facts = _facts(work, case, one)
    key = f"default:{one.id}:{work.stamp}"
    for side in [Side(one.debtor)] if one.debtor else []:
        await tell_side(work, case, side, Utterance("party.default_debtor", facts), key=key)
        if one.kind == ObligationKind.PAY:
            said = Utterance("party.default_creditor", {**facts, "debtor": name_of(work, case, side)})
            await tell_side(work, case, side.other, said, key=key)
    await tell_mediator_of(work, case, Utterance("mediator.default", {**facts, "number": one.seq}), key=key)


async def fall_silent(work: Work, inquiry: InquiryRow) -> None:
    """The creditor did not say whether it was performed: the mediator asks by phone."""
    case = await cases.get_case(work.session, inquiry.case_id)
    one = await agreements.get_obligation(work.session, inquiry.subject_id or 0)
    facts = {
        **_facts(work, case, one),
        "side": work.text(f"words.side_{inquiry.side}"),
        "number": one.seq,
    }
    await tell_mediator_of(
        work, case, Utterance("mediator.receipt_silent", facts), key=f"receipt_silent:{inquiry.id}"
    )


async def obligation_number(work: Work, case: CaseRow, number: int | None) -> ObligationRow:
    """Return an obligation that is still open by its number, the earliest where none is said.

    Raises NotNow, NoSuchObligationError.
    """
    agreement = await agreements.find_agreement(work.session, case.id)
    if agreement is None or agreement.state != "effective":
        raise NotNow(CaseStatus(case.status))
    for one in await _open_obligations(work, case):
        if number in {None, one.seq}:
            return one
    raise NoSuchObligationError


async def propose_delay(work: Work, case: CaseRow, one: ObligationRow, *, until: date) -> None:
    """Ask both sides whether an obligation may be performed later (延期履行)."""
    await inquiring.drop(work, case, kinds=("postpone",), subject_id=one.id)
    day = work.text("words.date", year=until.year, month=until.month, day=until.day)
    for side in BOTH:
        person_id = party_of(case, side).person_id
        assert person_id is not None  # noqa: S101 - both sides of an agreement are persons
        await inquiring.ask(
            work,
            case,
            person_id=person_id,
            side=side,
            kind="postpone",
            subject_id=one.id,
            facts={**_facts(work, case, one), "day": day, "until_on": until.isoformat()},
        )
    await work.record(case, "delay_asked", audience=FOR_ALL, number=one.seq, until=until.isoformat())


async def delay_off(work: Work, case: CaseRow, inquiry: InquiryRow) -> None:
    """One side does not agree to a delay, or kept silent: the other hears that the day stays."""
    one = await agreements.get_obligation(work.session, inquiry.subject_id or 0)
    await inquiring.drop(work, case, kinds=("postpone",), subject_id=one.id)
    said = Utterance("party.delay_off", _facts(work, case, one))
    await tell_side(work, case, Side(inquiry.side).other, said, key=f"delay_no:{inquiry.id}")


async def answer_delay(work: Work, case: CaseRow, inquiry: InquiryRow, *, choice: str) -> Utterance:
    """One side says yes or no to a delay; both yes moves the day."""
    one = await agreements.get_obligation(work.session, inquiry.subject_id or 0)
    facts = _facts(work, case, one)
    if choice != "1":
        await delay_off(work, case, inquiry)
        told = {**facts, "side": work.text(f"words.side_{inquiry.side}"), "number": one.seq}
        await tell_mediator_of(
            work, case, Utterance("mediator.delay_refused", told), key=f"delay_no:{inquiry.id}"
        )
        return Utterance("party.delay_no", facts)
    asked = await inquiries.list_inquiries(work.session, case_id=case.id, kind="postpone", subject_id=one.id)
    latest = {other.side: other for other in asked}
    if all(other.answer == "1" for other in latest.values()):
        one.due_on, one.state = date.fromisoformat(inquiry.facts["until_on"]), "due"
        await work.cancel(*DEADLINES, subject_id=one.id)
        await inquiring.drop(work, case, kinds=("receipt", "done"), subject_id=one.id)
        await _forget_reminders(work, one)
        await work.session.flush()
        _plan(work, one)
        await work.record(case, "delayed", audience=FOR_ALL, number=one.seq, until=one.due_on.isoformat())
        told = _facts(work, case, one)
        await tell_known(work, case, Utterance("party.delayed", told), key=f"delayed:{inquiry.id}")
        await tell_mediator_of(work, case, Utterance("mediator.delayed", told), key=f"delayed:{inquiry.id}")
        return Utterance("party.delay_agreed", facts)
    return Utterance("party.delay_yes", facts)
