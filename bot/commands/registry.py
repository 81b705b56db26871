"""`regions`, `committees`, `mediator`: the registry from the command line."""

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from bot.application import utc_now
from bot.commands.reading import read_settings
from bot.logs import configure_logs
from config.loading import RuleFileError
from config.region_files import CommitteeRow, load_committees, load_regions
from config.rulebook import load_rulebook
from config.settings import Settings
from handlers.founding import UnknownCommitteeError, found_committees, invite_mediator, prepare
from handlers.ruleset import load_ruleset
from handlers.service import Service
from mediation.founding import Founding
from mediation.regions import Region
from mediation.vocabulary import HelperRole
from storage import registry
from storage.database import Database
from storage.registry import MEDIATOR

T = TypeVar("T")

regions = typer.Typer(no_args_is_help=True, help="行政区划: import and list regions.")
committees = typer.Typer(no_args_is_help=True, help="调委会: found, import and export committees.")
mediator = typer.Typer(no_args_is_help=True, help="调解员: invite mediators.")

LONGEST_NAME = 20
COMMITTEE_COLUMNS = ("code", "name", "kind", "region", "sectors", "note")


@asynccontextmanager
async def _opened(settings: Settings):  # type: ignore[no-untyped-def]
    database = Database(settings.sqlalchemy_url, key=settings.key)
    try:
        rulebook = load_rulebook(settings.config_dir)
        await prepare(database, rulebook)
        yield database, rulebook
    finally:
        await database.close()


def _run(work: Callable[[], Awaitable[T]]) -> T:
    configure_logs()
    try:
        return asyncio.run(work())  # type: ignore[arg-type]
    except RuleFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@regions.command("import")
def import_regions(files: list[Path]) -> None:
    """Add regions from CSV files (code, name, level, parent); all or nothing."""

    async def work() -> int:
        rows = [row for path in files for row in load_regions(path)]
        async with _opened(read_settings()) as (database, _), database.unit_of_work() as session:
            new = await registry.save_regions(session, rows)
            await session.commit()
            return new

    typer.echo(f"{_run(work)} new regions")


@regions.command("list")
def list_regions(within: Annotated[str, typer.Option(help="only regions of this code")] = "") -> None:
    """Print regions as CSV."""

    async def work() -> list[Region]:
        async with _opened(read_settings()) as (database, _), database.unit_of_work() as session:
            return await registry.list_regions(session)

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("code", "name", "level", "parent"))
    for one in _run(work):
        if one.code.startswith(within):
            out.writerow((one.code, one.name, one.level.value, one.parent or ""))


@committees.command("found")
def found() -> None:
    """Found the statutory committee of every region that has none yet."""

    async def work() -> int:
        async with _opened(read_settings()) as (database, rulebook), database.unit_of_work() as session:
            new = await found_committees(session, rulebook, await registry.list_regions(session))
            await session.commit()
            return new

    typer.echo(f"{_run(work)} new committees")


@committees.command("import")
def import_committees(files: list[Path]) -> None:
    """Add or change committees from CSV files as `export` writes them; all or nothing."""

    async def work() -> int:
        async with _opened(read_settings()) as (database, _), database.unit_of_work() as session:
            known = await registry.list_regions(session)
            rows = [row for path in files for row in load_committees(path, known, model=CommitteeRow)]
            for row in rows:
                await _save_committee(session, row)
            await session.commit()
        return len(rows)

    typer.echo(f"{_run(work)} committees")


async def _save_committee(session: AsyncSession, row: Founding) -> None:
    kept = await registry.save_committee(
        session, code=row.code, name=row.name, kind=row.kind.value, region=row.region
    )
    kept.name, kept.kind, kept.region = row.name, row.kind.value, row.region
    kept.sectors, kept.note = sorted(row.sectors), row.note


@committees.command("export")
def export_committees() -> None:
    """Print all committees as CSV."""

    async def work() -> list[tuple[str, ...]]:
        async with _opened(read_settings()) as (database, _), database.unit_of_work() as session:
            return [
                (one.code, one.name, one.kind, one.region, " ".join(one.sectors), one.note)
                for one in await registry.list_all_committees(session)
            ]

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COMMITTEE_COLUMNS)
    out.writerows(_run(work))


@mediator.command("invite")
def invite(
    committee: str,
    name: str,
    role: Annotated[str, typer.Option(help="mediator, expert, legal_adviser, police, ...")] = MEDIATOR,
) -> None:
    """Add a mediator, or a helper by role, to a committee (code or name) and print the binding code."""
    if role not in {MEDIATOR, *HelperRole}:
        raise typer.BadParameter(f"{role}: {', '.join([MEDIATOR, *HelperRole])}")
    name = name.strip()
    if not 1 < len(name) <= LONGEST_NAME:
        raise typer.BadParameter("NAME")

    async def work() -> tuple[str, str]:
        settings = read_settings()
        async with _opened(settings) as (database, rulebook):
            service = Service(
                database=database,
                rules=load_ruleset(settings.config_dir, rulebook.regions),
                now=utc_now,
                traits={},
            )
            return await invite_mediator(service, committee=committee, name=name, role=role, now=utc_now())

    try:
        code, committee_name = _run(work)
    except UnknownCommitteeError as error:
        typer.echo("\n".join(error.found) or f"no committee: {error.words}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{name} · {committee_name}", err=True)
    typer.echo(code)
