"""The command line `fengqiao`: one module per group of commands."""

import typer

from bot.commands import auditing, chatting, demo, operators, registry, rules, serving, subsidies

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.command("sweep")(serving.sweep)
app.command("migrate")(serving.migrate)
app.command("chat")(chatting.chat)
app.command("understand")(rules.understand)
app.command("demo-quarter")(demo.demo_quarter)
app.command("check-rules")(rules.check_rules)
app.command("subsidies")(subsidies.subsidies)
app.add_typer(auditing.audit, name="audit")
app.add_typer(registry.regions, name="regions")
app.add_typer(registry.committees, name="committees")
app.add_typer(registry.mediator, name="mediator")
app.add_typer(operators.operator, name="operator")


def main() -> None:
    """Run the command line."""
    app()
