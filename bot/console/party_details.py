"""What the official forms ask about the sides (当事人资料), filled in and corrected by the staff."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action
from bot.console.gate import RefusedError
from bot.console.routing import Page, Subject
from bot.console.visit import Visit
from handlers.mediating.details import change_details, details_of
from handlers.mediating.parties import name_of
from handlers.mediating.work import Work
from mediation.agreement import Side
from mediation.party_details import OLDEST, Detail, PartyDetails, Sex, shown_number
from storage import cases, console_case
from storage.tables import CaseRow

LONGEST = 120
PATH = "/cases/{case_id:[0-9]{1,18}}/details"


async def show_details(visit: Visit) -> web.StreamResponse:
    """Show both sides' details in a form; a number only by its last signs."""
    async with visit.service.database.unit_of_work() as session:
        return await _form(session, visit)


async def save_details(visit: Visit) -> web.StreamResponse:
    """Keep what was changed; nothing is overwritten that changed meanwhile."""
    case_id = visit.number("case_id")
    async with visit.service.database.unit_of_work() as session:
        case = await cases.get_case(session, case_id)
        last = await console_case.last_entry(session, case_id)
        if visit.given("version") != str(last.seq if last else 0):
            if not visit.given("version"):
                raise RefusedError(400, "bad_form")
            return await _form(session, visit, code="changed", status=409)
        work = visit.work(session)
        wrong = [side for side in Side if not await _save(work, case, visit, side)]
        if wrong:
            await session.rollback()
            return await _form(session, visit, code="wrong_number", status=422)
        await visit.note(session, "changed", "details", subject=f"case:{case_id}", case_id=case_id)
        await session.commit()
    return await visit.go(f"/cases/{case_id}", say=visit.service.rules.phrases.text("console.details_saved"))


async def _save(work: Work, case: CaseRow, visit: Visit, side: Side) -> bool:
    """Change one side; False when its number cannot be."""

    def given(name: str) -> str:
        return visit.given(f"{side}_{name}", most=LONGEST)

    before = details_of(case, side)
    is_unit = given("is_unit") == "1"
    now: dict[Detail, str | int | None] = {
        one: _read(one, given(one.value)) for one in Detail if one is not Detail.ID_NUMBER
    }
    values: dict[Detail, str | int | None] = {
        one: value for one, value in now.items() if value not in {"", None} and _fits(one, is_unit)
    }
    cleared = {one for one, value in now.items() if one not in values and getattr(before, one)}
    if given("drop_number"):
        cleared.add(Detail.ID_NUMBER)
    elif number := given("id_number"):
        values[Detail.ID_NUMBER] = number.upper().replace(" ", "")
    return not await change_details(work, case, side, values, is_unit=is_unit, cleared=cleared)


def _read(detail: Detail, text: str) -> str | int | None:
    match detail:
        case Detail.SEX:
            return text if text in set(Sex) else ""
        case Detail.AGE:
            return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= OLDEST else None
        case _:
            return text


def _fits(detail: Detail, is_unit: bool) -> bool:
    """A unit has no sex, age or ethnic group, a person no representative."""
    of_persons = {Detail.SEX, Detail.AGE, Detail.ETHNIC_GROUP}
    return detail not in (of_persons if is_unit else {Detail.REPRESENTATIVE})


async def _form(session: AsyncSession, visit: Visit, *, code: str = "", status: int = 200) -> web.Response:
    case_id = visit.number("case_id")
    case = await console_case.find_case(session, case_id)
    assert case is not None  # noqa: S101 - the gate has just found it
    last = await console_case.last_entry(session, case_id)
    work = visit.work(session)
    return await visit.render(
        "party_details.html",
        case=case,
        sides=[(side.value, name_of(work, case, side), _shown(visit, case, side)) for side in Side],
        version=last.seq if last else 0,
        code=code,
        status=status,
    )


def _shown(visit: Visit, case: CaseRow, side: Side) -> dict[str, Any]:
    """What was posted, else what is kept; never a whole number that is kept."""
    details: PartyDetails = details_of(case, side)
    posted = bool(visit.posted)
    values = {
        one.value: visit.given(f"{side}_{one}", most=LONGEST) if posted else str(getattr(details, one) or "")
        for one in Detail
        if one is not Detail.ID_NUMBER
    }
    return {
        **values,
        "is_unit": visit.given(f"{side}_is_unit") == "1" if posted else details.is_unit,
        "kept_number": shown_number(details.id_number),
    }


PAGES = (
    Page(
        method="GET",
        path=PATH,
        action=Action.NOTE,
        view=show_details,
        subject=Subject.CASE,
        seen="details",
    ),
    Page(method="POST", path=PATH, action=Action.NOTE, view=save_details, subject=Subject.CASE),
)
