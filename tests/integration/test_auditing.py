"""A change of a timeline behind the service's back is found, whatever was changed."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import Settings
from handlers.auditing import Broken, Checked, Flaw, verify_timelines
from storage.auditing import ERASED
from storage.database import Database
from storage.sealing import SealedJSON
from tests.conftest import KEY
from tests.phones import TurnedClock, open_town
from tests.rows import Told, add_case, add_mediator
from tests.settling import settle_boundary

FIRST, SECOND = "漯调2026-000001", "漯调2026-000002"
STEP = "case_id = 1 AND seq = 3"
STEPS = ("filed", "accepted", "urged", "said", "settled", "closed")


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """One case that is closed and one that was only filed."""
    settings = Settings(_env_file=None, database_url=database_url, data_dir=tmp_path)
    opened = Database(settings.sqlalchemy_url, key=KEY)
    async with opened.unit_of_work() as session:
        mediator = await add_mediator(session)
        await add_case(session, Told(mediator=mediator, steps=STEPS))
        await add_case(
            session, Told(mediator=mediator, status="filed", agreement=None, performed=(), steps=("filed",))
        )
        await session.commit()
    yield opened
    await opened.close()


async def change(database: Database, statement: str, **values: object) -> None:
    async with database.unit_of_work() as session:
        await session.execute(text(statement), values)
        await session.commit()


async def verify(database: Database) -> tuple[Checked, list[tuple[str, int | None, Flaw]]]:
    found: list[Broken] = []
    checked = await verify_timelines(database, report=found.append)
    assert checked.broken == len(found)
    return checked, [(one.case_no, one.seq, one.flaw) for one in found]


async def flaws(database: Database) -> list[tuple[str, int | None, Flaw]]:
    return (await verify(database))[1]


async def test_what_the_service_writes_is_whole(
    database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path
) -> None:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as town:
        zhao = await town.bind("411122102215", "赵春生", "zhao")
        await settle_boundary(town, mediator=zhao, applicant="wang", respondent="li")
        checked, found = await verify(town.running.service.database)
    assert found == []
    assert checked.cases == 1
    assert checked.steps > 10
    assert (checked.erased, checked.broken) == (0, 0)


@pytest.mark.parametrize(
    "changed",
    [
        "event = 'declined'",
        "actor = 'person:999'",
        "at = '2025-01-01 00:00:00+00'",
        """audience = '["staff"]'""",
        "digest = hash",
    ],
    ids=["event", "actor", "time", "audience", "digest"],
)
async def test_a_changed_step_is_named(database: Database, changed: str) -> None:
    await change(database, f"UPDATE timeline SET {changed} WHERE {STEP}")
    found = await flaws(database)
    assert (FIRST, 3, Flaw.HASH) in found
    assert {(case_no, seq) for case_no, seq, _ in found} == {(FIRST, 3)}


async def test_a_changed_content_is_named(database: Database) -> None:
    sealed = SealedJSON().process_bind_param({"mediator": "别人"}, None)  # type: ignore[arg-type]
    await change(database, f"UPDATE timeline SET content = :content WHERE {STEP}", content=sealed)
    assert await flaws(database) == [(FIRST, 3, Flaw.CONTENT)]


async def test_a_content_of_another_step_is_named(database: Database) -> None:
    await change(
        database,
        "UPDATE timeline SET content = (SELECT content FROM timeline WHERE case_id = 1 AND seq = 1)"
        f" WHERE {STEP}",
    )
    assert await flaws(database) == [(FIRST, 3, Flaw.CONTENT)]


async def test_a_content_that_was_blanked_is_named(database: Database) -> None:
    await change(database, f"UPDATE timeline SET content = :content WHERE {STEP}", content=b"")
    assert await flaws(database) == [(FIRST, 3, Flaw.UNREADABLE)]


async def test_a_content_erased_by_the_law_is_no_flaw(database: Database) -> None:
    sealed = SealedJSON().process_bind_param(ERASED, None)  # type: ignore[arg-type]
    await change(database, f"UPDATE timeline SET content = :content WHERE {STEP}", content=sealed)
    checked, found = await verify(database)
    assert found == []
    assert checked.erased == 1


async def test_a_removed_step_is_missed(database: Database) -> None:
    await change(database, f"DELETE FROM timeline WHERE {STEP}")
    assert await flaws(database) == [(FIRST, 4, Flaw.GAP)]


async def test_a_removed_step_is_missed_though_the_rest_was_renumbered(database: Database) -> None:
    await change(database, f"DELETE FROM timeline WHERE {STEP}")
    for seq in range(4, len(STEPS) + 1):
        await change(database, "UPDATE timeline SET seq = seq - 1 WHERE case_id = 1 AND seq = :seq", seq=seq)
    found = await flaws(database)
    assert found[:2] == [(FIRST, 3, Flaw.PREVIOUS), (FIRST, 3, Flaw.HASH)]


async def test_exchanged_steps_are_named(database: Database) -> None:
    for old, new in ((3, 900), (4, 3), (900, 4)):
        await change(
            database, "UPDATE timeline SET seq = :new WHERE case_id = 1 AND seq = :old", old=old, new=new
        )
    found = await flaws(database)
    assert {seq for _, seq, flaw in found if flaw is Flaw.HASH} == {3, 4}


async def test_an_added_step_is_named(database: Database) -> None:
    last = len(STEPS)
    columns = "at, actor, event, audience, content, digest, previous_hash, hash"
    await change(
        database,
        f"INSERT INTO timeline (case_id, seq, {columns}) SELECT case_id, :next, {columns}"
        " FROM timeline WHERE case_id = 1 AND seq = :last",
        next=last + 1,
        last=last,
    )
    found = await flaws(database)
    assert (FIRST, last + 1, Flaw.PREVIOUS) in found


async def test_steps_cut_off_at_the_end_do_not_fit_the_status(database: Database) -> None:
    last = len(STEPS)
    await change(database, "DELETE FROM timeline WHERE case_id = 1 AND event = 'closed'")
    found = await flaws(database)
    assert (FIRST, last - 1, Flaw.STATUS) in found


async def test_a_status_changed_by_hand_does_not_fit_the_steps(database: Database) -> None:
    await change(database, "UPDATE mediation_case SET status = 'mediating' WHERE id = 1")
    assert await flaws(database) == [(FIRST, len(STEPS), Flaw.STATUS)]


async def test_a_timeline_that_is_gone_is_missed(database: Database) -> None:
    await change(database, "DELETE FROM timeline WHERE case_id = 2")
    assert await flaws(database) == [(SECOND, None, Flaw.NO_STEPS)]


async def test_the_walk_reads_page_by_page(database: Database) -> None:
    found: list[Broken] = []
    for at_once in (1, 2, 3, len(STEPS), len(STEPS) + 1):
        checked = await verify_timelines(database, report=found.append, at_once=at_once)
        assert (checked.cases, checked.steps) == (2, len(STEPS) + 1)
    assert found == []


async def test_the_command_ends_with_one_when_something_is_broken(
    database: Database, database_url: str
) -> None:
    async def command() -> tuple[int | None, str]:
        process = await create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "audit",
            "verify",
            env={
                **os.environ,
                "FENGQIAO_DATABASE_URL": database_url,
                "FENGQIAO_SECRET_KEY": KEY.decode(),
            },
            stdout=PIPE,
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode()

    code, said = await command()
    assert code == 0
    assert "2 cases" in said
    assert "0 broken" in said
    await change(database, f"UPDATE timeline SET actor = 'person:999' WHERE {STEP}")
    code, said = await command()
    assert code == 1
    assert f"{FIRST} step 3: time, actor, event, audience or a hash was changed" in said
    assert "1 broken" in said
