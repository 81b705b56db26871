"""The desk brings the other side in: name, phone, invitation, its answer by word of mouth, a wrong person."""

import re

from handlers.answering import bare
from handlers.conversation import Question
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import inviting

PHONE_SAID, LONGEST_NAME = 20, 20
IS_CALLED = re.compile(r"^(?:就|是|叫|为)+")


async def invite(turn: DeskTurn, _: Command) -> Answer:
    """Ask for the number first where nothing leads to the other side."""
    if turn.case.respondent_phone is None and turn.case.respondent_id is None:
        return turn.ask(Question.RESPONDENT_PHONE, "mediator.ask_phone")
    return await send_invitation(turn)


async def send_invitation(turn: DeskTurn, _: Command | None = None) -> Answer:
    """Ask the other side, or show the words with the code that the mediator passes on."""
    return (await inviting.invite(turn.work, turn.case),)


async def note_consent(turn: DeskTurn, _: Command) -> Answer:
    """The other side agreed by word of mouth."""
    await inviting.consent(turn.work, turn.case, how="mediator")
    return turn.say("mediator.consent_noted")


async def note_refusal(turn: DeskTurn, _: Command) -> Answer:
    """The other side refused by word of mouth."""
    await inviting.refuse(turn.work, turn.case)
    return turn.say("mediator.refusal_noted")


async def put_out(turn: DeskTurn, _: Command) -> Answer:
    """Who came in with the code is not the other side."""
    done = await inviting.put_out(turn.work, turn.case)
    return turn.say("mediator.put_out" if done else "mediator.put_out_none")


async def note_phone(turn: DeskTurn, command: Command) -> Answer:
    """ "对方电话139…": keep the number and invite while that is still to be done."""
    phone = turn.work.rules.read_phone(command.rest)
    if phone is None:
        return turn.ask(Question.RESPONDENT_PHONE, "mediator.phone_unread")
    await inviting.set_phone(turn.work, turn.case, phone)
    turn.expect(None)
    if turn.case.consent == "agreed":
        return turn.say("mediator.phone_noted")
    return await send_invitation(turn)


async def hear_phone(turn: DeskTurn, text: str) -> Answer | None:
    """The number that was asked for, or that there is none."""
    words = turn.work.rules.words
    no_phone = words.desk["no_phone"]
    if bare(text) in {*words.unknown, *words.refuse} or any(word in text for word in no_phone):
        turn.expect(None)
        return await send_invitation(turn)
    if not any(character.isdigit() for character in text):
        return None
    return await note_phone(turn, Command("phone", text))


def only_phone(turn: DeskTurn, text: str) -> str | None:
    """A number by itself, or said to be somebody's number, that is not the applicant's."""
    phone = turn.work.rules.read_phone(text)
    short = len(bare(text)) <= PHONE_SAID
    return phone if phone and short and phone != turn.case.applicant_phone else None


async def note_name(turn: DeskTurn, command: Command) -> Answer:
    """The other side's true name, as the agreement needs it."""
    turn.case.respondent_name = name = IS_CALLED.sub("", command.rest).strip()[:LONGEST_NAME]
    return turn.say("mediator.name_noted", name=name)
