"""Asks the other side into the case (请对方): rights told, invitation, consent, refusal, silence."""

import secrets

from handlers.casework import move
from handlers.mediating import inquiring
from handlers.mediating.ending import end, what_remains
from handlers.mediating.parties import (
    FOR_ALL,
    FOR_STAFF,
    for_side,
    is_in_chat,
    mediator_name,
    name_of,
    tell_mediator_of,
    tell_side,
)
from handlers.mediating.terms import start_term
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import CaseAction, CaseStatus, EndReason, NotNow
from storage import cases, inquiries, people, registry
from storage.tables import CaseRow, InquiryRow, InvitationRow, PersonRow

CODE_DIGITS = 8


async def begin(work: Work, case: CaseRow) -> None:
    """A mediator has accepted: the applicant hears the rights, the other side is to be asked in time."""
    if case.consent == "agreed":  # the case changed hands: both sides had agreed before
        move(case, CaseAction.CONSENT)
        if case.due_at is None:
            start_term(work, case)
        facts = {"case_no": case.case_no, "mediator": await mediator_name(work, case)}
        said = Utterance("party.new_mediator", facts)
        await tell_side(work, case, Side.RESPONDENT, said, key=f"new_mediator:{case.id}:{work.stamp}")
        return
    if case.respondent_phone is None:
        case.respondent_phone = _phone_told(work, case)
    await tell_rights(work, case, Side.APPLICANT)
    work.due("consent_due", case.id, at=work.after(work.limits.consent.within))
    if await is_in_chat(work, case, Side.RESPONDENT):  # asked by the mediator before, not answered
        await _ask_consent(work, case)


def _asker(work: Work, case: CaseRow) -> str:
    """Return who asks for mediation, as the other side may hear it."""
    return work.text("words.somebody") if case.name_hidden else name_of(work, case, Side.APPLICANT)


def _phone_told(work: Work, case: CaseRow) -> str | None:
    """Return a number of the story that is not the applicant's."""
    today = work.today
    heard = work.rules.understander.understand(case.summary, today=today)
    return None if heard.phone in {None, heard.own_phone, case.applicant_phone} else heard.phone


async def tell_rights(work: Work, case: CaseRow, side: Side) -> None:
    """Tell a side its rights and duties in plain words (人民调解法 23, 24; 人民调解工作若干规定 30)."""
    facts = {"case_no": case.case_no, "mediator": await mediator_name(work, case)}
    await tell_side(
        work, case, side, Utterance("party.rights", facts), key=f"rights:{case.id}:{case.mediator_id}"
    )
    await work.record(case, "rights_told", audience=for_side(side), side=side.value)


async def set_phone(work: Work, case: CaseRow, phone: str) -> None:
    """Keep the other side's number."""
    case.respondent_phone = phone
    await work.record(case, "respondent_phone", audience=frozenset(for_side(Side.RESPONDENT)))


async def ensure_respondent(work: Work, case: CaseRow) -> int:
    """Return the person of the other side; one without an account is known by number and name, or made."""
    if case.respondent_id is not None:
        return case.respondent_id
    name, phone = case.respondent_name or case.respondent, case.respondent_phone
    known = await people.list_without_account(work.session, phone) if name and phone else []
    person = next((one for one in known if one.name == name and one.id != case.applicant_id), None)
    if person is None:
        person = PersonRow(created_at=work.now, name=name)
        people.set_phone(person, phone)
        work.session.add(person)
        await work.session.flush()
    case.respondent_id = person.id
    return person.id


async def invite(work: Work, case: CaseRow) -> Utterance:
    """Ask the other side: in its chat when its number already writes to us, else by a code to pass on."""
    facts: dict[str, object] = {
        "case_no": case.case_no,
        "type": work.rules.type_name(case.dispute_type),
        "applicant": _asker(work, case),
        "mediator": await mediator_name(work, case),
        "service": work.rules.rulebook.service.name,
    }
    if case.respondent_id is None and case.respondent_phone:
        known = await people.find_reachable_by_phone(work.session, case.respondent_phone)
        refused = await inquiries.list_inquiries(work.session, case_id=case.id, kind="identity")
        if known is not None and known.id != case.applicant_id and not refused:
            await _ask_identity(work, case, known)
            return Utterance("mediator.invited_by_phone", facts)
    if await is_in_chat(work, case, Side.RESPONDENT):
        if case.consent == "agreed":
            return Utterance("mediator.already_agreed", facts)
        await _ask_consent(work, case)
        return Utterance("mediator.invited_in_chat", facts)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    valid = work.limits.invitation_code_valid
    await cases.add_invitation(work.session, case_id=case.id, code=code, expires_at=work.after(valid))
    await work.record(case, "invited", audience=FOR_ALL, how="code")
    return Utterance("mediator.invited_by_code", {**facts, "code": code})


async def join(work: Work, invitation: InvitationRow, person: PersonRow) -> tuple[Utterance, ...]:
    """Somebody sent an invitation code: from now on the other side of that case."""
    case = await cases.get_case(work.session, invitation.case_id)
    live = invitation.used_at is None and invitation.expires_at > work.now
    if not live or case.ended_at is not None:
        return (Utterance("party.code_void"),)
    if person.id == case.applicant_id:
        return (Utterance("party.code_own"),)
    mediator = await registry.find_mediator_of_person(work.session, person.id)
    if mediator is not None and mediator.id == case.mediator_id:
        return (Utterance("party.code_own"),)
    invitation.used_at = work.now
    case.respondent_id = person.id
    if person.phone is None and case.respondent_phone:
        people.set_phone(person, case.respondent_phone)
    case.respondent_name = case.respondent_name or person.name
    await work.session.flush()
    await work.record(case, "joined", audience=FOR_ALL)
    said = Utterance("party.joined", work.case_facts(case))
    if case.consent == "agreed":
        await tell_rights(work, case, Side.RESPONDENT)
    else:
        await _ask_consent(work, case)
    await tell_mediator_of(
        work, case, Utterance("mediator.joined", {"case_no": case.case_no}), key=f"joined:{invitation.id}"
    )
    return (said,)


async def put_out(work: Work, case: CaseRow) -> bool:
    """Whoever came in by the code is not the other side: forgotten before anything was agreed.

    False when nobody came in, or the mediation has begun.
    """
    if case.respondent_id is None or CaseStatus(case.status) is not CaseStatus.INVITING:
        return False
    await inquiring.drop(work, case, kinds=("consent", "meeting"))
    person = await work.session.get_one(PersonRow, case.respondent_id)
    if case.respondent_name == person.name:  # taken from that person on joining
        case.respondent_name = None
    if person.phone == case.respondent_phone:  # given to that person on joining
        people.set_phone(person, None)
    case.respondent_id, case.consent = None, "none"
    await work.session.flush()
    await work.record(case, "put_out", audience=FOR_STAFF)
    work.due("consent_due", case.id, at=work.after(work.limits.consent.within))
    return True


async def _ask_identity(work: Work, case: CaseRow, known: PersonRow) -> None:
    """A number may be anybody's: nothing of the case is said before the person says who it is."""
    name = case.respondent_name or case.respondent or work.text("words.side_respondent")
    await inquiring.ask(
        work, case, person_id=known.id, side=Side.RESPONDENT, kind="identity", facts={"name": name}
    )
    await work.record(case, "invited", audience=FOR_STAFF, how="phone")


async def answer_identity(
    work: Work, case: CaseRow, inquiry: InquiryRow, choice: str
) -> tuple[Utterance, ...]:
    """The holder of the number is the other side (1), or is not (2)."""
    if choice == "1" and case.respondent_id is None and CaseStatus(case.status) is CaseStatus.INVITING:
        case.respondent_id = inquiry.person_id
        await work.session.flush()
        await _ask_consent(work, case)
        return (Utterance("party.identity_yes"),)
    facts = {"case_no": case.case_no}
    await tell_mediator_of(
        work, case, Utterance("mediator.identity_no", facts), key=f"identity_no:{inquiry.id}"
    )
    return (Utterance("party.identity_no"),)


async def _ask_consent(work: Work, case: CaseRow) -> None:
    """Tell the respondent the rights and ask whether it agrees to mediation."""
    assert case.respondent_id is not None  # noqa: S101 - only a side that is in chat is asked
    await inquiring.drop(work, case, kinds=("consent",))
    case.consent = "asked"
    await tell_rights(work, case, Side.RESPONDENT)
    await work.cancel("consent_due", "consent_end", subject_id=case.id)
    await work.record(case, "invited", audience=FOR_ALL, how="chat")
    facts = {
        **work.case_facts(case),
        "applicant": _asker(work, case),
        "mediator": await mediator_name(work, case),
    }
    await inquiring.ask(
        work, case, person_id=case.respondent_id, side=Side.RESPONDENT, kind="consent", facts=facts
    )


async def answer_consent(
    work: Work, case: CaseRow, inquiry: InquiryRow, choice: str
) -> tuple[Utterance, ...]:
    """The other side says yes (1), no (2), or wants to talk first (3)."""
    facts = {"case_no": case.case_no, "mediator": await mediator_name(work, case)}
    match choice:
        case "1":
            await consent(work, case, how="chat")
            return (Utterance("party.consent_yes", facts),)
        case "2":
            await refuse(work, case, told_already=Side.RESPONDENT)
            return Utterance("party.consent_no", facts), await what_remains(work, case)
        case "4":
            await put_out(work, case)
            said = Utterance("mediator.wrong_person", {"case_no": case.case_no})
            await tell_mediator_of(work, case, said, key=f"wrong_person:{inquiry.id}")
            return (Utterance("party.identity_no"),)
        case _:
            await tell_mediator_of(
                work, case, Utterance("mediator.consent_ask", facts), key=f"consent_ask:{inquiry.id}"
            )
            return (Utterance("party.consent_later", facts),)


async def consent(work: Work, case: CaseRow, *, how: str) -> None:
    """Both sides agree: the mediation begins (受理)."""
    move(case, CaseAction.CONSENT)
    case.consent = "agreed"
    await ensure_respondent(work, case)
    await work.cancel("consent_due", "consent_end", subject_id=case.id)
    start_term(work, case)
    await work.record(case, "consented", audience=FOR_ALL, how=how)
    facts = {**work.case_facts(case), "mediator": await mediator_name(work, case)}
    key = f"consented:{case.id}:{work.stamp}"
    await tell_side(work, case, Side.APPLICANT, Utterance("party.other_agreed", facts), key=key)
    if how == "mediator":
        await inquiring.drop(work, case, kinds=("consent",))
    else:
        await tell_mediator_of(work, case, Utterance("mediator.consented", facts), key=key)


async def refuse(work: Work, case: CaseRow, *, told_already: Side | None = None) -> None:
    """The other side does not agree: nobody can be made to mediate (人民调解法 17); raises NotNow.

    Once it has agreed, "对方不同意" is said of something else and ends nothing.
    """
    if CaseStatus(case.status) is not CaseStatus.INVITING:
        raise NotNow(CaseStatus(case.status))
    case.consent = "refused"
    await end(work, case, EndReason.REFUSED, told_already=told_already)


async def fall_silent(work: Work, inquiry: InquiryRow) -> None:
    """The other side was asked in its chat and did not answer in time."""
    case = await cases.get_case(work.session, inquiry.case_id)
    if inquiry.kind == "consent" and CaseStatus(case.status) is CaseStatus.INVITING:
        case.consent = "silent"
        await end(work, case, EndReason.SILENT)


async def consent_due(work: Work, case_id: int) -> None:
    """The time to ask the other side is over and it has not come: the mediator decides, else it ends."""
    case = await cases.get_case(work.session, case_id)
    if CaseStatus(case.status) is not CaseStatus.INVITING:
        return
    ends = work.after(work.limits.consent.within)
    work.due("consent_end", case.id, at=ends)
    facts = {"case_no": case.case_no, "until": work.spoken(ends)}
    await tell_mediator_of(work, case, Utterance("mediator.consent_due", facts), key=f"consent_due:{case.id}")


async def consent_end(work: Work, case_id: int) -> None:
    """Nobody could reach the other side."""
    case = await cases.get_case(work.session, case_id)
    if CaseStatus(case.status) is CaseStatus.INVITING:
        case.consent = "silent"
        await end(work, case, EndReason.UNREACHABLE)
