"""What the hotline desk does with a call: files it, passes danger on, adds to a case, leaves a tip."""

from dataclasses import dataclass

from handlers.alerting import without_sender
from handlers.assigning import committees_for, inform_committee, tell_mediator
from handlers.casework import place_of
from handlers.conversation import Draft
from handlers.filing import open_case
from handlers.intake import Call, Heard, Known, is_chat_of, listen
from handlers.mediating.parties import for_side, side_of, tell_mediator_of
from handlers.mediating.work import Work
from handlers.notifying import ask_operator, tell_person
from handlers.speaking import as_text, compose
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import ENDED, CaseStatus
from mediation.regions import ancestry
from mediation.vocabulary import CommitteeKind, HelperRole, RiskFlag
from storage import cases, people, registry
from storage.tables import CaseRow, PersonRow, TipRow

ALARMED_KINDS = (CommitteeKind.TOWNSHIP, CommitteeKind.COUNTY, CommitteeKind.CITY)
LIAISONS = (HelperRole.POLICE, HelperRole.JUDICIAL_OFFICE)
VIA = "hotline"


class NotReadyError(Exception):
    """A call that cannot be filed yet; the argument is a stable code: nothing_told, not_mediable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A filed call: the case, what is read out to the caller, whether chat reaches them.

    `was_red` says that danger was passed on now, `alarmed` to whom, "" for nobody.
    """

    case: CaseRow
    read_out: str
    in_chat: bool
    was_red: bool
    alarmed: str


async def file_call(work: Work, call: Call, *, area: str) -> Filed:
    """File a call in the caller's name, by the same use case as the chat; raises NotReadyError.

    Notices go to the chat that is bound to the number, else every notice becomes a call task.
    """
    heard = await listen(work.session, work.service, call, area=area, now=work.now)
    if not heard.draft.story:
        raise NotReadyError("nothing_told")
    if heard.draft.not_mediable and not call.insists:
        raise NotReadyError("not_mediable")
    person, in_chat = await _caller(work, heard)
    source, referrer = call.source
    case, said = await open_case(
        work.session,
        work.service,
        account=None,
        person=person,
        draft=heard.draft,
        now=work.now,
        actor=work.actor,
        source=source,
        referred_by=referrer,
        via=VIA,
    )
    was_red = heard.is_red and not heard.draft.risk <= call.alarmed
    alarmed = await pass_on_danger(work, heard, case=case) if was_red else ""
    if in_chat:
        await tell_person(
            work.session,
            work.service,
            person.id,
            said,
            key=f"filed:{case.id}",
            now=work.now,
            what="operator.brief_notice",
            case=case,
        )
    reply = compose(said, rules=work.rules)
    assert reply is not None  # noqa: S101 - what is said when a case is filed is never empty
    return Filed(case=case, read_out=as_text(reply), in_chat=in_chat, was_red=was_red, alarmed=alarmed)


async def _caller(work: Work, heard: Heard) -> tuple[PersonRow, bool]:
    """Who calls: the one whose chat is bound to the number, one known by it and the name, or a new one."""
    draft, known = heard.draft, heard.known
    if known.in_chat is not None and heard.call.to_chat and is_chat_of(known.in_chat, draft.name):
        return known.in_chat, True
    for person in await _persons_without_chat(work, known, draft):
        if person.name == draft.name:
            return person, False
    person = PersonRow(name=draft.name, created_at=work.now)
    if draft.phone:
        people.set_phone(person, draft.phone)
    work.session.add(person)
    await work.session.flush()
    return person, False


async def _persons_without_chat(work: Work, known: Known, draft: Draft) -> list[PersonRow]:
    found = []
    for person_id in dict.fromkeys(case.applicant_id for case in known.earlier):
        person = await work.session.get_one(PersonRow, person_id)
        if person.phone == draft.phone and not await people.list_accounts(work.session, person.id):
            found.append(person)
    return found


async def pass_on_danger(work: Work, heard: Heard, *, case: CaseRow | None = None) -> str:
    """Tell the township (or who can be reached above it) and the liaisons of police and judicial office.

    Returns who was told, "" for nobody; a call task keeps the alarm on the list in any case.
    """
    draft, text = heard.draft, work.rules.phrases.text
    place = (
        place_of(case, rules=work.rules)
        if case
        else work.rules.place_name(draft.place)
        if draft.place
        else draft.place_words or text("words.place_unknown")
    )
    facts = {
        "place": place,
        "words": risk_words(work, draft.risk),
        "text": draft.text,
        "name": draft.name or text("words.name_unknown"),
        "phone": draft.phone or text("words.phone_unknown"),
    }
    key = f"alarm:call:{work.stamp}"
    await ask_operator(
        work.session,
        work.service,
        "operator.alarm",
        kind="alarm",
        key=key,
        now=work.now,
        facts=facts,
        case_id=case.id if case else None,
        grade=heard.draft.grade,
    )
    told = await _tell_liaisons(work, draft, facts, key=key)
    committees = await committees_for(work.session, work.service, draft.place)
    for kind in ALARMED_KINDS:
        for committee in (one for one in committees if one.kind is kind and one.reachable):
            said = (Utterance("mediator.alarm", facts),)
            if await inform_committee(
                work.session, work.service, committee, said, key=key, now=work.now, case=case
            ):
                return text("console_intake.and", one=committee.name, other=told) if told else committee.name
    return told


async def _tell_liaisons(work: Work, draft: Draft, facts: dict[str, str], *, key: str) -> str:
    regions = list(ancestry(draft.place or work.rules.rulebook.service.city_region))
    told = []
    for role in LIAISONS:
        for helper in (await registry.list_helpers(work.session, role=role, regions=regions))[:1]:
            if await tell_mediator(
                work.session,
                work.service,
                helper,
                (Utterance("mediator.alarm", facts),),
                key=f"{key}:{helper.id}",
                now=work.now,
                what="operator.brief_alarm",
            ):
                told.append(work.text(f"words.role_{role}"))
    return work.text("console_intake.list_mark").join(told)


def risk_words(work: Work, risk: frozenset[RiskFlag]) -> str:
    """Return the dangers in words."""
    named = [work.text(f"words.risk_{flag}") for flag in sorted(risk)]
    return work.text("console_intake.list_mark").join(named) or work.text("words.cry_for_help")


async def add_to_case(work: Work, case: CaseRow, call: Call, *, area: str) -> str:
    """The call is about a case that is known: the words are added to it, its mediator is told.

    Returns the mediator's name, "" when nobody has it; raises NotReadyError.
    """
    heard = await listen(work.session, work.service, call, area=area, now=work.now)
    if not heard.draft.story:
        raise NotReadyError("nothing_told")
    if CaseStatus(case.status) in ENDED:
        raise NotReadyError("case_ended")
    persons = {case.applicant_phone: Side.APPLICANT, case.respondent_phone: Side.RESPONDENT}
    side = persons.get(heard.draft.phone, Side.APPLICANT) if heard.draft.phone else Side.APPLICANT
    known = heard.known.in_chat
    if known is not None:
        side = side_of(case, known.id) or side
    text = heard.draft.text
    await work.record(case, "supplemented", audience=for_side(side), text=text, side=side.value, via=VIA)
    if side is Side.APPLICANT:
        case.summary = f"{case.summary}\n{text}"
    said = Utterance(
        "mediator.supplemented",
        {"case_no": case.case_no, "text": text, "side": work.text(f"words.side_{side}")},
    )
    return await tell_mediator_of(work, case, said, key=f"more:{case.id}:{work.stamp}")


async def leave_tip(work: Work, call: Call, *, area: str) -> str:
    """Keep the call as a tip (线索), without the caller; returns the committee that was told, "" for none.

    Raises NotReadyError.
    """
    heard = await listen(work.session, work.service, call, area=area, now=work.now)
    draft = heard.draft
    if not draft.story:
        raise NotReadyError("nothing_told")
    told = without_sender(draft)
    work.session.add(
        TipRow(
            account_id=None,
            place=draft.place,
            dispute_type=draft.type.value if draft.type else None,
            grade=draft.grade.value,
            text=told,
            created_at=work.now,
        )
    )
    place = work.rules.place_name(draft.place) if draft.place else work.text("words.place_unknown")
    committees = await committees_for(work.session, work.service, draft.place)
    key = f"tip:{work.stamp}"
    for kind in ALARMED_KINDS:
        for committee in (one for one in committees if one.kind is kind and one.reachable):
            said = (Utterance("mediator.tip", {"place": place, "text": told}),)
            if await inform_committee(work.session, work.service, committee, said, key=key, now=work.now):
                return committee.name
    return ""


async def find_case(work: Work, case_id: int) -> CaseRow:
    """Return a case, locked; raises sqlalchemy's NoResultFound."""
    return await cases.get_case(work.session, case_id)


async def committee_name(work: Work, case: CaseRow) -> str:
    """Return the name of the committee that has a case."""
    return (await registry.get_committee(work.session, case.committee_id)).name
