"""`audit`: check that nobody changed what was recorded."""

import asyncio

import typer

from bot.commands.reading import read_settings
from bot.logs import configure_logs
from handlers.auditing import Broken, Checked, Flaw, verify_timelines
from storage.database import Database

SAID = {
    Flaw.GAP: "steps are missing before this one, or it stands twice",
    Flaw.PREVIOUS: "does not follow from the step before",
    Flaw.HASH: "time, actor, event, audience or a hash was changed",
    Flaw.CONTENT: "content was changed",
    Flaw.UNREADABLE: "content cannot be opened and is not marked as erased",
    Flaw.STATUS: "the case's status is not what its last steps tell",
    Flaw.NO_STEPS: "the whole timeline is gone",
    Flaw.NO_CASE: "there is no case to this step",
}

audit = typer.Typer(no_args_is_help=True, help="办理经过: check the chains of all timelines.")


@audit.command("verify")
def verify() -> None:
    """Check every step of every case; prints each broken one and ends with 1 when there is any."""
    configure_logs()
    settings = read_settings()

    async def work() -> Checked:
        database = Database(settings.sqlalchemy_url, key=settings.key)
        try:
            await database.migrate()
            return await verify_timelines(database, report=_tell)
        finally:
            await database.close()

    checked = asyncio.run(work())
    typer.echo(
        f"{checked.cases} cases, {checked.steps} steps checked, {checked.erased} erased as the law orders, "
        f"{checked.broken} broken"
    )
    if checked.broken:
        raise typer.Exit(1)


def _tell(broken: Broken) -> None:
    step = "" if broken.seq is None else f" step {broken.seq}"
    typer.echo(f"{broken.case_no}{step}: {SAID[broken.flaw]}")
