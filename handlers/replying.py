"""Reads the answer to each question of the resident's dialogue; None when it was no answer."""

import re
from collections.abc import Callable

from handlers.answering import PUNCTUATION, bare, is_one_of, read_choice, read_listed
from handlers.asking import NONE_KEY, any_type_choices, ask, other_types, place_choices, type_choices
from handlers.conversation import Conversation, Draft, Question
from handlers.correcting import read_confirm, read_correct
from handlers.filling import next_question, take_place
from handlers.proceeding import (
    ENOUGH_TRIES,
    LONGEST_NAME,
    LONGEST_RESPONDENT,
    ask_once_more,
    draft_of,
    is_new_story,
    proceed,
    refuses_phone,
    settle_type,
)
from handlers.steps import Effect, EffectKind, Step, Utterance
from handlers.turn import Turn
from mediation.vocabulary import Decision, DisputeType
from nlp.normalising import normalise
from nlp.phones import find_phone_like

LONGEST_PLACE = 15


def answer(turn: Turn) -> Step | None:
    """Return the step for an answer to the question that was asked, None if it was something else."""
    asked = turn.state.asked
    return READERS[asked](turn) if asked in READERS else None


def read_danger(turn: Turn) -> Step | None:
    key = read_choice(turn.heard.text, turn.rules.phrases["resident.ask_danger"])
    if key == "1":
        return proceed(turn, draft_of(turn))
    if key == "2":
        return Step(state=Conversation(), say=(Utterance("resident.told_ways"),))
    return None


def read_not_mediable(turn: Turn) -> Step | None:
    draft = draft_of(turn)
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
            return proceed(turn, draft, mediable_settled=True)
        case _:
            return None


def read_type(turn: Turn) -> Step | None:
    draft = draft_of(turn)
    key = read_listed(turn.heard.text, type_choices(draft, rules=turn.rules))
    if key == NONE_KEY:
        state = turn.state.model_copy(update={"asked": Question.TYPE_ANY, "tries": 0})
        return Step(state=state, ask=ask(Question.TYPE_ANY, draft, rules=turn.rules))
    if key is None:
        return _type_unread(turn, draft)
    return settle_type(turn, draft, draft.candidates[int(key) - 1])


def read_type_any(turn: Turn) -> Step | None:
    draft = draft_of(turn)
    key = read_listed(turn.heard.text, any_type_choices(draft, rules=turn.rules))
    if key == NONE_KEY or (key is None and is_one_of(turn.heard.text, turn.rules.words.unknown)):
        return settle_type(turn, draft, draft.type or DisputeType.OTHER)
    if key is None:
        return _type_unread(turn, draft)
    return settle_type(turn, draft, other_types(draft)[int(key) - 1])


def _type_unread(turn: Turn, draft: Draft) -> Step:
    """Words instead of a number are more of the story; a second time nobody is asked again."""
    told = turn.tell(draft, turn.text)
    if told.decision is Decision.AUTO:
        return proceed(turn, told)
    if turn.state.tries >= ENOUGH_TRIES:
        return settle_type(turn, told, told.type or DisputeType.OTHER)
    return ask_once_more(turn, told)


def read_place(turn: Turn) -> Step | None:
    draft = draft_of(turn)
    text = turn.text
    if is_one_of(text, turn.rules.words.unknown):
        return proceed(turn, draft, place_settled=True, place_outside=False)
    understanding = turn.understanding
    if is_new_story(turn):
        return None
    if not understanding.place and not understanding.place_candidates and draft.place:
        # "杜曲镇" is known and only the village was asked: read both together
        spoken = f"{turn.rules.place_name(draft.place)}{text}"
        understanding = turn.understand(spoken)
    candidates = understanding.place_candidates
    if draft.place and candidates and not any(code.startswith(draft.place) for code in candidates):
        return _leave_place(turn, draft)  # a village of another township: the one that is known counts
    placed = take_place(draft.model_copy(update={"place_words": text}), understanding)
    if placed.place != draft.place or placed.place_candidates:
        settled = placed.place is not None and turn.state.tries >= ENOUGH_TRIES
        return proceed(turn, placed, place_settled=settled)
    return _leave_place(turn, placed)


def _leave_place(turn: Turn, draft: Draft) -> Step:
    """A place that is not found: asked once more, then kept in the person's own words."""
    if turn.state.tries < ENOUGH_TRIES:
        return ask_once_more(turn, draft.model_copy(update={"place_words": ""}))
    words = turn.text if len(turn.text) <= LONGEST_PLACE else ""
    return proceed(turn, draft, place_settled=True, place_words=words)


def read_place_which(turn: Turn) -> Step | None:
    draft = draft_of(turn)
    text = turn.text
    key = read_listed(text, place_choices(draft, rules=turn.rules))
    if key == NONE_KEY or (key is None and is_one_of(text, turn.rules.words.unknown)):
        return proceed(turn, draft, place_candidates=(), place_settled=key is None)
    if key is not None:
        return proceed(turn, draft, place=draft.place_candidates[int(key) - 1], place_candidates=())
    area = turn.understanding.place
    within = tuple(code for code in draft.place_candidates if area and code.startswith(area))
    if len(within) == 1:
        return proceed(turn, draft, place=within[0], place_candidates=())
    if within:
        return proceed(turn, draft, place_candidates=within)
    if area:
        return proceed(turn, draft, place=area, place_candidates=())
    if is_new_story(turn):
        return None
    if turn.state.tries >= ENOUGH_TRIES:
        return proceed(turn, draft, place_candidates=(), place_settled=True, place_words=text)
    return ask_once_more(turn, draft)


def read_respondent(turn: Turn) -> Step | None:
    text = turn.text
    words = turn.rules.words
    if is_one_of(text, words.unknown) or is_one_of(text, words.refuse):
        return proceed(turn, draft_of(turn), respondent=turn.rules.phrases.text("words.respondent_unknown"))
    if not any(character.isalpha() for character in text):
        return ask_once_more(turn, draft_of(turn))
    if _names_place(turn):
        return ask_once_more(turn, take_place(draft_of(turn), turn.understanding))
    if len(text) > LONGEST_RESPONDENT:
        told = turn.tell(draft_of(turn), text)
        return proceed(turn, told, respondent=told.respondent or text[:LONGEST_RESPONDENT])
    return proceed(turn, draft_of(turn), respondent=text)


def _names_place(turn: Turn) -> bool:
    """An answer that only names a place ("瓦店村"), whatever was asked."""
    text = bare(turn.heard.text)
    short = len(text) <= LONGEST_NAME and text.endswith(turn.rules.words.place_endings)
    return short and turn.understanding.respondent is None


def read_name(turn: Turn) -> Step | None:
    text = turn.text
    if refuses_phone(turn):
        return ask_once_more(turn, draft_of(turn).model_copy(update={"phone_settled": True}))
    if _names_place(turn):
        return ask_once_more(turn, take_place(draft_of(turn), turn.understanding))
    if _speaks_of_other_side(turn):
        told = draft_of(turn).model_copy(update={"respondent": _without_phone(turn)[:LONGEST_RESPONDENT]})
        return ask_once_more(turn, told)
    if is_one_of(text, turn.rules.words.refuse) or is_one_of(text, turn.rules.words.unknown):
        return proceed(turn, draft_of(turn), name=turn.rules.phrases.text("words.name_unknown"))
    draft = draft_of(turn)
    phone = turn.understanding.own_phone
    if phone:
        draft = draft.model_copy(update={"phone": phone})
        text = _without_phone(turn)
    name = turn.understanding.applicant_name or text
    if not name or len(name) > LONGEST_NAME or name.isdigit():
        return None if is_new_story(turn) else ask_once_more(turn, draft)
    return proceed(turn, draft, name=name)


def _speaks_of_other_side(turn: Turn) -> bool:
    """ "包工头叫赵大庆" answers who the other side is, not how to call the applicant."""
    understanding = turn.understanding
    return (
        understanding.applicant_name is None
        and understanding.respondent is not None
        and any(word in turn.heard.text for word in turn.rules.words.means)
    )


def _without_phone(turn: Turn) -> str:
    """Return what is left of "王大爷 电话138…" when the number and the word for it are gone."""
    left = re.sub(r"[\d\s\-()+]{7,}", "", normalise(turn.heard.text))
    for word in sorted(turn.rules.words.lines["phone"], key=len, reverse=True):
        left = left.replace(word, "")
    return left.strip(PUNCTUATION)


def read_phone(turn: Turn) -> Step | None:
    text, draft = turn.text, draft_of(turn)
    if turn.understanding.own_phone:
        return proceed(turn, draft, phone=turn.understanding.own_phone)
    if turn.understanding.phone:
        return ask_once_more(turn, draft, Utterance("resident.ask_phone_other"))
    if is_one_of(text, turn.rules.words.refuse) or is_one_of(text, turn.rules.words.unknown):
        return proceed(turn, draft, phone_settled=True)
    if turn.understanding.applicant_name:
        draft = draft.model_copy(update={"name": turn.understanding.applicant_name})
        return ask_once_more(turn, draft)
    number = find_phone_like(bare(text))
    if number:
        return ask_once_more(turn, draft, Utterance("resident.ask_phone_again", {"number": number}))
    if turn.state.tries >= ENOUGH_TRIES:
        told = turn.tell(draft, text)
        return proceed(turn, told, phone_settled=True)
    return None if is_new_story(turn) else ask_once_more(turn, draft)


def read_same_or_new(turn: Turn) -> Step | None:
    held = turn.state.held
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_same_or_new"]):
        case "1":
            effect = Effect(kind=EffectKind.SUPPLEMENT, case_id=turn.state.subject_id, text=held)
            return Step(state=Conversation(), effects=(effect,))
        case "2":
            return proceed(turn, turn.restart(held))
        case _:
            return None


def read_law_apply(turn: Turn) -> Step | None:
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_law_apply"]):
        case "1":
            return proceed(turn, draft_of(turn))
        case "2":
            return Step(state=Conversation(), say=(Utterance("resident.told_ways"),))
        case _:
            return None


def read_tip(turn: Turn) -> Step | None:
    draft = draft_of(turn)
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_tip"]):
        case "1":
            effect = Effect(kind=EffectKind.LEAVE_TIP, draft=draft)
            return Step(state=Conversation(), effects=(effect,), ask=(Utterance("resident.tip_kept"),))
        case "2":
            effect = Effect(kind=EffectKind.LEAVE_TIP, draft=draft, on=True)
            return Step(state=Conversation(), effects=(effect,), ask=(Utterance("resident.tip_kept_named"),))
        case "3":
            return proceed(turn, draft)
        case _:
            told = turn.tell(draft, turn.text)
            state = turn.state.model_copy(update={"draft": told})
            return Step(state=state, ask=ask(Question.TIP, told, rules=turn.rules))


def read_withdraw(turn: Turn) -> Step | None:
    case = next((one for one in turn.known.open_cases if one.case_id == turn.state.subject_id), None)
    if case is None:  # over in the meantime
        return None
    question = "resident.ask_stop" if case.is_respondent else "resident.ask_withdraw"
    match read_choice(turn.heard.text, turn.rules.phrases[question]):
        case "1":
            effect = Effect(kind=EffectKind.WITHDRAW, case_id=case.case_id)
            return Step(state=_without_question(turn), effects=(effect,))
        case "2":
            said = Utterance("resident.not_withdrawn", {"case_no": case.case_no})
            return Step(state=_without_question(turn), say=(said,))
        case _ if turn.state.tries:  # whoever speaks of something else twice does not want to withdraw
            said = Utterance("resident.not_withdrawn", {"case_no": case.case_no})
            kept = Effect(kind=EffectKind.SUPPLEMENT, case_id=case.case_id, text=turn.text)
            return Step(state=_without_question(turn), say=(said,), effects=(kept,))
        case _:
            facts = {"case_no": case.case_no, "type": case.type_name}
            state = turn.state.model_copy(update={"tries": 1})
            return Step(state=state, ask=(Utterance(question, facts),))


def read_another(turn: Turn) -> Step | None:
    """Another mediator is asked for twice, because the case changes hands at once."""
    match read_choice(turn.heard.text, turn.rules.phrases["resident.ask_another"]):
        case "1":
            effect = Effect(kind=EffectKind.ASK_ANOTHER, case_id=turn.state.subject_id, text=turn.state.held)
            return Step(state=_without_question(turn), effects=(effect,))
        case "2":
            return Step(state=_without_question(turn), say=(Utterance("resident.another_not"),))
        case _:
            return None


def _without_question(turn: Turn) -> Conversation:
    """The dialogue goes on where it was before the question about a case."""
    state = turn.state
    if state.draft is None:
        return Conversation()
    following = next_question(state.draft, words=turn.rules.words)
    return state.model_copy(update={"asked": following, "subject_id": None, "tries": 0})


READERS: dict[Question, Callable[[Turn], Step | None]] = {
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
    Question.ANOTHER: read_another,
}
