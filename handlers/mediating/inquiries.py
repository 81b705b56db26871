"""Reads the answer to a question that was put about a case, and what silence means."""

import re
from dataclasses import dataclass

from handlers.answering import bare, read_anywhere, read_choice, read_number
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
from handlers.mediating.parties import tell_mediator_of
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.lifecycle import NotNow
from storage import cases, inquiries, outbox
from storage.tables import CallTaskRow, CaseRow, InquiryRow

CODE = re.compile(r"\d{6}")
TELLING = 2
LONGEST_ANSWER = 24
BY_CALL = "call"
IN_CHAT = "chat"


class NotAQuestionError(Exception):
    """The call task has no question that still waits for its answer."""


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
    if answer is None:
        return None
    if await outbox.take_back(work.session, key=inquiring.message_key(inquiry)):
        # Only a short template was seen of the question: nobody answers what he has not read.
        return (inquiring.question(work, inquiry),)
    return await settle(work, inquiry, answer, how=IN_CHAT)


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
    said = bare(text).replace(" ", "")
    if CODE.fullmatch(said) is None:
        return None
    for old in await inquiries.list_closed(work.session, person_id=person_id, kind=inquiring.CONFIRMATION):
        if old.facts["code"] == said:
            case = await cases.get_case(work.session, old.case_id)
            phrase = "party.code_used" if old.state == "answered" else "party.code_over"
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
    choice = read_choice(text, work.rules.phrases[inquiring.phrase_of(inquiry)])
    return Answer(choice=choice, words=text) if choice else None


def _read_confirmation(work: Work, inquiry: InquiryRow, text: str) -> Answer | None:
    """Only the code confirms; "不同意" and the like say no. A wrong code is answered as such."""
    code = CODE.search(bare(text).replace(" ", ""))
    if code and code[0] == inquiry.facts["code"]:
        return Answer(choice="yes", words=text)
    if read_choice(text, work.rules.phrases["party.confirmation_words"]) == "2":
        return Answer(choice="no", words=text)
    if code and len(bare(text)) <= LONGEST_ANSWER:
        return Answer(choice="wrong_code", words=text)
    if read_choice(text, work.rules.phrases["party.confirmation_words"]) == "1":
        return Answer(choice="no_code", words=text)
    return None


async def settle(work: Work, inquiry: InquiryRow, answer: Answer, *, how: str) -> tuple[Utterance, ...]:
    """Act on an answer and return what the person hears; the next question follows."""
    if answer.choice in {"wrong_code", "no_code"}:
        return (Utterance(f"party.confirmation_{answer.choice}", {"code": inquiry.facts["code"]}),)
    case = await cases.get_case(work.session, inquiry.case_id)
    if inquiry.kind == "consent" and answer.choice == "3":
        return await inviting.answer_consent(work, case, inquiry, answer.choice)
    await inquiring.close(work, inquiry, state="answered", answer=answer.choice, words=answer.words)
    try:
        said = await _act(work, case, inquiry, answer, how=how)
    except NotNow:
        said = (Utterance("party.too_late", work.case_facts(case)),)
    await inquiring.open_next(work, inquiry.person_id)
    return said


async def answer_call(work: Work, task: CallTaskRow, *, choice: str, words: str) -> None:
    """An operator asked by phone and writes down the answer; raises NotAQuestionError.

    For a confirmation "1" is yes and "2" no; a code is not asked for on the phone.
    """
    if task.inquiry_id is None:
        raise NotAQuestionError
    inquiry = await inquiries.get_inquiry(work.session, task.inquiry_id)
    if inquiry.state != "open":
        raise NotAQuestionError
    if inquiry.kind == inquiring.CONFIRMATION:
        choice = {"1": "yes", "2": "no"}.get(choice, choice)
    amount = work.rules.read_amount(words) if inquiry.kind.startswith("receipt") else None
    task.outcome = words or choice
    await settle(work, inquiry, Answer(choice=choice, words=words, amount=amount), how=BY_CALL)
    await outbox.close_call_task(work.session, inquiry_id=inquiry.id, now=work.now)


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
