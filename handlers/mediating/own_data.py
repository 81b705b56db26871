"""A person's rights over the own data (个人信息保护法 44-47): see, copy, correct, delete, hide the name."""

from handlers.answering import read_anywhere, read_choice
from handlers.caller import Caller
from handlers.conversation import Conversation, Question, dump_state
from handlers.mediating.details import detail_words, details_of, set_details
from handlers.mediating.own_words import read_wish
from handlers.mediating.parties import for_side, side_of, tell_mediator_of
from handlers.mediating.sending import Paper, PaperKind, link_to
from handlers.mediating.work import Work
from handlers.steps import Utterance
from handlers.timeline import lines, visible_to
from mediation.agreement import Side
from mediation.vocabulary import Audience
from storage import cases, inbox, people
from storage.tables import CaseRow, PersonRow


async def hear(work: Work, caller: Caller, text: str, state: Conversation) -> tuple[Utterance, ...] | None:
    """Return what is said to a wish about the own data, None when the words are none."""
    if state.asked is Question.ERASE:
        choice = read_choice(text, work.rules.phrases["resident.ask_erase"])
        await people.save_conversation(caller.session, caller.account.id, None, now=caller.now)
        if choice == "1":
            return await _erase(work, caller)
        if choice is None and read_anywhere(text, work.rules.words) is not None:
            return None
        return (Utterance("resident.not_erased"),)  # only a clear yes erases, and only the next word
    if state.asked is not None or state.draft is not None:
        return None
    match read_wish(text, work.rules.words, names=("show_name", "hide_name", "own_data", "erase")):
        case "own_data":
            return await _show(work, caller)
        case "erase":
            return await _ask_erase(work, caller)
        case "hide_name" | "show_name" as wish:
            return await _hide_name(work, caller, hidden=wish == "hide_name")
    return None


async def _show(work: Work, caller: Caller) -> tuple[Utterance, ...]:
    found = await cases.list_cases_of_party(work.session, caller.person.id)
    span = work.limits.link_valid
    facts = {
        **caller.contact(),
        "cases": len(found),
        "days": work.text("words.days", days=span.amount),
        "link": link_to(work, Paper(kind=PaperKind.OWN, subject_id=caller.person.id)),
    }
    return (Utterance("resident.own_data", facts),)


async def _ask_erase(work: Work, caller: Caller) -> tuple[Utterance, ...]:
    live = await _live_case(work, caller.person.id)
    if live is not None:
        return (Utterance("resident.erase_open", {"case_no": live.case_no}),)
    state = Conversation(asked=Question.ERASE)
    await people.save_conversation(work.session, caller.account.id, dump_state(state), now=work.now)
    return (Utterance("resident.ask_erase"),)


async def _live_case(work: Work, person_id: int) -> CaseRow | None:
    found = await cases.list_cases_of_party(work.session, person_id)
    return next((case for case in found if case.ended_at is None), None)


async def _erase(work: Work, caller: Caller) -> tuple[Utterance, ...]:
    """Delete name, phone, what the forms ask, and everything said outside of cases.

    The other files of cases are kept as the law orders.
    """
    live = await _live_case(work, caller.person.id)
    if live is not None:
        return (Utterance("resident.erase_open", {"case_no": live.case_no}),)
    people.forget(caller.person)
    for case in await cases.list_cases_of_party(work.session, caller.person.id):
        side = side_of(case, caller.person.id)
        assert side is not None  # noqa: S101 - it is a case of this party
        set_details(case, side, None)
    for account in await people.list_accounts(work.session, caller.person.id):
        await people.save_conversation(work.session, account.id, None, now=work.now)
        await inbox.erase_messages(work.session, account_id=account.id)
    return (Utterance("resident.erased"),)


async def _hide_name(work: Work, caller: Caller, *, hidden: bool) -> tuple[Utterance, ...]:
    live = await _live_case(work, caller.person.id)
    if live is None or side_of(live, caller.person.id) is not Side.APPLICANT:
        return (Utterance("party.name_no_case"),)
    case = await cases.get_case(work.session, live.id)
    case.name_hidden = hidden
    how = "hidden" if hidden else "shown"
    await work.record(case, f"name_{how}", audience=for_side(Side.APPLICANT))
    told = Utterance(f"mediator.applicant_name_{how}", {"case_no": case.case_no})
    await tell_mediator_of(work, case, told, key=f"name_{how}:{case.id}:{work.stamp}")
    return (Utterance(f"party.name_{how}"),)


async def copy_of(work: Work, person: PersonRow) -> str:
    """Return everything that is kept of a person and that it may see, as plain text."""
    unknown = work.text("words.name_unknown"), work.text("words.phone_unknown")
    parts = [f"{person.name or unknown[0]} {person.phone or unknown[1]}"]
    for case in await cases.list_cases_of_party(work.session, person.id):
        side = side_of(case, person.id)
        entries = visible_to(
            await cases.list_timeline(work.session, case.id), Audience(side.value if side else "applicant")
        )
        status = work.text(f"resident.status_{case.status}")
        parts.append(f"\n{case.case_no} {work.rules.type_name(case.dispute_type)} {status}")
        if side is Side.APPLICANT:
            parts.append(case.summary)
        if side and (details := detail_words(work, details_of(case, side), whole_number=True)):
            parts.append(work.text("words.own_details", words=work.text("words.detail_mark").join(details)))
        parts += lines(entries, rules=work.rules)
    return "\n".join(parts) + "\n"
