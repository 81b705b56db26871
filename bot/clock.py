"""The clock: claims what is due, does its step in one transaction, and goes on."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.looping import Loop
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
        self.loop = Loop("clock", lambda: self.tick(service.now()), idle=IDLE_SECONDS)

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
