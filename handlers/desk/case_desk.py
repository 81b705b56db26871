"""A mediator's message about one case: an answer, a word in a room, a command, a sentence that means one."""

from handlers.answering import bare, read_anywhere, read_number
from handlers.conversation import Question
from handlers.desk import advising, details, drafting, invitation, meetings, performance, talk
from handlers.desk.commands import READERS, carry_out
from handlers.desk.reading import Command, read_command, read_loosely, rest_of
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import agreeing
from handlers.mediating.meeting import AlreadyPastError
from handlers.mediating.parties import BOTH
from handlers.mediating.performing import NoSuchObligationError
from handlers.mediating.rooms import MustStayApartError, NobodyThereError
from mediation.lifecycle import CaseStatus, NotNow

ASKED_AGAIN = {
    Question.ROOM_WHO: "mediator.ask_room",
    Question.HELP_WHO: "mediator.ask_help_who",
    Question.END_WHY: "mediator.ask_end",
}
REFUSED: dict[type[Exception], str] = {
    MustStayApartError: "mediator.must_stay_apart",
    NobodyThereError: "mediator.nobody_there",
    AlreadyPastError: "mediator.meet_past",
    NoSuchObligationError: "mediator.no_such_obligation",
}
ONLY_A_TIME = 12
SAID_WITH_DETAILS = frozenset({"respondent_name", "phone"})
"""对方叫李大柱，男，55岁: a name or number may only be the first of the details."""


async def hear(turn: DeskTurn, text: str) -> Answer | None:
    """Return what the mediator hears; None when the words mean nothing here."""
    try:
        return await _hear(turn, text)
    except NotNow as error:
        turn.expect(None)
        status = turn.work.text(f"resident.status_{error.status}")
        possible = turn.work.text(f"mediator.possible_{error.status}")
        return turn.say("mediator.not_now", status=status, possible=possible)
    except tuple(REFUSED) as error:
        if isinstance(error, MustStayApartError):
            turn.expect(None)
        return turn.say(REFUSED[type(error)])


async def _hear(turn: DeskTurn, text: str) -> Answer | None:
    command = _read_command(turn, text)
    fell_silent = talk.leave_closed_room(turn)
    if turn.attachments:
        return await (talk.speak_in_room if turn.state.room else talk.keep_picture)(turn, text)
    if (command is None or command.name in SAID_WITH_DETAILS) and (
        told := await details.hear_details(turn, text)
    ):
        return told
    if turn.state.asked is not None and not _leaves_question(turn, command, text):
        answered = await READERS[turn.state.asked](turn, text)
        if answered is not None:
            return answered
    if turn.state.room is not None and not _is_command_in_room(turn, command, text):
        return await talk.speak_in_room(turn, text)
    if command is not None:
        turn.expect(None)
        return await carry_out(turn, command)
    if meant := read_loosely(turn.by_roles(text, whole=True), turn.work.rules.words):
        return await _do_loosely(turn, meant, text)
    said = await _hear_freely(turn, text)
    if said is None and turn.state.asked in ASKED_AGAIN:
        return turn.say(ASKED_AGAIN[turn.state.asked])
    return turn.say("mediator.room_gone") if said is None and fell_silent else said


def _read_command(turn: DeskTurn, text: str) -> Command | None:
    """Return the command of a message: 约王大爷… is 约申请人…, "鉴定结果出来了" ends a pause."""
    words = turn.work.rules.words
    command = read_command(text, words)
    if command is None or (command.name == "meet" and command.rest):
        command = read_command(turn.by_roles(text), words) or command
    if command is not None and command.name == "pause" and turn.case.paused_at is not None:
        command = read_loosely(text, words) or command
    return command


def _leaves_question(turn: DeskTurn, command: Command | None, text: str) -> bool:
    """Whether a command was given instead of the answer."""
    if read_anywhere(text, turn.work.rules.words) in {"cancel", "back"}:
        turn.expect(None)
        return True
    return command is not None and not command.rest and read_number(text) is None


def _is_command_in_room(turn: DeskTurn, command: Command | None, text: str) -> bool:
    """In a room everything is spoken, save commands alone, with a colon, or that name their hearer."""
    if command is None:
        meant = read_loosely(text, turn.work.rules.words)
        return meant is not None and meant.name == "leave"
    if read_number(text) is not None:
        return False
    return bool(not command.rest or command.explicit or command.name.startswith("say_"))


async def _do_loosely(turn: DeskTurn, command: Command, text: str) -> Answer | None:
    """Carry out what a sentence means; what cannot be undone is asked back."""
    status = CaseStatus(turn.case.status)
    match command.name:
        case "consented" | "refused" if status is CaseStatus.INVITING:
            return turn.ask(Question.SURE, f"mediator.ask_sure_{command.name}", held=command.name)
        case "performed" if status is CaseStatus.PERFORMING:
            return await performance.ask_performed(turn, text)
        case "consented" | "refused" | "performed":
            return await _hear_freely(turn, text)
        case "own_applicant" | "own_respondent" if _tells_a_time(turn, text):
            return await _hear_freely(turn, text)
        case "leave" if turn.state.room is None:
            return await _hear_freely(turn, text)
        case "agreement" if agreeing.is_promise(turn.work, turn.case, text, acts=True):
            return await drafting.draft_from(turn, text)
        case "expert" | "legal_adviser" | "law_aware_villager" | "joint_session":
            command = Command(command.name, rest_of(text))
        case "postpone":
            command = Command(command.name, text)
        case "invite" if any(word in text for word in turn.work.rules.words.desk["no_phone"]):
            command = Command("no_phone")
        case "invite" if phone := turn.work.rules.read_phone(text):
            command = Command("phone", phone)
    turn.expect(None)
    return await carry_out(turn, command)


def _tells_a_time(turn: DeskTurn, text: str) -> bool:
    """Whether a clock time or a part of a day is said."""
    moment = meetings.read_moment(turn, text)
    return moment is not None and bool(moment.clock or moment.part)


async def _hear_freely(turn: DeskTurn, text: str) -> Answer | None:
    """Words without a command: a time to meet, the other side's number, a promise."""
    status = CaseStatus(turn.case.status)
    moment = meetings.read_moment(turn, text)
    if moment and _tells_a_time(turn, text) and (moment.place or len(bare(text)) <= ONLY_A_TIME):
        return meetings.check_meeting(turn, moment, sides=BOTH, said=text)
    if status is CaseStatus.INVITING and (phone := invitation.only_phone(turn, text)):
        return await invitation.note_phone(turn, Command("phone", phone))
    if status is CaseStatus.MEDIATING and agreeing.is_promise(turn.work, turn.case, text):
        return await drafting.draft_from(turn, text)
    if read_anywhere(text, turn.work.rules.words) in {"cancel", "back"}:
        return await advising.show_menu(turn)
    return None
