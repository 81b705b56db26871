"""A party's message within its cases: an answer, a word in an open room, "付了", "反悔"."""

from handlers.answering import bare, read_anywhere
from handlers.caller import Caller
from handlers.conversation import Conversation
from handlers.mediating import agreeing, inquiries, own_data, performing, rooms
from handlers.mediating.parties import for_side, side_of, tell_mediator_of
from handlers.mediating.rooms import Said
from handlers.mediating.sending import link_to_file
from handlers.mediating.work import Work
from handlers.messages import InboundMessage, MessageKind
from handlers.steps import Utterance
from handlers.timeline import visible_to
from mediation.agreement import Side
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import TALKING, CaseStatus
from mediation.vocabulary import Audience, RiskGrade
from storage import cases
from storage.tables import AccountRow, CaseRow

ATTACHED = {MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO, MessageKind.FILE}
LONGEST_CLAIM = 16


async def hear_party(
    caller: Caller, message: InboundMessage, state: Conversation
) -> tuple[Utterance, ...] | None:
    """Return what a party hears, None when the message belongs to the general dialogue.

    Words that work everywhere and danger are never taken away from that dialogue.
    """
    if message.kind is MessageKind.EVENT:
        return None
    work = Work(
        session=caller.session,
        service=caller.service,
        now=caller.now,
        actor=f"person:{caller.person.id}",
    )
    text = message.text.strip()
    if text and (wish := await own_data.hear(work, caller, text, state)) is not None:
        return wish
    in_form = state.asked is not None or state.draft is not None
    if text and (said := await inquiries.hear(work, caller.person.id, text, in_form=in_form)) is not None:
        return said
    if in_form or read_anywhere(text, caller.service.rules.words) is not None:
        return None
    found = [
        (case, side)
        for case in await cases.list_cases_of_party(caller.session, caller.person.id)
        if (side := side_of(case, caller.person.id)) is not None and case.ended_at is None
    ]
    if not found or _is_danger(work, text):
        return None
    if text and (said := await _hear_word(work, text, found)) is not None:
        return said
    return await _hear_in_room(work, caller, message, found)


def _is_danger(work: Work, text: str) -> bool:
    today = work.now.astimezone(CHINA_TIME).date()
    if not text:
        return False
    return work.rules.understander.understand(text, today=today).grade is RiskGrade.RED or any(
        cry in text for cry in work.rules.words.help_cries
    )


async def _hear_word(
    work: Work, text: str, found: list[tuple[CaseRow, Side]]
) -> tuple[Utterance, ...] | None:
    """ "付了" of somebody who owes, "反悔" before an agreement is in effect."""
    said, words = bare(text), work.rules.words
    for case, side in found:
        locked = await cases.get_case(work.session, case.id)
        status = CaseStatus(locked.status)
        if status is CaseStatus.CONFIRMING and said in words.party["take_back"]:
            await agreeing.give_back(work, locked, side=side, words=text)
            return (Utterance("party.confirmation_no", work.case_facts(locked)),)
        if said in words.party["self_settled"] and status in TALKING:
            await work.record(locked, "says_settled", audience=for_side(side), side=side.value)
            facts = {"case_no": locked.case_no, "side": work.text(f"words.side_{side}")}
            told = Utterance("mediator.says_settled", facts)
            await tell_mediator_of(work, locked, told, key=f"settled:{locked.id}:{work.stamp}")
            return (Utterance("party.settled_noted"),)
        paid = len(said) <= LONGEST_CLAIM and any(word in said for word in words.party["paid"])
        denied = any(word in said for word in words.party["not_paid"])
        if status is CaseStatus.PERFORMING and paid and not denied:
            noted = await performing.claim(work, locked, side)
            if noted is not None:
                return (noted,)
    return None


async def _hear_in_room(
    work: Work, caller: Caller, message: InboundMessage, found: list[tuple[CaseRow, Side]]
) -> tuple[Utterance, ...] | None:
    """Words, voice, pictures in the room that is open to this side."""
    for case, side in await _latest_rooms_first(work, found):
        locked = await cases.get_case(work.session, case.id)
        if await rooms.has_not_seen_notice(work, locked, side):
            return await rooms.notice(work, locked, side)
        attachments, links = await keep_attachment(work, caller.account, message)
        if not message.text.strip() and not attachments:
            return None
        said = Said(text=message.text.strip(), attachments=attachments, links=links)
        return (await rooms.speak_as_party(work, locked, side, said),)
    return None


async def _latest_rooms_first(work: Work, found: list[tuple[CaseRow, Side]]) -> list[tuple[CaseRow, Side]]:
    """Return the cases in which a room is open to this person, that in which was spoken last first."""
    ranked = []
    for case, side in found:
        if rooms.hears(case, side) is None:
            continue
        heard = visible_to(await cases.list_timeline(work.session, case.id), Audience(side.value))
        spoken = [entry.id for entry in heard if entry.event in {"room_opened", "said"}]
        ranked.append((max(spoken, default=0), case, side))
    ranked.sort(key=lambda one: -one[0])
    return [(case, side) for _, case, side in ranked]


async def keep_attachment(
    work: Work, account: AccountRow, message: InboundMessage
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Keep what came with a message; returns its id and the link under which it can be seen."""
    if not message.media_id or message.kind not in ATTACHED:
        return (), ()
    row = cases.add_attachment(
        work.session,
        account_id=account.id,
        case_id=None,
        kind=message.kind.value,
        media_id=message.media_id,
        received_at=work.now,
    )
    await work.session.flush()
    kind = work.text(f"words.kind_{message.kind}")
    return (row.id,), (work.text("words.sent_file", kind=kind, link=link_to_file(work, row.id)),)
