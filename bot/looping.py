"""A loop that repeats a step until it is stopped, and rests when there is nothing to do."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


class Loop:
    """Repeats `step` while it returns True; rests for `idle` seconds, or until woken, when it returns False.

    A step that fails is logged and tried again after a rest: an outage must not end the loop. A stop lets
    the step under way finish.
    """

    def __init__(
        self, name: str, step: Callable[[], Awaitable[bool]], *, idle: float, at_once: int = 1
    ) -> None:
        self._name = name
        self._step = step
        self._idle = idle
        self._at_once = at_once
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is under way and end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Repeat until stopped, several at once if so made."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._repeat())

    async def _repeat(self) -> None:
        while not self._stopping:
            try:
                busy = await self._step()
            except Exception as error:  # the edge: whatever happens, the loop goes on
                log.exception("loop failed", loop=self._name, error=type(error).__name__)
                busy = False
            if not busy:
                await self._rest()

    async def _rest(self) -> None:
        if self._stopping:
            return
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), self._idle)
        except TimeoutError:
            return
