"""The agreement (调解协议): drafted by the mediator, confirmed by each side with its own code, concluded."""

from dataclasses import dataclass

from config.document_rules import DocumentKind
from handlers.casework import move
from handlers.mediating import inquiring, papers, performing
from handlers.mediating.inviting import ensure_respondent
from handlers.mediating.obligations import agreed_lines
from handlers.mediating.parties import (
    BOTH,
    FOR_ALL,
    FOR_STAFF,
    called,
    name_of,
    party_of,
    tell_known,
    tell_mediator_of,
    tell_side,
)
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import (
    AgreementForm,
    Doubt,
    Obligation,
    ObligationKind,
    Question,
    Side,
    WrittenReason,
    find_doubts,
    reasons_for_writing,
)
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseAction, CaseStatus, NotNow
from mediation.vocabulary import RiskFlag
from storage import agreements, cases, outbox
from storage.tables import AgreementRow, CaseRow, InquiryRow, ObligationRow


class NameIsHiddenError(Exception):
    """The applicant does not want to be named, and an agreement names both sides."""


class NotConfirmedError(Exception):
    """A side has not confirmed yet; the sides that have not are the argument."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        super().__init__(*sides)
        self.sides = sides


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft as the mediator sees it."""

    agreement: AgreementRow
    obligations: tuple[ObligationRow, ...]
    questions: tuple[Question, ...]
    must_write: tuple[WrittenReason, ...]
    doubts: dict[Doubt, tuple[str, ...]]


async def draft(work: Work, case: CaseRow, words: str) -> Drafted:
    """Read the mediator's words and keep them as the case's draft; raises NotNow."""
    if CaseStatus(case.status) is not CaseStatus.MEDIATING:
        raise NotNow(CaseStatus(case.status))
    reading = work.rules.read_agreement(
        words,
        applicant=called(work, case, Side.APPLICANT),
        respondent=called(work, case, Side.RESPONDENT),
        today=work.today,
    )
    row = await agreements.save_draft(
        work.session,
        case_id=case.id,
        form=AgreementForm.WRITTEN.value,
        words=words,
        warnings=[],
        now=work.now,
    )
    await agreements.replace_obligations(work.session, row.id, reading.obligations)
    return await review(work, case, row, questions=reading.questions)


def is_promise(work: Work, case: CaseRow, words: str, *, acts: bool = False) -> bool:
    """Whether a sentence tells who pays whom how much; with `acts`, also who does what."""
    reading = work.rules.read_agreement(
        words,
        applicant=called(work, case, Side.APPLICANT),
        respondent=called(work, case, Side.RESPONDENT),
        today=work.today,
    )
    return any(
        one.debtor and (one.amount and one.creditor if one.kind is ObligationKind.PAY else acts)
        for one in reading.obligations
    )


async def review(
    work: Work, case: CaseRow, row: AgreementRow, *, questions: tuple[Question, ...] = ()
) -> Drafted:
    """Look at a draft again: what must be asked, whether it must be written, what is doubtful."""
    obligations = tuple(await agreements.list_obligations(work.session, row.id))
    rules = work.rules.agreement
    total = sum(one.amount or 0 for one in obligations)
    major = total >= rules.major_amount or RiskFlag.MAJOR_AMOUNT.value in case.risk
    must_write = reasons_for_writing([_as_value(one) for one in obligations], major=major, people=case.people)
    doubts = find_doubts(row.words, rules.doubts)
    parties = [name for side in BOTH if (name := party_of(case, side).name)]
    others = work.rules.others_in_agreement(row.words, parties=parties)
    if others:
        doubts[Doubt.THIRD_PARTY] = (*doubts.get(Doubt.THIRD_PARTY, ()), *others)
    row.warnings = [doubt.value for doubt in doubts]
    return Drafted(
        agreement=row,
        obligations=obligations,
        questions=questions,
        must_write=must_write,
        doubts=doubts,
    )


def _as_value(row: ObligationRow) -> Obligation:
    return Obligation(
        kind=ObligationKind(row.kind),
        debtor=Side(row.debtor) if row.debtor else None,
        creditor=Side(row.creditor) if row.creditor else None,
        amount=row.amount,
        act=row.act,
        due_on=row.due_on,
        immediate=row.immediate,
    )


async def send(work: Work, case: CaseRow, *, form: AgreementForm) -> None:
    """Put the draft to each side in its own chat; raises NotNow, NameIsHiddenError."""
    row = await agreements.find_agreement(work.session, case.id)
    if row is None or row.state != "draft":
        raise NotNow(CaseStatus(case.status))
    if case.name_hidden:
        raise NameIsHiddenError
    move(case, CaseAction.PROPOSE)
    row.state, row.form = "confirming", form.value
    obligations = tuple(await agreements.list_obligations(work.session, row.id))
    text = agreed_lines(work, case, row, obligations)
    await ensure_respondent(work, case)
    await work.record(case, "proposed", audience=FOR_ALL, text=text, form=form.value)
    for side in BOTH:
        person_id = party_of(case, side).person_id
        assert person_id is not None  # noqa: S101 - the applicant always is one, the respondent was ensured
        await inquiring.ask(
            work,
            case,
            person_id=person_id,
            side=side,
            kind=inquiring.CONFIRMATION,
            subject_id=row.id,
            facts={
                **work.case_facts(case),
                "lines": text,
                "form": work.text(f"words.form_{form}"),
                "other": name_of(work, case, side.other),
            },
        )


async def answer_confirmation(
    work: Work, case: CaseRow, inquiry: InquiryRow, *, yes: bool, words: str, how: str
) -> Utterance:
    """One side confirmed with its code, or said no; returns what it hears."""
    row = await agreements.get_agreement(work.session, inquiry.subject_id or 0)
    side = Side(inquiry.side)
    if not yes:
        await give_back(work, case, side=side, words=words)
        return Utterance("party.confirmation_no", work.case_facts(case))
    if side is Side.APPLICANT:
        row.applicant_confirmed_at, row.applicant_confirmed_how = work.now, how
    else:
        row.respondent_confirmed_at, row.respondent_confirmed_how = work.now, how
    await work.session.flush()
    await work.record(case, "confirmed", audience=FOR_ALL, side=side.value, how=how)
    missing = unconfirmed(row)
    facts = {"case_no": case.case_no, "side": work.text(f"words.side_{side}")}
    key = f"confirmed:{inquiry.id}"
    if missing:
        await tell_mediator_of(work, case, Utterance("mediator.confirmed_one", facts), key=key)
        return Utterance("party.confirmation_waits", work.case_facts(case))
    work.due("agreement_due", case.id, at=work.after(work.limits.confirmation.reminder_after))
    await tell_mediator_of(work, case, Utterance("mediator.confirmed_both", facts), key=key)
    return Utterance("party.confirmation_yes", work.case_facts(case))


def unconfirmed(row: AgreementRow) -> tuple[Side, ...]:
    """Return the sides that have not confirmed."""
    done = {Side.APPLICANT: row.applicant_confirmed_at, Side.RESPONDENT: row.respondent_confirmed_at}
    return tuple(side for side in BOTH if done[side] is None)


async def give_back(
    work: Work, case: CaseRow, *, side: Side | None, words: str = "", silent: bool = False
) -> None:
    """The agreement does not come about: a side said no, changed its mind or kept silent, or the mediator.

    `side` is None when the mediator takes it back. The words go to the staff only. Raises NotNow.
    """
    move(case, CaseAction.RETURN)
    row = await agreements.find_agreement(work.session, case.id)
    if row is not None:
        row.state = "dropped"
    await work.cancel("agreement_due", subject_id=case.id)
    await inquiring.drop(work, case, kinds=(inquiring.CONFIRMATION,))
    await work.session.flush()
    await work.record(case, "agreement_dropped", audience=FOR_ALL)
    facts = {"case_no": case.case_no, "side": work.text(f"words.side_{side}") if side else "", "text": words}
    if side is not None:
        how = "silent" if silent else "refused"
        await work.record(case, f"agreement_{how}", audience=FOR_STAFF, side=side.value, text=words)
        said = Utterance(f"mediator.agreement_{how}", facts)
        await tell_mediator_of(work, case, said, key=f"no:{case.id}:{work.stamp}")
    await tell_known(
        work,
        case,
        Utterance("party.agreement_dropped", work.case_facts(case)),
        key=f"dropped:{case.id}:{work.stamp}",
        except_side=side,
    )


async def fall_silent(work: Work, inquiry: InquiryRow) -> None:
    """A side did not confirm in time: nothing counts as settled."""
    case = await cases.get_case(work.session, inquiry.case_id)
    if CaseStatus(case.status) is CaseStatus.CONFIRMING:
        await give_back(work, case, side=Side(inquiry.side), silent=True)
        await tell_side(
            work,
            case,
            Side(inquiry.side),
            Utterance("party.agreement_too_late", work.case_facts(case)),
            key=f"dropped_silent:{inquiry.id}",
        )


async def conclude(work: Work, case: CaseRow) -> None:
    """The mediator confirms: only now it is settled (达成); raises NotNow, NotConfirmedError."""
    row = await agreements.find_agreement(work.session, case.id)
    if row is None or row.state != "confirming":
        raise NotNow(CaseStatus(case.status))
    if missing := unconfirmed(row):
        raise NotConfirmedError(missing)
    move(case, CaseAction.SETTLE)
    row.state, row.effective_at = "effective", work.now
    case.rooms = []
    await work.cancel("agreement_due", "term_warning", "term_due", "room_idle", subject_id=case.id)
    await work.session.flush()
    await work.record(case, "settled", audience=FOR_ALL)
    ends = work.after(work.limits.court.within)
    obligations = tuple(await agreements.list_obligations(work.session, row.id))
    facts = {
        **work.case_facts(case),
        "lines": agreed_lines(work, case, row, obligations),
        "until": work.spoken_day(ends),
        "court": papers.court_of(work, case),
        "papers": await papers.party_links(work, case, (DocumentKind.AGREEMENT, DocumentKind.ORAL_AGREEMENT)),
    }
    await tell_known(work, case, Utterance("party.settled", facts), key=f"settled:{row.id}")
    for span in (*work.limits.court.reminders_after, work.limits.court.within):
        work.due("court_reminder", case.id, at=work.after(span))
    await performing.start(work, case, row)


async def remind_mediator(work: Work, case_id: int) -> None:
    """Both sides confirmed and the mediator has not: one reminder."""
    case = await cases.get_case(work.session, case_id)
    row = await agreements.find_agreement(work.session, case.id)
    if row is not None and row.state == "confirming" and not unconfirmed(row):
        facts = {"case_no": case.case_no, "side": ""}
        await tell_mediator_of(
            work, case, Utterance("mediator.confirmed_both", facts), key=f"conclude:{row.id}"
        )


async def remind_of_court(work: Work, case_id: int) -> None:
    """The days for judicial confirmation (司法确认) run: both sides hear how many are left.

    A reminder that nobody read in time is not shown any more.
    """
    case = await cases.get_case(work.session, case_id)
    row = await agreements.find_agreement(work.session, case.id)
    if row is None or row.effective_at is None or row.court_result:
        return
    ends = work.after(work.limits.court.within, since=row.effective_at)
    left = (ends.astimezone(CHINA_TIME).date() - work.today).days
    await outbox.forget(work.session, key=f"court_reminder:{row.id}", now=work.now)
    if left <= 0:
        return
    facts = {
        **work.case_facts(case),
        "days": left,
        "until": work.spoken_day(ends),
        "court": papers.court_of(work, case),
        "papers": await papers.party_links(work, case, (DocumentKind.CONFIRMATION_APPLICATION,)),
    }
    await tell_known(
        work, case, Utterance("party.court_reminder", facts), key=f"court_reminder:{row.id}:{left}"
    )


async def court_ways(work: Work, case: CaseRow) -> Utterance:
    """What a side can do at court with an agreement that is in effect."""
    row = await agreements.find_agreement(work.session, case.id)
    assert row is not None and row.effective_at is not None  # noqa: S101, PT018 - only asked while it binds
    ends = work.after(work.limits.court.within, since=row.effective_at)
    over = ends <= work.now
    court = papers.court_of(work, case)
    joint = work.text("words.court_joint", until=work.spoken_day(ends), court=court)
    facts = {
        "case_no": case.case_no,
        "joint": work.text("words.court_joint_over") if over else joint,
        "papers": ""
        if over
        else await papers.party_links(work, case, (DocumentKind.CONFIRMATION_APPLICATION,)),
    }
    return Utterance("party.court_ways", facts)


async def note_court(work: Work, case: CaseRow, *, result: str) -> None:
    """Keep what the court did: applied, confirmed or refused; raises NotNow when nothing was settled."""
    row = await agreements.find_agreement(work.session, case.id)
    if row is None or row.state != "effective":
        raise NotNow(CaseStatus(case.status))
    row.court_result, row.court_at = result, work.now
    await outbox.forget(work.session, key=f"court_reminder:{row.id}", now=work.now)
    await work.record(case, f"court_{result}", audience=FOR_ALL)
    if result != "applied":
        said = Utterance(f"party.court_{result}", work.case_facts(case))
        await tell_known(work, case, said, key=f"court:{row.id}:{result}")
