"""The resident's dialogue: one pure step per message, danger before everything else."""

from dataclasses import replace
from datetime import datetime

from handlers.answering import bare, read_anywhere, read_correction, read_faq
from handlers.asking import ask, asked_again
from handlers.conversation import Conversation, Draft, Question
from handlers.correcting import corrected
from handlers.filling import next_question, take_place
from handlers.mediating.own_words import is_asking, name_wishes, read_wish
from handlers.replying import answer
from handlers.ruleset import RuleSet
from handlers.steps import Effect, EffectKind, Heard, Known, OpenCase, Step, Utterance
from handlers.turn import Turn
from mediation.calendar import CHINA_TIME
from mediation.understanding import Understanding
from mediation.vocabulary import Decision, Intent, NotMediable, RiskFlag, RiskGrade

SHORT_LENGTH = 20
SHOWN_STATUTES = 3
TELLING_LENGTH = 5
DANGER_WORDS = (
    (RiskFlag.SELF_HARM, "resident.danger_self_harm"),
    (RiskFlag.FAMILY_VIOLENCE, "resident.danger_family_violence"),
    (RiskFlag.DEATH, "resident.danger_death"),
    (RiskFlag.WEAPON, "resident.danger_violence"),
    (RiskFlag.VIOLENCE, "resident.danger_violence"),
    (RiskFlag.MINOR, "resident.danger_minor"),
    (RiskFlag.GROUP, "resident.danger_group"),
)


def step(state: Conversation, heard: Heard, *, known: Known, rules: RuleSet, now: datetime) -> Step:
    """Return what one message changes, says and wants done. Pure: the same in, the same out."""
    text = heard.text.strip()
    understanding = rules.understander.understand(text, today=now.astimezone(CHINA_TIME).date())
    turn = Turn(state=state, heard=heard, known=known, rules=rules, now=now, understanding=understanding)
    if heard.is_location:
        return hear_location(turn)
    if not bare(text):
        return hear_attachment(turn)
    hidden, alone = name_wishes(text, rules.words)
    if hidden is None or state.asked is Question.TIP:  # whoever only reports something has no other side
        return _hear(turn)
    said = Utterance("party.name_hidden" if hidden else "party.name_shown")
    if state.draft is not None:
        draft = state.draft.model_copy(update={"name_hidden": hidden})
        turn = replace(turn, state=state.model_copy(update={"draft": draft}))
        if alone:
            return Step(state=turn.state, say=(said,), ask=asked_again(turn))
    taken = _hear(turn)
    if taken.state.draft is None or taken.state.asked is Question.TIP:
        return taken
    draft = taken.state.draft.model_copy(update={"name_hidden": hidden})
    return replace(taken, state=taken.state.model_copy(update={"draft": draft}), say=(*taken.say, said))


def _hear(turn: Turn) -> Step:
    return hear_held(turn) if turn.state.asked is Question.SAME_OR_NEW else hear_words(turn)


def hear_held(turn: Turn) -> Step:
    """The old matter or a new one? Whoever speaks of something else meant the old one: nothing is lost."""
    answered = answer(turn)
    if answered is not None:
        return answered
    kept = Effect(kind=EffectKind.SUPPLEMENT, case_id=turn.state.subject_id, text=turn.state.held)
    following = hear_words(replace(turn, state=Conversation()))
    return replace(following, effects=(kept, *following.effects))


def hear_words(turn: Turn) -> Step:
    """Words: those that work everywhere, then danger, then the answer to a question, then anything else."""
    text, rules, understanding, state = turn.text, turn.rules, turn.understanding, turn.state
    meaning = read_anywhere(text, rules.words)
    if meaning:
        return hear_anywhere(turn, meaning)
    calls_for_help = len(text) <= SHORT_LENGTH and any(word in text for word in rules.words.help_cries)
    if calls_for_help or (is_danger(understanding) and not _alarmed_already(turn)):
        return hear_danger(turn)
    asked_of_us = read_faq(text, rules.words)
    if asked_of_us:
        said = (Utterance(f"resident.faq_{asked_of_us}"),)
        kept = (
            turn.known.open_cases
            and len(bare(text)) >= TELLING_LENGTH
            and not is_asking(text, rules.words.answers)
        )
        if kept and state.draft is None:
            told = Effect(kind=EffectKind.SUPPLEMENT, case_id=turn.known.open_cases[0].case_id, text=text)
            return Step(state=state, say=said, effects=(told,))
        return Step(state=state, say=said, ask=asked_again(turn))
    if known_cases(turn) and any(word in text for word in rules.words.another_mediator):
        state = state.model_copy(
            update={
                "asked": Question.ANOTHER,
                "held": text,
                "subject_id": turn.known.open_cases[0].case_id,
            }
        )
        return Step(state=state, ask=(Utterance("resident.ask_another"),))
    if known_cases(turn) and state.asked is None and read_wish(text, rules.words, names=("withdraw",)):
        return ask_withdrawal(turn)
    if state.asked is not None:
        answered = corrected(turn) or answer(turn)
        if answered is not None:
            return answered
    return hear_freely(turn)


def is_danger(understanding: Understanding) -> bool:
    """Danger that cannot wait for any form; a crime against a child is, whatever its grade."""
    child = RiskFlag.MINOR in understanding.risk and understanding.not_mediable is NotMediable.CRIME
    return child or understanding.grade is RiskGrade.RED


def _alarmed_already(turn: Turn) -> bool:
    draft = turn.state.draft
    return draft is not None and turn.understanding.risk <= draft.alarmed


def known_cases(turn: Turn) -> bool:
    """Whether what is said can only be about a case under way."""
    return bool(turn.known.open_cases) and turn.state.draft is None


def hear_danger(turn: Turn) -> Step:
    """Safety words first, township and police told, then the dialogue only if the person wants it."""
    text = turn.text
    if turn.state.draft is None and turn.known.open_cases:
        return _hear_danger_in_case(turn, text)
    draft = turn.tell(turn.state.draft or turn.restart(), text)
    draft = draft.model_copy(update={"alarmed": draft.alarmed | turn.understanding.risk})
    is_tip = turn.state.draft is None and turn.understanding.intent is Intent.TIP
    asked = Question.TIP if is_tip else Question.DANGER
    state = turn.state.model_copy(update={"draft": draft, "asked": asked, "tries": 0})
    return Step(
        state=state,
        say=_safety_words(turn),
        effects=(
            Effect(
                kind=EffectKind.RAISE_ALARM,
                draft=draft,
                text=text,
                flags=turn.understanding.risk,
                on=is_tip,
            ),
        ),
        ask=ask(asked, draft, rules=turn.rules),
    )


def _safety_words(turn: Turn) -> tuple[Utterance, ...]:
    """At most two pieces of advice, the most pressing first."""
    spoken = dict.fromkeys(key for flag, key in DANGER_WORDS if flag in turn.understanding.risk)
    return tuple(Utterance(key) for key in list(spoken)[:2] or ["resident.danger_violence"])


def _hear_danger_in_case(turn: Turn, text: str) -> Step:
    """Danger in a matter that is under way: the alarm, and the words go to its mediator."""
    case = turn.known.open_cases[0]
    draft = turn.tell(turn.restart(), text)
    alarm = Effect(
        kind=EffectKind.RAISE_ALARM,
        draft=draft,
        text=text,
        case_id=case.case_id,
        flags=turn.understanding.risk,
    )
    told = Effect(
        kind=EffectKind.SUPPLEMENT, case_id=case.case_id, text=text, attachments=turn.heard.attachments
    )
    return Step(state=turn.state, say=_safety_words(turn), effects=(alarm, told))


def hear_location(turn: Turn) -> Step:
    """A shared location: its label is read like words, else the nearest known region is taken."""
    draft = turn.state.draft or turn.restart()
    label = turn.text
    draft = draft.model_copy(
        update={"latitude": turn.heard.latitude, "longitude": turn.heard.longitude, "place_words": label}
    )
    draft = take_place(draft, turn.understanding)
    if draft.place is None and draft.latitude is not None and draft.longitude is not None:
        place = turn.rules.region_at(latitude=draft.latitude, longitude=draft.longitude)
        if place and (not draft.place_candidates or place in draft.place_candidates):
            draft = draft.model_copy(update={"place": place, "place_candidates": (), "place_outside": False})
    if draft.place is None and not draft.place_candidates:
        known = "resident.place_outside" if draft.place_outside else "resident.place_noted"
        city = turn.rules.place_name(turn.rules.rulebook.service.city_region)
        return _go_on(turn, draft, first=Utterance(known, {"city": city}))
    return _go_on(turn, draft, first=Utterance("resident.noted"))


def hear_attachment(turn: Turn) -> Step:
    """A picture, a voice without words, or nothing readable."""
    heard, state = turn.heard, turn.state
    if heard.is_voice:
        said = Utterance("resident.unheard_voice")
    elif heard.attachments:
        said = Utterance("resident.picture_kept")
    else:
        return Step(state=state, say=(Utterance("resident.unreadable"),), ask=asked_again(turn))
    if state.draft is not None:
        draft = state.draft.model_copy(update={"attachments": (*state.draft.attachments, *heard.attachments)})
        kept = state.model_copy(update={"draft": draft})
        return Step(state=kept, say=(said,), ask=asked_again(replace(turn, state=kept)))
    if turn.known.open_cases and heard.attachments:
        case = turn.known.open_cases[0]
        effect = Effect(kind=EffectKind.SUPPLEMENT, case_id=case.case_id, attachments=heard.attachments)
        return Step(state=state, say=(said,) if heard.is_voice else (), effects=(effect,))
    if heard.is_voice:
        started = Conversation(draft=turn.restart(), asked=Question.STORY) if heard.attachments else state
        return Step(state=started, say=(said,))
    started = Conversation(draft=turn.restart(), asked=Question.STORY)
    return Step(state=started, say=(Utterance("resident.picture_first"),))


def hear_anywhere(turn: Turn, meaning: str) -> Step:
    """One of the words that work everywhere."""
    state = turn.state
    match meaning:
        case "cancel":
            if state.is_idle:
                return Step(state=state, say=(Utterance("resident.nothing_to_cancel"),))
            alarmed = state.draft is not None and state.draft.alarmed
            key = "resident.cancelled_after_alarm" if alarmed else "resident.cancelled"
            return Step(state=Conversation(), say=(Utterance(key),))
        case "back":
            return go_back(turn)
        case "help":
            return Step(state=state, say=(Utterance("resident.help"),), ask=asked_again(turn))
        case "human":
            told = state.draft.text if state.draft else turn.text
            effect = Effect(kind=EffectKind.ASK_HUMAN, draft=state.draft, text=told)
            return Step(state=state, effects=(effect,), ask=asked_again(turn))
        case "progress":
            return hear_progress(turn)
        case "urge":
            return Step(state=state, effects=(Effect(kind=EffectKind.URGE),), ask=asked_again(turn))
        case "withdraw":
            return ask_withdrawal(turn)
        case "restart":
            started = Conversation(draft=turn.restart(), asked=Question.STORY)
            return Step(state=started, ask=(Utterance("resident.restarted"),))
        case "education" | "no_education":
            on = meaning == "education"
            said = Utterance("resident.education_on" if on else "resident.education_off")
            effect = Effect(kind=EffectKind.EDUCATION, on=on)
            return Step(state=state, say=(said,), effects=(effect,), ask=asked_again(turn))
        case _:
            on = meaning == "short"
            said = Utterance("resident.short_on" if on else "resident.short_off")
            effect = Effect(kind=EffectKind.SHORT_SENTENCES, on=on)
            return Step(state=state, say=(said,), effects=(effect,), ask=asked_again(turn))


FORGET: dict[Question, dict[str, object]] = {
    Question.TYPE: {"type_settled": False},
    Question.TYPE_ANY: {"type_settled": False},
    Question.PLACE: {"place": None, "place_candidates": (), "place_settled": False, "place_words": ""},
    Question.PLACE_WHICH: {"place": None, "place_candidates": (), "place_settled": False},
    Question.RESPONDENT: {"respondent": None},
    Question.NAME: {"name": None},
    Question.PHONE: {"phone": None, "phone_settled": False},
    Question.NOT_MEDIABLE: {"mediable_settled": False},
}


def go_back(turn: Turn) -> Step:
    """Ask the question before the present one again."""
    state = turn.state
    if state.draft is None or not state.answered:
        return Step(state=state, say=(Utterance("resident.nothing_to_go_back"),), ask=asked_again(turn))
    last = state.answered[-1]
    draft = state.draft.model_copy(update=FORGET.get(last, {}))
    asked = Question.PLACE if last is Question.PLACE_WHICH else last
    back = state.model_copy(
        update={"draft": draft, "asked": asked, "answered": state.answered[:-1], "tries": 0}
    )
    return Step(state=back, ask=ask(asked, draft, rules=turn.rules))


def withdrawal_question(case: OpenCase) -> str:
    """Return the phrase that asks back: the applicant withdraws, the other side stops."""
    return "resident.ask_stop" if case.is_respondent else "resident.ask_withdraw"


def ask_withdrawal(turn: Turn) -> Step:
    """Withdrawing is asked back, because it ends the case."""
    if not turn.known.open_cases:
        return Step(state=turn.state, say=(Utterance("resident.progress_none"),), ask=asked_again(turn))
    numbers = turn.heard.text
    case = next((case for case in turn.known.open_cases if case.case_no in numbers), turn.known.open_cases[0])
    state = turn.state.model_copy(update={"asked": Question.WITHDRAW, "subject_id": case.case_id})
    facts = {"case_no": case.case_no, "type": case.type_name}
    return Step(state=state, ask=(Utterance(withdrawal_question(case), facts),))


def hear_freely(turn: Turn) -> Step:  # noqa: PLR0912 - one branch per intent
    """Words that answer no question: by what they want."""
    state, understanding, text = turn.state, turn.understanding, turn.text
    in_draft = state.draft is not None
    if not in_draft and (aside := hear_aside(turn)):
        return aside
    match understanding.intent:
        case Intent.HUMAN:
            return hear_anywhere(turn, "human")
        case Intent.PROGRESS if turn.known.open_cases or not in_draft:
            return hear_progress(turn)
        case Intent.URGE if turn.known.open_cases or not in_draft:
            effect = Effect(kind=EffectKind.URGE, text=text)
            return Step(state=state, effects=(effect,), ask=asked_again(turn))
        case Intent.WITHDRAW if turn.known.open_cases:
            return ask_withdrawal(turn)
        case Intent.WITHDRAW if in_draft:
            return hear_anywhere(turn, "cancel")
        case Intent.SUPPLEMENT if turn.known.open_cases and not in_draft:
            case = turn.known.open_cases[0]
            return Step(
                state=state,
                effects=(Effect(kind=EffectKind.SUPPLEMENT, case_id=case.case_id, text=text),),
            )
        case Intent.SUPPLEMENT if not in_draft and understanding.type is None and len(text) <= SHORT_LENGTH:
            return hear_irrelevant(turn)
        case Intent.ABUSE if understanding.type is None:
            return Step(state=state, say=(Utterance("resident.abuse"),), ask=asked_again(turn))
        case Intent.THANKS if not in_draft:
            return Step(state=state, say=(Utterance("resident.thanks"),))
        case Intent.GREETING if in_draft:
            return Step(state=state, ask=asked_again(turn))
        case Intent.GREETING:
            return Step(state=state, say=(Utterance("resident.welcome"),))
        case Intent.IRRELEVANT if not in_draft:
            return hear_irrelevant(turn)
        case Intent.LAW_QUESTION if known_cases(turn) and not _is_of_another_kind(turn):
            told = Effect(kind=EffectKind.SUPPLEMENT, case_id=turn.known.open_cases[0].case_id, text=text)
            words = law_words(turn)
            return Step(
                state=state, say=(words,) if words.key == "resident.law_found" else (), effects=(told,)
            )
        case Intent.LAW_QUESTION if not in_draft:
            asked = Conversation(draft=turn.restart(text), asked=Question.LAW_APPLY)
            return Step(state=asked, say=(law_words(turn),), ask=(Utterance("resident.ask_law_apply"),))
        case Intent.TIP if not in_draft:
            draft = turn.restart(text)
            asked = Conversation(draft=draft, asked=Question.TIP)
            return Step(state=asked, ask=ask(Question.TIP, draft, rules=turn.rules))
        case _:
            return hear_story(turn, text)


def _is_of_another_kind(turn: Turn) -> bool:
    """Whether what is said surely belongs to no kind of dispute that the person has under way."""
    kinds = {case.dispute_type for case in turn.known.open_cases}
    return turn.understanding.decision is Decision.AUTO and turn.understanding.type not in kinds


def law_words(turn: Turn) -> Utterance:
    """What the law says to a question, with its article; the hotline where no statute surely fits."""
    understanding = turn.understanding
    found = turn.rules.law_answers(
        turn.text, dispute_type=understanding.type, subtype=understanding.subtype, most=SHOWN_STATUTES
    )
    if not found:
        return Utterance("resident.law_answer")
    text = turn.rules.phrases.text
    lines = "\n".join(text("words.statute", text=one.text, citation=one.citation) for one in found)
    return Utterance("resident.law_found", {"lines": lines})


def hear_aside(turn: Turn) -> Step | None:
    """Outside a dialogue: just "好的", a phone number, a place, or new contact details for a case."""
    state, text = turn.state, turn.text
    if bare(text) in turn.rules.words.acknowledged:
        return Step(state=state, say=(Utterance("resident.told_ways"),))
    correction = read_correction(text, turn.rules.words) if turn.known.open_cases else None
    line, said = correction or ("", "")
    value = turn.understanding.own_phone if line == "phone" else turn.understanding.applicant_name or said
    if line in {"phone", "name"} and value:
        case_id = turn.known.open_cases[0].case_id
        change = Effect(kind=EffectKind.CHANGE_CONTACT, case_id=case_id, line=line, text=value)
        return Step(state=state, effects=(change,))
    if turn.understanding.own_phone and is_own_phone(turn):
        keep = Effect(kind=EffectKind.KEEP_PHONE, text=turn.understanding.own_phone)
        return Step(state=state, effects=(keep,))
    if names_only_a_place(turn):
        return _go_on(turn, take_place(turn.restart(), turn.understanding))
    return None


def hear_irrelevant(turn: Turn) -> Step:
    """Nothing that speaks of a dispute: whoever has a case probably means it, others are asked to tell."""
    understanding = turn.understanding
    if understanding.not_mediable is NotMediable.NOT_DISPUTE:
        return Step(state=turn.state, say=(Utterance("resident.irrelevant"),))
    if understanding.not_mediable or understanding.grade is not RiskGrade.NONE:
        return hear_story(turn, turn.text)
    if turn.known.open_cases and len(bare(turn.text)) >= TELLING_LENGTH:
        more = Effect(kind=EffectKind.SUPPLEMENT, case_id=turn.known.open_cases[0].case_id, text=turn.text)
        return Step(state=turn.state, effects=(more,))
    return Step(state=turn.state, say=(Utterance("resident.not_heard"),))


def is_own_phone(turn: Turn) -> bool:
    """Somebody sends just the own number, to be called back."""
    return bool(turn.understanding.own_phone) and len(turn.text) <= SHORT_LENGTH


def names_only_a_place(turn: Turn) -> bool:
    """Somebody begins with where it is: "刘庄的"."""
    understanding = turn.understanding
    named = understanding.place or understanding.place_candidates
    return bool(named) and understanding.type is None and len(turn.text) <= SHORT_LENGTH


def hear_progress(turn: Turn) -> Step:
    """How the case stands; somebody who names a matter but has no case is offered to file it."""
    effect = Effect(kind=EffectKind.SHOW_PROGRESS)
    if turn.state.draft is not None and not turn.known.open_cases:
        return Step(state=turn.state, say=(Utterance("resident.progress_draft"),), ask=asked_again(turn))
    if turn.known.open_cases or turn.understanding.type is None:
        return Step(state=turn.state, effects=(effect,), ask=asked_again(turn))
    draft = turn.restart(turn.text)
    state = Conversation(draft=draft, asked=Question.LAW_APPLY)
    return Step(
        state=state,
        say=(Utterance("resident.progress_none_heard"),),
        ask=(Utterance("resident.ask_progress_file"),),
    )


def hear_story(turn: Turn, text: str) -> Step:
    """A piece of a story: of the draft, of a case that is open, or the beginning of a new one."""
    draft = turn.state.draft
    if draft is None and turn.known.open_cases:
        same_type = [case for case in turn.known.open_cases if case.dispute_type == turn.understanding.type]
        case = (same_type or list(turn.known.open_cases))[0]
        state = Conversation(asked=Question.SAME_OR_NEW, held=text, subject_id=case.case_id)
        facts = {"case_no": case.case_no, "type": case.type_name}
        return Step(state=state, ask=(Utterance("resident.ask_same_or_new", facts),))
    if draft is None:
        draft = turn.restart()
    first = Utterance("resident.noted") if turn.state.asked is Question.CONFIRM else None
    return _go_on(turn, turn.tell(draft, text), first=first)


def _caution(draft: Draft) -> Utterance | None:
    """A word of caution, once, when things may come to blows or many people gather."""
    if draft.cautioned or draft.alarmed or draft.grade is not RiskGrade.ORANGE:
        return None
    if RiskFlag.MINOR in draft.risk:
        return Utterance("resident.caution_minor")
    if RiskFlag.VIOLENCE in draft.risk:
        return Utterance("resident.caution_violence")
    return Utterance("resident.caution_group") if RiskFlag.GROUP in draft.risk else None


def _go_on(turn: Turn, draft: Draft, *, first: Utterance | None = None) -> Step:
    asked = next_question(draft, words=turn.rules.words)
    again = asked is turn.state.asked
    said = [first] if first else []
    if caution := _caution(draft):
        said.append(caution)
        draft = draft.model_copy(update={"cautioned": True})
    if asked is Question.STORY and draft.story:
        draft = draft.model_copy(update={"story_asked": True})
    state = turn.state.model_copy(
        update={"draft": draft, "asked": asked, "tries": turn.state.tries + 1 if again else 0}
    )
    return Step(state=state, say=tuple(said), ask=ask(asked, draft, rules=turn.rules, again=again))
