"""`operator`: who may work at the console, from the command line."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from bot.application import utc_now
from bot.commands.reading import read_settings
from bot.logs import configure_logs
from config.loading import RuleFileError
from config.rulebook import load_rulebook
from handlers import signing_in
from handlers.founding import prepare
from handlers.signing_in import AccountError, Role
from storage import console_access, operators, registry
from storage.console_tables import OperatorRow
from storage.database import Database

T = TypeVar("T")

operator = typer.Typer(no_args_is_help=True, help="操作员: accounts of the console.")

COMMAND = "command"


def _do(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Run in one transaction; a mistake ends the command with its code."""

    settings = read_settings()

    async def in_transaction() -> T:
        database = Database(settings.sqlalchemy_url, key=settings.key)
        try:
            await prepare(database, load_rulebook(settings.config_dir))
            async with database.unit_of_work() as session:
                outcome = await work(session)
                await session.commit()
                return outcome
        finally:
            await database.close()

    configure_logs()
    try:
        return asyncio.run(in_transaction())
    except RuleFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except AccountError as error:
        typer.echo(error.code, err=True)
        raise typer.Exit(1) from error


async def _note(session: AsyncSession, action: str, row: OperatorRow) -> None:
    await console_access.note_access(
        session,
        at=utc_now(),
        actor=COMMAND,
        operator_id=None,
        verb="changed",
        action=action,
        subject=f"operator:{row.id}",
        content={"login": row.login, "role": row.role, "area": row.area},
    )


@operator.command("add")
def add(
    login: Annotated[str, typer.Argument(metavar="NAME", help="login name: 2 to 40 letters, digits, 汉字")],
    role: Annotated[Role, typer.Option(help="what the person is there for")],
    area: Annotated[str, typer.Option(help="region code the person sees; empty = everywhere")] = "",
    called: Annotated[str, typer.Option(help="the person's name; empty = as the login name")] = "",
) -> None:
    """Add an operator and print the first password, which must be changed at the first sign-in."""

    async def work(session: AsyncSession) -> str:
        if area and area not in {one.code for one in await registry.list_regions(session)}:
            raise AccountError("unknown_area")
        row, password = await signing_in.add_operator(
            session, login=login, name=called or login, role=role, area=area, now=utc_now()
        )
        await _note(session, "operator_added", row)
        return password

    typer.echo(_do(work))


@operator.command("list")
def list_all() -> None:
    """Print all operators: login name, role, area, state."""

    async def work(session: AsyncSession) -> list[OperatorRow]:
        return await operators.list_operators(session)

    for row in _do(work):
        state = "active" if row.active else "disabled"
        typer.echo(f"{row.login}\t{row.role}\t{row.area or '-'}\t{state}")


@operator.command("disable")
def disable(login: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Let nobody in with this account any more; sessions that stand end at once."""

    async def work(session: AsyncSession) -> None:
        await _note(session, "operator_disabled", await signing_in.disable_operator(session, login))

    _do(work)


@operator.command("reset")
def reset(login: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print a new first password; takes off the lock and the one-time numbers, enables the account."""

    async def work(session: AsyncSession) -> str:
        row, password = await signing_in.reset_operator(session, login)
        await _note(session, "operator_reset", row)
        return password

    typer.echo(_do(work))
