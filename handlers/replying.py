"""Reads the answer to each question of the resident's dialogue; None when it was no answer."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from handlers.answering import (
    PUNCTUATION,
    bare,
    is_one_of,
    read_choice,
    read_correction,
    read_listed,
)
from handlers.asking import NONE_KEY, any_type_choices, ask, other_types, place_choices, type_choices
from handlers.conversation import Conversation, Draft, Question
from handlers.filling import next_question, take_place
from handlers.steps import Effect, EffectKind, Step, Utterance
from mediation.vocabulary import Decision, DisputeType, Intent
from nlp.normalising import normalise
from nlp.phones import find_phone_like

if TYPE_CHECKING:
    from handlers.dialogue import Turn

LONGEST_NAME = 12
LONGEST_RESPONDENT = 40
ENOUGH_TRIES = 1
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
    "story": Question.STORY,
}


def answer(turn: "Turn") -> Step | None:
    """Return the step for an answer to the question that was asked, None if it was something else."""
    asked = turn.state.asked
    return READERS[asked](turn) if asked in READERS else None


def _proceed(turn: "Turn", draft: Draft, **changes: object) -> Step:
    """Keep the answer and ask what comes next."""
    asked = turn.state.asked
    draft = draft.model_copy(update=changes)
    following = next_question(draft, words=turn.rules.words)
    answered = (*turn.state.answered, asked) if asked and asked is not following else turn.state.answered
    state = turn.state.model_copy(
        update={"draft": draft, "asked": following, "answered": answered, "tries": 0}
    )
    return Step(state=state, ask=ask(following, draft, rules=turn.rules))


def _ask_again(turn: "Turn", draft: Draft, *said: Utterance) -> Step:
    asked = turn.state.asked
    assert asked is not None  # noqa: S101 - only questions that were asked are read
    state = turn.state.model_copy(update={"draft": draft, "tries": turn.state.tries + 1})
    return Step(state=state, ask=said or ask(asked, draft, rules=turn.rules, again=True))


def _draft(turn: "Turn") -> Draft:
    return turn.state.draft or turn.restart()


def _is_new_story(turn: "Turn") -> bool:
    """Whether somebody tells more instead of answering."""
    understanding = turn.understanding
    return (
        understanding.intent is Intent.COMPLAINT
        and understanding.type is not None
        and len(turn.heard.text.strip()) > LONGEST_NAME
    )


def read_danger(turn: "Turn") -> Step | None:
    key = read_choice(turn.heard.text, turn.rules.phrases["resident.ask_danger"])
    if key == "1":
        return _proceed(turn, _draft(turn))
    if key == "2":
        return Step(state=Conversation(), say=(Utterance("resident.told_ways"),))
    return None


def read_not_mediable(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_not_mediable"]):
        case "1":
            return Step(state=Conversation(), say=(Utterance("resident.told_ways"),))
        case "2":
            effect = Effect(kind=EffectKind.LEAVE_TIP, draft=draft, on=True)
            return Step(state=Conversation(), effects=(effect,), ask=(Utterance("resident.tip_kept_named"),))
        case "3":
            effect = Effect(kind=EffectKind.ASK_HUMAN, draft=draft, text=draft.text)
            return Step(state=Conversation(), effects=(effect,))
        case "4":
            return _proceed(turn, draft, mediable_settled=True)
        case _:
            return None


def read_type(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    key = read_listed(turn.heard.text, type_choices(draft, rules=turn.rules))
    if key == NONE_KEY:
        state = turn.state.model_copy(update={"asked": Question.TYPE_ANY, "tries": 0})
        return Step(state=state, ask=ask(Question.TYPE_ANY, draft, rules=turn.rules))
    if key is None:
        return _type_unread(turn, draft)
    return _settle_type(turn, draft, draft.candidates[int(key) - 1])


def read_type_any(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    key = read_listed(turn.heard.text, any_type_choices(draft, rules=turn.rules))
    if key == NONE_KEY or (key is None and is_one_of(turn.heard.text, turn.rules.words.unknown)):
        return _settle_type(turn, draft, draft.type or DisputeType.OTHER)
    if key is None:
        return _type_unread(turn, draft)
    return _settle_type(turn, draft, other_types(draft)[int(key) - 1])


def _type_unread(turn: "Turn", draft: Draft) -> Step | None:
    """Words instead of a number: they are more of the story; a second time nobody is asked again."""
    if turn.state.tries < ENOUGH_TRIES:
        return None
    told = turn.tell(draft, turn.heard.text.strip())
    return _settle_type(turn, told, told.type or DisputeType.OTHER)


def _settle_type(turn: "Turn", draft: Draft, dispute_type: DisputeType) -> Step:
    subtype = draft.subtype if draft.type is dispute_type else None
    because = draft.because if draft.type is dispute_type else ()
    return _proceed(
        turn,
        draft,
        type=dispute_type,
        subtype=subtype,
        because=because,
        type_settled=True,
        decision=Decision.AUTO,
    )


def read_place(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    text = turn.heard.text.strip()
    if is_one_of(text, turn.rules.words.unknown):
        return _proceed(turn, draft, place_settled=True, place_outside=False)
    understanding = turn.understanding
    if _is_new_story(turn):
        return None
    if not understanding.place and not understanding.place_candidates and draft.place:
        # "杜曲镇" is known and only the village was asked: read both together
        spoken = f"{turn.rules.place_name(draft.place)}{text}"
        understanding = turn.understand(spoken)
    if draft.place and understanding.place_candidates:
        within = tuple(code for code in understanding.place_candidates if code.startswith(draft.place))
        if len(within) == 1:
            return _proceed(turn, draft, place=within[0], place_candidates=(), place_words=text)
    placed = take_place(draft.model_copy(update={"place_words": text}), understanding)
    if placed.place != draft.place or placed.place_candidates:
        settled = placed.place is not None and turn.state.tries >= ENOUGH_TRIES
        return _proceed(turn, placed, place_settled=settled)
    if turn.state.tries >= ENOUGH_TRIES or (draft.place and understanding.place == draft.place):
        return _proceed(turn, placed, place_settled=True)
    return _ask_again(turn, placed)


def read_place_which(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    text = turn.heard.text.strip()
    key = read_listed(text, place_choices(draft, rules=turn.rules))
    if key == NONE_KEY or (key is None and is_one_of(text, turn.rules.words.unknown)):
        return _proceed(turn, draft, place_candidates=(), place_settled=key is None)
    if key is not None:
        return _proceed(turn, draft, place=draft.place_candidates[int(key) - 1], place_candidates=())
    area = turn.understanding.place
    within = tuple(code for code in draft.place_candidates if area and code.startswith(area))
    if len(within) == 1:
        return _proceed(turn, draft, place=within[0], place_candidates=())
    if within:
        return _proceed(turn, draft, place_candidates=within)
    if area:
        return _proceed(turn, draft, place=area, place_candidates=())
    if _is_new_story(turn):
        return None
    if turn.state.tries >= ENOUGH_TRIES:
        return _proceed(turn, draft, place_candidates=(), place_settled=True, place_words=text)
    return _ask_again(turn, draft)


def read_respondent(turn: "Turn") -> Step | None:
    text = turn.heard.text.strip()
    if is_one_of(text, turn.rules.words.unknown):
        return _proceed(turn, _draft(turn), respondent=turn.rules.phrases.text("words.respondent_unknown"))
    if len(text) > LONGEST_RESPONDENT:
        told = turn.tell(_draft(turn), text)
        return _proceed(turn, told, respondent=told.respondent or text[:LONGEST_RESPONDENT])
    return _proceed(turn, _draft(turn), respondent=text)


def read_name(turn: "Turn") -> Step | None:
    text = turn.heard.text.strip()
    if is_one_of(text, turn.rules.words.refuse) or is_one_of(text, turn.rules.words.unknown):
        return _proceed(turn, _draft(turn), name=turn.rules.phrases.text("words.name_unknown"))
    draft = _draft(turn)
    phone = turn.understanding.phone
    if phone:
        draft = draft.model_copy(update={"phone": phone})
        text = _without_phone(turn)
    name = turn.understanding.applicant_name or text
    if not name or len(name) > LONGEST_NAME or name.isdigit():
        return None if _is_new_story(turn) else _ask_again(turn, draft)
    return _proceed(turn, draft, name=name)


def _without_phone(turn: "Turn") -> str:
    """Return what is left of "王大爷 电话138…" when the number and the word for it are gone."""
    left = re.sub(r"[\d\s\-()+]{7,}", "", normalise(turn.heard.text))
    for word in sorted(turn.rules.words.lines["phone"], key=len, reverse=True):
        left = left.replace(word, "")
    return left.strip(PUNCTUATION)


def read_phone(turn: "Turn") -> Step | None:
    text, draft = turn.heard.text.strip(), _draft(turn)
    if turn.understanding.is_phone_of_other_side:
        return _ask_again(turn, draft, Utterance("resident.ask_phone_other"))
    if turn.understanding.phone:
        return _proceed(turn, draft, phone=turn.understanding.phone)
    if is_one_of(text, turn.rules.words.refuse) or is_one_of(text, turn.rules.words.unknown):
        return _proceed(turn, draft, phone_settled=True)
    number = find_phone_like(bare(text))
    if number:
        return _ask_again(turn, draft, Utterance("resident.ask_phone_again", {"number": number}))
    if turn.state.tries >= ENOUGH_TRIES:
        told = turn.tell(draft, text)
        return _proceed(turn, told, phone_settled=True)
    return None if _is_new_story(turn) else _ask_again(turn, draft)


def read_confirm(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    correction = read_correction(turn.heard.text, turn.rules.words)
    if correction:
        return _correct(turn, draft, *correction)
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_confirm"]):
        case "1":
            effect = Effect(kind=EffectKind.FILE_CASE, draft=draft)
            return Step(state=Conversation(), effects=(effect,))
        case "2":
            state = turn.state.model_copy(update={"asked": Question.CORRECT, "tries": 0})
            return Step(state=state, ask=ask(Question.CORRECT, draft, rules=turn.rules))
        case "3":
            return Step(state=Conversation(), say=(Utterance("resident.cancelled"),))
        case _:
            return None


def read_correct(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    correction = read_correction(turn.heard.text, turn.rules.words)
    if correction:
        return _correct(turn, draft, *correction)
    key = read_choice(turn.heard.text, turn.rules.phrases["resident.ask_correct"])
    if key == "6":
        return _proceed(turn, draft)
    if key in CORRECTABLE:
        return _reopen(turn, draft, CORRECTABLE[key])
    line = next(
        (line for line, names in turn.rules.words.lines.items() if bare(turn.heard.text) in names), None
    )
    return _reopen(turn, draft, LINES[line]) if line else None


def _correct(turn: "Turn", draft: Draft, line: str, value: str) -> Step:
    """A correction said in one go: with its new value it is taken, without it is asked."""
    if not value:
        return _reopen(turn, draft, LINES[line])
    match line:
        case "phone":
            phone = turn.understanding.phone
            return _proceed(turn, draft, phone=phone) if phone else _reopen(turn, draft, Question.PHONE)
        case "name":
            return _proceed(turn, draft, name=value[:LONGEST_NAME])
        case "respondent":
            return _proceed(turn, draft, respondent=value[:LONGEST_RESPONDENT])
        case "place":
            placed = take_place(draft.model_copy(update={"place_words": value}), turn.understand(value))
            if placed.place == draft.place and not placed.place_candidates:
                return _reopen(turn, draft, Question.PLACE)
            return _proceed(turn, placed, place_settled=False)
        case "type":
            understanding = turn.understand(value)
            if understanding.type is None or understanding.decision is Decision.ASK:
                return _reopen(turn, draft, Question.TYPE_ANY)
            changed = draft.model_copy(update={"subtype": understanding.subtype, "because": ()})
            return _settle_type(
                turn, changed.model_copy(update={"type": understanding.type}), understanding.type
            )
        case _:
            return _proceed(turn, turn.tell(draft, value))


def _reopen(turn: "Turn", draft: Draft, question: Question) -> Step:
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


def read_same_or_new(turn: "Turn") -> Step | None:
    held = turn.state.held
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_same_or_new"]):
        case "1":
            effect = Effect(kind=EffectKind.SUPPLEMENT, case_id=turn.state.subject_id, text=held)
            return Step(state=Conversation(), effects=(effect,))
        case "2":
            return _proceed(turn, turn.restart(held))
        case _:
            state = turn.state.model_copy(update={"held": f"{held}\n{turn.heard.text.strip()}"})
            case = next((one for one in turn.known.open_cases if one.case_id == state.subject_id), None)
            if case is None:  # closed in the meantime: then it can only be a new matter
                return _proceed(turn, turn.restart(state.held))
            facts = {"case_no": case.case_no, "type": case.type_name}
            return Step(state=state, ask=(Utterance("resident.ask_same_or_new", facts),))


def read_law_apply(turn: "Turn") -> Step | None:
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_law_apply"]):
        case "1":
            return _proceed(turn, _draft(turn))
        case "2":
            return Step(state=Conversation(), say=(Utterance("resident.told_ways"),))
        case _:
            return None


def read_tip(turn: "Turn") -> Step | None:
    draft = _draft(turn)
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_tip"]):
        case "1":
            effect = Effect(kind=EffectKind.LEAVE_TIP, draft=draft)
            return Step(state=Conversation(), effects=(effect,), ask=(Utterance("resident.tip_kept"),))
        case "2":
            effect = Effect(kind=EffectKind.LEAVE_TIP, draft=draft, on=True)
            return Step(state=Conversation(), effects=(effect,), ask=(Utterance("resident.tip_kept_named"),))
        case "3":
            return _proceed(turn, draft)
        case _:
            told = turn.tell(draft, turn.heard.text.strip())
            state = turn.state.model_copy(update={"draft": told})
            return Step(state=state, ask=ask(Question.TIP, told, rules=turn.rules))


def read_withdraw(turn: "Turn") -> Step | None:
    case = next((one for one in turn.known.open_cases if one.case_id == turn.state.subject_id), None)
    if case is None:
        return Step(state=_without_question(turn))
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_withdraw"]):
        case "1":
            effect = Effect(kind=EffectKind.WITHDRAW, case_id=case.case_id)
            return Step(state=_without_question(turn), effects=(effect,))
        case "2":
            said = Utterance("resident.not_withdrawn", {"case_no": case.case_no})
            return Step(state=_without_question(turn), say=(said,))
        case _:
            facts = {"case_no": case.case_no, "type": case.type_name}
            return Step(state=turn.state, ask=(Utterance("resident.ask_withdraw", facts),))


def _without_question(turn: "Turn") -> Conversation:
    """The dialogue goes on where it was before the question about a case."""
    state = turn.state
    if state.draft is None:
        return Conversation()
    following = next_question(state.draft, words=turn.rules.words)
    return state.model_copy(update={"asked": following, "subject_id": None, "tries": 0})


READERS: dict[Question, Callable[["Turn"], Step | None]] = {
    Question.DANGER: read_danger,
    Question.NOT_MEDIABLE: read_not_mediable,
    Question.TYPE: read_type,
    Question.TYPE_ANY: read_type_any,
    Question.PLACE: read_place,
    Question.PLACE_WHICH: read_place_which,
    Question.RESPONDENT: read_respondent,
    Question.NAME: read_name,
    Question.PHONE: read_phone,
    Question.CONFIRM: read_confirm,
    Question.CORRECT: read_correct,
    Question.SAME_OR_NEW: read_same_or_new,
    Question.LAW_APPLY: read_law_apply,
    Question.TIP: read_tip,
    Question.WITHDRAW: read_withdraw,
}
