"""The web console (控制台) for hotline operators and the judicial bureau, by role and area.

How to add a page:

1.  Write a module here with views. A view takes one `Visit` (`visit.py`) and answers with
    `await visit.render("name.html", fact=…)` or, after a form, `await visit.go("/path", say="…")`
    (POST–redirect–GET; `say` is shown once on the page that follows). It parses, calls one use case of
    `handlers/` inside `async with visit.service.database.unit_of_work() as session`, commits, and answers.
    `visit.given("field")` reads a posted field, `visit.query["name"]` the address, `visit.number("case_id")`
    the path; `visit.work(session)` is the `Work` that use cases of `handlers/mediating` take.
2.  List its routes: `PAGES = (Page(method="GET", path="/x", action=Action.…, view=show_x, seen="x"), …)`
    and yield them in `all_pages` below. `action` is the right it needs: `access.py` is the only place that
    says which role has it; a test walks every route as every role and as nobody. `subject` names what the
    path is about (`{case_id}` → `Subject.CASE`): the gate compares its place with the operator's area and
    answers 404 for others. Lists and forms have no subject: pass `visit.area` ("" = everywhere) to the
    statement, for cases `storage.console_places.case_within(area)`. `seen` puts the page into
    the audit; what a view changes or exports it notes itself with `await visit.note(session, "changed", …)`
    last before its commit.
    `largest_body` is for uploads (`visit.posted["file"]` is aiohttp's FileField).
3.  Write `pages/name.html`: `{% extends "base.html" %}`, blocks `title`, `help` (what this page is for and
    its keys; shown by `?`) and `main`. Macros are in `pages/macros.html` (badge, grade, field, words, select,
    submit, empty, pager, complaint). Every form starts with `{{ ui.csrf(visit) }}`; htmx sends the token
    by itself (`hx-headers` of the body). No inline script, style or event handler: the CSP forbids them;
    what needs a script gets a data attribute that `assets/console.js` knows. Own styles go into an own file
    `assets/NAME.css` and block `styles`: `<link rel="stylesheet" href="{{ asset('NAME.css') }}">`.
4.  Words stand in the templates, or in `config/phrases/console.yaml` when Python says them
    (`visit.service.rules.phrases.text("console.key")`, in templates `t("console.key")`; keys are registered
    in `config/phrase_facts.json`). An entry of the navigation is one line in `pages/navigation.html`.
5.  Tests: `tests/consoles.py` opens a console on both databases (`open_console`), signs in as any role
    (`await console.enter("office", area="411122")`), posts forms with their token and files cases.
"""

from collections.abc import Iterable
from functools import partial

import structlog
from aiohttp import web
from redis.asyncio import Redis

from bot.console import (
    accounts,
    audit,
    board,
    calls,
    case_orders,
    case_page,
    delivery,
    education,
    intake,
    party_details,
    pictures,
    registry_files,
    registry_pages,
    rendering,
    signing_in,
    typical,
)
from bot.console.access import Action
from bot.console.gate import Gate, Handler
from bot.console.live import Live
from bot.console.routing import Page
from bot.console.sessions import Sessions
from bot.console.visit import Console
from config.settings import Settings
from handlers.service import Service
from handlers.signing_in import AccountError, Role, add_operator

log = structlog.get_logger()

KEPT_FOR_EVER = "public, max-age=31536000, immutable"
DEMO_AREAS = {Role.OFFICE: "411122", Role.COUNTY: "411122"}


def all_pages(console: Console) -> Iterable[Page]:
    """Return every page of the console for people who are signed in."""
    yield from signing_in.PAGES
    yield from board.PAGES
    yield from case_page.PAGES
    yield from case_orders.PAGES
    yield from party_details.PAGES
    yield from calls.PAGES
    yield from delivery.PAGES
    yield from audit.PAGES
    yield from accounts.PAGES
    yield from intake.PAGES
    yield from pictures.PAGES
    yield from typical.PAGES
    yield from education.PAGES
    yield from registry_files.PAGES
    yield from registry_pages.PAGES
    yield Page(method="GET", path="/events", action=Action.BOARD, view=console.live.stream)


def add_console(app: web.Application, *, settings: Settings, service: Service, redis: Redis) -> None:
    """Register the console's routes; in demo mode it has an operator of each role."""
    console = Console(
        service=service,
        sessions=Sessions(redis),
        live=Live(service),
        secure=settings.base_url.startswith("https://"),
        demo=settings.demo,
        demo_accounts=_demo_accounts() if settings.demo else (),
    )
    rendering.set_up(app)
    app.middlewares.append(_tell_not_found)
    gate = Gate(console)
    door = signing_in.Door(console, gate)
    app.router.add_get("/login", door.show, allow_head=False)
    app.router.add_post("/login", door.enter)
    app.router.add_get("/assets/{name}", _show_asset)
    for page in all_pages(console):
        app.router.add_route(page.method, page.path, gate.handler(page))
    app.on_shutdown.append(console.live.close)
    if console.demo_accounts:
        app.on_startup.append(partial(_add_demo_operators, console))


async def _show_asset(request: web.Request) -> web.StreamResponse:
    path = rendering.ASSETS / request.match_info["name"]
    if path.parent != rendering.ASSETS or not path.is_file():
        raise web.HTTPNotFound
    return rendering.secured(web.FileResponse(path, headers={"Cache-Control": KEPT_FOR_EVER}))


@web.middleware
async def _tell_not_found(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer an address that nothing serves with the headers that every answer of ours carries."""
    try:
        return await handler(request)
    except web.HTTPNotFound as answer:
        if request.match_info.http_exception is not None:
            rendering.secured(answer)
        raise


def _demo_accounts() -> tuple[tuple[str, str, str], ...]:
    return tuple((f"demo-{role}", f"fengqiao-{role}-demo", role.value) for role in Role)


async def _add_demo_operators(console: Console, _: web.Application) -> None:
    """Add the demo operators once; their passwords stand on the sign-in page."""
    service = console.service
    for login, password, role in console.demo_accounts:
        async with service.database.alone(), service.database.unit_of_work() as session:
            try:
                row, _password = await add_operator(
                    session,
                    login=login,
                    name=service.rules.phrases.text(f"console.role_{role}"),
                    role=Role(role),
                    area=DEMO_AREAS.get(Role(role), ""),
                    now=service.now(),
                    password=password,
                )
            except AccountError:
                continue  # there since an earlier start
            row.must_change = False
            await session.commit()
