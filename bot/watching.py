"""Loops that look after files: fetch what people sent, take changed rule files into service."""

import asyncio
from pathlib import Path

import structlog

from bot.looping import Loop
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
        self.loop = Loop("fetching", self.fetch_one, idle=FETCH_IDLE_SECONDS)

    async def fetch_one(self) -> bool:
        """Fetch the next file; False when none is waiting."""
        return await fetch_one(self._service, self._folder, self._fetchers, now=self._service.now())


class RuleWatch:
    """Takes changed rule files into service without a restart; a mistake keeps the old rules in force."""

    def __init__(self, service: Service, config_dir: Path) -> None:
        self._service = service
        self._config_dir = config_dir
        self._seen = self._stamp()
        self.loop = Loop("rules", self.look, idle=RULES_IDLE_SECONDS)

    async def look(self) -> bool:
        """Reload when a file has changed."""
        stamp = await asyncio.to_thread(self._stamp)
        if stamp != self._seen:
            self._seen = stamp
            await self.reload()
        return False

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
