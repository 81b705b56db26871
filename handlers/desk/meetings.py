"""The desk sets meetings: time and place read back before anybody is told, called off, who came."""

from handlers.answering import read_choice, read_exact
from handlers.conversation import Question
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import meeting
from handlers.mediating.meeting import AlreadyPastError
from handlers.mediating.parties import BOTH
from mediation.agreement import Side
from nlp.moments import Moment

MET = {"meet_applicant": (Side.APPLICANT,), "meet_respondent": (Side.RESPONDENT,)}
ABSENT = {
    "attended": (),
    "absent_applicant": (Side.APPLICANT,),
    "absent_respondent": (Side.RESPONDENT,),
    "absent_both": BOTH,
}


async def meet(turn: DeskTurn, command: Command) -> Answer:
    """With both or one side, at the time and place that were said with it, if any."""
    moment = read_moment(turn, command.rest) if command.rest else None
    if moment is None:
        return turn.ask(Question.MEET_WHEN, "mediator.ask_meet")
    return check_meeting(turn, moment, sides=MET.get(command.name, BOTH), said=command.rest)


def read_moment(turn: DeskTurn, text: str) -> Moment | None:
    """Return the time and place in the words."""
    return turn.work.rules.read_moment(text, now=turn.work.now)


def check_meeting(turn: DeskTurn, moment: Moment, *, sides: tuple[Side, ...], said: str) -> Answer:
    """Show time and place as understood before anybody is told; `said` waits for a place that lacks."""
    if len(sides) > 1 and any(word in said for word in turn.work.rules.words.desk_alone):
        named = turn.sides_in(said)
        if len(named) != 1:
            return turn.ask(Question.MEET_WHO, "mediator.ask_meet_who", held=said)
        sides = named
    if not moment.place or any(moment.place in turn.name(side) for side in BOTH):
        return turn.ask(Question.MEET_WHEN, "mediator.ask_meet_place", held=f"{' '.join(sides)}|{said}")
    at = meeting.starts_at(moment)
    if at <= turn.work.now:
        raise AlreadyPastError
    meeting.check_apart(turn.case, sides)
    all_day = not (moment.clock or moment.part)
    held = "|".join([" ".join(sides), "day" if all_day else "", moment.place])
    turn.expect(Question.MEET_CONFIRM, moment=at, held=held)
    who = turn.name(sides[0]) if len(sides) == 1 else turn.work.text("words.both_sides")
    when = meeting.spoken_at(turn.work, at, all_day=all_day)
    return turn.say("mediator.check_meet", when=when, place=moment.place, who=who)


async def hear_whom(turn: DeskTurn, text: str) -> Answer | None:
    """Which side alone."""
    choice = read_exact(turn.by_roles(text), turn.work.rules.phrases["mediator.ask_meet_who"])
    moment = read_moment(turn, turn.state.held)
    if choice is None or moment is None:
        return None
    sides = (Side.APPLICANT,) if choice == "3" else (Side.RESPONDENT,)
    return check_meeting(turn, moment, sides=sides, said=turn.state.held)


async def hear_when(turn: DeskTurn, text: str) -> Answer | None:
    """When and where; what was said before counts with it."""
    named, _, before = turn.state.held.partition("|")
    said, moment = text, read_moment(turn, text)
    if moment is None and before:  # the time was said before, now the place
        said = f"{before}，{text}"
        moment = read_moment(turn, said)
    if moment is None:
        return turn.say("mediator.ask_meet")
    return check_meeting(turn, moment, sides=tuple(map(Side, named.split())) or BOTH, said=said)


async def hear_check(turn: DeskTurn, text: str) -> Answer | None:
    """Yes, no, or another time and place."""
    choice = read_choice(text, turn.work.rules.phrases["mediator.check_meet"])
    named, all_day, place = turn.state.held.split("|", 2)
    sides = tuple(map(Side, named.split()))
    if choice is None:
        moment = read_moment(turn, text)
        return check_meeting(turn, moment, sides=sides, said=text) if moment else None
    at = turn.state.moment
    turn.expect(None)
    if choice != "3" or at is None:
        return turn.ask(Question.MEET_WHEN, "mediator.ask_meet")
    await meeting.set_meeting(turn.work, turn.case, at=at, all_day=bool(all_day), place=place, sides=sides)
    return turn.say("mediator.meet_set")


async def call_off(turn: DeskTurn, _: Command) -> Answer:
    """No meeting after all."""
    done = await meeting.cancel_meetings(turn.work, turn.case)
    return turn.say("mediator.meet_off" if done else "mediator.meet_none")


async def note_attendance(turn: DeskTurn, command: Command) -> Answer:
    """Who came and who did not."""
    absent = ABSENT[command.name]
    if not await meeting.note_attendance(turn.work, turn.case, absent=absent):
        return turn.say("mediator.meet_none")
    return turn.say("mediator.absence_noted" if absent else "mediator.attendance_noted")
