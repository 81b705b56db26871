"""`understand` and `check-rules`: look at the rules from outside."""

import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.application import utc_now
from bot.commands.reading import read_settings
from bot.logs import configure_logs
from bot.simulator.personas import load_personas
from config.loading import RuleFileError
from config.rulebook import load_rulebook
from config.settings import Settings
from handlers.documents.checking import check_templates
from handlers.ruleset import RuleSet, load_ruleset
from mediation.calendar import CHINA_TIME
from nlp.understander import as_record


def read_ruleset(settings: Settings) -> RuleSet:
    """Read all rule files with the regions they name; ends the command with every mistake found."""
    try:
        return load_ruleset(settings.config_dir, load_rulebook(settings.config_dir).regions)
    except RuleFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def understand(
    today: Annotated[str, typer.Option(help="the day on which the texts were written")] = "",
) -> None:
    """Read JSON lines {"id", "text"} and print what is understood of each, line by line."""
    configure_logs()
    rules = read_ruleset(read_settings())
    day = date.fromisoformat(today) if today else utc_now().astimezone(CHINA_TIME).date()
    for record in _read_records(sys.stdin):
        if "error" in record:
            line = record
        else:
            understanding = rules.understander.understand(record["text"], today=day)
            line = as_record(record["id"], understanding)
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _read_records(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            yield {"id": None, "error": f"line {number}: {error.msg}"}
            continue
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            identifier = record.get("id") if isinstance(record, dict) else None
            yield {"id": identifier, "error": f"line {number}: no text"}
            continue
        yield {"id": record.get("id"), "text": record["text"]}


def check_rules() -> None:
    """Read every rule file and name file and line of each mistake."""
    configure_logs()
    settings = read_settings()
    rules = read_ruleset(settings)
    mistakes = check_templates(settings.config_dir / "documents", rules=rules.documents)
    if mistakes:
        typer.echo(str(RuleFileError(mistakes)), err=True)
        raise typer.Exit(2)
    try:
        load_personas(settings.config_dir)
    except RuleFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    count = sum(1 for _ in Path(settings.config_dir).rglob("*.yaml"))
    typer.echo(f"ok: {count} rule files")
