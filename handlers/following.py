"""What an applicant does with a case under way: ask, urge, add, withdraw."""

from handlers import assigning
from handlers.caller import Caller
from handlers.casework import move, record
from handlers.notifying import ask_operator
from handlers.speaking import spoken_time
from handlers.steps import Effect, Utterance
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseAction, CaseStatus
from storage import cases, deadlines, people, registry
from storage.tables import CaseRow

FINISHED = frozenset({CaseStatus.WITHDRAWN.value})
SHOWN_CASES = 5


async def show_progress(caller: Caller) -> tuple[Utterance, ...]:
    found = await cases.list_cases_of_applicant(caller.session, caller.person.id)
    if not found:
        return (Utterance("resident.progress_none"),)
    return tuple([await progress_line(caller, case) for case in found[:SHOWN_CASES]])


async def progress_line(caller: Caller, case: CaseRow) -> Utterance:
    rules = caller.service.rules
    text = rules.phrases.text
    committee = await registry.get_committee(caller.session, case.committee_id)
    facts: dict[str, object] = {"committee": committee.name}
    detail = f"resident.detail_{case.status}"
    offer = await cases.find_open_offer(caller.session, case.id)
    if case.status == CaseStatus.OFFERED and offer:
        facts["until"] = spoken_time(offer.due_at, now=caller.now, phrases=rules.phrases)
    elif case.status == CaseStatus.OFFERED:
        detail = "resident.detail_filed"
    if case.mediator_id is not None and case.contact_due_at is not None:
        mediator = await registry.get_mediator(caller.session, case.mediator_id)
        facts["mediator"] = mediator.name
        facts["until"] = spoken_time(case.contact_due_at, now=caller.now, phrases=rules.phrases)
        if case.status == CaseStatus.MEDIATING and case.contact_due_at < caller.now:
            detail = "resident.detail_mediating_late"
    return Utterance(
        "resident.progress_line",
        {
            "case_no": case.case_no,
            "type": rules.type_name(case.dispute_type),
            "status": text(f"resident.status_{case.status}"),
            "detail": rules.phrases.fill(detail, facts),
        },
    )


async def urge(caller: Caller, text: str) -> tuple[Utterance, ...]:
    """Press for action (催办), at most as often as the rule file says."""
    found = [
        case
        for case in await cases.list_cases_of_applicant(caller.session, caller.person.id)
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
    await record(caller.session, case, "urged", at=caller.now, actor=f"person:{caller.person.id}")
    who = await tell_staff(caller, case, "mediator.urged", key=f"urged:{case.id}:{caller.now.timestamp()}")
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
    await record(
        caller.session, case, "supplemented", at=caller.now, actor=f"person:{caller.person.id}", text=text
    )
    if effect.text:
        case.summary = f"{case.summary}\n{effect.text}"
    who = await tell_staff(
        caller, case, "mediator.supplemented", key=f"more:{case.id}:{caller.now.timestamp()}", text=text
    )
    told = rules.phrases.text("resident.supplement_told") if who else ""
    return (Utterance("resident.supplemented", {"case_no": case.case_no, "who": told}),)


async def change_contact(caller: Caller, effect: Effect, case_id: int) -> tuple[Utterance, ...]:
    """The applicant's new name or phone, in the person and in the case under way."""
    case = await cases.get_case(caller.session, case_id)
    if effect.line == "phone":
        people.set_phone(caller.person, effect.text)
        case.applicant_phone = effect.text
    else:
        caller.person.name = case.applicant_name = effect.text
    await record(caller.session, case, "contact", at=caller.now, actor=f"person:{caller.person.id}")
    await tell_staff(
        caller,
        case,
        "mediator.contact",
        key=f"contact:{case.id}:{caller.now.timestamp()}",
        **caller.contact(),
    )
    return (Utterance("resident.contact_changed", {"case_no": case.case_no}),)


async def ask_another_mediator(caller: Caller, effect: Effect, case_id: int) -> tuple[Utterance, ...]:
    """The wish for another mediator (人民调解法 23) goes to the operators, never to the present one."""
    case = await cases.get_case(caller.session, case_id)
    await ask_operator(
        caller.session,
        caller.service,
        "operator.another_mediator",
        kind="another",
        key=f"another:{case.id}:{caller.now.astimezone(CHINA_TIME).date()}",
        now=caller.now,
        facts={"case_no": case.case_no, "text": effect.text, **caller.contact()},
        person_id=caller.person.id,
        case_id=case.id,
    )
    return (Utterance("resident.another_mediator"),)


async def withdraw(caller: Caller, case_id: int) -> tuple[Utterance, ...]:
    """The applicant takes the case back (撤回); whoever has it is told."""
    case = await cases.get_case(caller.session, case_id)
    await tell_staff(caller, case, "mediator.withdrawn", key=f"withdrawn:{case.id}")
    offer = await cases.find_open_offer(caller.session, case.id)
    if offer:
        offer.state, offer.answered_at = "withdrawn", caller.now
        await deadlines.cancel_deadlines(caller.session, kinds=assigning.OFFER_DEADLINES, subject_id=offer.id)
    move(case, CaseAction.WITHDRAW)
    await record(caller.session, case, "withdrawn", at=caller.now, actor=f"person:{caller.person.id}")
    return (Utterance("resident.withdrawn", {"case_no": case.case_no}),)
