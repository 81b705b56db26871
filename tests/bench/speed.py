"""`make bench`: speed and memory as ratios against a floor that is measured in the same run.

A message through the webhook is compared with a bare aiohttp route that runs the same number of SQL
statements in one durable transaction; the understanding with `jieba.lcut` of the same text; memory with a
process that has only loaded jieba.
"""

import asyncio
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import jieba
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy import event, text

from bot.application import utc_now
from bot.embedded_redis import EmbeddedRedis
from config.loading import CONFIG_DIR
from config.rulebook import load_rulebook
from handlers.ruleset import load_ruleset
from storage.database import Database
from tests.phones import Town, TurnedClock, open_town

MESSAGES = Path(__file__).parents[1] / "data" / "messages_dev.jsonl"
ROUNDS = 200
DIALOGUE = (
    "俺是杜曲镇北徐庄的，东边邻居盖房占了俺家宅基地半米，还把水沟堵了",
    "王大爷",
    "13800001234",
    "取消",
)
TODAY = date(2026, 11, 24)


async def time_calls(call: Callable[[int], Awaitable[None]], count: int) -> float:
    """Return the median seconds of a call, after a warm-up."""
    for number in range(10):
        await call(number)
    spent = []
    for number in range(count):
        started = time.perf_counter()
        await call(number)
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


async def measure_webhook(folder: Path, redis_url: str) -> tuple[float, float, int]:
    """Return (median seconds of a message, of the bare route, statements per message)."""
    clock = TurnedClock(at=utc_now())
    url = f"sqlite:///{folder / 'ours.db'}"
    async with open_town(database_url=url, redis_url=redis_url, clock=clock, folder=folder) as town:
        statements = await count_statements(town)
        phones = [town.phone(f"person-{number}") for number in range(ROUNDS + 10)]

        async def send(number: int) -> None:
            await phones[number // len(DIALOGUE)].say(DIALOGUE[number % len(DIALOGUE)])

        ours = await time_calls(send, ROUNDS)
    floor = await measure_floor(folder, statements)
    return ours, floor, statements


async def count_statements(town: Town) -> int:
    """Return the mean number of SQL statements of a message."""
    counted: list[str] = []
    engine = town.running.service.database.engine.sync_engine

    def note(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    for line in DIALOGUE:
        await town.phone("counted").say(line)
    event.remove(engine, "before_cursor_execute", note)
    return round(len(counted) / len(DIALOGUE))


async def measure_floor(folder: Path, statements: int) -> float:
    """Return the median seconds of a bare route with as many statements in one durable transaction."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'floor.db'}", key=b"bench")
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE floor (id INTEGER PRIMARY KEY, body TEXT)"))

    async def handle(request: web.Request) -> web.Response:
        body = await request.text()
        async with database.engine.begin() as connection:
            for number in range(statements):
                if number % 2:
                    await connection.execute(text("INSERT INTO floor (body) VALUES (:body)"), {"body": body})
                else:
                    await connection.execute(text("SELECT max(id) FROM floor"))
        return web.Response(text="success")

    app = web.Application()
    app.router.add_post("/", handle)
    async with TestServer(app) as server, ClientSession() as http:

        async def send(number: int) -> None:
            async with http.post(server.make_url("/"), data=DIALOGUE[number % len(DIALOGUE)]) as answer:
                await answer.read()

        spent = await time_calls(send, ROUNDS)
    await database.close()
    return spent


def measure_understanding() -> tuple[float, float]:
    """Return (median seconds of understanding a message, of jieba.lcut of the same message)."""
    rules = load_ruleset(CONFIG_DIR, load_rulebook(CONFIG_DIR).regions)
    texts = [json.loads(line)["text"] for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    ours, floor = [], []
    for _ in range(5):
        for one in texts:
            started = time.perf_counter()
            jieba.lcut(one)
            middle = time.perf_counter()
            rules.understander.understand(one, today=TODAY)
            floor.append(middle - started)
            ours.append(time.perf_counter() - middle)
    return statistics.median(ours), statistics.median(floor)


LOAD_JIEBA = "import jieba; jieba.lcut('热身一下')"
LOAD_ALL = (
    LOAD_JIEBA
    + "\nfrom nlp.understander import Understander"
    + "\nfrom config.loading import CONFIG_DIR"
    + "\nfrom config.rulebook import load_rulebook"
    + "\nfrom handlers.ruleset import load_ruleset"
    + "\nrules = load_ruleset(CONFIG_DIR, load_rulebook(CONFIG_DIR).regions)"
)
PRINT_MEMORY = "\nprint(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"


def measure_memory() -> tuple[int, int]:
    """Return resident KiB of (a process with all rules, a process with jieba alone)."""

    def run(code: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", code + PRINT_MEMORY], capture_output=True, text=True, check=True
        )
        return int(done.stdout.split()[-1])

    return run(LOAD_ALL), run(LOAD_JIEBA)


def main() -> None:
    """Print every figure beside its floor."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis() as redis:
        ours, floor, statements = asyncio.run(measure_webhook(Path(folder), redis.url))
    print("| what | ours | floor | ratio |")
    print("|---|---|---|---|")
    print(
        f"| a message through the webhook ({statements} statements, SQLite) "
        f"| {ours * 1000:.2f} ms | {floor * 1000:.2f} ms bare route | {ours / floor:.2f} |"
    )
    ours, floor = measure_understanding()
    print(
        f"| understanding a message | {ours * 1e6:.0f} µs | {floor * 1e6:.0f} µs jieba.lcut "
        f"| {ours / floor:.2f} |"
    )
    everything, alone = measure_memory()
    print(
        f"| memory with all rules and Luohe's regions | {everything / 1024:.0f} MiB "
        f"| {alone / 1024:.0f} MiB jieba alone | +{(everything - alone) / 1024:.0f} MiB |"
    )


if __name__ == "__main__":
    main()
