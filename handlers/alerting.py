"""Brings danger, tips and the wish for a human to those who can act."""

from uuid import uuid4

from handlers import assigning
from handlers.caller import Caller
from handlers.casework import mask_numbers, place_of, record
from handlers.conversation import Draft
from handlers.notifying import ask_operator
from handlers.speaking import spoken_time
from handlers.steps import Effect, Utterance
from mediation.calendar import CHINA_TIME
from mediation.committees import Committee
from mediation.regions import ancestry
from mediation.vocabulary import CommitteeKind, RiskGrade
from storage import cases, deadlines, people, registry
from storage.tables import CaseRow, TipRow


async def raise_alarm(caller: Caller, effect: Effect, draft: Draft) -> tuple[Utterance, ...]:
    """Tell the township's mediators (or the next level that can be reached) and the operators."""
    rules = caller.service.rules
    case = await turn_red(caller, effect.case_id, effect) if effect.case_id is not None else None
    place = case.place if case else draft.place
    facts = {
        "place": place_of(case, rules=rules) if case else caller.place_words(draft),
        "words": "、".join(rules.phrases.text(f"words.risk_{flag}") for flag in sorted(effect.flags))
        or rules.phrases.text("words.cry_for_help"),
        "text": effect.text,
        **caller.contact(draft),
    }
    key = f"alarm:{caller.account.id}:{int(caller.now.timestamp())}"
    await ask_operator(
        caller.session,
        caller.service,
        "operator.alarm",
        kind="alarm",
        key=key,
        now=caller.now,
        facts=facts,
        person_id=caller.person.id,
        grade=RiskGrade.RED,
    )
    if effect.on:  # who reports others has not said yet whether to be named
        text = rules.phrases.text
        told = without_sender(draft)
        facts |= {"text": told, "name": text("words.name_unknown"), "phone": text("words.phone_unknown")}
    own = False
    if case and case.mediator_id is not None:
        mediator = await registry.get_mediator(caller.session, case.mediator_id)
        own = await assigning.tell_mediator(
            caller.session,
            caller.service,
            mediator,
            (Utterance("mediator.alarm", facts),),
            key=f"{key}:own",
            now=caller.now,
            case=case,
            what="operator.brief_alarm",
        )
    for committee in await committees_upwards(caller, place):
        if await assigning.inform_committee(
            caller.session,
            caller.service,
            committee,
            (Utterance("mediator.alarm", facts),),
            key=key,
            now=caller.now,
            told_already=case.mediator_id if case and own else None,
        ):
            return (Utterance("resident.alarm_told", {"who": committee.name}),)
    who = rules.phrases.text("words.somebody_on_duty")
    return (Utterance("resident.alarm_told", {"who": who}),)


async def turn_red(caller: Caller, case_id: int, effect: Effect) -> CaseRow:
    """A case that is under way goes red: an offer that still waits must be answered at once."""
    case = await cases.get_case(caller.session, case_id)
    case.grade = RiskGrade.RED.value
    case.risk = sorted({*case.risk, *effect.flags})
    await record(caller.session, case, "alarm", at=caller.now, actor=f"person:{caller.person.id}")
    offer = await cases.find_open_offer(caller.session, case.id)
    if offer:
        rules = caller.service.rules.rulebook
        within = rules.deadlines.offer[RiskGrade.RED].within
        offer.due_at = min(offer.due_at, rules.calendar.after(caller.now, within))
        deadlines.add_deadline(caller.session, kind="offer_expiry", subject_id=offer.id, due_at=offer.due_at)
    return case


async def committees_upwards(caller: Caller, place: str | None) -> list[Committee]:
    """The statutory committees of a place that can be reached, from the township upwards."""
    city = caller.service.rules.rulebook.service.city_region
    found = await registry.list_committees_of(caller.session, list(ancestry(place or city)))
    statutory = (CommitteeKind.TOWNSHIP, CommitteeKind.COUNTY, CommitteeKind.CITY)
    return [one for kind in statutory for one in found if one.kind is kind and one.reachable]


async def leave_tip(caller: Caller, draft: Draft, *, named: bool) -> tuple[Utterance, ...]:
    """Keep a tip (线索) for the screening list and tell the committees of the place."""
    rules = caller.service.rules
    told = draft.text if named else without_sender(draft)
    caller.session.add(
        TipRow(
            account_id=caller.account.id if named else None,
            place=draft.place,
            dispute_type=draft.type.value if draft.type else None,
            grade=draft.grade.value,
            text=told,
            created_at=caller.now,
        )
    )
    facts = {"place": caller.place_words(draft), "text": told}
    key = f"tip:{uuid4().hex}"  # nothing in it leads back to the sender
    for committee in await committees_upwards(caller, draft.place):
        if await assigning.inform_committee(
            caller.session,
            caller.service,
            committee,
            (Utterance("mediator.tip", facts),),
            key=key,
            now=caller.now,
        ):
            return ()
    text = rules.phrases.text
    contact = (
        caller.contact(draft)
        if named
        else {"name": text("words.name_unknown"), "phone": text("words.phone_unknown")}
    )
    await ask_operator(
        caller.session,
        caller.service,
        "operator.tip",
        kind="tip",
        key=key,
        now=caller.now,
        facts={**facts, **contact},
        grade=draft.grade,
    )
    return ()


def without_sender(draft: Draft) -> str:
    """Return a tip's text without the sender's own name and without any number."""
    text = mask_numbers(draft.text)
    return text.replace(draft.name, "**") if draft.name else text


async def ask_human(caller: Caller, effect: Effect) -> tuple[Utterance, ...]:
    """A call task for the operators, at most one a day for the same person."""
    rules = caller.service.rules
    calendar = rules.rulebook.calendar
    await ask_operator(
        caller.session,
        caller.service,
        "operator.human",
        kind="human",
        key=f"human:{caller.person.id}:{caller.now.astimezone(CHINA_TIME).date()}",
        now=caller.now,
        facts={"text": effect.text, **caller.contact(effect.draft)},
        person_id=caller.person.id,
    )
    if calendar.is_open(caller.now):
        when = rules.phrases.text("resident.human_now")
    else:
        opens = spoken_time(calendar.next_opening(caller.now), now=caller.now, phrases=rules.phrases)
        when = rules.phrases.text("resident.human_later", opens=opens)
    said = Utterance("resident.human_asked", {"when": when})
    known = caller.person.phone or (effect.draft and effect.draft.phone)
    return (said,) if known else (said, Utterance("resident.human_phone"))


async def keep_phone(caller: Caller, phone: str) -> tuple[Utterance, ...]:
    """A number sent by itself: whoever is asked to call must have it."""
    people.set_phone(caller.person, phone)
    await ask_operator(
        caller.session,
        caller.service,
        "operator.phone",
        kind="phone",
        key=f"phone:{caller.person.id}:{caller.now.astimezone(CHINA_TIME).date()}",
        now=caller.now,
        facts=caller.contact(),
        person_id=caller.person.id,
    )
    return (Utterance("resident.phone_kept", {"phone": phone}),)
