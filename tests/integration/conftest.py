"""What the integration tests share: a console with its town."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.consoles import ConsoleStage, open_console
from tests.phones import TurnedClock


@pytest.fixture
async def stage(
    database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path
) -> AsyncIterator[ConsoleStage]:
    """A console on every database, with phones beside it."""
    async with open_console(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as stage:
        yield stage
