"""`subsidies`: the subsidy ledger (以案定补) and what to look at again."""

import asyncio
import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

import typer

from bot.application import utc_now
from bot.commands.reading import read_settings
from bot.commands.rules import read_ruleset
from bot.logs import configure_logs
from config.loading import RuleFileError
from config.phrases import Phrases
from config.settings import Settings
from config.subsidy_rules import SubsidyRules, load_subsidy_rules
from handlers.asking import spoken_number
from handlers.service import Service
from handlers.subsidies import Claim, Suspect, list_claims, list_suspicions
from storage.database import Database

CLAIM_COLUMNS = (
    "case_no",
    "ended_on",
    "type",
    "committee",
    "mediator",
    "counts",
    "grade",
    "amount",
    "why",
)
SUSPECT_COLUMNS = ("kind", "case_nos", "committee", "mediator", "why")
BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheets on Windows take Chinese for something else."""


def subsidies(
    since: Annotated[str, typer.Option(help="first day, such as 2026-01-01")],
    until: Annotated[str, typer.Option(help="last day, such as 2026-03-31")],
    suspicions: Annotated[bool, typer.Option("--suspicions", help="what to look at again")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV for a spreadsheet")] = False,
) -> None:
    """Print which cases are paid for and why or why not; a case stands in the period in which it ended."""
    configure_logs()
    first, last = _read_day(since), _read_day(until)
    if first > last:
        raise typer.BadParameter(f"{since} > {until}")
    settings = read_settings()
    try:
        rules = load_subsidy_rules(settings.config_dir)
    except RuleFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    phrases, claims, suspects = asyncio.run(_read_ledger(settings, rules, first, last, suspicions=suspicions))
    if as_csv:
        rows = _suspect_rows(phrases, suspects) if suspicions else _claim_rows(phrases, claims)
        _print_csv(rows)
        return
    for line in _suspect_lines(phrases, suspects) if suspicions else _claim_lines(phrases, claims):
        typer.echo(line)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


async def _read_ledger(
    settings: Settings, rules: SubsidyRules, since: date, until: date, *, suspicions: bool
) -> tuple[Phrases, Sequence[Claim], Sequence[Suspect]]:
    database = Database(settings.sqlalchemy_url, key=settings.key)
    try:
        await database.migrate()
        service = Service(database=database, rules=read_ruleset(settings), now=utc_now, traits={})
        phrases = service.rules.phrases
        async with database.unit_of_work() as session:
            if suspicions:
                found = await list_suspicions(session, service, rules=rules, since=since, until=until)
                return phrases, (), found
            return phrases, await list_claims(session, service, rules=rules, since=since, until=until), ()
    finally:
        await database.close()


def _claim_lines(phrases: Phrases, claims: Sequence[Claim]) -> Iterable[str]:
    for one in claims:
        yield phrases.text(
            "subsidy.line",
            case_no=one.case_no,
            counts=_counts(phrases, one),
            grade=one.grade_name,
            amount=phrases.text("subsidy.yuan", amount=spoken_number(one.amount)) if one.counts else "",
            mediator=one.mediator or phrases.text("subsidy.nobody"),
            committee=one.committee,
            why="；".join(one.words),
        )
    counted = [one for one in claims if one.counts]
    total = spoken_number(sum(one.amount for one in counted))
    yield phrases.text("subsidy.total", cases=len(claims), counted=len(counted), amount=total)


def _counts(phrases: Phrases, one: Claim) -> str:
    return phrases.text("subsidy.counted" if one.counts else "subsidy.not_counted")


def _suspect_lines(phrases: Phrases, suspects: Sequence[Suspect]) -> Iterable[str]:
    for one in suspects:
        yield phrases.text(
            "subsidy.suspect",
            kind=phrases.text(f"subsidy.kind_{one.kind}"),
            words=one.words,
            case_nos="、".join(one.case_nos),
            mediator=one.mediator or phrases.text("subsidy.nobody"),
            committee=one.committee,
        )
    if not suspects:
        yield phrases.text("subsidy.no_suspicions")


def _claim_rows(phrases: Phrases, claims: Sequence[Claim]) -> Iterable[tuple[object, ...]]:
    yield tuple(phrases.text(f"subsidy.column_{name}") for name in CLAIM_COLUMNS)
    for one in claims:
        yield (
            one.case_no,
            one.ended_on or "",
            one.type_name,
            one.committee,
            one.mediator,
            _counts(phrases, one),
            one.grade_name,
            spoken_number(one.amount) if one.counts else "",
            "；".join(one.words),
        )


def _suspect_rows(phrases: Phrases, suspects: Sequence[Suspect]) -> Iterable[tuple[object, ...]]:
    yield tuple(phrases.text(f"subsidy.column_{name}") for name in SUSPECT_COLUMNS)
    for one in suspects:
        kind = phrases.text(f"subsidy.kind_{one.kind}")
        yield kind, "、".join(one.case_nos), one.committee, one.mediator, one.words


def _print_csv(rows: Iterable[tuple[object, ...]]) -> None:
    sys.stdout.write(BYTE_ORDER_MARK)
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
