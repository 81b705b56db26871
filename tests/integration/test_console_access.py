"""Every route of the console as every role and as nobody; areas; strings that would be markup."""

import ast
import re

from sqlalchemy import select, update

from bot.console import all_pages
from bot.console.access import GRANTS, Action
from bot.console.live import Live
from bot.console.routing import Page, Subject
from bot.console.sessions import Sessions
from bot.console.visit import Console
from handlers.signing_in import Role
from storage.tables import AttachmentRow, CallTaskRow, CaseRow, OutboxRow
from tests.conftest import ROOT
from tests.consoles import Browser, ConsoleStage

FOREIGN = "411103"
FIELD = re.compile(r'(?:name="|ui\.(?:field|words|select)\(")(\w+)"')
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"


def pages(stage: ConsoleStage) -> list[Page]:
    console = Console(
        service=stage.service,
        sessions=Sessions(stage.running.redis),
        live=Live(stage.service),
        secure=False,
        demo=False,
    )
    return [page for page in all_pages(console) if page.path not in {"/events", "/logout"}]


def address(page: Page) -> str:
    """The page's address about the first case, call and notice."""
    path = re.sub(r"\{name:[^}]*\}", "rights", page.path)
    return re.sub(r"\{\w+(:(?:[^{}]|\{[^}]*\})*)?\}", "1", path)


async def furnish(stage: ConsoleStage) -> None:
    """File a case with a call and a notice."""
    await stage.file_case()
    async with stage.service.database.unit_of_work() as session:
        case = (await session.scalars(select(CaseRow))).one()
        session.add(
            CallTaskRow(
                kind="human",
                person_id=case.applicant_id,
                case_id=case.id,
                dedupe_key="t",
                text="请回电",
                created_at=stage.clock(),
            )
        )
        session.add(
            OutboxRow(
                account_id=case.account_id,
                case_id=case.id,
                dedupe_key="n",
                text="您的事有进展",
                next_attempt_at=stage.clock(),
                created_at=stage.clock(),
            )
        )
        await session.commit()


async def ask(browser: Browser, page: Page) -> int:
    """Ask for a page and return the status; a form is posted empty, with the token."""
    if page.method == "GET":
        return (await browser.get(address(page), follow=False)).status
    return (await browser.post(address(page), {}, follow=False)).status


async def test_every_route_lets_in_exactly_the_roles_that_have_its_right(stage: ConsoleStage) -> None:
    await furnish(stage)
    everything = pages(stage)
    assert len(everything) > 30
    for role in Role:
        browser = await stage.enter(role)
        await browser.get("/password")
        for page in everything:
            status = await ask(browser, page)
            if page.path == "/" and page.action not in GRANTS[role]:
                assert status == 303, (role, "is led to where the role begins")
            elif page.action in GRANTS[role]:
                assert status in {200, 303, 400, 404, 409, 422}, (role, page.method, page.path, status)
            else:
                assert status == 403, (role, page.method, page.path, status)
            assert status != 500


async def test_nobody_gets_into_any_route(stage: ConsoleStage) -> None:
    await furnish(stage)
    stranger = stage.stranger()
    for page in pages(stage):
        answer = (
            await stranger.get(address(page), follow=False)
            if page.method == "GET"
            else await stranger.post(address(page), {}, follow=False)
        )
        assert answer.status == 303, page.path
        assert answer.headers["Location"].startswith("/login"), page.path
    answer = await stranger.get("/events", headers={"Accept": "text/event-stream"})
    assert answer.status == 401


async def test_a_form_without_token_is_refused_on_every_route(stage: ConsoleStage) -> None:
    await furnish(stage)
    browser = await stage.enter("city")
    for page in pages(stage):
        if page.method == "POST" and page.action in GRANTS[Role.CITY]:
            answer = await browser.post(address(page), {}, csrf="")
            assert answer.status == 403, page.path


async def test_what_lies_in_another_area_does_not_exist(stage: ConsoleStage) -> None:
    await furnish(stage)
    number = "漯调2026-000001"
    near, far = await stage.enter("office", area="411122"), await stage.enter("office", area=FOREIGN)
    assert number in (await near.get("/?tab=all")).words
    assert number not in (await far.get("/?tab=all")).words
    for page in pages(stage):
        if page.subject is Subject.NONE or page.action not in GRANTS[Role.OFFICE]:
            continue
        await far.get("/password")
        assert await ask(far, page) == 404, page.path
    for path in ("/calls", "/delivery"):
        assert number not in (await far.get(path)).words
        assert (await near.get(path)).status == 200
    merged = await near.post(
        "/cases/1/merge", {"version": "2", "reason": "同一件事", "into": "漯调2026-000999"}
    )
    assert "没有这个编号" in merged.words


async def test_a_case_without_a_place_belongs_to_the_area_of_its_committee(stage: ConsoleStage) -> None:
    await furnish(stage)
    async with stage.service.database.unit_of_work() as session:
        await session.execute(update(CaseRow).values(place=None))
        await session.commit()
    near, far = await stage.enter("office", area="411122"), await stage.enter("office", area=FOREIGN)
    assert "漯调2026-000001" in (await near.get("/?tab=all")).words
    assert (await near.get("/cases/1")).status == 200
    assert "漯调2026-000001" not in (await far.get("/?tab=all")).words
    assert (await far.get("/cases/1")).status == 404


async def test_markup_in_every_field_stays_text(stage: ConsoleStage) -> None:
    await furnish(stage)
    async with stage.service.database.unit_of_work() as session:
        case = (await session.scalars(select(CaseRow))).one()
        case.applicant_name = case.respondent = case.respondent_name = case.summary = MARKUP
        case.place, case.place_words, case.applicant_phone = None, MARKUP, MARKUP
        for row in (await session.scalars(select(CallTaskRow))).all():
            row.text = row.outcome = MARKUP
        for notice in (await session.scalars(select(OutboxRow))).all():
            notice.text = MARKUP
        session.add(
            AttachmentRow(
                account_id=case.account_id,
                case_id=case.id,
                kind=MARKUP[:12],
                media_id="m",
                received_at=stage.clock(),
            )
        )
        await session.commit()
    browser = await stage.enter("city", login="city")
    await browser.get("/cases/1/note")
    version = re.search(r'name="version" value="(\d+)"', browser.page)
    assert version
    fields = {"version": version[1], "reason": MARKUP, "confirmed": "1"}
    assert (await browser.post("/cases/1/note", fields)).status == 200
    shown = [
        "/?tab=all",
        "/cases/1",
        "/calls",
        "/calls/1",
        "/delivery",
        "/delivery/1",
        "/cases/1/documents/application",
    ]
    shown += [
        f"/?tab=all&q={MARKUP}",
        f"/?type={MARKUP}",
        f"/audit?who={MARKUP}",
        f"/cases/1/reroute?name={MARKUP}",
    ]
    auditor = await stage.enter("auditor")
    for path in shown:
        who = auditor if path.startswith("/audit") else browser
        answer = await who.get(path)
        assert answer.status == 200, path
        assert "<script>alert" not in answer.text, path
        assert "<img src=x" not in answer.text, path


async def test_markup_posted_to_every_form_stays_text(stage: ConsoleStage) -> None:
    await furnish(stage)
    templates = (ROOT / "bot" / "console" / "pages").glob("*.html")
    names = {name for one in templates for name in FIELD.findall(one.read_text())} - {"csrf"}
    assert len(names) > 30
    browsers = [await stage.enter("city"), await stage.enter("administrator")]
    everything = [page for page in pages(stage) if page.path not in {"/password", "/totp"}]
    for browser in browsers:
        assert browser.operator is not None
        own = [page for page in everything if page.action in GRANTS[Role(browser.operator.role)]]
        for method in ("POST", "GET"):
            for page in (one for one in own if one.method == method):
                await browser.get("/password")
                answer = (
                    await browser.post(address(page), dict.fromkeys(names, MARKUP))
                    if method == "POST"
                    else await browser.get(address(page))
                )
                assert answer.status != 500, (method, page.path)
                assert "<script>alert" not in answer.text, (method, page.path)
                assert "<img src=x" not in answer.text, (method, page.path)


async def test_pages_keep_to_their_own_policy(stage: ConsoleStage) -> None:
    await furnish(stage)
    browser = await stage.enter("city")
    for page in pages(stage):
        if page.method == "POST" or page.action not in GRANTS[Role.CITY]:
            continue
        answer = await browser.get(address(page), follow=False)
        if answer.status != 200 or "<html" not in answer.text:
            continue
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", answer.text), page.path
        assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text), page.path
        assert "<style" not in answer.text, page.path
        assert answer.headers["Cache-Control"] == "no-store", page.path
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def noted() -> set[str]:
    """What the console's pages write into the audit, read from their code."""
    found = set()
    for path in (ROOT / "bot" / "console").glob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            words = [one.value for one in call.args if isinstance(one, ast.Constant)]
            if any(word in {"saw", "changed", "exported"} for word in words):
                found |= {str(word) for word in words} - {"saw", "changed", "exported"}
            found |= {
                str(one.value.value)
                for one in call.keywords
                if one.arg == "seen" and isinstance(one.value, ast.Constant)
            }
    return found


def test_every_entry_of_the_audit_has_its_words() -> None:
    page = (ROOT / "bot" / "console" / "pages" / "audit.html").read_text()
    assert len(noted()) > 30
    assert {one for one in noted() if f'"{one}": "' not in page} == set()


async def test_the_number_of_calls_is_that_of_the_list(stage: ConsoleStage) -> None:
    await furnish(stage)
    near, far = await stage.enter("office", area="411122"), await stage.enter("office", area=FOREIGN)
    for browser in (near, far):
        calls = (await browser.get("/calls")).text.count("data-row=")
        for path in ("/", "/today"):
            assert f"{calls} 电话任务" in (await browser.get(path)).words, path


async def test_an_administrator_sees_accounts_and_no_case(stage: ConsoleStage) -> None:
    assert Action.SEE_CASE not in GRANTS[Role.ADMINISTRATOR]
    assert Action.BOARD not in GRANTS[Role.ADMINISTRATOR]
    browser = await stage.enter("administrator")
    fields = {"login": "wangli", "name": "王丽", "role": "office", "area": "411122"}
    assert (await browser.get("/")).path == "/operators"
    answer = await browser.post("/operators", fields)
    password = re.search(r"wangli 的第一个密码：(\w+)", answer.words)
    assert password
    assert "wangli 的第一个密码" not in (await browser.get("/operators")).words
    newcomer = stage.stranger()
    await newcomer.get("/login")
    answer = await newcomer.post("/login", {"login": "wangli", "password": password[1]})
    assert answer.path == "/password"
    for posted, complaint in (
        ({**fields, "area": "999999"}, "没有这个地方"),
        (fields, "有人用了"),
        ({**fields, "login": "x"}, "登录名要2到40个字"),
        ({**fields, "role": "king"}, "都要填"),
    ):
        refused = await browser.post("/operators", posted)
        assert (refused.status, complaint in refused.words) == (422, True)
    await browser.post("/operators/disable", {"login": "wangli"})
    assert (await newcomer.get("/password")).path == "/login"
