"""`demo-quarter`: fills an empty database with a made-up quarter of Luohe."""

import asyncio
from time import monotonic
from typing import Annotated

import typer

from bot.application import utc_now
from bot.commands.reading import read_settings
from bot.logs import configure_logs
from config.demo_quarter import load_quarter_words
from config.loading import RuleFileError
from config.rulebook import load_rulebook
from handlers.demo_quarter import NotEmptyError, make_quarter
from handlers.founding import prepare
from handlers.ruleset import load_ruleset
from storage.database import Database


def demo_quarter(
    cases: Annotated[int, typer.Option(min=1, max=50_000, help="how many cases")] = 3000,
    seed: Annotated[int, typer.Option(help="the same seed on the same day makes the same quarter")] = 1,
) -> None:
    """Fill an EMPTY database with a quarter of made-up cases; refuses on one that is in use."""

    async def work() -> dict[str, int]:
        settings = read_settings()
        database = Database(settings.sqlalchemy_url, key=settings.key)
        try:
            regions = await prepare(database, load_rulebook(settings.config_dir))
            rules = load_ruleset(settings.config_dir, regions)
            words = load_quarter_words(settings.config_dir)
            async with database.unit_of_work() as session:
                made = await make_quarter(
                    session, rules=rules, words=words, count=cases, seed=seed, now=utc_now()
                )
                await session.commit()
                return made
        finally:
            await database.close()

    configure_logs()
    began = monotonic()
    try:
        made = asyncio.run(work())
    except RuleFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except NotEmptyError as error:
        typer.echo(
            "the database is not empty: made-up cases are never put among real ones; "
            "use another FENGQIAO_DATA_DIR or FENGQIAO_DATABASE_URL, or `make clean`",
            err=True,
        )
        raise typer.Exit(1) from error
    for name, count in sorted(made.items()):
        typer.echo(f"{name}\t{count}")
    typer.echo(f"{monotonic() - began:.0f} s", err=True)
