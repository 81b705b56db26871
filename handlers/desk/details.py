"""What the official forms ask about the sides, as the mediator says it in a sentence."""

from collections.abc import Iterable

from handlers.conversation import Question
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import details, inviting
from mediation.agreement import Side
from nlp.party_details import ToldDetails

FREE_WORDS = frozenset({Question.NOTE, Question.HELP_WORDS, Question.REASON})
"""Questions whose answer is whatever is said."""


async def note_details(turn: DeskTurn, command: Command) -> Answer:
    """资料：申请人男，62岁 …; alone: what is known, what lacks and how to say it."""
    told = details.read_told(turn.work, turn.case, command.rest)
    if told:
        return await _note(turn, told)
    return (details.overview(turn.work, turn.case),)


async def hear_details(turn: DeskTurn, text: str) -> Answer | None:
    """The same without the command's word, where the whole sentence can mean nothing else."""
    if turn.state.room is not None or turn.state.asked in FREE_WORDS:
        return None
    told = details.read_told(turn.work, turn.case, text)
    return await _note(turn, told) if told and all(one.is_sure for one in told) else None


async def _note(turn: DeskTurn, told: Iterable[ToldDetails]) -> Answer:
    for one in told:
        if one.phone and one.side is Side.RESPONDENT:
            await inviting.set_phone(turn.work, turn.case, one.phone)
        elif one.phone:
            turn.case.applicant_phone = one.phone
    return await details.note_told(turn.work, turn.case, told)
