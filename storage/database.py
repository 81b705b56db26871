"""Opens the database and gives units of work: rollback is the default, success is said aloud."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.sealing import Sealer, install_sealer

MIGRATIONS_DIR = Path(__file__).parent / "migrations"
SQLITE_BUSY_SECONDS = 15
PREPARING_LOCK = 7_310_411


class Database:
    """One SQL database, SQLite or PostgreSQL."""

    def __init__(self, url: str, *, key: bytes) -> None:
        self.url = url
        self.sealer = Sealer(key)
        install_sealer(self.sealer)
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _create_engine(url, is_sqlite=self.is_sqlite)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=True)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """Yield a session whose work is kept only if the block commits it."""
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Keep other processes out while an empty database is prepared.

        On SQLite the first statement of a transaction does so by itself (BEGIN IMMEDIATE).
        """
        if self.is_sqlite:
            yield
            return
        async with self.engine.connect() as connection:
            await connection.execute(text(f"SELECT pg_advisory_lock({PREPARING_LOCK})"))
            await connection.commit()
            try:
                yield
            finally:
                await connection.execute(text(f"SELECT pg_advisory_unlock({PREPARING_LOCK})"))
                await connection.commit()

    async def migrate(self) -> None:
        """Bring the schema up to date."""
        async with self.engine.connect() as connection:
            await connection.run_sync(upgrade)
            await connection.commit()

    async def close(self) -> None:
        """Give back all connections."""
        await self.engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision on an open connection."""
    command.upgrade(migration_config(connection), revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Run the migrations down to a revision on an open connection."""
    command.downgrade(migration_config(connection), revision)


def migration_config(connection: Connection) -> Config:
    """Return Alembic's configuration bound to an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _create_engine(url: str, *, is_sqlite: bool) -> AsyncEngine:
    if not is_sqlite:
        return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": SQLITE_BUSY_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver must not open transactions itself: ours begin with IMMEDIATE, so that two writers
        # queue up at the start instead of failing in the middle.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
