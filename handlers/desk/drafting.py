"""The desk writes the agreement: read from a sentence, shown as a table, completed, sent, in force."""

from handlers.answering import bare, read_number
from handlers.conversation import Question
from handlers.desk import advising
from handlers.desk.invitation import note_name
from handlers.desk.reading import TELLING, Command, read_command, split_number
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import agreeing, details
from handlers.mediating.agreeing import Drafted, NameIsHiddenError, NotConfirmedError
from handlers.mediating.obligations import agreed_lines
from handlers.messages import Choice
from handlers.steps import Utterance
from mediation.agreement import AgreementForm, Side, Unclear
from storage import agreements
from storage.tables import AgreementRow

COURT = {"court_applied": "applied", "court_confirmed": "confirmed", "court_refused": "refused"}
FORMS = {"3": AgreementForm.WRITTEN, "4": AgreementForm.ORAL}


async def draft(turn: DeskTurn, command: Command) -> Answer:
    """ "协议：张三12月31日前付李四3000元，分三期"."""
    if not command.rest:
        return turn.ask(Question.AGREEMENT, "mediator.ask_agreement")
    return await draft_from(turn, command.rest)


async def draft_from(turn: DeskTurn, text: str) -> Answer:
    """Read the promises in a text and show them."""
    return _show(turn, await agreeing.draft(turn.work, turn.case, text))


async def hear_words(turn: DeskTurn, text: str) -> Answer | None:
    """What both promise; the other side's name may come first."""
    if named := await _named(turn, text):
        return named + turn.say("mediator.ask_agreement")
    return await draft_from(turn, text)


async def _named(turn: DeskTurn, text: str) -> Answer:
    """ "对方叫李大柱" instead of what was asked; empty when it is not said."""
    command = read_command(text, turn.work.rules.words)
    return await note_name(turn, command) if command and command.name == "respondent_name" else ()


def _show(turn: DeskTurn, drafted: Drafted) -> Answer:
    """The draft as a table, what is open, what is doubtful, and what can be done with it."""
    work, case = turn.work, turn.case
    if not drafted.obligations:
        return turn.ask(Question.AGREEMENT, "mediator.agreement_unread")
    lines = agreed_lines(work, case, drafted.agreement, drafted.obligations)
    said = turn.say("mediator.agreement_draft", lines=lines)
    for doubt, found in drafted.doubts.items():
        said += turn.say(f"mediator.doubt_{doubt}", words="、".join(found))
    if case.respondent_name is None:
        said += turn.say("mediator.draft_needs_name", name=turn.name(Side.RESPONDENT))
    if drafted.questions:
        question = drafted.questions[0]
        index = question.obligation or 0
        turn.expect(Question.AGREEMENT_OPEN, held=question.unclear.value, subject_id=index)
        return said + turn.say(f"mediator.open_{question.unclear}", number=index + 1)
    turn.expect(Question.AGREEMENT_CHECK)
    labels = {"3": "mediator.draft_written", "4": "mediator.draft_oral", "5": "mediator.draft_again"}
    if drafted.must_write:
        why = "、".join(work.text(f"words.written_{reason}") for reason in drafted.must_write)
        said += turn.say("mediator.must_write", why=why)
        del labels["4"]
    choices = tuple(Choice(key=key, label=work.text(label)) for key, label in labels.items())
    return (*said, Utterance("mediator.ask_draft", choices=choices))


async def hear_open_point(turn: DeskTurn, text: str) -> Answer | None:
    """The answer to what the draft left open: who, how much, until when; or the whole anew."""
    work, case = turn.work, turn.case
    row = await agreements.find_agreement(work.session, case.id)
    if row is None or row.state != "draft":
        turn.expect(None)
        return turn.say("mediator.ask_agreement")
    if named := await _named(turn, text):
        return named + await draft_from(turn, row.words)
    obligations = await agreements.list_obligations(work.session, row.id)
    index, unclear = turn.state.subject_id or 0, Unclear(turn.state.held)
    filled = index < len(obligations) and advising.fill_open_point(
        work, case, obligations, index=index, unclear=unclear, text=text
    )
    if filled:
        await work.session.flush()
        questions = advising.open_points(obligations)
        return _show(turn, await agreeing.review(work, case, row, questions=questions))
    if len(bare(text)) < TELLING:
        return turn.say(f"mediator.open_{unclear}", number=index + 1)
    return await draft_from(turn, text)


async def hear_check(turn: DeskTurn, text: str) -> Answer | None:
    """Written or oral and off to both sides; or a name, a day, other words."""
    work, case = turn.work, turn.case
    row = await agreements.find_agreement(work.session, case.id)
    if row is not None and (named := await _named(turn, text)):
        return named + _show(turn, await agreeing.review(work, case, row))
    number = read_number(text)
    if number == "5":
        return turn.ask(Question.AGREEMENT, "mediator.ask_agreement")
    form = FORMS.get(number or "")
    if form is None:
        if row is None or agreeing.is_promise(work, case, text, acts=True):
            return await hear_words(turn, text)
        await _change_day(turn, row, text)
        return _show(turn, await agreeing.review(work, case, row))
    if form is AgreementForm.ORAL and row is not None:
        drafted = await agreeing.review(work, case, row)
        if drafted.must_write:
            return _show(turn, drafted)
    turn.expect(None)
    try:
        await agreeing.send(work, case, form=form)
    except NameIsHiddenError:
        return turn.say("mediator.name_hidden")
    sent = turn.say("mediator.agreement_sent")
    return (*sent, *details.ask_once(work, case)) if form is AgreementForm.WRITTEN else sent


async def _change_day(turn: DeskTurn, row: AgreementRow, text: str) -> None:
    """ "第2条改成12月5日", or just the day where only one thing is promised."""
    number, rest = split_number(text)
    day = turn.work.rules.read_due_day(rest, today=turn.work.today)
    obligations = await agreements.list_obligations(turn.work.session, row.id)
    if day is None or (number is None and len(obligations) > 1):
        return
    for one in obligations:
        if one.seq == (number or 1):
            one.due_on, one.immediate = day, False
    await turn.work.session.flush()


async def conclude(turn: DeskTurn, _: Command) -> Answer:
    """In force, once both sides have confirmed."""
    try:
        await agreeing.conclude(turn.work, turn.case)
    except NotConfirmedError as error:
        return turn.say("mediator.not_confirmed", who="、".join(map(turn.name, error.sides)))
    turn.expect(None, room=None)
    return turn.say("mediator.settled")


async def take_back(turn: DeskTurn, _: Command) -> Answer:
    """The agreement is no longer with the sides."""
    await agreeing.give_back(turn.work, turn.case, side=None)
    return turn.say("mediator.agreement_taken_back")


async def note_court(turn: DeskTurn, command: Command) -> Answer:
    """Judicial confirmation (司法确认): applied for, granted, refused."""
    await agreeing.note_court(turn.work, turn.case, result=COURT[command.name])
    return turn.say("mediator.court_noted")
