"""The desk is not alone: help asked, somebody else takes over, the term waits or grows."""

from handlers.answering import read_choice
from handlers.conversation import Question
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating import helping, terms
from mediation.vocabulary import HelperRole

HELPERS = {
    "expert": (HelperRole.EXPERT,),
    "legal_adviser": (HelperRole.LEGAL_ADVISER,),
    "law_aware_villager": (HelperRole.LAW_AWARE_VILLAGER,),
    "joint_session": helping.JOINT_SESSION,
}
HELP_CHOICES = dict(zip("3456", HELPERS, strict=True))


async def ask_who(turn: DeskTurn, _: Command) -> Answer:
    """Who shall help."""
    return turn.ask(Question.HELP_WHO, "mediator.ask_help_who")


async def hear_who(turn: DeskTurn, text: str) -> Answer | None:
    """A helper, or the level above."""
    choice = read_choice(text, turn.work.rules.phrases["mediator.ask_help_who"])
    if choice is None:
        return None
    if choice in HELP_CHOICES:
        return await ask_help(turn, Command(HELP_CHOICES[choice]))
    return await with_reason(turn, Command("hand_up"))


async def ask_help(turn: DeskTurn, command: Command) -> Answer:
    """ "请专家：…": the helpers are asked in their own chats."""
    if not command.rest:
        return turn.ask(Question.HELP_WORDS, "mediator.ask_help_words", held=command.name)
    turn.expect(None)
    names = await helping.ask_help(turn.work, turn.case, roles=HELPERS[command.name], words=command.rest)
    if not names:
        return turn.say("mediator.help_by_operator")
    return turn.say("mediator.help_asked", names="、".join(names))


async def hear_help(turn: DeskTurn, text: str) -> Answer | None:
    """What the helpers are asked."""
    return await ask_help(turn, Command(turn.state.held, text))


async def with_reason(turn: DeskTurn, command: Command) -> Answer:
    """Recusal (回避), transfer (转办), the level above (上报), appraisal (鉴定): each with its reason."""
    if not command.rest:
        return turn.ask(Question.REASON, f"mediator.ask_reason_{command.name}", held=command.name)
    turn.expect(None)
    match command.name:
        case "pause":
            await terms.pause(turn.work, turn.case, words=command.rest)
            return turn.say("mediator.paused")
        case "hand_up":
            done = await helping.hand_up(turn.work, turn.case, reason=command.rest)
            return turn.say("mediator.handed_up" if done else "mediator.nobody_above")
    why = turn.work.text(f"words.why_{command.name}")
    await helping.transfer(turn.work, turn.case, reason=command.rest, why=why)
    return turn.say("mediator.transferred")


async def hear_reason(turn: DeskTurn, text: str) -> Answer | None:
    """The reason."""
    return await with_reason(turn, Command(turn.state.held, text))


async def resume(turn: DeskTurn, _: Command) -> Answer:
    """The appraisal is done: the term runs on."""
    await terms.resume(turn.work, turn.case)
    return turn.say("mediator.resumed", left=terms.left_words(turn.work, turn.case))


async def extend(turn: DeskTurn, _: Command) -> Answer:
    """Both sides are asked for more time."""
    asked = await terms.propose_extension(turn.work, turn.case)
    return turn.say("mediator.extension_asked" if asked else "mediator.extension_over")
