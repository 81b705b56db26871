"""Import and export of the registry: a dry run first, then all rows in one go with its progress shown."""

import asyncio
import base64
import binascii
import json
import zlib
from urllib.parse import quote

from aiohttp import web
from aiohttp.web_request import FileField

from bot.console import rendering
from bot.console.access import Action
from bot.console.gate import RefusedError
from bot.console.registry_pages import REGISTRY
from bot.console.routing import Page
from bot.console.visit import Visit
from handlers.registry_tables import UnreadableTableError, read_table, write_csv, write_xlsx
from handlers.registry_work import Plan, SheetKind, apply_import, header_of, list_rows, plan_import
from mediation.calendar import CHINA_TIME

LARGEST_FILE = 4 * 1024 * 1024
LARGEST_FORM = 8 * 1024 * 1024
LARGEST_UNPACKED = 32 * 1024 * 1024
SHOWN_MISTAKES = 200
MARK = "<!--progress-->"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def _kind(visit: Visit) -> SheetKind:
    given = visit.request.match_info["kind"]
    if given not in set(SheetKind):
        raise RefusedError(404, "not_found")
    return SheetKind(given)


async def show_import(visit: Visit) -> web.StreamResponse:
    """Ask for the file; say what the columns are."""
    return await _form(visit)


async def _form(visit: Visit, *, code: str = "", plan: Plan | None = None, table: str = "") -> web.Response:
    kind = _kind(visit)
    rules = visit.service.rules
    return await visit.render(
        "registry_import.html",
        kind=kind.value,
        columns=header_of(kind, rules=rules),
        plan=plan,
        mistakes=plan.mistakes[:SHOWN_MISTAKES] if plan else [],
        table=table,
        code=code,
        status=422 if code or (plan and plan.mistakes) else 200,
    )


async def check_file(visit: Visit) -> web.StreamResponse:
    """The dry run: every mistake by row and column, or what would change. Nothing is written."""
    kind, given = _kind(visit), visit.posted.get("file")
    if not isinstance(given, FileField) or not given.filename:
        return await _form(visit, code="no_file")
    content = given.file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise RefusedError(413, "too_large")
    try:
        table = await asyncio.to_thread(read_table, content)
    except UnreadableTableError:
        return await _form(visit, code="unreadable")
    plan = await _planned(visit, kind, table)
    packed = "" if plan.mistakes else await asyncio.to_thread(_pack, table)
    return await _form(visit, plan=plan, table=packed)


async def _planned(visit: Visit, kind: SheetKind, table: list[list[str]]) -> Plan:
    async with visit.service.database.unit_of_work() as session:
        return await plan_import(
            session,
            kind,
            table,
            rules=visit.service.rules,
            area=visit.area,
            today=visit.now.astimezone(CHINA_TIME).date(),
        )


def _pack(table: list[list[str]]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(table, ensure_ascii=False).encode())).decode()


def _unpack(packed: str) -> list[list[str]]:
    """Return the table that the dry run's page carries; raises UnreadableTableError."""
    try:
        inflate = zlib.decompressobj()
        content = inflate.decompress(base64.b64decode(packed, validate=True), LARGEST_UNPACKED)
        table = json.loads(content)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise UnreadableTableError from error
    if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
        raise UnreadableTableError
    return [[str(cell) for cell in row] for row in table]


async def write_file(visit: Visit) -> web.StreamResponse:
    """Write all rows in one transaction; the page grows meanwhile, and nothing counts until the end."""
    kind = _kind(visit)
    try:
        table = await asyncio.to_thread(_unpack, visit.given("table", most=LARGEST_FORM))
    except UnreadableTableError:
        return await _form(visit, code="unreadable")
    text = visit.service.rules.phrases.text
    async with visit.service.database.unit_of_work() as session:
        plan = await plan_import(
            session,
            kind,
            table,
            rules=visit.service.rules,
            area=visit.area,
            today=visit.now.astimezone(CHINA_TIME).date(),
        )
        if plan.mistakes:  # somebody changed the registry meanwhile
            return await _form(visit, plan=plan)
        page = await visit.render("registry_importing.html", kind=kind.value, plan=plan)
        head, _, tail = (page.text or "").partition(MARK)
        head_done, _, done_tail = tail.partition(MARK)
        stream: web.StreamResponse = rendering.secured(
            web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
        )
        await stream.prepare(visit.request)
        await stream.write(head.encode())
        async for done in apply_import(session, plan):
            said = text("console_registry.step", done=done, total=len(plan.rows))
            await stream.write(f"<li>{said}</li>\n".encode())
        await visit.note(
            session,
            "changed",
            "registry_import",
            subject=kind.value,
            new=plan.new,
            changed=plan.changed,
        )
        await session.commit()
    await stream.write((head_done + done_tail).encode())
    await stream.write_eof()
    return stream


async def export(visit: Visit) -> web.StreamResponse:
    """Hand out the registry of the operator's area in the columns of an import."""
    kind, as_csv = _kind(visit), visit.query.get("as") == "csv"
    rules = visit.service.rules
    header = header_of(kind, rules=rules)
    async with visit.service.database.unit_of_work() as session:
        rows = await list_rows(session, kind, rules=rules, area=visit.area)
        await visit.note(session, "exported", "registry", subject=kind.value, rows=len(rows))
        await session.commit()
    title = rules.phrases.text(f"console_registry.file_{kind}")
    if as_csv:
        content = await asyncio.to_thread(write_csv, header, rows)
    else:
        content = await asyncio.to_thread(write_xlsx, title, header, rows)
    name = f"{title}.{'csv' if as_csv else 'xlsx'}"
    return web.Response(
        body=content,
        headers={
            "Content-Type": CSV if as_csv else XLSX,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        },
    )


PAGES = (
    Page(method="GET", path=f"{REGISTRY}/import/{{kind}}", action=Action.EDIT_REGISTRY, view=show_import),
    Page(
        method="POST",
        path=f"{REGISTRY}/import/{{kind}}",
        action=Action.EDIT_REGISTRY,
        view=check_file,
        largest_body=LARGEST_FILE + 64 * 1024,
    ),
    Page(
        method="POST",
        path=f"{REGISTRY}/import/{{kind}}/write",
        action=Action.EDIT_REGISTRY,
        view=write_file,
        largest_body=LARGEST_FORM,
    ),
    Page(method="GET", path=f"{REGISTRY}/export/{{kind}}", action=Action.SEE_REGISTRY, view=export),
)
