"""The desk keeps the promises: performed by the mediator's word, put off if both agree."""

from handlers.conversation import Question
from handlers.desk.reading import Command, split_number
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import performing
from handlers.mediating.obligations import obligation_words


async def ask_performed(turn: DeskTurn, text: str) -> Answer:
    """ "第一条给了", "李大柱把钱给了": which one is meant, and whether it is sure."""
    one = await performing.obligation_number(turn.work, turn.case, split_number(text)[0])
    turn.expect(Question.SURE, held="performed", subject_id=one.seq)
    words = obligation_words(turn.work, turn.case, one)
    return turn.say("mediator.ask_sure_performed", number=one.seq, text=words)


async def note_performed(turn: DeskTurn, command: Command) -> Answer:
    """ "已履行 1": noted as the mediator's word."""
    one = await performing.obligation_number(turn.work, turn.case, split_number(command.rest)[0])
    await performing.perform(turn.work, turn.case, one, how="mediator", side=None)
    return turn.say("mediator.performed_noted")


async def postpone(turn: DeskTurn, command: Command) -> Answer:
    """ "推迟 2 到12月31日": both sides are asked."""
    number, rest = split_number(command.rest)
    one = await performing.obligation_number(turn.work, turn.case, number)
    today = turn.work.today
    until = turn.work.rules.read_due_day(rest, today=today)
    if until is None or until <= today:
        return turn.say("mediator.ask_postpone")
    await performing.propose_delay(turn.work, turn.case, one, until=until)
    day = turn.work.text("words.date", year=until.year, month=until.month, day=until.day)
    words = obligation_words(turn.work, turn.case, one)
    return turn.say("mediator.delay_asked", number=one.seq, text=words, day=day)
