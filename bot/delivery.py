"""The delivery loop: takes what is due from the outbox and hands it to the channel that can send it."""

from collections.abc import Mapping
from typing import Protocol

from bot.looping import Loop
from handlers.delivering import Attempt, Parcel, claim_parcel, settle_parcel
from handlers.outcomes import Outcome, OutcomeKind
from handlers.service import Service

IDLE_SECONDS = 1.0
SEVERAL_AT_ONCE = 4


class ActiveChannel(Protocol):
    """A channel that can speak first. `rungs` are its ways, the best first."""

    def rungs(self, parcel: Parcel) -> tuple[str, ...]:
        """Return the rungs that may work for this message now."""
        ...

    async def send(self, rung: str, parcel: Parcel) -> Outcome:
        """Try one rung; never raises."""
        ...


class Delivery:
    """Delivers the outbox, several messages at once, each account's in order."""

    def __init__(self, service: Service, channels: Mapping[str, ActiveChannel]) -> None:
        self._service = service
        self._channels = channels
        self.loop = Loop("delivery", self.deliver_one, idle=IDLE_SECONDS, at_once=SEVERAL_AT_ONCE)

    async def deliver_all(self) -> int:
        """Deliver everything that is due now; returns how many messages were tried."""
        count = 0
        while await self.deliver_one():
            count += 1
        return count

    async def deliver_one(self) -> bool:
        """Deliver the next message that is due; False when nothing is."""
        parcel = await claim_parcel(self._service, now=self._service.now())
        if parcel is None:
            return False
        attempts = await self._climb(parcel)
        await settle_parcel(self._service, parcel, attempts, now=self._service.now())
        return True

    async def _climb(self, parcel: Parcel) -> list[Attempt]:
        """Try rung after rung until one works or all are used up."""
        channel = self._channels.get(parcel.channel)
        rungs = channel.rungs(parcel) if channel and parcel.reachable else ()
        attempts: list[Attempt] = []
        for rung in rungs:
            assert channel is not None  # noqa: S101 - there are no rungs without a channel
            outcome = await channel.send(rung, parcel)
            attempts.append(Attempt(rung=rung, outcome=outcome))
            if outcome.kind in {OutcomeKind.SENT, OutcomeKind.RETRY, OutcomeKind.UNREACHABLE}:
                break
        if not attempts:
            attempts.append(Attempt(rung="none", outcome=Outcome(kind=OutcomeKind.WINDOW_CLOSED)))
        return attempts
