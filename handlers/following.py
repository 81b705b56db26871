"""What a party does with a case under way: ask, urge, add, change details, another mediator, withdraw."""

from handlers import assigning
from handlers.caller import Caller
from handlers.mediating import ending, helping
from handlers.mediating.obligations import lines
from handlers.mediating.parties import for_side, side_of, tell_mediator_of
from handlers.mediating.terms import left_words
from handlers.mediating.work import Work
from handlers.notifying import ask_operator
from handlers.steps import Effect, Utterance
from mediation.agreement import Side
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import ENDED, CaseStatus, EndReason
from storage import agreements, cases, deadlines, people, registry
from storage.tables import CaseRow

CHANGEABLE = frozenset({CaseStatus.INVITING, CaseStatus.MEDIATING, CaseStatus.PAUSED})

FINISHED = frozenset(status.value for status in ENDED)
SHOWN_CASES = 5


async def show_progress(caller: Caller) -> tuple[Utterance, ...]:
    found = await cases.list_cases_of_party(caller.session, caller.person.id)
    if not found:
        return (Utterance("resident.progress_none"),)
    return tuple([await progress_line(caller, case) for case in found[:SHOWN_CASES]])


async def progress_line(caller: Caller, case: CaseRow) -> Utterance:
    """How one case stands, for either side: nothing in it was said by the other."""
    rules = caller.service.rules
    work = _work(caller)
    committee = await registry.get_committee(caller.session, case.committee_id)
    status = CaseStatus(case.status)
    facts: dict[str, object] = {"committee": committee.name, "mediator": "", "left": "", "until": ""}
    if case.mediator_id is not None:
        facts["mediator"] = (await registry.get_mediator(caller.session, case.mediator_id)).name
    detail = f"resident.detail_{case.status}"
    offer = await cases.find_open_offer(caller.session, case.id)
    if status is CaseStatus.OFFERED:
        if offer:
            facts["until"] = work.spoken(offer.due_at)
        else:
            detail = "resident.detail_filed"
    elif status is CaseStatus.INVITING and case.contact_due_at is not None:
        late = case.contact_due_at < caller.now
        facts["until"] = work.spoken(case.contact_due_at)
        if case.respondent_id is None:
            detail = "resident.detail_mediating_late" if late else "resident.detail_mediating"
    elif status is CaseStatus.MEDIATING:
        detail = "resident.detail_talking"
        facts["left"] = left_words(work, case)
    elif status is CaseStatus.PERFORMING:
        facts["lines"] = await _open_obligations(work, case)
    elif status is CaseStatus.TERMINATED:
        facts["ways"] = ending.ways_text(work, case)
    shown = EndReason.SELF_SETTLED.value if case.end_reason == EndReason.SELF_SETTLED else case.status
    return Utterance(
        "resident.progress_line",
        {
            "case_no": case.case_no,
            "type": rules.type_name(case.dispute_type),
            "status": rules.phrases.text(f"resident.status_{shown}"),
            "detail": rules.phrases.fill(detail, facts),
        },
    )


async def _open_obligations(work: Work, case: CaseRow) -> str:
    agreement = await agreements.find_agreement(work.session, case.id)
    if agreement is None:
        return ""
    rows = await agreements.list_obligations(work.session, agreement.id)
    return lines(work, case, [one for one in rows if one.state != "performed"])


def _work(caller: Caller) -> Work:
    return Work(
        session=caller.session,
        service=caller.service,
        now=caller.now,
        actor=f"person:{caller.person.id}",
    )


def _side(caller: Caller, case: CaseRow) -> Side:
    return side_of(case, caller.person.id) or Side.APPLICANT


def _side_word(caller: Caller, case: CaseRow) -> str:
    return caller.service.rules.phrases.text(f"words.side_{_side(caller, case)}")


async def urge(caller: Caller, text: str) -> tuple[Utterance, ...]:
    """Press for action (催办), at most as often as the rule file says."""
    found = [
        case
        for case in await cases.list_cases_of_party(caller.session, caller.person.id)
        if case.status not in FINISHED
    ]
    if not found:
        return (Utterance("resident.progress_none"),)
    case = await cases.get_case(
        caller.session, next((one.id for one in found if one.case_no in text), found[0].id)
    )
    rules = caller.service.rules
    limit = rules.rulebook.deadlines.urge
    if case.urged_at and rules.rulebook.calendar.after(case.urged_at, limit.within) > caller.now:
        return (Utterance("resident.urged_before", {"case_no": case.case_no}),)
    case.urged_at = caller.now
    await _work(caller).record(
        case, "urged", audience=for_side(_side(caller, case)), side=_side(caller, case).value
    )
    who = await tell_staff(
        caller,
        case,
        "mediator.urged",
        key=f"urged:{case.id}:{_work(caller).stamp}",
        side=_side_word(caller, case),
    )
    phrase = "resident.urged_mediator" if who else "resident.urged_committee"
    told = rules.phrases.text(phrase, mediator=who)
    return (Utterance("resident.urged", {"case_no": case.case_no, "who": told}),)


async def tell_staff(caller: Caller, case: CaseRow, phrase: str, *, key: str, **facts: object) -> str:
    """Tell the mediator of a case, or the one who is being asked; "" when nobody has it yet."""
    mediator_id = case.mediator_id
    offer = await cases.find_open_offer(caller.session, case.id)
    if mediator_id is None and offer:
        mediator_id = offer.mediator_id
    if mediator_id is None:
        rules = caller.service.rules
        await ask_operator(
            caller.session,
            caller.service,
            "operator.waiting",
            kind="waiting",
            key=key,
            now=caller.now,
            person_id=caller.person.id,
            case_id=case.id,
            facts={
                "what": rules.phrases.text(phrase, case_no=case.case_no, **facts),
                **caller.contact(),
            },
        )
        return ""
    mediator = await registry.get_mediator(caller.session, mediator_id)
    utterance = Utterance(phrase, {"case_no": case.case_no, **facts})
    await assigning.tell_mediator(
        caller.session,
        caller.service,
        mediator,
        (utterance,),
        key=key,
        now=caller.now,
        case=case,
        what="operator.brief_case",
    )
    return mediator.name


async def supplement(caller: Caller, effect: Effect, case_id: int) -> tuple[Utterance, ...]:
    """More words or pictures for a case that is under way."""
    case = await cases.get_case(caller.session, case_id)
    rules = caller.service.rules
    pictures = rules.phrases.text("words.picture") if effect.attachments else ""
    text = effect.text or pictures
    await cases.attach_to_case(caller.session, effect.attachments, case_id=case.id)
    side = _side(caller, case)
    await _work(caller).record(case, "supplemented", audience=for_side(side), text=text, side=side.value)
    if effect.text and side is Side.APPLICANT:
        case.summary = f"{case.summary}\n{effect.text}"
    who = await tell_staff(
        caller,
        case,
        "mediator.supplemented",
        key=f"more:{case.id}:{_work(caller).stamp}",
        text=text,
        side=_side_word(caller, case),
    )
    told = rules.phrases.text("resident.supplement_told") if who else ""
    return (Utterance("resident.supplemented", {"case_no": case.case_no, "who": told}),)


async def change_contact(caller: Caller, effect: Effect, case_id: int) -> tuple[Utterance, ...]:
    """A party's new name or phone, in the person and in the case under way."""
    case = await cases.get_case(caller.session, case_id)
    side = _side(caller, case)
    if effect.line == "phone":
        people.set_phone(caller.person, effect.text)
        setattr(case, f"{side}_phone", effect.text)
    else:
        caller.person.name = effect.text
        setattr(case, f"{side}_name", effect.text)
    await _work(caller).record(case, "contact", audience=for_side(side), side=side.value)
    await tell_staff(
        caller,
        case,
        "mediator.contact",
        key=f"contact:{case.id}:{_work(caller).stamp}",
        side=_side_word(caller, case),
        **caller.contact(),
    )
    return (Utterance("resident.contact_changed", {"case_no": case.case_no}),)


async def ask_another_mediator(caller: Caller, effect: Effect, case_id: int) -> tuple[Utterance, ...]:
    """The right to another mediator (人民调解法 23): once by itself, after that an operator talks to them.

    The mediator who had the case never hears what was said about him.
    """
    case = await cases.get_case(caller.session, case_id)
    side = _side(caller, case)
    entries = await cases.list_timeline(caller.session, case.id)
    before = any(entry.event == "another_asked" and entry.content["side"] == side for entry in entries)
    text = caller.service.rules.phrases.text
    if case.mediator_id is not None and CaseStatus(case.status) in CHANGEABLE and not before:
        work = _work(caller)
        await work.record(case, "another_asked", audience=for_side(side), side=side.value)
        said = Utterance("mediator.another", {"case_no": case.case_no})
        await tell_mediator_of(work, case, said, key=f"another:{case.id}:{case.mediator_id}")
        await helping.transfer(work, case, reason=effect.text, why=text("words.why_party"))
        return (Utterance("resident.another_asked"),)
    await ask_operator(
        caller.session,
        caller.service,
        "operator.another_mediator",
        kind="another",
        key=f"another:{case.id}:{caller.now.astimezone(CHINA_TIME).date()}",
        now=caller.now,
        facts={
            "case_no": case.case_no,
            "text": effect.text,
            "side": _side_word(caller, case),
            **caller.contact(),
        },
        person_id=caller.person.id,
        case_id=case.id,
    )
    return (Utterance("resident.another_mediator"),)


async def withdraw(caller: Caller, case_id: int) -> tuple[Utterance, ...]:
    """The applicant takes the case back (撤回), or the other side does not want to go on."""
    case = await cases.get_case(caller.session, case_id)
    side = _side(caller, case)
    if CaseStatus(case.status) is CaseStatus.PERFORMING:
        return (Utterance("resident.cannot_withdraw", {"case_no": case.case_no}),)
    work = _work(caller)
    offer = await cases.find_open_offer(caller.session, case.id)
    if offer:
        await tell_staff(caller, case, "mediator.withdrawn", key=f"withdrawn:{case.id}")
        offer.state, offer.answered_at = "withdrawn", caller.now
        await deadlines.cancel_deadlines(caller.session, kinds=assigning.OFFER_DEADLINES, subject_id=offer.id)
    reason = EndReason.WITHDRAWN if side is Side.APPLICANT else EndReason.STOPPED
    await ending.end(work, case, reason, told_already=side)
    if side is Side.APPLICANT:
        return (Utterance("resident.withdrawn", {"case_no": case.case_no}),)
    return Utterance("resident.stopped", {"case_no": case.case_no}), await ending.what_remains(work, case)
