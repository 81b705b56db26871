"""A party's message within its cases: an answer, a word in an open room, "付了", "反悔"."""

from config.document_rules import DocumentKind
from handlers.answering import bare, read_anywhere, read_choice, read_correction
from handlers.caller import Caller
from handlers.conversation import Conversation, Question
from handlers.mediating import agreeing, inquiries, own_data, papers, performing, rooms
from handlers.mediating.own_words import clauses, is_asking, read_wish
from handlers.mediating.parties import for_side, side_of, tell_mediator_of
from handlers.mediating.rooms import Said
from handlers.mediating.sending import link_to_file
from handlers.mediating.work import Work
from handlers.messages import InboundMessage, MessageKind
from handlers.steps import Utterance
from handlers.timeline import visible_to
from mediation.agreement import Side
from mediation.lifecycle import TALKING, CaseStatus
from mediation.vocabulary import Audience, Intent, RiskGrade
from storage import cases, people
from storage.tables import AccountRow, CaseRow

ATTACHED = {MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO, MessageKind.FILE}
LONGEST_CLAIM, PLAIN_CLAIM = 40, 16
TELLING = 4
SHORT_WISH, SHOWN_CASES = 14, 3
ANSWERING = {Intent.HUMAN, Intent.IRRELEVANT}
"""What a sentence may be taken for that is said to a question of ours."""
UNDER_WAY = TALKING | {CaseStatus.CONFIRMING, CaseStatus.PERFORMING}


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
    held = _held_for_a_case(work, text, state)
    said = await _hear(work, caller, message, Conversation() if held else state)
    if said is not None and held:
        case = await cases.get_case(work.session, state.subject_id or 0)
        await inquiries.keep_words(work, case, side_of(case, caller.person.id) or Side.APPLICANT, held)
        await people.save_conversation(work.session, caller.account.id, None, now=work.now)
    return said


def _held_for_a_case(work: Work, text: str, state: Conversation) -> str:
    """Return what was held back by "old matter or new" when somebody speaks on instead of answering."""
    if state.asked is not Question.SAME_OR_NEW:
        return ""
    answered = read_choice(text, work.rules.phrases["resident.ask_same_or_new"]) is not None
    return "" if answered else state.held


async def _hear(
    work: Work, caller: Caller, message: InboundMessage, state: Conversation
) -> tuple[Utterance, ...] | None:
    text, words = message.text.strip(), work.rules.words
    if text and (wish := await own_data.hear(work, caller, text, state)) is not None:
        return wish
    in_form = state.asked is not None or state.draft is not None
    in_danger = len(bare(text)) >= TELLING and _is_danger(work, text)
    if text and not in_danger:
        said = await inquiries.hear(work, caller.person.id, text, in_form=in_form)
        if said is not None:
            return said
    if in_form or in_danger or read_anywhere(text, words) is not None:
        return None
    if len(bare(text)) <= SHORT_WISH and any(word in text for word in words.party["papers"]):
        return await _show_papers(work, caller.person.id)
    found = [
        (case, side)
        for case in await cases.list_cases_of_party(caller.session, caller.person.id)
        if (side := side_of(case, caller.person.id)) is not None and case.ended_at is None
    ]
    if not found or _is_danger(work, text):
        return None
    if text and (said := await _hear_word(work, text, found)) is not None:
        return said
    if (said := await _hear_in_room(work, caller, message, found)) is not None or not text:
        return said
    return await _keep_for_case(work, caller, text, found)


async def _show_papers(work: Work, person_id: int) -> tuple[Utterance, ...] | None:
    """Fresh links to what a party may have of its cases; None for somebody without a case."""
    said = []
    for case in await cases.list_cases_of_party(work.session, person_id):
        if case.respondent_id == person_id and case.consent != "agreed":
            continue
        links = await papers.party_links(work, case, DocumentKind)
        if links:
            said.append(Utterance("party.papers", {"case_no": case.case_no, "papers": links}))
    return tuple(said[:SHOWN_CASES]) or None


def _is_danger(work: Work, text: str) -> bool:
    today = work.today
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
        if status in TALKING and read_wish(text, words, names=("self_settled",)):
            if said not in words.party["self_settled"]:
                await inquiries.keep_words(work, locked, side, text)
            await work.record(locked, "says_settled", audience=for_side(side), side=side.value)
            facts = {"case_no": locked.case_no, "side": work.text(f"words.side_{side}")}
            told = Utterance("mediator.says_settled", facts)
            await tell_mediator_of(work, locked, told, key=f"settled:{locked.id}:{work.stamp}")
            return (Utterance("party.settled_noted"),)
        if status is CaseStatus.PERFORMING:
            noted = await _hear_performance(work, locked, side, text)
            if noted:
                return noted
    return None


async def _hear_performance(work: Work, case: CaseRow, side: Side, text: str) -> tuple[Utterance, ...]:
    """What is said of a promise by itself: "付了两千", "收到两千了", "能不能缓几天"; () for anything else."""
    words = work.rules.words
    if len(bare(text)) > LONGEST_CLAIM:
        return ()
    told = [clause for clause in clauses(text) if not is_asking(clause, words.answers)]
    denied = [clause for clause in told if any(word in clause for word in words.party["not_paid"])]
    said = [clause for clause in told if clause not in denied]
    amount = next(filter(None, map(work.rules.read_amount, said)), None)
    noted: list[Utterance] = []
    if any(word in clause for clause in said for word in words.party["received"]):
        noted += await inquiries.hear_receipt(work, case, side, amount=amount, words=text)
    elif any(word in clause for clause in said for word in words.party["paid"]) and not denied:
        noted += await performing.claim(work, case, side, amount=amount)
    elif denied:
        noted += await inquiries.hear_default(work, case, side, words=text)
    if any(word in text for word in words.party["court"]):
        noted.append(await agreeing.court_ways(work, case))
    if any(word in text for word in words.party["hardship"]):
        noted += await performing.hear_hardship(work, case, side, words=text)
    elif noted and len(bare(text)) > PLAIN_CLAIM:
        await inquiries.keep_words(work, case, side, text)
    return tuple(noted)


async def _keep_for_case(
    work: Work, caller: Caller, text: str, found: list[tuple[CaseRow, Side]]
) -> tuple[Utterance, ...] | None:
    """Words that can only be meant for the one case under way: no other kind of dispute, no other place."""
    if len(found) != 1 or len(bare(text)) < TELLING or CaseStatus(found[0][0].status) not in UNDER_WAY:
        return None
    if read_wish(text, work.rules.words, names=("withdraw",)):
        return None  # asked back by the general dialogue
    [(case, side)] = found
    waiting = await inquiries.still_open(work, caller.person.id)
    today = work.today
    heard = work.rules.understander.understand(text, today=today)
    intents = {Intent.COMPLAINT, Intent.SUPPLEMENT} | (ANSWERING if waiting else set())
    if waiting and heard.type is None:
        intents.add(Intent.LAW_QUESTION)  # "咋确认啊"
    if any(word in text for word in work.rules.words.anywhere["human"]):
        intents -= {Intent.HUMAN}
    elsewhere = heard.place is not None and heard.place != case.place
    other = heard.type is not None and heard.type != case.dispute_type
    if heard.own_phone or read_correction(text, work.rules.words):
        return None  # new details of the person, for the general dialogue
    if heard.intent not in intents or other or elsewhere or heard.not_mediable:
        return None
    await inquiries.keep_words(work, await cases.get_case(work.session, case.id), side, text)
    who = work.text("resident.supplement_told")
    said = Utterance("resident.supplemented", {"case_no": case.case_no, "who": who})
    return said, *waiting


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
