"""Who gets into the console: sign-in, lock-out, rotation, time-outs, tokens, headers; on both databases."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from bot.console.sessions import ABSOLUTE, IDLE
from storage import operators
from storage.console_tables import OperatorRow
from tests.consoles import PASSWORD, ConsoleStage


async def test_nobody_is_sent_to_the_sign_in_page_and_comes_back_after_it(stage: ConsoleStage) -> None:
    operator = await stage.add_operator("operator")
    browser = stage.stranger()
    answer = await browser.get("/totp")
    assert answer.path == "/login"
    answer = await browser.post(
        "/login", {"login": operator.login, "password": PASSWORD, "next": "/totp"}, follow=False
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/totp")


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"]
)
async def test_the_way_back_never_leads_elsewhere(stage: ConsoleStage, target: str) -> None:
    operator = await stage.add_operator("operator")
    browser = stage.stranger()
    await browser.get("/login")
    answer = await browser.post(
        "/login", {"login": operator.login, "password": PASSWORD, "next": target}, follow=False
    )
    assert answer.headers["Location"] == "/"


async def test_signing_in_gives_a_cookie_that_nobody_knew_before(stage: ConsoleStage) -> None:
    operator = await stage.add_operator("operator")
    browser = stage.stranger()
    await browser.get("/login")
    before = browser.cookie
    await browser.post("/login", {"login": operator.login, "password": PASSWORD}, follow=False)
    assert before
    assert browser.cookie != before
    thief = stage.stranger()
    thief.http.cookie_jar.update_cookies({"fengqiao": before}, stage.base)
    assert (await thief.get("/password")).path == "/login"


async def test_the_cookie_is_not_for_scripts_nor_for_other_sites(stage: ConsoleStage) -> None:
    answer = await stage.stranger().get("/login")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_five_wrong_passwords_lock_the_account_for_a_while(stage: ConsoleStage) -> None:
    operator = await stage.add_operator("operator")
    browser = stage.stranger()
    await browser.get("/login")
    for _ in range(4):
        answer = await browser.post("/login", {"login": operator.login, "password": "wrong"})
        assert (answer.status, "不对" in answer.words) == (401, True)
    answer = await browser.post("/login", {"login": operator.login, "password": "wrong"})
    assert "锁住了" in answer.words
    answer = await browser.post("/login", {"login": operator.login, "password": PASSWORD})
    assert "锁住了" in answer.words
    stage.clock.turn(timedelta(minutes=16))
    answer = await browser.post("/login", {"login": operator.login, "password": PASSWORD}, follow=False)
    assert answer.status == 303


async def test_an_unknown_name_hears_the_same_as_a_wrong_password(stage: ConsoleStage) -> None:
    operator = await stage.add_operator("operator")
    browser = stage.stranger()
    await browser.get("/login")
    unknown = await browser.post("/login", {"login": "nobody", "password": "wrong"})
    wrong = await browser.post("/login", {"login": operator.login, "password": "wrong"})
    assert unknown.words.replace("nobody", "") == wrong.words.replace(operator.login, "")


@pytest.mark.parametrize("csrf", ["", "wrong", "0" * 40])
async def test_a_form_without_its_token_is_refused(stage: ConsoleStage, csrf: str) -> None:
    browser = await stage.enter("operator")
    await browser.get("/password")
    fields = {"old": PASSWORD, "new": "another long one", "again": "another long one"}
    answer = await browser.post("/password", fields, csrf=csrf)
    assert (answer.status, "没有提交" in answer.words) == (403, True)
    anonymous = stage.stranger()
    await anonymous.get("/login")
    refused = await anonymous.post(
        "/login",
        {"login": browser.operator.login, "password": PASSWORD},
        csrf=csrf,  # type: ignore[union-attr]
    )
    assert refused.status == 403


async def test_a_token_of_one_session_is_none_in_another(stage: ConsoleStage) -> None:
    first, second = await stage.enter("operator"), await stage.enter("operator")
    await first.get("/password")
    second.page = first.page
    assert (await second.post("/logout", {})).status == 403


async def test_the_first_password_must_be_changed_before_anything_else(stage: ConsoleStage) -> None:
    operator = await stage.add_operator("office", must_change=True)
    browser = await stage.sign_in(operator)
    assert (await browser.get("/")).path == "/password"
    short = await browser.post("/password", {"old": PASSWORD, "new": "short", "again": "short"})
    assert "10到128" in short.words
    old_cookie = browser.cookie
    new = "quite another long one"
    answer = await browser.post("/password", {"old": PASSWORD, "new": new, "again": new})
    assert answer.path == "/"
    assert browser.cookie != old_cookie
    other = stage.stranger()
    await other.get("/login")
    assert (await other.post("/login", {"login": operator.login, "password": PASSWORD})).status == 401


async def test_a_new_password_ends_the_sessions_elsewhere(stage: ConsoleStage) -> None:
    operator = await stage.add_operator("operator")
    here, elsewhere = await stage.sign_in(operator), await stage.sign_in(operator)
    await here.get("/password")
    new = "quite another long one"
    await here.post("/password", {"old": PASSWORD, "new": new, "again": new})
    assert (await here.get("/password")).path == "/password"
    assert (await elsewhere.get("/password")).path == "/login"


async def test_leaving_ends_the_session_also_for_a_copied_cookie(stage: ConsoleStage) -> None:
    browser = await stage.enter("operator")
    await browser.get("/password")
    thief = stage.stranger()
    thief.http.cookie_jar.update_cookies({"fengqiao": browser.cookie}, stage.base)
    assert (await thief.get("/password")).path == "/password"
    await browser.post("/logout", {})
    assert (await thief.get("/password")).path == "/login"


async def test_a_session_ends_when_idle_and_in_any_case_after_half_a_day(stage: ConsoleStage) -> None:
    idle, busy = await stage.enter("operator"), await stage.enter("operator")
    stage.clock.turn(IDLE + timedelta(seconds=1))
    assert (await idle.get("/password")).path == "/login"
    busy = await stage.enter("operator")
    passed = timedelta()
    while passed + IDLE / 2 < ABSOLUTE:
        stage.clock.turn(IDLE / 2)
        passed += IDLE / 2
        assert (await busy.get("/password")).path == "/password"
    stage.clock.turn(IDLE / 2 + timedelta(seconds=1))
    assert (await busy.get("/password")).path == "/login"


async def test_a_disabled_account_is_out_at_once(stage: ConsoleStage) -> None:
    browser = await stage.enter("operator")
    async with stage.service.database.unit_of_work() as session:
        row = await operators.find_operator(session, browser.operator.id)  # type: ignore[union-attr]
        assert row is not None
        row.active = False
        await session.commit()
    assert (await browser.get("/password")).path == "/login"


async def test_one_time_numbers_are_asked_for_and_each_counts_once(stage: ConsoleStage) -> None:
    operator = await stage.add_operator("operator")
    browser = await stage.sign_in(operator)
    page = await browser.get("/totp")
    secret = page.text.split('name="secret" value="')[1].split('"')[0]
    totp = pyotp.TOTP(secret)
    wrong = await browser.post("/totp", {"secret": secret, "code": "000000"})
    assert "动态码不对" in wrong.words
    right = await browser.post("/totp", {"secret": secret, "code": totp.at(stage.clock())})
    assert "已开通" in right.words

    stage.clock.turn(timedelta(minutes=1))
    other = stage.stranger()
    await other.get("/login")
    fields = {"login": operator.login, "password": PASSWORD}
    asked = await other.post("/login", fields)
    assert "动态码" in asked.words
    number = totp.at(stage.clock())
    assert (await other.post("/login", {**fields, "code": number}, follow=False)).status == 303
    again = stage.stranger()
    await again.get("/login")
    assert (await again.post("/login", {**fields, "code": number})).status == 401


async def test_nothing_secret_is_kept_in_the_clear(stage: ConsoleStage) -> None:
    browser = await stage.enter("operator")
    keys = [key async for key in stage.running.redis.scan_iter("console:*")]
    assert keys
    assert not [key for key in keys if browser.cookie.encode() in key]
    async with stage.service.database.unit_of_work() as session:
        row = (await session.scalars(select(OperatorRow))).first()
        assert row is not None
        assert row.password_hash.startswith("$argon2id$")


async def test_every_answer_carries_the_headers_that_protect(stage: ConsoleStage) -> None:
    browser = await stage.enter("operator")
    for path in ("/login", "/password", "/assets/console.css", "/nowhere-at-all"):
        answer = await browser.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in answer.headers["Permissions-Policy"]
    assert (await browser.get("/password")).headers["Cache-Control"] == "no-store"


async def test_pages_have_no_inline_script_style_or_handler(stage: ConsoleStage) -> None:
    browser = await stage.enter("operator")
    for path in ("/login", "/password", "/totp"):
        text = (await browser.get(path)).text
        assert "<style" not in text
        assert " style=" not in text
        assert " on" not in text.replace(" one", "").replace(" on-", "").split("<body")[0]
        assert "<script>" not in text
