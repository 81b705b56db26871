"""The desk talks and writes down: rooms with one side or both, words passed on, records, pictures."""

from handlers.answering import read_exact
from handlers.conversation import Question
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import recording, rooms
from handlers.mediating.recording import RecordKind
from handlers.mediating.rooms import Said
from handlers.steps import Utterance
from mediation.agreement import Side

ROOM_SIDES = {"applicant": Side.APPLICANT, "respondent": Side.RESPONDENT, "joint": None}


async def ask_whom(turn: DeskTurn, _: Command) -> Answer:
    """Alone with one side: with which."""
    return turn.ask(Question.ROOM_WHO, "mediator.ask_room")


async def hear_whom(turn: DeskTurn, text: str) -> Answer | None:
    """The side by number, role or name."""
    choice = read_exact(turn.by_roles(text), turn.work.rules.phrases["mediator.ask_room"])
    return await _open(turn, {"3": "applicant", "4": "respondent"}[choice]) if choice else None


async def open_room(turn: DeskTurn, command: Command) -> Answer:
    """Alone with a side, or all together."""
    return await _open(turn, command.name.removeprefix("own_"))


async def _open(turn: DeskTurn, room: str) -> Answer:
    side = ROOM_SIDES[room]
    await rooms.open_room(turn.work, turn.case, side)
    turn.expect(None, room=room)
    return turn.say("mediator.room_own", name=turn.name(side)) if side else turn.say("mediator.room_joint")


async def leave(turn: DeskTurn, _: Command) -> Answer:
    """The talk is over."""
    await rooms.close_rooms(turn.work, turn.case)
    turn.expect(None, room=None)
    return turn.say("mediator.room_left")


def leave_closed_room(turn: DeskTurn) -> bool:
    """A room in which nobody spoke for long is closed: nothing more is passed on to anybody."""
    room = turn.state.room
    gone = room is not None and rooms.rooms_of(ROOM_SIDES[room]) not in turn.case.rooms
    if gone:
        turn.state = turn.state.model_copy(update={"room": None})
    return gone


async def speak_in_room(turn: DeskTurn, text: str) -> Answer:
    """What is written in a room goes to who is in it, pictures and files too."""
    said = Said(text=text, attachments=turn.attachments, links=turn.links)
    return await _speak(turn, ROOM_SIDES[turn.state.room or ""], said)


async def say_to(turn: DeskTurn, command: Command) -> Answer:
    """ "对申请人说：…": one sentence without a room."""
    side = {"say_applicant": Side.APPLICANT, "say_respondent": Side.RESPONDENT}.get(command.name)
    return await _speak(turn, side, Said(text=command.rest))


async def _speak(turn: DeskTurn, side: Side | None, said: Said) -> Answer:
    await rooms.speak_as_mediator(turn.work, turn.case, side, said)
    return turn.say("mediator.spoken_own", name=turn.name(side)) if side else turn.say("mediator.spoken_both")


async def keep_record(turn: DeskTurn, command: Command) -> Answer:
    """A note, an investigation, a session: for the staff's eyes."""
    kind = RecordKind(command.name)
    if not command.rest:
        return turn.ask(Question.NOTE, "mediator.ask_note", held=kind.value)
    await recording.keep_record(turn.work, turn.case, kind, text=command.rest)
    return turn.say("mediator.noted")


async def hear_note(turn: DeskTurn, text: str) -> Answer | None:
    """What is to be written down."""
    command = Command(turn.state.held, text)
    turn.expect(None)
    return await keep_record(turn, command)


async def keep_picture(turn: DeskTurn, text: str) -> Answer:
    """A picture or file outside a room belongs to the case's record."""
    await recording.keep_record(
        turn.work, turn.case, RecordKind.PHOTO, text=text, attachments=turn.attachments
    )
    return turn.say("mediator.photo_kept")


def ask_what_to_do(turn: DeskTurn, text: str) -> Answer:
    """Words that mean no command: nothing a mediator writes is lost."""
    return turn.ask(Question.WORDS, "mediator.ask_words", held=text)


async def hear_what_to_do(turn: DeskTurn, text: str) -> Answer | None:
    """Where the words go: to the record, to a side, to both, nowhere."""
    choice = read_exact(text, turn.work.rules.phrases["mediator.ask_words"])
    held = turn.state.held
    turn.expect(None)
    match choice:
        case None:
            return None
        case "3":
            return await keep_record(turn, Command("note", held))
        case "4" | "5" | "6":
            to = {"4": "say_applicant", "5": "say_respondent", "6": "say_both"}[choice]
            return await say_to(turn, Command(to, held))
        case _:
            return (Utterance("mediator.not_understood"),)
