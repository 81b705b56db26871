"""Reads the settings for a command; a mistake ends it with a word, not a trace."""

import typer
from pydantic import ValidationError

from config.settings import Settings


def read_settings() -> Settings:
    """Return the settings; ends the command with every mistake found."""
    try:
        return Settings()
    except ValidationError as error:
        for item in error.errors():
            name = "__".join(str(part).upper() for part in item["loc"])
            typer.echo(f"FENGQIAO_{name}: {item['msg']}", err=True)
        raise typer.Exit(2) from error
