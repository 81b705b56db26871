"""`serve`, `worker`, `sweep`, `migrate`: run the service and what it does by the clock."""

import asyncio
import json
import os
import sys
from datetime import datetime
from typing import Annotated

import typer

from bot.application import DemoOnRealAccountError, open_service, utc_now, with_demo_account
from bot.commands.reading import read_settings
from bot.logs import configure_logs
from bot.serving import redis_address, run_server, work_here
from config.loading import RuleFileError
from config.rulebook import load_rulebook
from config.settings import Settings
from handlers.founding import prepare
from mediation.calendar import CHINA_TIME
from storage.database import Database


def _stop_on_mistake(error: RuleFileError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)


def serve(
    workers: Annotated[int, typer.Option(help="processes that share the port", min=1, max=64)] = 1,
) -> None:
    """Start the service; an empty database is prepared first."""
    configure_logs()
    settings = read_settings()
    try:
        run_server(settings, workers=workers, announce=_announce)
    except RuleFileError as error:
        raise _stop_on_mistake(error) from error
    except DemoOnRealAccountError as error:
        typer.echo(
            f"FENGQIAO_DEMO=1 cannot be used with a real account ({error}): anybody can play demo mediators",
            err=True,
        )
        raise typer.Exit(2) from error
    except OSError as error:
        typer.echo(f"{settings.host}:{settings.port}: {error.strerror}", err=True)
        raise typer.Exit(1) from error


def _announce(address: str) -> None:
    typer.echo(f"枫桥调解助手 → {address}")
    sys.stdout.flush()


def worker() -> None:
    """Run delivery and clock without HTTP, beside servers on other machines."""
    configure_logs()
    settings = read_settings()
    with redis_address(settings) as redis_url:
        asyncio.run(work_here(settings, redis_url=redis_url))


def sweep(
    now: Annotated[str, typer.Option(help="ISO time; without a zone it is China's")] = "",
) -> None:
    """Do all that is due by a time, deliver what follows, print how much that was."""
    configure_logs()
    try:
        at = datetime.fromisoformat(now) if now else utc_now()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=CHINA_TIME)
    settings = read_settings()
    with redis_address(settings) as redis_url:
        typer.echo(json.dumps(asyncio.run(_sweep(settings, at, redis_url)), ensure_ascii=False))


async def _sweep(settings: Settings, at: datetime, redis_url: str) -> dict[str, int]:
    settings = with_demo_account(settings, port=int(os.environ.get("FENGQIAO_PORT", settings.port)))
    async with open_service(settings, redis_url=redis_url, now=lambda: at) as running:
        steps = await running.clock.sweep(at)
        messages = await running.delivery.deliver_all()
    return {"steps": steps, "messages": messages}


def migrate() -> None:
    """Bring the database schema up to date and fill an empty registry."""
    configure_logs()
    settings = read_settings()

    async def run() -> None:
        database = Database(settings.sqlalchemy_url, key=settings.key)
        try:
            await prepare(database, load_rulebook(settings.config_dir))
        finally:
            await database.close()

    try:
        asyncio.run(run())
    except RuleFileError as error:
        raise _stop_on_mistake(error) from error
    typer.echo("ok")
