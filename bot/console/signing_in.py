"""Signing in and out at the console, own password and one-time numbers."""

from urllib.parse import urlsplit

import structlog
from aiohttp import web
from redis.exceptions import RedisError

from bot.console import rendering
from bot.console.access import Action
from bot.console.gate import PASSWORD, Gate
from bot.console.routing import Page
from bot.console.sessions import ABSOLUTE, csrf_fits, csrf_of, new_token
from bot.console.visit import CSRF_FIELD, Console, Visit
from handlers import signing_in
from handlers.signing_in import AccountError, SignInOutcome
from storage import console_access, operators

log = structlog.get_logger()
TOTP = "/totp"


class Door:
    """The sign-in page: the only one of the console for people who are nobody yet."""

    def __init__(self, console: Console, gate: Gate) -> None:
        self._console = console
        self._gate = gate

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show the form under a cookie of its own, so that the form cannot be posted from elsewhere."""
        return self._form(request, code="")

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Check what was posted; whoever is welcome gets a fresh cookie."""
        try:
            return await self._enter(request)
        except RedisError:
            return self._gate.trouble(request, status=503, code="sessions_away")

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        posted = {name: str(value) for name, value in (await request.post()).items()}
        token = request.cookies.get(self._console.cookie, "")
        if not token or not csrf_fits(token, posted.get(CSRF_FIELD, "")):
            return self._form(request, code="stale_form", status=403)
        service = self._console.service
        now = service.now()
        login = posted.get("login", "").strip()[:40]
        found = await signing_in.sign_in(
            service, login=login, password=posted.get("password", ""), code=posted.get("code", ""), now=now
        )
        if found.operator is None or found.outcome is not SignInOutcome.WELCOME:
            log.warning("sign-in refused", outcome=found.outcome.value)
            needs_code = found.outcome is SignInOutcome.NEEDS_CODE
            status = 200 if needs_code else 401
            return self._form(
                request, code=found.outcome.value, login=login, needs_code=needs_code, status=status
            )
        await self._console.sessions.end(token)
        session = await self._console.sessions.begin(
            operator_id=found.operator.id, version=found.operator.version, now=now
        )
        async with service.database.unit_of_work() as db:
            await console_access.note_access(
                db,
                at=now,
                actor=f"operator:{found.operator.id}",
                operator_id=found.operator.id,
                verb="signed",
                action="sign_in",
                subject="",
            )
            await db.commit()
        response = web.Response(status=303, headers={"Location": _own_address(posted.get("next", ""))})
        give_cookie(self._console, response, session.token)
        return rendering.secured(response)

    def _form(
        self, request: web.Request, *, code: str, login: str = "", needs_code: bool = False, status: int = 200
    ) -> web.Response:
        token = request.cookies.get(self._console.cookie) or new_token()
        service = self._console.service
        facts = {
            **rendering.shared(service, now=service.now()),
            "csrf": csrf_of(token),
            "code": code,
            "login": login,
            "needs_code": needs_code,
            "next": _own_address(request.query.get("next", "")),
            "demo_accounts": self._console.demo_accounts,
        }
        response = rendering.render(request, "login.html", facts, status=status)
        give_cookie(self._console, response, token)
        return response


def _own_address(target: str) -> str:
    """Return an address of this console, `/` for everything that leads elsewhere."""
    parts = urlsplit(target)
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    return target if own and target.isprintable() else "/"


def give_cookie(console: Console, response: web.StreamResponse, token: str) -> None:
    """Set the session's cookie: not for scripts, not for other sites, over https where there is https."""
    response.set_cookie(
        console.cookie,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        secure=console.secure,
        samesite="Lax",
    )


async def leave(visit: Visit) -> web.StreamResponse:
    """End this session."""
    await visit.console.sessions.end(visit.session.token)
    response = web.Response(status=303, headers={"Location": "/login"})
    response.del_cookie(visit.console.cookie, path="/", secure=visit.console.secure, httponly=True)
    return response


async def show_password(visit: Visit) -> web.StreamResponse:
    """Ask for the old and the new password."""
    return await visit.render("password.html", code="")


async def change_password(visit: Visit) -> web.StreamResponse:
    """Take another password; all sessions of the account end, this browser gets a fresh one."""
    async with visit.service.database.unit_of_work() as session:
        row = await operators.find_operator(session, visit.operator.id)
        assert row is not None  # noqa: S101 - the gate has just found it
        if visit.given("new") != visit.given("again"):
            return await visit.render("password.html", code="passwords_differ", status=422)
        try:
            await signing_in.change_password(row, old=visit.given("old"), new=visit.given("new"))
        except AccountError as error:
            return await visit.render("password.html", code=error.code, status=422)
        await visit.note(session, "changed", "password", subject=f"operator:{row.id}")
        await session.commit()
    return await _renewed(visit, version=row.version, path="/", say="console.said_password")


async def show_totp(visit: Visit) -> web.StreamResponse:
    """Show a new secret, or that one-time numbers are on."""
    if visit.operator.totp_secret is not None:
        return await visit.render("totp.html", code="", secret="", uri="")
    secret, uri = signing_in.new_totp(visit.operator, issuer=visit.service.rules.rulebook.service.name)
    return await visit.render("totp.html", code="", secret=secret, uri=uri)


async def change_totp(visit: Visit) -> web.StreamResponse:
    """Switch one-time numbers on (with the first one) or off (with the password)."""
    async with visit.service.database.unit_of_work() as session:
        row = await operators.find_operator(session, visit.operator.id)
        assert row is not None  # noqa: S101 - the gate has just found it
        try:
            if row.totp_secret is None:
                signing_in.set_totp(
                    row, secret=visit.given("secret"), code=visit.given("code"), now=visit.now
                )
            else:
                await signing_in.drop_totp(row, password=visit.given("password"))
        except AccountError as error:
            return await visit.render(
                "totp.html",
                code=error.code,
                secret=visit.given("secret"),
                uri="",
                status=422,
            )
        await visit.note(session, "changed", "totp", subject=f"operator:{row.id}")
        await session.commit()
    said = "console.said_totp_on" if row.totp_secret else "console.said_totp_off"
    return await _renewed(visit, version=row.version, path=TOTP, say=said)


async def _renewed(visit: Visit, *, version: int, path: str, say: str) -> web.StreamResponse:
    """Go on under a fresh cookie after a change of rights."""
    await visit.console.sessions.end(visit.session.token)
    visit.session = await visit.console.sessions.begin(
        operator_id=visit.operator.id, version=version, now=visit.now
    )
    response = await visit.go(path, say=visit.service.rules.phrases.text(say))
    give_cookie(visit.console, response, visit.session.token)
    return response


PAGES = (
    Page(method="POST", path="/logout", action=Action.OWN_ACCOUNT, view=leave),
    Page(method="GET", path=PASSWORD, action=Action.OWN_ACCOUNT, view=show_password),
    Page(method="POST", path=PASSWORD, action=Action.OWN_ACCOUNT, view=change_password),
    Page(method="GET", path=TOTP, action=Action.OWN_ACCOUNT, view=show_totp),
    Page(method="POST", path=TOTP, action=Action.OWN_ACCOUNT, view=change_totp),
)
