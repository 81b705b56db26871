"""The clock: claims what is due, does its step in one transaction, and goes on."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from handlers.due import MAX_ATTEMPTS, DueHandler, report_failed
from handlers.service import Service
from storage import deadlines

log = structlog.get_logger()

IDLE_SECONDS = 1.0
RETRY_AFTER = timedelta(seconds=30)


class Clock:
    """Runs in every replica; a row that is due is done by exactly one."""

    def __init__(self, service: Service, handlers: Mapping[str, DueHandler]) -> None:
        self._service = service
        self._handlers = handlers
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End after the step under way."""
        self._stop.set()

    async def run(self) -> None:
        """Do what is due until stopped."""
        while not self._stop.is_set():
            try:
                busy = await self.tick(self._service.now())
            except Exception as error:  # the edge: a database outage must not stop the clock
                log.exception("clock failed", error=type(error).__name__)
                busy = False
            if not busy:
                try:
                    await asyncio.wait_for(self._stop.wait(), IDLE_SECONDS)
                except TimeoutError:
                    continue

    async def sweep(self, now: datetime) -> int:
        """Do all that is due by a time, and what follows from it; returns how many steps."""
        count = 0
        while await self.tick(now):
            count += 1
        return count

    async def tick(self, now: datetime) -> bool:
        """Do the earliest thing that is due; False when nothing is."""
        async with self._service.database.unit_of_work() as session:
            due = await deadlines.claim_due(session, now=now)
            if due is None:
                return False
            due_id, kind = due.id, due.kind
            try:
                await self._handlers[kind](session, self._service, due, now)
                due.state = "done"
                await session.commit()
            except Exception as error:  # the edge: the step is undone, noted, and tried again
                log.exception("deadline failed", kind=kind, deadline_id=due_id, error=type(error).__name__)
                await session.rollback()
                await self._note_failure(due_id, type(error).__name__, now)
                return True
        self._service.wake_delivery()
        return True

    async def _note_failure(self, due_id: int, error: str, now: datetime) -> None:
        async with self._service.database.unit_of_work() as session:
            due = await deadlines.get_deadline(session, due_id)
            due.attempts += 1
            due.error = error
            due.due_at = now + RETRY_AFTER * 2**due.attempts
            if due.attempts >= MAX_ATTEMPTS:
                await report_failed(session, self._service, due, error=error, now=now)
            await session.commit()
