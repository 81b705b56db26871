"""What the official forms ask about each side (当事人资料): kept as it is said, shown, what still lacks.

The values stand in the case alone, sealed: its timeline tells only which fields were filled in, so that
they can be erased.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.mediating.parties import BOTH, called, for_side, name_of
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import EndReason
from mediation.party_details import (
    Detail,
    PartyDetails,
    changed,
    dump_details,
    is_number_of,
    load_details,
    missing,
    shown_number,
)
from nlp.party_details import ToldDetails, hide_numbers
from storage.tables import CaseRow

LONGEST_NAME = 40


def details_of(case: CaseRow, side: Side) -> PartyDetails:
    """Return what is known of a side."""
    return load_details(case.applicant_details if side is Side.APPLICANT else case.respondent_details)


def set_details(case: CaseRow, side: Side, details: PartyDetails | None) -> None:
    """Keep what is known of a side; None forgets it."""
    kept = dump_details(details) if details else None
    if side is Side.APPLICANT:
        case.applicant_details = kept
    else:
        case.respondent_details = kept


async def change_details(
    work: Work,
    case: CaseRow,
    side: Side,
    values: Mapping[Detail, Any],
    *,
    is_unit: bool | None = None,
    cleared: Iterable[Detail] = (),
    name: str = "",
) -> str:
    """Fill in what was named and nothing else; returns a number that does not fit, as it may be shown.

    A number fits a person or a unit; the side may turn out to be the other one.
    """
    before = details_of(case, side)
    details = changed(before, values, is_unit=is_unit, cleared=cleared)
    wrong = ""
    if details.id_number and not is_number_of(details.id_number, is_unit=details.is_unit, today=work.today):
        wrong = shown_number(details.id_number)
        kept = before.id_number if before.is_unit == details.is_unit else ""
        details = changed(details, {Detail.ID_NUMBER: kept})
    if name:
        _set_name(case, side, name[:LONGEST_NAME])
    if details != before or name:
        set_details(case, side, details)
        fields = [one for one in Detail if getattr(details, one) != getattr(before, one)]
        await work.record(
            case,
            "details_noted",
            audience=for_side(side),
            side=side.value,
            fields=_listed(work, details, fields, name=name),
        )
    return wrong


def _set_name(case: CaseRow, side: Side, name: str) -> None:
    if side is Side.APPLICANT:
        case.applicant_name = name
    else:
        case.respondent_name = name


def read_told(work: Work, case: CaseRow, text: str) -> tuple[ToldDetails, ...]:
    """Return what a mediator's words tell of the sides, () when they do not begin with one."""
    names = {
        side: tuple({name for name in (name_of(work, case, side), called(work, case, side)) if name})
        for side in BOTH
    }
    return work.rules.read_details(text, names=names, today=work.today)


async def note_told(work: Work, case: CaseRow, told: Iterable[ToldDetails]) -> tuple[Utterance, ...]:
    """Keep what was said and return it as it was understood, with what was not."""
    said: list[Utterance] = []
    for one in told:
        wrong = one.wrong_number
        if one.values or one.cleared or one.name or one.is_unit is not None:
            wrong = (
                await change_details(
                    work, case, one.side, one.values, is_unit=one.is_unit, cleared=one.cleared, name=one.name
                )
                or wrong
            )
        facts = {"case_no": case.case_no, "side": work.text(f"words.side_{one.side}")}
        if lines := detail_lines(work, case, one.side):
            said.append(Utterance("mediator.details_noted", {**facts, "lines": lines}))
        if wrong:
            unit = details_of(case, one.side).is_unit
            which = "mediator.details_wrong_code" if unit else "mediator.details_wrong_number"
            said.append(Utterance(which, {**facts, "number": wrong}))
        if one.contradicts:
            said.append(Utterance("mediator.details_contradict", facts))
        if one.unread:
            words = hide_numbers("、".join(one.unread))
            said.append(Utterance("mediator.details_unread", {**facts, "words": words}))
    return tuple(said)


def detail_words(work: Work, details: PartyDetails, *, whole_number: bool = False) -> list[str]:
    """Return every known field as 性别：男; the number by its last signs unless it is wanted whole."""
    found = []
    for one in Detail:
        value = getattr(details, one)
        if value in {"", None}:
            continue
        if one is Detail.SEX:
            value = work.text(f"words.sex_{value}")
        elif one is Detail.ID_NUMBER and not whole_number:
            value = shown_number(value)
        elif one is Detail.AGE:
            value = work.text("words.years_old", years=details.age_on(work.today))
        found.append(work.text("words.detail_line", what=_called(work, details, one), value=value))
    return found


def detail_lines(work: Work, case: CaseRow, side: Side) -> str:
    """Return name and known fields of a side in one line, "" when nothing is known."""
    words = detail_words(work, details_of(case, side))
    return work.text("words.detail_mark").join([name_of(work, case, side), *words]) if words else ""


def _called(work: Work, details: PartyDetails, detail: Detail) -> str:
    """A unit has a credit code and its representative a post."""
    if details.is_unit and detail in {Detail.ID_NUMBER, Detail.OCCUPATION}:
        return work.text(f"words.detail_unit_{detail}")
    return work.text(f"words.detail_{detail}")


def _listed(work: Work, details: PartyDetails, fields: Iterable[Detail], *, name: str = "") -> str:
    named = [work.text("words.detail_name")] if name else []
    named += [_called(work, details, one) for one in fields]
    return work.text("words.detail_comma").join(named)


def what_lacks(work: Work, case: CaseRow) -> str:
    """Return which fields of which side the forms still lack, in words; "" when they are complete."""
    found: dict[str, list[Side]] = {}
    for side in BOTH:
        details = details_of(case, side)
        if what := _listed(work, details, missing(details)):
            found.setdefault(what, []).append(side)
    return work.text("words.detail_mark").join(
        work.text(
            "words.detail_of",
            side=work.text("words.both_sides" if len(sides) > 1 else f"words.side_{sides[0]}"),
            what=what,
        )
        for what, sides in found.items()
    )


def ask_once(work: Work, case: CaseRow) -> tuple[Utterance, ...]:
    """Say once in the life of a case what its papers still lack and how to say it; () ever after.

    Nothing is said where the mediation came to nothing: its notice asks for no details.
    """
    lacking = what_lacks(work, case)
    came_to_nothing = case.end_reason not in {None, EndReason.SETTLED}
    if case.details_asked or came_to_nothing or not lacking:
        return ()
    case.details_asked = True
    return (Utterance("mediator.details_lack", {"case_no": case.case_no, "what": lacking}),)


def overview(work: Work, case: CaseRow) -> Utterance:
    """Return what is known of both sides, what lacks, and how to say it."""
    known = [line for side in BOTH if (line := detail_lines(work, case, side))]
    lacking = what_lacks(work, case)
    return Utterance(
        "mediator.details_overview",
        {
            "case_no": case.case_no,
            "known": "\n".join(known) or work.text("words.details_none"),
            "lacking": lacking or work.text("words.details_complete"),
        },
    )
