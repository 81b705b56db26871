"""What a mediator sees beside a case: a short view, statutes, similar cases, open points of a draft."""

import jieba

from handlers.asking import spoken_number
from handlers.casework import case_words
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating.parties import name_of
from handlers.mediating.rooms import must_stay_apart
from handlers.mediating.terms import left_words
from handlers.mediating.work import Work
from handlers.messages import Choice
from handlers.ruleset import RuleSet
from handlers.steps import Utterance
from mediation.agreement import ObligationKind, Question, Side, Unclear
from mediation.lifecycle import ENDED, CaseStatus
from mediation.vocabulary import DisputeType
from storage import agreements, cases
from storage.tables import CaseRow, ObligationRow

SHOWN_STATUTES = 4
SHOWN_SIMILAR = 3
TOGETHER = "6"
SHORT_SUMMARY = 60
TELLING_WORD = 2
NEAR_ENOUGH = 0.12


async def show_menu(turn: DeskTurn, _: Command | None = None) -> Answer:
    """The case in a few lines, and what can be done."""
    short = turn.say("mediator.case_short", **await _short_facts(turn.work, turn.case))
    return *short, menu_of(turn.case, rules=turn.work.rules)


async def show_more(turn: DeskTurn, _: Command) -> Answer:
    """What can be done beyond the menu."""
    return turn.say("mediator.case_more")


async def _short_facts(work: Work, case: CaseRow) -> dict[str, object]:
    words = case_words(case, rules=work.rules, masked=False)
    row = await agreements.find_agreement(work.session, case.id)
    progress = ""
    if row is not None and row.state == "effective":
        obligations = await agreements.list_obligations(work.session, row.id)
        done = sum(one.state == "performed" for one in obligations)
        progress = work.text("mediator.performed_of", done=done, all=len(obligations)) + "\n"
    for met in await agreements.list_set_meetings(work.session, case.id):
        when = work.spoken_day(met.at) if met.all_day else work.spoken(met.at)
        progress += work.text("mediator.next_meeting", when=when, place=met.place) + "\n"
    left = left_words(work, case)
    return {
        "type": words["type"],
        "applicant": name_of(work, case, Side.APPLICANT),
        "respondent": name_of(work, case, Side.RESPONDENT),
        "status": work.text(f"resident.status_{case.status}"),
        "left": f" {left}" if left else "",
        "summary": str(words["summary"])[:SHORT_SUMMARY],
        "more": progress,
    }


def menu_of(case: CaseRow, *, rules: RuleSet) -> Utterance:
    """What can be done with a case: the menu, or the few words that are left when it is over.

    Who must not meet is not offered to be brought together.
    """
    if CaseStatus(case.status) in ENDED:
        return Utterance("mediator.case_over", {"case_no": case.case_no})
    offered = rules.phrases["mediator.case_menu"].choices
    kept = [one for one in offered if one.key != TOGETHER or not must_stay_apart(case)]
    choices = tuple(Choice(key=one.key, label=one.label) for one in kept)
    return Utterance("mediator.case_menu", choices=choices)


async def statutes(turn: DeskTurn, _: Command) -> Answer:
    """The law of the case's type in plain words."""
    work, case = turn.work, turn.case
    shown = work.rules.statutes.for_type(DisputeType(case.dispute_type), case.subtype)[:SHOWN_STATUTES]
    lines = "\n".join(work.text("words.statute", text=one.text, citation=one.citation) for one in shown)
    return turn.say("mediator.statutes", lines=lines) if lines else (Utterance("mediator.statutes_none"),)


async def similar_cases(turn: DeskTurn, _: Command) -> Answer:
    """Closed cases of the kind whose stories share most words, the same area first; without names."""
    work, case = turn.work, turn.case
    own = _words(case.summary)
    ranked = []
    for other in await cases.list_settled_like(
        work.session, dispute_type=case.dispute_type, except_id=case.id
    ):
        shared = own & _words(other.summary)
        score = len(shared) / max(1, len(own | _words(other.summary)))
        score += 0.1 * (other.subtype == case.subtype) + 0.05 * _same_area(case, other)
        if score >= NEAR_ENOUGH:
            ranked.append((score, other, shared))
    ranked.sort(key=lambda one: (-one[0], -one[1].id))
    said = []
    for _score, other, shared in ranked[:SHOWN_SIMILAR]:
        row = await agreements.find_agreement(work.session, other.id)
        rows = await agreements.list_obligations(work.session, row.id) if row else []
        said.append(
            Utterance(
                "mediator.similar",
                {
                    "type": work.rules.type_name(other.dispute_type, other.subtype),
                    "words": "、".join(sorted(shared, key=lambda word: (-len(word), word))[:5]),
                    "result": "；".join(_result(work, one) for one in rows),
                },
            )
        )
    return tuple(said) or (Utterance("mediator.similar_none"),)


def _result(work: Work, one: ObligationRow) -> str:
    """What was promised, without names."""
    side = work.text(f"words.side_{one.debtor}") if one.debtor else work.text("words.both_sides")
    if one.kind == ObligationKind.PAY and one.amount is not None:
        return work.text("words.result_pay", side=side, amount=spoken_number(one.amount))
    return work.text("words.result_act", side=side, act=one.act)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in jieba.lcut(text) if len(word) >= TELLING_WORD and not word.isdigit())


def _same_area(case: CaseRow, other: CaseRow) -> bool:
    return bool(case.place and other.place and case.place[:6] == other.place[:6])


def open_points(obligations: list[ObligationRow]) -> tuple[Question, ...]:
    """Return what a draft still leaves open, in the order of its lines."""
    questions = []
    for index, one in enumerate(obligations):
        if one.debtor is None and one.kind == ObligationKind.PAY:
            questions.append(Question(unclear=Unclear.DEBTOR, obligation=index))
        if one.amount is None and one.kind == ObligationKind.PAY:
            questions.append(Question(unclear=Unclear.AMOUNT, obligation=index))
        if one.due_on is None and not one.immediate and not one.condition and one.kind == ObligationKind.PAY:
            questions.append(Question(unclear=Unclear.DUE, obligation=index))
    return tuple(questions)


def fill_open_point(
    work: Work, case: CaseRow, obligations: list[ObligationRow], *, index: int, unclear: Unclear, text: str
) -> bool:
    """Write the answer to an open point into the draft; False when it cannot be read.

    Who pays is asked once for all payments that do not say it.
    """
    one = obligations[index]
    match unclear:
        case Unclear.DEBTOR:
            side = _side_meant(work, case, text)
            if side is None:
                return False
            for other in obligations if one.kind == ObligationKind.PAY else [one]:
                if other.debtor is None and other.kind == one.kind:
                    other.debtor = side.value
                    other.creditor = side.other.value if one.kind == ObligationKind.PAY else None
            return True
        case Unclear.AMOUNT:
            amount = work.rules.read_amount(text)
            one.amount = amount
            return amount is not None
        case Unclear.DUE:
            if any(word in text for word in work.rules.on_the_spot):
                one.immediate = True
                return True
            day = work.rules.read_due_day(text, today=work.today)
            if day is not None and len(text) <= SHORT_SUMMARY // 2:
                one.due_on = day
                return True
            return False
        case _:
            return False


def _side_meant(work: Work, case: CaseRow, text: str) -> Side | None:
    found = {
        side for side in Side if work.text(f"words.side_{side}") in text or name_of(work, case, side) in text
    }
    return found.pop() if len(found) == 1 else None
