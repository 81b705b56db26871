"""Puts a question to the resident: the sentence, the numbered answers, the card to confirm."""

from handlers.conversation import Draft, Question
from handlers.messages import Choice
from handlers.ruleset import RuleSet
from handlers.steps import Utterance
from handlers.turn import Turn
from mediation.vocabulary import DisputeType

SHOWN_PLACES = 9
SHOWN_WORDS = 4
NONE_KEY = "0"


def type_choices(draft: Draft, *, rules: RuleSet) -> tuple[Choice, ...]:
    """The best three types by their everyday names, and none of them."""
    listed = tuple(
        Choice(key=str(number), label=rules.everyday_name(code))
        for number, code in enumerate(draft.candidates, start=1)
    )
    return (*listed, Choice(key=NONE_KEY, label=rules.phrases.text("resident.type_none")))


def other_types(draft: Draft) -> tuple[DisputeType, ...]:
    """All types that were not among the best three, in the order of the official list."""
    return tuple(
        code for code in DisputeType if code is not DisputeType.OTHER and code not in draft.candidates
    )


def any_type_choices(draft: Draft, *, rules: RuleSet) -> tuple[Choice, ...]:
    """All other types, and "cannot say"."""
    listed = tuple(
        Choice(key=str(number), label=rules.everyday_name(code))
        for number, code in enumerate(other_types(draft), start=1)
    )
    return (*listed, Choice(key=NONE_KEY, label=rules.phrases.text("resident.type_unsure")))


def place_choices(draft: Draft, *, rules: RuleSet) -> tuple[Choice, ...]:
    """The places that fit, by their full names, and none of them."""
    listed = tuple(
        Choice(key=str(number), label=rules.place_name(code))
        for number, code in enumerate(draft.place_candidates[:SHOWN_PLACES], start=1)
    )
    return (*listed, Choice(key=NONE_KEY, label=rules.phrases.text("resident.place_none")))


def ask(question: Question, draft: Draft, *, rules: RuleSet, again: bool = False) -> tuple[Utterance, ...]:
    """Return what is said to ask a question about a draft; `again` when the answer was not understood."""
    match question:
        case Question.STORY:
            return (Utterance("resident.ask_story_more" if draft.story else "resident.ask_story"),)
        case Question.NOT_MEDIABLE:
            reason = f"resident.not_mediable_{draft.not_mediable}"
            return Utterance(reason), Utterance("resident.ask_not_mediable")
        case Question.TYPE:
            return (Utterance("resident.ask_type", choices=type_choices(draft, rules=rules)),)
        case Question.TYPE_ANY:
            return (Utterance("resident.ask_type_any", choices=any_type_choices(draft, rules=rules)),)
        case Question.PLACE if draft.place_outside and draft.place is None and not again:
            city = rules.place_name(rules.rulebook.service.city_region)
            return (Utterance("resident.place_outside", {"city": city}),)
        case Question.PLACE if draft.place and again:
            facts = {"place": rules.place_name(draft.place)}
            return (Utterance("resident.ask_place_village_again", facts),)
        case Question.PLACE if draft.place:
            facts = {"place": rules.place_name(draft.place)}
            return (Utterance("resident.ask_place_village", facts),)
        case Question.PLACE:
            return (Utterance("resident.ask_place_again" if again else "resident.ask_place"),)
        case Question.PLACE_WHICH:
            return (Utterance("resident.ask_place_which", choices=place_choices(draft, rules=rules)),)
        case Question.TIP:
            place = rules.place_name(draft.place or rules.rulebook.service.city_region)
            return (Utterance("resident.ask_tip", {"place": place}),)
        case Question.CONFIRM:
            return Utterance("resident.card", {"lines": card(draft, rules=rules)}), Utterance(
                "resident.ask_confirm"
            )
        case _:
            return (Utterance(f"resident.ask_{question}"),)


def asked_again(turn: Turn) -> tuple[Utterance, ...]:
    """Return the question that still waits for its answer, if there is one."""
    state = turn.state
    if state.asked is None or state.draft is None:
        return ()
    return ask(state.asked, state.draft, rules=turn.rules)


def card(draft: Draft, *, rules: RuleSet) -> str:
    """Return the lines of the card: what was understood, and the words that decided."""
    text = rules.phrases.text
    lines = [_type_line(draft, rules=rules), _place_line(draft, rules=rules)]
    lines.append(text("resident.card_respondent", respondent=draft.respondent or ""))
    if draft.amount is not None:
        lines.append(text("resident.card_amount", amount=spoken_number(draft.amount)))
    if draft.people is not None:
        lines.append(text("resident.card_people", people=draft.people))
    if draft.since is not None:
        lines.append(text("resident.card_since", since=spoken_date(draft, rules=rules)))
    name = "resident.card_name_hidden" if draft.name_hidden else "resident.card_name"
    lines.append(text(name, name=draft.name or ""))
    if draft.phone:
        lines.append(text("resident.card_phone", phone=draft.phone))
    else:
        lines.append(text("resident.card_phone_none"))
    if draft.attachments:
        lines.append(text("resident.card_pictures", count=len(draft.attachments)))
    if draft.risk:
        danger = "、".join(text(f"words.risk_{flag}") for flag in sorted(draft.risk))
        lines.append(text("resident.card_danger", danger=danger))
    return "\n".join(lines)


def _type_line(draft: Draft, *, rules: RuleSet) -> str:
    name = rules.type_name(draft.type or DisputeType.OTHER, draft.subtype)
    telling = [word for word in draft.because if len(word) > 1][:SHOWN_WORDS]
    if draft.type_settled or not telling:
        return rules.phrases.text("resident.card_type", type=name)
    words = "".join(f"“{word}”" for word in telling)
    return rules.phrases.text("resident.card_type_because", type=name, words=words)


def _place_line(draft: Draft, *, rules: RuleSet) -> str:
    if draft.place:
        name = rules.place_name(draft.place)
        if draft.place_words and draft.place_settled:
            return rules.phrases.text("resident.card_place_words", place=name, words=draft.place_words)
        return rules.phrases.text("resident.card_place", place=name)
    if draft.place_words:
        return rules.phrases.text("resident.card_place", place=draft.place_words)
    return rules.phrases.text("resident.card_place_unknown")


def spoken_number(amount: float) -> str:
    """Return 12000 or 1460.5 as people write it."""
    return f"{amount:.2f}".rstrip("0").rstrip(".")


def spoken_date(draft: Draft, *, rules: RuleSet) -> str:
    """Return since when, no more exactly than told: a first day may be a month or a year."""
    day = draft.since
    assert day is not None  # noqa: S101 - asked only when it is known
    if day.day > 1:
        return rules.phrases.text("words.date", year=day.year, month=day.month, day=day.day)
    if day.month > 1:
        return rules.phrases.text("words.month", year=day.year, month=day.month)
    return rules.phrases.text("words.year", year=day.year)
