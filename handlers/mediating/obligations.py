"""Obligations (履行义务) as sentences that people read."""

import re
from collections.abc import Iterable

from handlers.asking import spoken_number
from handlers.mediating.parties import name_of
from handlers.mediating.work import Work
from mediation.agreement import ObligationKind, Side
from nlp.normalising import normalise
from storage.tables import AgreementRow, CaseRow, ObligationRow

CLAUSE_ENDS = re.compile(r"[，,。；;\n]+")


def obligation_words(work: Work, case: CaseRow, one: ObligationRow) -> str:
    """Return one obligation as a sentence with names: 李大柱在2026年12月31日前付给王秀英1000元."""
    text = work.text
    debtor = name_of(work, case, Side(one.debtor)) if one.debtor else text("words.both_sides")
    if one.immediate:
        when = text("words.on_the_spot")
    elif one.due_on is not None:
        day = text("words.date", year=one.due_on.year, month=one.due_on.month, day=one.due_on.day)
        when = text("words.before_day", day=day)
    else:
        when = ""
    condition = text("words.on_condition", condition=one.condition) if one.condition else ""
    part = text("words.instalment", which=one.instalment, of=one.instalments) if one.instalment else ""
    if one.kind == ObligationKind.PAY:
        creditor = name_of(work, case, Side(one.creditor)) if one.creditor else ""
        amount = spoken_number(one.amount) if one.amount is not None else "__"
        return text(
            "words.obligation_pay",
            condition=condition,
            debtor=debtor,
            when=when,
            creditor=creditor,
            amount=amount,
            part=part,
        )
    if when and when in one.act:
        when = ""
    act = one.act.replace(",", "，")  # read from normalised words
    return text("words.obligation_act", condition=condition, debtor=debtor, when=when, act=act)


def agreed_lines(
    work: Work, case: CaseRow, agreement: AgreementRow, obligations: Iterable[ObligationRow]
) -> str:
    """Return the whole agreement as each side reads and confirms it: what is owed, and that it is settled."""
    obligations = list(obligations)
    rows = [lines(work, case, obligations)]
    for number, clause in enumerate(_closing(work, agreement.words, obligations), len(obligations) + 1):
        rows.append(work.text("words.numbered", number=number, text=clause))
    return "\n".join(rows)


def _closing(work: Work, words: str, obligations: list[ObligationRow]) -> list[str]:
    """Return the clauses that oblige nobody to anything but belong to the agreement, such as 互不追究."""
    known = work.rules.obligations.acting.closing
    found = [clause.strip() for clause in CLAUSE_ENDS.split(words) if any(word in clause for word in known)]
    return [clause for clause in found if not any(normalise(clause) in one.act for one in obligations)]


def lines(work: Work, case: CaseRow, obligations: Iterable[ObligationRow]) -> str:
    """Return the obligations as numbered lines, with the sum when there are several payments."""
    obligations = list(obligations)
    rows = [
        work.text("words.numbered", number=one.seq, text=obligation_words(work, case, one))
        for one in obligations
    ]
    amounts = [one.amount for one in obligations if one.amount is not None]
    if len(amounts) > 1:
        rows.append(work.text("words.sum", amount=spoken_number(sum(amounts))))
    return "\n".join(rows)
