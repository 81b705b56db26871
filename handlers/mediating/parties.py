"""The two sides of a case: who they are, what they are called, how they are told something."""

from dataclasses import dataclass

from handlers.mediating.work import Work
from handlers.notifying import ask_operator, tell_person
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.vocabulary import Audience
from storage import outbox, people, registry
from storage.tables import CaseRow

BOTH = (Side.APPLICANT, Side.RESPONDENT)
FOR_STAFF = frozenset({Audience.STAFF})
FOR_ALL = frozenset(Audience)


def for_side(side: Side) -> frozenset[Audience]:
    """One side and the staff."""
    return frozenset({Audience(side.value), Audience.STAFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side (当事人) as far as it is known."""

    side: Side
    person_id: int | None
    name: str | None
    phone: str | None


def party_of(case: CaseRow, side: Side) -> Party:
    """Return one side of a case."""
    if side is Side.APPLICANT:
        return Party(
            side=side, person_id=case.applicant_id, name=case.applicant_name, phone=case.applicant_phone
        )
    return Party(
        side=side,
        person_id=case.respondent_id,
        name=case.respondent_name or case.respondent,
        phone=case.respondent_phone,
    )


def side_of(case: CaseRow, person_id: int) -> Side | None:
    """Return which side a person is."""
    if case.applicant_id == person_id:
        return Side.APPLICANT
    return Side.RESPONDENT if case.respondent_id == person_id else None


def name_of(work: Work, case: CaseRow, side: Side) -> str:
    """Return a side's name for the staff: the bare name where it was told, else as the applicant calls it.

    What only the applicant can say (俺男人) stands beside 对方; 申请人 or 对方 when nothing is known.
    """
    known = called(work, case, side)
    role = work.text(f"words.side_{side}")
    if side is Side.RESPONDENT and not case.respondent_name and known in {None, case.respondent}:
        own = tuple(work.rules.understanding.facts.names.ours)
        if known and known.startswith(own):
            return work.text("words.as_applicant_says", side=role, words=known)
    return known or role


def called(work: Work, case: CaseRow, side: Side) -> str | None:
    """Return the bare name of a side as people say it: 陈建国, where the applicant spoke of 老板陈建国."""
    known = party_of(case, side).name
    if side is Side.APPLICANT or case.respondent_name or not known:
        return known
    today = work.today
    heard = work.rules.understander.understand(case.summary, today=today).respondent_name
    return heard if heard and heard in known else known


def shown_name(work: Work, case: CaseRow, side: Side) -> str:
    """Return a side's name as the other side may hear it (姓名不告诉对方)."""
    if side is Side.APPLICANT and case.name_hidden:
        return work.text("words.side_applicant")
    return name_of(work, case, side)


async def is_in_chat(work: Work, case: CaseRow, side: Side) -> bool:
    """Whether a side can get messages."""
    person_id = party_of(case, side).person_id
    if person_id is None:
        return False
    return any(one.reachable for one in await people.list_accounts(work.session, person_id))


async def tell_side(
    work: Work,
    case: CaseRow,
    side: Side,
    *said: Utterance,
    key: str,
    what: str = "operator.brief_notice",
    until: str = "",
) -> bool:
    """Queue a message for one side, or a call for whoever is not in chat; whether it was a message."""
    party = party_of(case, side)
    told = party.person_id is not None and await tell_person(
        work.session,
        work.service,
        party.person_id,
        said,
        key=f"{key}:{side}",
        now=work.now,
        what=what,
        until=until,
        case=case,
    )
    if not told:
        await ask_operator(
            work.session,
            work.service,
            "operator.undelivered",
            kind=outbox.TOLD,
            key=f"{key}:{side}",
            now=work.now,
            person_id=party.person_id,
            case_id=case.id,
            facts={
                **contact(work, case, side),
                "text": "\n".join(work.rules.phrases.fill(one.key, one.facts) for one in said),
            },
        )
    return told


def contact(work: Work, case: CaseRow, side: Side) -> dict[str, object]:
    """Return name and phone of a side for a call."""
    party = party_of(case, side)
    return {
        "name": party.name or work.text("words.name_unknown"),
        "phone": party.phone or work.text("words.phone_unknown"),
    }


async def tell_known(
    work: Work, case: CaseRow, *said: Utterance, key: str, except_side: Side | None = None
) -> None:
    """Tell each side; a respondent whom nobody asked into the case yet hears nothing."""
    for side in BOTH:
        if side is except_side or (side is Side.RESPONDENT and case.respondent_id is None):
            continue
        await tell_side(work, case, side, *said, key=key)


async def tell_mediator_of(
    work: Work,
    case: CaseRow,
    *said: Utterance,
    key: str,
    what: str = "operator.brief_case",
    until: str = "",
) -> str:
    """Tell the mediator of a case; "" when nobody has it, else the mediator's name."""
    if case.mediator_id is None:
        return ""
    mediator = await registry.get_mediator(work.session, case.mediator_id)
    if mediator.person_id is None:
        return ""
    told = await tell_person(
        work.session,
        work.service,
        mediator.person_id,
        said,
        key=f"{key}:m",
        now=work.now,
        what=what,
        until=until,
        case=case,
    )
    return mediator.name if told else ""


async def mediator_name(work: Work, case: CaseRow) -> str:
    """Return the name of the case's mediator, the word for the trade when nobody has it."""
    if case.mediator_id is None:
        return work.text("words.mediator")
    return (await registry.get_mediator(work.session, case.mediator_id)).name
