"""Typical cases (典型案例): choose a closed case, check the de-identified draft, edit, download."""

import asyncio
import re
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action, sees
from bot.console.gate import RefusedError
from bot.console.routing import Page, Subject
from bot.console.visit import Visit
from handlers import casework
from handlers.typical_cases import (
    LONGEST_SECTION,
    LONGEST_TITLE,
    SECTIONS,
    begin,
    count_marks,
    find_leaks,
    plain,
    render_document,
)
from mediation.vocabulary import DisputeType
from storage import cases, console_places, typical_cases
from storage.desk_tables import TypicalCaseRow
from storage.tables import CaseRow

TYPICAL = "/typical"
SHOWN = 50
LARGEST = 256 * 1024
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNNAMEABLE = re.compile(r'[\\/:*?"<>|\s]+')


async def list_typical(visit: Visit) -> web.StreamResponse:
    """Show what was written, and the closed cases to choose from."""
    rules = visit.service.rules
    wanted = visit.query.get("type", "")
    words = visit.query.get("q", "").strip()[:32]
    async with visit.service.database.unit_of_work() as session:
        written = await typical_cases.list_written(session, area=visit.area)
        closed = await typical_cases.list_closed(
            session,
            area=visit.area,
            dispute_type=wanted if wanted in set(DisputeType) else "",
            words=words,
            limit=SHOWN,
        )
    return await visit.render(
        "typical.html",
        written=written,
        closed=closed,
        query={"type": wanted, "q": words},
        types=[(one.value, rules.type_name(one)) for one in DisputeType],
        place_of=lambda case: casework.place_of(case, rules=rules),
        plain=lambda text: plain(text, rules=rules),
    )


async def write_typical(visit: Visit) -> web.StreamResponse:
    """Write the draft of a closed case."""
    given = visit.given("case_id", most=18)
    case_id = int(given) if given.isascii() and given.isdigit() else 0
    async with visit.service.database.unit_of_work() as session:
        place = await console_places.place_of_case(session, case_id)
        if place is None or not sees(visit.area, place):
            raise RefusedError(404, "not_found")
        case = await cases.get_case(session, case_id)
        if case.status != "closed":
            raise RefusedError(404, "not_found")
        await begin(session, visit.work(session), case, operator_id=visit.operator.id)
        await visit.note(session, "changed", "typical_written", subject=f"case:{case_id}", case_id=case_id)
        await session.commit()
    say = visit.service.rules.phrases.text("console_pictures.typical_made")
    return await visit.go(f"{TYPICAL}/{case_id}", say=say)


async def _written(session: AsyncSession, visit: Visit) -> tuple[TypicalCaseRow, CaseRow]:
    row = await typical_cases.find_written(session, visit.number("case_id"))
    if row is None:
        raise RefusedError(404, "not_found")
    return row, await cases.get_case(session, row.case_id)


async def show_typical(visit: Visit) -> web.StreamResponse:
    """Show the draft with its masks marked beside the form."""
    async with visit.service.database.unit_of_work() as session:
        row, case = await _written(session, visit)
    return await _page(visit, row, case)


async def _page(
    visit: Visit, row: TypicalCaseRow, case: CaseRow, *, leaks: tuple[str, ...] = (), status: int = 200
) -> web.Response:
    rules = visit.service.rules
    opens = rules.phrases.text("console_pictures.mask_open")
    closes = rules.phrases.text("console_pictures.mask_close")
    parts = {
        name: re.split(f"({re.escape(opens)}[^{re.escape(closes)}]*{re.escape(closes)})", text)
        for name, text in {"title": row.title, **row.sections}.items()
    }
    return await visit.render(
        "typical_edit.html",
        row=row,
        case=case,
        sections=SECTIONS,
        parts=parts,
        opens=opens,
        marks=sum(count_marks(text, rules=rules) for text in (row.title, *row.sections.values())),
        leaks=leaks,
        longest=LONGEST_SECTION,
        status=status,
    )


async def save_typical(visit: Visit) -> web.StreamResponse:
    """Keep what was edited; `checked` says that a human looked at every mask."""
    async with visit.service.database.unit_of_work() as session:
        row, case = await _written(session, visit)
        row.title = visit.given("title", most=LONGEST_TITLE) or row.title
        row.sections = {name: visit.given(name, most=LONGEST_SECTION) for name in SECTIONS}
        row.updated_at, row.checked_at = visit.now, None
        leaks = find_leaks(case, {"title": row.title, **row.sections}, rules=visit.service.rules)
        if visit.given("checked") and not leaks:
            row.checked_at = visit.now
        await visit.note(session, "changed", "typical_edited", subject=f"case:{case.id}", case_id=case.id)
        await session.commit()
    if leaks:
        return await _page(visit, row, case, leaks=leaks, status=422)
    key = "console_pictures.typical_checked" if row.checked_at else "console_pictures.typical_saved"
    say = visit.service.rules.phrases.text(key)
    return await visit.go(f"{TYPICAL}/{case.id}", say=say)


async def drop_typical(visit: Visit) -> web.StreamResponse:
    """Throw what was written away; the case stays."""
    async with visit.service.database.unit_of_work() as session:
        row, case = await _written(session, visit)
        await session.delete(row)
        await visit.note(session, "changed", "typical_dropped", subject=f"case:{case.id}", case_id=case.id)
        await session.commit()
    return await visit.go(TYPICAL, say=visit.service.rules.phrases.text("console_pictures.typical_gone"))


async def download_typical(visit: Visit) -> web.StreamResponse:
    """Hand out the .docx, only after a human has checked it."""
    rules = visit.service.rules
    async with visit.service.database.unit_of_work() as session:
        row, case = await _written(session, visit)
        if row.checked_at is None:
            raise RefusedError(404, "not_found")
        await visit.note(session, "exported", "typical_case", subject=f"case:{case.id}", case_id=case.id)
        await session.commit()
    content = await asyncio.to_thread(render_document, row.title, row.sections, rules=rules)
    title = UNNAMEABLE.sub("", plain(row.title, rules=rules))
    name = rules.phrases.text("console_pictures.typical_file", title=title)
    return web.Response(
        body=content,
        headers={
            "Content-Type": WORD,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.docx",
        },
    )


ONE = f"{TYPICAL}/{{case_id:\\d{{1,18}}}}"
PAGES = (
    Page(method="GET", path=TYPICAL, action=Action.TYPICAL_CASES, view=list_typical),
    Page(method="POST", path=TYPICAL, action=Action.TYPICAL_CASES, view=write_typical),
    Page(
        method="GET",
        path=ONE,
        action=Action.TYPICAL_CASES,
        view=show_typical,
        subject=Subject.CASE,
        seen="typical_case",
    ),
    Page(
        method="POST",
        path=ONE,
        action=Action.TYPICAL_CASES,
        view=save_typical,
        subject=Subject.CASE,
        largest_body=LARGEST,
    ),
    Page(
        method="POST",
        path=f"{ONE}/drop",
        action=Action.TYPICAL_CASES,
        view=drop_typical,
        subject=Subject.CASE,
    ),
    Page(
        method="GET",
        path=f"{ONE}/docx",
        action=Action.TYPICAL_CASES,
        view=download_typical,
        subject=Subject.CASE,
    ),
)
