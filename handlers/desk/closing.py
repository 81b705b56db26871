"""The desk ends a case for a reason, and hands out its papers."""

from handlers.answering import read_choice, read_number
from handlers.conversation import Question
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import details, ending, papers
from handlers.messages import Choice
from handlers.steps import Utterance
from mediation.lifecycle import EndReason

END_REASONS = {
    "3": EndReason.TOO_FAR_APART,
    "4": EndReason.STOPPED,
    "5": EndReason.UNREACHABLE,
    "6": EndReason.NOT_SIGNED,
    "7": EndReason.SELF_SETTLED,
    "8": EndReason.NOT_MEDIABLE,
    "9": EndReason.OTHER,
}


async def ask_why(turn: DeskTurn, _: Command) -> Answer:
    """Why it ends."""
    return turn.ask(Question.END_WHY, "mediator.ask_end")


async def hear_why(turn: DeskTurn, text: str) -> Answer | None:
    """The reason, by number or words."""
    choice = read_choice(text, turn.work.rules.phrases["mediator.ask_end"])
    if choice is None:
        return None
    turn.expect(None, room=None)
    reason = END_REASONS[choice]
    await ending.end(turn.work, turn.case, reason)
    phrase = "mediator.ended_noted" if reason in ending.WITH_WAYS else "mediator.ended_kindly"
    return turn.say(phrase, why=turn.work.text(f"words.end_{reason}"))


async def list_papers(turn: DeskTurn, _: Command) -> Answer:
    """The papers that exist now; once, what they still lack."""
    offered = await papers.list_papers(turn.work, turn.case)
    turn.expect(Question.PAPERS)
    choices = tuple(
        Choice(key=str(number), label=title) for number, (_, title) in enumerate(offered, start=3)
    )
    asked = Utterance("mediator.ask_papers", {"case_no": turn.case.case_no}, choices=choices)
    return (*details.ask_once(turn.work, turn.case), asked)


async def hear_papers(turn: DeskTurn, text: str) -> Answer | None:
    """One of them, as a link."""
    offered = await papers.list_papers(turn.work, turn.case)
    number = read_number(text)
    if number is None or not 0 <= int(number) - 3 < len(offered):
        return None
    paper, title = offered[int(number) - 3]
    return turn.say("mediator.paper", title=title, link=papers.link(turn.work, paper))
