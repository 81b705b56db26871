"""`chat`: the same dialogue in the terminal."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated

import typer

from bot.application import Running, open_service, utc_now, with_demo_account
from bot.commands.reading import read_settings
from bot.logs import configure_logs
from bot.serving import redis_address
from config.settings import Settings
from handlers.delivering import Parcel
from handlers.founding import DemoMediator, add_demo_mediators
from handlers.messages import InboundMessage, MessageKind
from handlers.outcomes import Outcome, OutcomeKind

CHANNEL = "terminal"
WITHIN = timedelta(seconds=30)
ROLES = ("resident", "mediator")


class TerminalChannel:
    """Prints active messages for the person at the keyboard; others' wait for their own terminal."""

    def __init__(self, address: str, show: Callable[[str], None]) -> None:
        self._address = address
        self._show = show

    def rungs(self, parcel: Parcel) -> tuple[str, ...]:
        """A terminal can always be written to."""
        return ("terminal",)

    async def send(self, rung: str, parcel: Parcel) -> Outcome:
        """Print the message, or leave it for the terminal it belongs to."""
        if parcel.address != self._address:
            return Outcome(kind=OutcomeKind.RETRY, code="other_terminal")
        self._show(parcel.text)
        return Outcome(kind=OutcomeKind.SENT)


def chat(
    as_: Annotated[str, typer.Option("--as", help="resident or mediator")] = "resident",
    name: Annotated[str, typer.Option(help="whose terminal this is")] = "me",
) -> None:
    """Talk to the assistant in the terminal; an empty line or Ctrl-D ends it."""
    configure_logs()
    if as_ not in ROLES:
        typer.echo("--as resident | mediator", err=True)
        raise typer.Exit(2)
    settings = read_settings()
    with redis_address(settings) as redis_url:
        asyncio.run(_chat(settings, as_, name, redis_url))


async def _chat(settings: Settings, role: str, name: str, redis_url: str) -> None:
    address = f"{role}-{name}"
    channel = TerminalChannel(address, lambda text: typer.echo(f"\n{text}\n"))
    async with _opened(settings, channel, redis_url) as running:
        if role == "mediator":
            await _serve_as_mediator(running, address, name)
        async with running.background():
            number = 0
            while line := (await asyncio.to_thread(_read_line)).strip():
                number += 1
                reply = await running.receiving.receive(
                    InboundMessage(
                        channel=CHANNEL,
                        sender=address,
                        key=f"{address}:{utc_now().timestamp()}:{number}",
                        kind=MessageKind.TEXT,
                        sent_at=utc_now(),
                        text=line,
                    ),
                    within=WITHIN,
                )
                if reply:
                    typer.echo(f"\n{reply}\n")


@asynccontextmanager
async def _opened(settings: Settings, channel: TerminalChannel, redis_url: str) -> AsyncIterator[Running]:
    settings = with_demo_account(settings, port=settings.port)
    async with open_service(settings, redis_url=redis_url, extra_channels={CHANNEL: channel}) as running:
        yield running


async def _serve_as_mediator(running: Running, address: str, name: str) -> None:
    """A mediator at the terminal serves the city's centre, so that every case can come up to it."""
    city = running.service.rules.rulebook.service.city_region
    mediator = DemoMediator(channel=CHANNEL, address=address, name=name, committee=f"{city}-centre")
    await add_demo_mediators(running.service, [mediator], now=utc_now())


def _read_line() -> str:
    try:
        return input("> ")
    except EOFError:
        return ""
