"""What every answer leads to: keep it and go on, ask once more, or take it as more of the story."""

from handlers.answering import is_one_of
from handlers.asking import ask
from handlers.conversation import Draft
from handlers.filling import next_question
from handlers.steps import Step, Utterance
from handlers.turn import Turn
from mediation.vocabulary import Decision, DisputeType, Intent

LONGEST_NAME = 12
LONGEST_RESPONDENT = 40
ENOUGH_TRIES = 1


def proceed(turn: Turn, draft: Draft, **changes: object) -> Step:
    """Keep the answer and ask what comes next."""
    asked = turn.state.asked
    draft = draft.model_copy(update=changes)
    following = next_question(draft, words=turn.rules.words)
    answered = (*turn.state.answered, asked) if asked and asked is not following else turn.state.answered
    state = turn.state.model_copy(
        update={"draft": draft, "asked": following, "answered": answered, "tries": 0}
    )
    return Step(state=state, ask=ask(following, draft, rules=turn.rules))


def ask_once_more(turn: Turn, draft: Draft, *said: Utterance) -> Step:
    asked = turn.state.asked
    assert asked is not None  # noqa: S101 - only questions that were asked are read
    state = turn.state.model_copy(update={"draft": draft, "tries": turn.state.tries + 1})
    return Step(state=state, ask=said or ask(asked, draft, rules=turn.rules, again=True))


def refuses_phone(turn: Turn) -> bool:
    """Whether somebody says, whatever is asked, that there is no number to leave: 不留电话."""
    named = any(word in turn.text for word in turn.rules.words.lines["phone"])
    return named and is_one_of(turn.text, turn.rules.words.refuse)


def draft_of(turn: Turn) -> Draft:
    return turn.state.draft or turn.restart()


def is_new_story(turn: Turn) -> bool:
    """Whether somebody tells more instead of answering."""
    understanding = turn.understanding
    return (
        understanding.intent is Intent.COMPLAINT
        and understanding.type is not None
        and len(turn.text) > LONGEST_NAME
    )


def settle_type(turn: Turn, draft: Draft, dispute_type: DisputeType) -> Step:
    subtype = draft.subtype if draft.type is dispute_type else None
    because = draft.because if draft.type is dispute_type else ()
    return proceed(
        turn,
        draft,
        type=dispute_type,
        subtype=subtype,
        because=because,
        type_settled=True,
        decision=Decision.AUTO,
    )
