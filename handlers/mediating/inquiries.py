"""Reads the answer to a question that was put about a case, and what silence means."""

import re
from dataclasses import dataclass

from handlers.answering import bare, read_anywhere, read_number
from handlers.mediating import (
    agreeing,
    following_up,
    helping,
    inquiring,
    inviting,
    meeting,
    performing,
    terms,
)
from handlers.mediating.own_words import UNCLEAR, read_own_words
from handlers.mediating.parties import for_side, tell_mediator_of
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import NotNow
from storage import agreements, cases, inquiries, outbox
from storage.tables import CaseRow, InquiryRow

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
DIGIT = "[\\d零〇一幺二两三四五六七八九]"
CODE_IN_WORDS = re.compile(rf"{DIGIT}(?:[\s、,，-]*{DIGIT}){{5}}")
SPOKEN_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
NEARLY_A_CODE = re.compile(r"\d{4,8}")
TELLING = 2
LONGEST_ANSWER = 24
PLAIN_ANSWER = 12
YES_OR_NO = frozenset({"identity", "consent", "extension", "meeting", "postpone", "confirmation"})
OPPOSITE = {"receipt": {"1": "3"}, "follow_up_rating": {"5": "2", "4": "2", "2": "3"}}
"""What a "不…" before the words of a choice means; else the opposite of 1 is 2."""
BY_CALL = "call"
IN_CHAT = "chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: the choice, a sum where one was said, the words."""

    choice: str
    words: str
    amount: float | None = None


async def hear(work: Work, person_id: int, text: str, *, in_form: bool) -> tuple[Utterance, ...] | None:
    """Take a message as the answer to the person's open question; None when it is something else.

    While the person is in the middle of a form, a bare number answers the form.
    """
    inquiry = await inquiries.find_open(work.session, person_id)
    if inquiry is None:
        return await _hear_old_code(work, person_id, text)
    if not bare(text):
        return None
    if in_form and read_number(text) is not None:
        return None
    answer = read(work, inquiry, text)
    if answer is None and inquiry.kind != "help" and bare(text) in work.rules.words.acknowledged:
        return Utterance("party.unclear"), inquiring.question(work, inquiry)  # "收到" answers nothing
    if answer is None and bare(text) in work.rules.words.only_here and not in_form:
        return (inquiring.question(work, inquiry),)
    if answer is None:
        return None
    unread = await outbox.take_back(work.session, key=inquiring.message_key(inquiry))
    if unread and not _names_receipt(work, inquiry, text):
        # Only a short template was seen of the question: nobody answers what he has not read.
        return (inquiring.question(work, inquiry),)
    return await settle(work, inquiry, answer, how=IN_CHAT)


def _names_receipt(work: Work, inquiry: InquiryRow, text: str) -> bool:
    """Whether an answer says itself what it is about: "才收到五百"."""
    return inquiry.kind == "receipt" and any(word in text for word in work.rules.words.party["received"])


async def hear_more_help(work: Work, person_id: int, text: str) -> Utterance | None:
    """A helper says more, or answers late: passed on while the case that it was asked about is open."""
    if len(bare(text)) < TELLING or read_anywhere(text, work.rules.words) is not None:
        return None
    for asked in await inquiries.list_closed(work.session, person_id=person_id, kind="help"):
        case = await cases.get_case(work.session, asked.case_id)
        if case.ended_at is None and asked.state in {"answered", "silent"}:
            return await helping.answer_help(work, case, asked, words=text)
    return None


async def _hear_old_code(work: Work, person_id: int, text: str) -> tuple[Utterance, ...] | None:
    """A confirmation code that came too late, or once more."""
    said = _read_code(text)
    if said is None or len(bare(text)) > LONGEST_ANSWER:
        return None
    for old in await inquiries.list_closed(work.session, person_id=person_id, kind=inquiring.CONFIRMATION):
        if old.facts["code"] == said:
            case = await cases.get_case(work.session, old.case_id)
            agreement = await agreements.get_agreement(work.session, old.subject_id or 0)
            stands = agreement.state in {"confirming", "effective"} and old.answer == "yes"
            phrase = "party.code_used" if stands else "party.code_over"
            return (Utterance(phrase, work.case_facts(case)),)
    return None


def read(work: Work, inquiry: InquiryRow, text: str) -> Answer | None:
    """Return the answer to a question, None when the text is none."""
    said = bare(text)
    match inquiry.kind:
        case "help":
            return Answer(choice="1", words=text) if len(said) >= TELLING else None
        case inquiring.CONFIRMATION:
            return _read_confirmation(work, inquiry, text)
        case "receipt_part":
            amount = work.rules.read_amount(text)
            return Answer(choice="2", words=text, amount=amount) if amount else None
        case "receipt":
            amount = work.rules.read_amount(text) if read_number(text) is None else None
            if amount is not None and len(said) <= LONGEST_ANSWER:
                return Answer(choice="2", words=text, amount=amount)
    choice = _read_choice(work, inquiry.kind, inquiring.phrase_of(inquiry), text)
    return Answer(choice=choice, words=text) if choice else None


def _read_choice(work: Work, kind: str, phrase: str, text: str) -> str | None:
    """Return what was chosen, in whatever words; UNCLEAR when it was yes and no, or only "要是…"."""
    return read_own_words(
        text,
        work.rules.phrases[phrase],
        work.rules.words.answers,
        opposite=OPPOSITE.get(kind, {"1": "2"}),
        yes_or_no=kind in YES_OR_NO,
    )


def _read_code(text: str) -> str | None:
    """Return the six digits of a code, however they were typed or spoken: "12 34 56", 一二三四五六."""
    said = bare(text).translate(SPOKEN_DIGITS)
    code = CODE.search(re.sub(r"(?<=\d)[\s、,，-]+(?=\d)", "", said))
    return code[0] if code else None


def _read_confirmation(work: Work, inquiry: InquiryRow, text: str) -> Answer | None:
    """Only the code confirms; whoever says no with it does not. A wrong code is answered as such.

    The words are kept without the code: it is nobody else's to see.
    """
    code = _read_code(text)
    words = CODE_IN_WORDS.sub("", text).strip()
    meant = _read_choice(work, inquiry.kind, "party.confirmation_words", text)
    if code == inquiry.facts["code"]:
        return Answer(choice=UNCLEAR if meant in {"2", UNCLEAR} else "yes", words=words)
    if meant == "2":
        return Answer(choice="no", words=words)
    if len(bare(text)) <= LONGEST_ANSWER and (code or NEARLY_A_CODE.fullmatch(bare(text))):
        return Answer(choice="wrong_code", words=words)
    if meant is not None:
        return Answer(choice="no_code" if meant == "1" else UNCLEAR, words=words)
    return None


async def settle(work: Work, inquiry: InquiryRow, answer: Answer, *, how: str) -> tuple[Utterance, ...]:
    """Act on an answer and return what the person hears; the next question follows."""
    if answer.choice in {"wrong_code", "no_code"}:
        return (Utterance(f"party.confirmation_{answer.choice}", {"code": inquiry.facts["code"]}),)
    case = await cases.get_case(work.session, inquiry.case_id)
    if answer.choice == UNCLEAR:
        await keep_words(work, case, Side(inquiry.side), answer.words)
        return Utterance("party.unclear"), inquiring.question(work, inquiry)
    if inquiry.kind == "consent" and answer.choice == "3":
        return await inviting.answer_consent(work, case, inquiry, answer.choice)
    await inquiring.close(work, inquiry, state="answered", answer=answer.choice, words=answer.words)
    if how == IN_CHAT and inquiry.side in set(Side) and len(bare(answer.words)) > PLAIN_ANSWER:
        await keep_words(work, case, Side(inquiry.side), answer.words)
    try:
        said = await _act(work, case, inquiry, answer, how=how)
    except NotNow:
        said = (Utterance("party.too_late", work.case_facts(case)),)
    await inquiring.open_next(work, inquiry.person_id)
    return said


async def keep_words(work: Work, case: CaseRow, side: Side, text: str) -> None:
    """What a party said beside an answer is kept and told to the mediator alone."""
    await work.record(case, "supplemented", audience=for_side(side), side=side.value, text=text)
    facts = {"case_no": case.case_no, "side": work.text(f"words.side_{side}"), "text": text}
    said = Utterance("mediator.supplemented", facts)
    await tell_mediator_of(work, case, said, key=f"said:{case.id}:{side}:{work.stamp}")


async def hear_receipt(
    work: Work, case: CaseRow, side: Side, *, amount: float | None, words: str
) -> tuple[Utterance, ...]:
    """A creditor says by itself that money came; () when nothing is owed to it.

    The same sum said twice within a day may be one payment: what is still owed is asked then.
    """
    inquiry = await performing.ask_creditor(work, case, side)
    if inquiry is None:
        return ()
    one_more = any(word in words for word in work.rules.words.party["one_more"])
    if amount is not None and not one_more and await performing.was_noted_lately(work, case, inquiry, amount):
        await outbox.take_back(work.session, key=inquiring.message_key(inquiry))
        return Utterance("party.noted_before"), inquiring.question(work, inquiry)
    answer = Answer(choice="1" if amount is None else "2", words=words, amount=amount)
    return await settle(work, inquiry, answer, how=IN_CHAT)


async def hear_default(work: Work, case: CaseRow, side: Side, *, words: str) -> tuple[Utterance, ...]:
    """A creditor says by itself that money did not come; () unless it was due before today."""
    inquiry = await performing.ask_creditor(work, case, side, late=True)
    if inquiry is None:
        return ()
    return await settle(work, inquiry, Answer(choice="3", words=words), how=IN_CHAT)


async def still_open(work: Work, person_id: int) -> tuple[Utterance, ...]:
    """The question that still waits for a person's answer."""
    inquiry = await inquiries.find_open(work.session, person_id)
    return () if inquiry is None else (inquiring.question(work, inquiry),)


async def _act(
    work: Work, case: CaseRow, inquiry: InquiryRow, answer: Answer, *, how: str
) -> tuple[Utterance, ...]:
    match inquiry.kind:
        case "identity":
            return await inviting.answer_identity(work, case, inquiry, answer.choice)
        case "consent":
            return await inviting.answer_consent(work, case, inquiry, answer.choice)
        case "extension":
            phrase = await terms.answer_extension(work, case, inquiry, answer.choice)
            return (Utterance(phrase, work.case_facts(case)),)
        case "meeting":
            return (
                await meeting.answer_invitation(
                    work, case, inquiry, choice=answer.choice, words=answer.words
                ),
            )
        case "confirmation":
            yes = answer.choice == "yes"
            return (
                await agreeing.answer_confirmation(work, case, inquiry, yes=yes, words=answer.words, how=how),
            )
        case "receipt" if answer.choice == "2" and answer.amount is None:
            await inquiring.ask(
                work,
                case,
                person_id=inquiry.person_id,
                side=inquiry.side,
                kind="receipt_part",
                subject_id=inquiry.subject_id,
                facts=inquiry.facts,
            )
            return ()
        case "receipt" | "receipt_part":
            return (
                await performing.answer_receipt(
                    work, case, inquiry, choice=answer.choice, amount=answer.amount, how=how
                ),
            )
        case "done":
            choice = "1" if answer.choice == "1" else "3"
            return (
                await performing.answer_receipt(work, case, inquiry, choice=choice, amount=None, how=how),
            )
        case "postpone":
            return (await performing.answer_delay(work, case, inquiry, choice=answer.choice),)
        case "follow_up":
            said = await following_up.answer(work, case, inquiry, choice=answer.choice, words=answer.words)
            return (said,) if said else ()
        case "follow_up_rating":
            return (await following_up.rate(work, case, inquiry, rating=int(answer.choice)),)
        case _:
            return (await helping.answer_help(work, case, inquiry, words=answer.words),)


async def fall_silent(work: Work, inquiry_id: int) -> None:
    """The time to answer is over."""
    inquiry = await inquiries.get_inquiry(work.session, inquiry_id)
    if inquiry.state != "open":
        return
    await inquiring.close(work, inquiry, state="silent")
    case = await cases.get_case(work.session, inquiry.case_id)
    match inquiry.kind:
        case "consent" | "identity":
            await inviting.fall_silent(work, inquiry)
        case "confirmation":
            await agreeing.fall_silent(work, inquiry)
        case "receipt" | "receipt_part" | "done":
            await performing.fall_silent(work, inquiry)
        case "extension" | "postpone":
            if inquiry.kind == "extension":
                await terms.extension_off(work, case, inquiry)
            else:
                await performing.delay_off(work, case, inquiry)
            facts = {"case_no": case.case_no, "side": work.text(f"words.side_{inquiry.side}")}
            await tell_mediator_of(
                work, case, Utterance("mediator.no_answer", facts), key=f"silent:{inquiry.id}"
            )
        case "help":
            await helping.help_silent(work, case, inquiry)
    await inquiring.open_next(work, inquiry.person_id)


async def remind(work: Work, inquiry_id: int) -> None:
    """One reminder of a question."""
    inquiry = await inquiries.get_inquiry(work.session, inquiry_id)
    if inquiry.state == "open":
        await inquiring.remind(work, inquiry)
