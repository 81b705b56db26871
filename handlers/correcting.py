"""The card: confirmed, or corrected line by line."""

from handlers.answering import bare, read_choice, read_correction
from handlers.asking import ask
from handlers.conversation import Conversation, Draft, Question
from handlers.filling import take_place
from handlers.proceeding import (
    LONGEST_NAME,
    LONGEST_RESPONDENT,
    ask_once_more,
    draft_of,
    proceed,
    refuses_phone,
    settle_type,
)
from handlers.steps import Effect, EffectKind, Step, Utterance
from handlers.turn import Turn
from mediation.vocabulary import Decision

CORRECTABLE = {
    "1": Question.TYPE_ANY,
    "2": Question.PLACE,
    "3": Question.RESPONDENT,
    "4": Question.NAME,
    "5": Question.PHONE,
}
LINES = {
    "type": Question.TYPE_ANY,
    "place": Question.PLACE,
    "respondent": Question.RESPONDENT,
    "name": Question.NAME,
    "phone": Question.PHONE,
    "amount": Question.STORY,
    "story": Question.STORY,
}


def corrected(turn: Turn) -> Step | None:
    """ "类型不对" while something else is asked: that line is asked anew, it is no answer."""
    if turn.state.draft is None or not turn.text.endswith(turn.rules.words.wrong):
        return None
    correction = read_correction(turn.text, turn.rules.words)
    return _reopen(turn, turn.state.draft, LINES[correction[0]]) if correction else None


def read_confirm(turn: Turn) -> Step | None:
    draft = draft_of(turn)
    correction = read_correction(turn.heard.text, turn.rules.words)
    if correction:
        return _correct(turn, draft, *correction)
    if refuses_phone(turn):
        return ask_once_more(turn, draft.model_copy(update={"phone": None, "phone_settled": True}))
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_confirm"]):
        case "1":
            effect = Effect(kind=EffectKind.FILE_CASE, draft=draft)
            return Step(state=Conversation(), effects=(effect,))
        case "2":
            state = turn.state.model_copy(update={"asked": Question.CORRECT, "tries": 0})
            return Step(state=state, ask=ask(Question.CORRECT, draft, rules=turn.rules))
        case "3":
            said = "resident.cancelled_after_alarm" if draft.alarmed else "resident.cancelled"
            return Step(state=Conversation(), say=(Utterance(said),))
        case _:
            return None


def read_correct(turn: Turn) -> Step | None:
    draft = draft_of(turn)
    correction = read_correction(turn.heard.text, turn.rules.words)
    if correction:
        return _correct(turn, draft, *correction)
    key = read_choice(turn.heard.text, turn.rules.phrases["resident.ask_correct"])
    if key == "6":
        return proceed(turn, draft)
    if key in CORRECTABLE:
        return _reopen(turn, draft, CORRECTABLE[key])
    line = next(
        (line for line, names in turn.rules.words.lines.items() if bare(turn.heard.text) in names), None
    )
    return _reopen(turn, draft, LINES[line]) if line else None


def _correct(turn: Turn, draft: Draft, line: str, value: str) -> Step:
    """A correction said in one go: with its new value it is taken, without it is asked."""
    if not value:
        return _reopen(turn, draft, LINES[line])
    match line:
        case "phone":
            phone = turn.understanding.own_phone
            return proceed(turn, draft, phone=phone) if phone else _reopen(turn, draft, Question.PHONE)
        case "name":
            return proceed(turn, draft, name=value[:LONGEST_NAME])
        case "amount":
            amount = turn.understanding.amount or turn.understand(value).amount
            return proceed(turn, draft, amount=amount) if amount else proceed(turn, turn.tell(draft, value))
        case "respondent":
            return proceed(turn, draft, respondent=value[:LONGEST_RESPONDENT])
        case "place":
            placed = take_place(draft.model_copy(update={"place_words": value}), turn.understand(value))
            if placed.place == draft.place and not placed.place_candidates:
                return _reopen(turn, draft, Question.PLACE)
            return proceed(turn, placed, place_settled=False)
        case "type":
            understanding = turn.understand(value)
            if understanding.type is None or understanding.decision is Decision.ASK:
                return _reopen(turn, draft, Question.TYPE_ANY)
            changed = draft.model_copy(update={"subtype": understanding.subtype, "because": ()})
            return settle_type(
                turn, changed.model_copy(update={"type": understanding.type}), understanding.type
            )
        case _:
            return proceed(turn, turn.tell(draft, value))


def _reopen(turn: Turn, draft: Draft, question: Question) -> Step:
    """Ask for one line of the card again; what stood there is forgotten."""
    forgotten: dict[Question, dict[str, object]] = {
        Question.PLACE: {
            "place": None,
            "place_candidates": (),
            "place_settled": False,
            "place_words": "",
            "place_outside": False,
        },
        Question.TYPE_ANY: {"type_settled": False, "candidates": ()},
    }
    reopened = draft.model_copy(update=forgotten.get(question, {}))
    state = turn.state.model_copy(update={"draft": reopened, "asked": question, "tries": 0})
    return Step(state=state, ask=ask(question, reopened, rules=turn.rules))
