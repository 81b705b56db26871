"""The command line `fengqiao`: one module per group of commands."""

import typer

from bot.commands import chatting, registry, rules, serving

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.command("sweep")(serving.sweep)
app.command("migrate")(serving.migrate)
app.command("chat")(chatting.chat)
app.command("understand")(rules.understand)
app.command("check-rules")(rules.check_rules)
app.add_typer(registry.regions, name="regions")
app.add_typer(registry.committees, name="committees")
app.add_typer(registry.mediator, name="mediator")


def main() -> None:
    """Run the command line."""
    app()
