"""The service as a process: prepares itself, survives being killed, stops cleanly, runs with workers."""

import asyncio
import hashlib
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import KEY, ROOT
from tests.phones import read_reply

TOKEN = "token of the process"
DIALOGUE = (
    ("俺是杜曲镇北徐庄的，东边邻居盖房占了俺家宅基地半米，电话13800001234", "怎么称呼您"),
    ("王大爷", "我记下的是这些"),
    ("1", "漯调20"),
    ("进度", "漯调20"),
)


@asynccontextmanager
async def serving(
    folder: Path, *, workers: int = 1, **extra: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Start the service on a free port; yield its address and its process."""
    environment = {
        **os.environ,
        "FENGQIAO_PORT": "0",
        "FENGQIAO_DATA_DIR": str(folder),
        "FENGQIAO_WECHAT__TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT),
        **extra,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", "--workers", str(workers),
        cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(60):
        line = (await process.stdout.readline()).decode()
    found = re.search(r"http://[\w.:]+", line)
    assert found, line
    try:
        yield found[0], process
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(30):
                await process.wait()


async def send(address: str, openid: str, text: str, number: int) -> str:
    """Send a signed text, again and again until the service is there, as the platform does."""
    timestamp = str(int(time.time()))
    signature = hashlib.sha1("".join(sorted([TOKEN, timestamp, "n"])).encode()).hexdigest()
    body = (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{timestamp}"
        f"</CreateTime><MsgType>text</MsgType><Content>{text}</Content><MsgId>{number}</MsgId></xml>"
    )
    query = {"signature": signature, "timestamp": timestamp, "nonce": "n"}
    async with aiohttp.ClientSession() as http, asyncio.timeout(30):
        while True:
            try:
                async with http.post(f"{address}/wechat", params=query, data=body.encode()) as answer:
                    assert answer.status == 200
                    return read_reply(await answer.text())
            except aiohttp.ClientConnectionError:
                continue


async def test_the_dialogue_goes_on_although_the_service_is_killed_after_every_message(
    tmp_path: Path,
) -> None:
    for number, (text, expected) in enumerate(DIALOGUE, start=1):
        async with serving(tmp_path) as (address, process):
            reply = await send(address, "wang", text, number)
            assert expected in reply
            assert await send(address, "wang", text, number) == reply
            process.kill()
            await process.wait()
    async with serving(tmp_path):
        pass  # takes over what the killed ones left behind, and ends it


async def test_workers_share_the_port_and_one_that_dies_is_replaced(
    tmp_path: Path, database_url: str
) -> None:
    database = {"FENGQIAO_DATABASE_URL": database_url, "FENGQIAO_SECRET_KEY": KEY.decode()}
    async with serving(tmp_path, workers=2, **database) as (address, process):
        replies = await asyncio.gather(*(send(address, "wang", "你好", 1) for _ in range(6)))
        assert len(set(replies)) == 1
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) >= 2
        os.kill(int(children[-1]), signal.SIGKILL)
        for number in range(2, 12):
            assert await send(address, f"p{number}", "你好", number)


async def test_health_readiness_and_metrics_answer(tmp_path: Path) -> None:
    async with serving(tmp_path) as (address, _), aiohttp.ClientSession() as http:
        await send(address, "wang", DIALOGUE[0][0], 1)
        async with http.get(f"{address}/healthz") as answer:
            assert await answer.json() == {"status": "ok"}
        async with http.get(f"{address}/readyz") as answer:
            assert await answer.json() == {"status": "ok", "database": "ok", "redis": "ok"}
        async with http.get(f"{address}/metrics") as answer:
            text = await answer.text()
        assert 'fengqiao_http_requests_total{route="/wechat",status="200"} 1.0' in text
        assert "fengqiao_outbox_waiting 0.0" in text
        async with http.get(f"{address}/simulator") as answer:
            assert answer.status == 404


async def test_a_taken_port_and_a_broken_rule_file_end_with_a_clear_word(tmp_path: Path) -> None:
    async with serving(tmp_path) as (address, _):
        port = address.rsplit(":", 1)[1]
        done = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=tmp_path, stderr=asyncio.subprocess.PIPE,
            env={
                **os.environ,
                "FENGQIAO_PORT": port,
                "FENGQIAO_DATA_DIR": str(tmp_path),
                "PYTHONPATH": str(ROOT),
            },
        )  # fmt: skip
        _, words = await done.communicate()
        assert done.returncode == 1
        assert port in words.decode()


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_ends_cleanly(tmp_path: Path, name: signal.Signals) -> None:
    async with serving(tmp_path) as (address, process):
        await send(address, "wang", "你好", 1)
        process.send_signal(name)
        async with asyncio.timeout(20):
            assert await process.wait() == 0
