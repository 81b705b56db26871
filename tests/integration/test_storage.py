"""The schema on both databases: up, down, equal to the tables; sealed columns; the timeline's chain."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from config.loading import CONFIG_DIR
from config.rulebook import load_rulebook
from storage import people, registry
from storage.database import Database, downgrade, upgrade
from storage.tables import Base, PersonRow
from tests.conftest import DATABASES, KEY, ROOT, postgresql_copy
from tests.phones import START


@pytest.fixture(params=DATABASES)
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    async with postgresql_copy(request.getfixturevalue("postgresql"), "template1") as url:
        yield url.replace("postgresql://", "postgresql+asyncpg://")


async def test_migrations_go_up_and_down_and_make_the_tables_of_the_code(empty_url: str) -> None:
    database = Database(empty_url, key=KEY)
    await database.migrate()
    await database.migrate()

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        await connection.run_sync(downgrade)
        await connection.commit()
        left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert left == ["alembic_version"]
        await connection.run_sync(upgrade)
        await connection.commit()
    await database.close()


async def test_several_processes_may_prepare_an_empty_database_at_once(
    empty_url: str, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "FENGQIAO_DATABASE_URL": empty_url,
        "FENGQIAO_DATA_DIR": str(tmp_path),
        "FENGQIAO_SECRET_KEY": KEY.decode(),
    }

    async def migrate() -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "migrate", env=environment, cwd=tmp_path
        )
        return await process.wait()

    assert await asyncio.gather(*(migrate() for _ in range(3))) == [0, 0, 0]
    database = Database(empty_url, key=KEY)
    rulebook = load_rulebook(CONFIG_DIR)
    async with database.unit_of_work() as session:
        assert len(await registry.list_regions(session)) == len(rulebook.regions)
        codes = await registry.list_committee_codes(session)
    assert {region.code for region in rulebook.regions if len(region.code) >= 6} <= codes
    await database.close()


async def test_personal_data_is_sealed_at_rest_and_found_by_its_hash(empty_url: str) -> None:
    database = Database(empty_url, key=KEY)
    await database.migrate()
    async with database.unit_of_work() as session:
        person = PersonRow(created_at=START, name="王大爷")
        people.set_phone(person, "13800001234")
        session.add(person)
        await session.commit()
    async with database.unit_of_work() as session:
        raw = (await session.execute(text("SELECT name, phone FROM person"))).one()
        assert "王大爷".encode() not in bytes(raw.name)
        assert b"13800001234" not in bytes(raw.phone)
        kept = await session.get_one(PersonRow, person.id)
        assert (kept.name, kept.phone) == ("王大爷", "13800001234")
        assert kept.phone_hash == database.sealer.digest("13800001234")
    await database.close()
