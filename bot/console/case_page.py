"""The case page (案件): everything of a case, its documents and files."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action
from bot.console.case_orders import ACTION_OF
from bot.console.gate import RefusedError
from bot.console.rendering import secured
from bot.console.routing import Page, Subject, View
from bot.console.visit import Visit
from bot.console.wording import actor_words, event_words, remaining, status_kind
from handlers import casework, operating
from handlers.documents.drawing import Drawing
from handlers.documents.preview import preview_html
from handlers.mediating import papers
from handlers.mediating.details import detail_words, details_of
from handlers.mediating.obligations import obligation_words
from handlers.mediating.parties import party_of
from handlers.mediating.sending import Paper, PaperKind
from handlers.opening import GoneError, NotFetchedError, Opened, open_paper
from mediation.agreement import Side
from storage import agreements, cases, console_case, inquiries, operators, registry
from storage.tables import AgreementRow, CallTaskRow, CaseRow, ObligationRow, TimelineRow

SHOWN_CALLS = 50
MADE_AT_ONCE = asyncio.Semaphore(2)
"""Documents made at the same time: each takes a processor."""
DRAWING = Drawing()
"""Pages drawn by this process; LibreOffice runs once at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the timeline as it is shown."""

    entry: TimelineRow
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """One version of the agreement with its obligations in words."""

    row: AgreementRow
    lines: tuple[tuple[ObligationRow, str], ...]


async def show_case(visit: Visit) -> web.StreamResponse:
    """Show everything of a case and what the role can do with it."""
    case_id = visit.number("case_id")
    async with visit.service.database.unit_of_work() as session:
        case = await console_case.find_case(session, case_id)
        assert case is not None  # noqa: S101 - the gate has just found it
        work = visit.work(session)
        entries = await cases.list_timeline(session, case_id)
        mediator = await registry.get_mediator(session, case.mediator_id) if case.mediator_id else None
        facts: dict[str, Any] = {
            "committee": await registry.get_committee(session, case.committee_id),
            "mediator": mediator,
            "steps": await _steps(session, visit, entries),
            "agreed": await _agreed(session, visit, case),
            "meetings": await agreements.list_meetings(session, case_id),
            "offers": await console_case.list_offers(session, case_id),
            "asked": [
                one
                for one in await inquiries.list_inquiries(session, case_id=case_id)
                if one.state in inquiries.LIVE
            ],
            "documents": [
                (paper.name, title)
                for paper, title in await papers.list_papers(work, case)
                if paper.kind is PaperKind.DOCUMENT
            ],
            "files": await console_case.list_attachments(session, case_id),
            "notices": await console_case.list_notices_of_case(session, case_id),
            "calls": await console_case.list_calls(
                session, CallTaskRow.case_id == case_id, limit=SHOWN_CALLS, urgent_first=False
            ),
            "sides": [(party_of(case, side), detail_words(work, details_of(case, side))) for side in Side],
        }
        left = remaining(case, work=work)
    because: list[str] = next(
        (entry.content.get("because", []) for entry in entries if entry.event == "filed"), []
    )
    rules = visit.service.rules
    return await visit.render(
        "case.html",
        case=case,
        **facts,
        story=list(mark(case.summary, because)),
        place=casework.place_of(case, rules=rules),
        left=left,
        status_kind=status_kind,
        orders=[order for order in operating.orders_for(case) if visit.may(ACTION_OF[order])],
        risks=[rules.phrases.text(f"words.risk_{flag}") for flag in case.risk],
        version=entries[-1].seq if entries else 0,
    )


def mark(text: str, words: Iterable[str]) -> Iterable[tuple[str, bool]]:
    """Yield the text in pieces with whether a piece is one of the words that decided."""
    wanted = sorted({word for word in words if isinstance(word, str) and word}, key=len, reverse=True)
    if not wanted:
        yield text, False
        return
    pattern = re.compile("(" + "|".join(map(re.escape, wanted)) + ")")
    for number, piece in enumerate(pattern.split(text)):
        if piece:
            yield piece, number % 2 == 1


async def _steps(session: AsyncSession, visit: Visit, entries: list[TimelineRow]) -> list[Step]:
    names = await console_case.actor_names(session, entries)
    staff = [int(entry.actor.split(":")[1]) for entry in entries if entry.actor.startswith("operator:")]
    names |= {f"operator:{key}": name for key, name in (await operators.names_of(session, staff)).items()}
    rules = visit.service.rules
    return [
        Step(
            entry=entry,
            who=actor_words(entry.actor, names=names, rules=rules),
            what=event_words(entry, rules=rules),
        )
        for entry in reversed(entries)
    ]


async def _agreed(session: AsyncSession, visit: Visit, case: CaseRow) -> list[Agreed]:
    work = visit.work(session)
    found = []
    for row in reversed(await agreements.list_agreements(session, case.id)):
        obligations = await agreements.list_obligations(session, row.id)
        lines = tuple((one, obligation_words(work, case, one)) for one in obligations)
        found.append(Agreed(row=row, lines=lines))
    return found


async def _made(visit: Visit, paper: Paper, *, on_screen: bool = False) -> Opened:
    try:
        async with MADE_AT_ONCE:
            return await open_paper(visit.service, paper, on_screen=on_screen)
    except (GoneError, NotFetchedError) as error:
        raise RefusedError(404, "no_paper") from error


def _document(visit: Visit) -> Paper:
    name = visit.request.match_info["name"]
    return Paper(kind=PaperKind.DOCUMENT, subject_id=visit.number("case_id"), name=name)


async def preview_document(visit: Visit) -> web.StreamResponse:
    """Show a document: its text at once, and for htmx its pages as pictures, which take seconds."""
    opened = await _made(visit, _document(visit), on_screen=True)
    if visit.is_fragment:
        drawn = await DRAWING.pages(opened.content)
        return await visit.render("document_pages.html", path=visit.request.path, count=len(drawn))
    html = await asyncio.to_thread(preview_html, opened.content)
    return await visit.render(
        "document.html",
        case_id=visit.number("case_id"),
        name=visit.request.match_info["name"],
        title=opened.name,
        is_drawn=DRAWING.is_possible(),
        content=Markup(html),  # noqa: S704 - cleaned by nh3 down to text and tables
    )


async def show_page(visit: Visit) -> web.StreamResponse:
    """Hand out one drawn page."""
    opened = await _made(visit, _document(visit), on_screen=True)
    drawn = await DRAWING.pages(opened.content)
    number = visit.number("number")
    if not 0 < number <= len(drawn):
        raise RefusedError(404, "no_paper")
    name = f"{number}.png"
    return hand_out(Opened(content=drawn[number - 1], content_type="image/png", name=name, shown=True))


async def download_document(visit: Visit) -> web.StreamResponse:
    """Hand out a document as a Word file."""
    return hand_out(await _made(visit, _document(visit)))


async def download_volume(visit: Visit) -> web.StreamResponse:
    """Hand out the whole volume (卷宗)."""
    return hand_out(await _made(visit, Paper(kind=PaperKind.VOLUME, subject_id=visit.number("case_id"))))


async def show_file(visit: Visit) -> web.StreamResponse:
    """Hand out something that was sent for this case."""
    async with visit.service.database.unit_of_work() as session:
        row = await console_case.find_attachment(session, visit.number("case_id"), visit.number("file_id"))
    if row is None:
        raise RefusedError(404, "no_paper")
    return hand_out(await _made(visit, Paper(kind=PaperKind.FILE, subject_id=row.id)))


def hand_out(opened: Opened) -> web.StreamResponse:
    """Answer with a file; only pictures may be shown by the browser, and nothing in them may run."""
    kind = "inline" if opened.shown else "attachment"
    return secured(
        web.Response(
            body=opened.content,
            headers={
                "Content-Type": opened.content_type,
                "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(opened.name)}",
                "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            },
        )
    )


def _case_page(path: str, view: View, *, seen: str, action: Action = Action.SEE_CASE) -> Page:
    return Page(
        method="GET",
        path="/cases/{case_id:[0-9]{1,18}}" + path,
        action=action,
        view=view,
        subject=Subject.CASE,
        seen=seen,
    )


PAGES = (
    _case_page("", show_case, seen="case"),
    _case_page("/documents/{name:[a-z_]+}", preview_document, seen="document"),
    _case_page("/documents/{name:[a-z_]+}/pages/{number:[0-9]{1,3}}", show_page, seen="document"),
    _case_page(
        "/documents/{name:[a-z_]+}/file", download_document, seen="document", action=Action.EXPORT_CASE
    ),
    _case_page("/volume", download_volume, seen="volume", action=Action.EXPORT_CASE),
    _case_page("/files/{file_id:[0-9]{1,18}}", show_file, seen="file"),
)
