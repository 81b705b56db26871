"""Loops that look after files: fetch what people sent, take changed rule files into service."""

import asyncio
from pathlib import Path

import structlog

from config.loading import RuleFileError
from handlers.attaching import Fetch, fetch_one
from handlers.ruleset import load_ruleset
from handlers.service import Service
from storage import registry

log = structlog.get_logger()

FETCH_IDLE_SECONDS = 2.0
RULES_IDLE_SECONDS = 3.0


class Fetching:
    """Fetches the files that people sent, one after the other."""

    def __init__(self, service: Service, folder: Path, fetchers: dict[str, Fetch]) -> None:
        self._service = service
        self._folder = folder
        self._fetchers = fetchers
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End after the file under way."""
        self._stop.set()

    async def run(self) -> None:
        """Fetch until stopped."""
        while not self._stop.is_set():
            try:
                busy = await self.fetch_one()
            except Exception as error:  # the edge: an outage must not end the loop
                log.exception("fetching failed", error=type(error).__name__)
                busy = False
            if not busy:
                await _pause(self._stop, FETCH_IDLE_SECONDS)

    async def fetch_one(self) -> bool:
        """Fetch the next file; False when none is waiting."""
        return await fetch_one(self._service, self._folder, self._fetchers, now=self._service.now())


class RuleWatch:
    """Takes changed rule files into service without a restart; a mistake keeps the old rules in force."""

    def __init__(self, service: Service, config_dir: Path) -> None:
        self._service = service
        self._config_dir = config_dir
        self._stop = asyncio.Event()
        self._seen = self._stamp()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()

    async def run(self) -> None:
        """Look at the files now and then until stopped."""
        while not self._stop.is_set():
            await _pause(self._stop, RULES_IDLE_SECONDS)
            stamp = await asyncio.to_thread(self._stamp)
            if stamp != self._seen and not self._stop.is_set():
                self._seen = stamp
                await self.reload()

    async def reload(self) -> bool:
        """Read all rules anew; False when they hold a mistake."""
        async with self._service.database.unit_of_work() as session:
            regions = await registry.list_regions(session)
        try:
            self._service.rules = await asyncio.to_thread(load_ruleset, self._config_dir, regions)
        except RuleFileError as error:
            log.warning("rules not changed", mistakes=[str(mistake) for mistake in error.mistakes])
            return False
        log.info("rules changed")
        return True

    def _stamp(self) -> frozenset[tuple[str, int, int]]:
        found = []
        for path in (*self._config_dir.rglob("*.yaml"), *self._config_dir.rglob("*.csv")):
            state = path.stat()
            found.append((str(path), state.st_mtime_ns, state.st_size))
        return frozenset(found)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
