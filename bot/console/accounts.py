"""Operators' accounts (账号): added, disabled, given a new first password by an administrator."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action
from bot.console.routing import Page
from bot.console.visit import Visit
from handlers import signing_in
from handlers.signing_in import AccountError, Role
from storage import console_board, operators
from storage.console_tables import OperatorRow


async def list_accounts(visit: Visit) -> web.StreamResponse:
    """Show all accounts and the form for another one."""
    return await _page(visit)


async def _page(visit: Visit, *, code: str = "", status: int = 200) -> web.StreamResponse:
    async with visit.service.database.unit_of_work() as session:
        rows = await operators.list_operators(session)
        areas = await console_board.list_areas(session, "")
    return await visit.render(
        "accounts.html",
        rows=rows,
        areas=areas,
        roles=[(role.value, visit.service.rules.phrases.text(f"console.role_{role}")) for role in Role],
        code=code,
        given={name: visit.given(name) for name in ("login", "name", "role", "area")},
        status=status,
    )


async def add_account(visit: Visit) -> web.StreamResponse:
    """Add an operator; the first password is shown once."""
    role, area = visit.given("role"), visit.given("area")
    if role not in set(Role) or not visit.given("name"):
        return await _page(visit, code="incomplete", status=422)

    async def work(session: AsyncSession) -> str:
        if area and area not in {one.code for one in await console_board.list_areas(session, "")}:
            raise AccountError("bad_area")
        row, password = await signing_in.add_operator(
            session,
            login=visit.given("login"),
            name=visit.given("name", most=40),
            role=Role(role),
            area=area,
            now=visit.now,
        )
        await _note(session, visit, "operator_added", row)
        return _password_words(visit, row.login, password)

    return await _change(visit, work)


async def reset_account(visit: Visit) -> web.StreamResponse:
    """Give a new first password."""

    async def work(session: AsyncSession) -> str:
        row, password = await signing_in.reset_operator(session, visit.given("login"))
        await _note(session, visit, "operator_reset", row)
        return _password_words(visit, row.login, password)

    return await _change(visit, work)


async def disable_account(visit: Visit) -> web.StreamResponse:
    """Let nobody in with an account any more; one's own stays, so that somebody is left."""
    if visit.given("login") == visit.operator.login:
        return await _page(visit, code="own_account", status=422)

    async def work(session: AsyncSession) -> str:
        row = await signing_in.disable_operator(session, visit.given("login"))
        await _note(session, visit, "operator_disabled", row)
        return visit.service.rules.phrases.text("console.said_disabled", login=row.login)

    return await _change(visit, work)


async def _note(session: AsyncSession, visit: Visit, action: str, row: OperatorRow) -> None:
    subject = f"operator:{row.id}"
    await visit.note(
        session, "changed", action, subject=subject, login=row.login, role=row.role, area=row.area
    )


def _password_words(visit: Visit, login: str, password: str) -> str:
    return visit.service.rules.phrases.text("console.said_first_password", login=login, password=password)


async def _change(visit: Visit, work: Callable[[AsyncSession], Awaitable[str]]) -> web.StreamResponse:
    """Change an account in a transaction; a mistake is told after it has ended."""
    async with visit.service.database.unit_of_work() as session:
        try:
            said = await work(session)
        except AccountError as error:
            code = error.code
        else:
            await session.commit()
            return await visit.go("/operators", say=said)
    return await _page(visit, code=code, status=422)


PAGES = (
    Page(method="GET", path="/operators", action=Action.ACCOUNTS, view=list_accounts),
    Page(method="POST", path="/operators", action=Action.ACCOUNTS, view=add_account),
    Page(method="POST", path="/operators/reset", action=Action.ACCOUNTS, view=reset_account),
    Page(method="POST", path="/operators/disable", action=Action.ACCOUNTS, view=disable_account),
)
