"""Files that people sent: fetched from the platform, sealed, kept in the data folder."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from handlers.service import Service
from storage import cases

AGAIN_AFTER = timedelta(minutes=2)
MAX_ATTEMPTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file as the platform gave it."""

    content: bytes
    content_type: str


class CannotFetchError(Exception):
    """The platform does not give the file (now); the message is the platform's code."""


Fetch = Callable[[str], Awaitable[Fetched]]


async def fetch_one(service: Service, folder: Path, fetchers: dict[str, Fetch], *, now: datetime) -> bool:
    """Fetch the next file that is waiting; False when none is.

    The platforms keep files for three days; until then it is tried again, more and more rarely.
    """
    async with service.database.unit_of_work() as session:
        claimed = await cases.claim_attachment(session, now=now, again_at=now + AGAIN_AFTER)
        if claimed is None:
            return False
        row, account = claimed
        row.fetch_after = now + AGAIN_AFTER * 4**row.attempts
        await session.commit()
    fetch = fetchers.get(account.channel)
    error, fetched = "no_channel", None
    if fetch:
        try:
            fetched = await fetch(row.media_id)
        except CannotFetchError as reason:
            error = str(reason)
    async with service.database.unit_of_work() as session:
        kept = await cases.get_attachment(session, row.id)
        if fetched is None:
            kept.error = error[:40]
            if kept.attempts >= MAX_ATTEMPTS or fetch is None:
                kept.fetch_after = None
        else:
            name = f"{row.id}.sealed"
            sealed = service.database.sealer.seal_bytes(fetched.content)
            await asyncio.to_thread(_write, folder / name, sealed)
            kept.file_name, kept.content_type = name, fetched.content_type[:80]
            kept.fetch_after, kept.error = None, ""
        await session.commit()
    return True


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
