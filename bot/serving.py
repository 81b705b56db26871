"""Runs the HTTP server: in this process, or in several that share one listening socket."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from aiohttp import web

from bot.application import build_app, open_service, with_demo_account
from bot.embedded_redis import EmbeddedRedis
from config.settings import Settings

log = structlog.get_logger()

LISTEN_FD = "FENGQIAO_INTERNAL_LISTEN_FD"
REDIS_URL = "FENGQIAO_INTERNAL_REDIS_URL"
SHUTDOWN_SECONDS = 10
RESTART_SECONDS = 1


def listen(settings: Settings) -> socket.socket:
    """Open the listening socket; raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((settings.host, settings.port))
    opened.listen(1024)
    return opened


async def stop_requested() -> None:
    """Wait until the process is asked to end."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, asked.set)
    await asked.wait()


async def serve_here(
    settings: Settings, opened: socket.socket, *, redis_url: str, announce: Callable[[str], None]
) -> None:
    """Serve in this process until asked to end; then finish what is under way."""
    port = opened.getsockname()[1]
    settings = with_demo_account(settings, port=port)
    async with open_service(settings, redis_url=redis_url) as running:
        runner = web.AppRunner(build_app(running), shutdown_timeout=SHUTDOWN_SECONDS, access_log=None)
        await runner.setup()
        try:
            async with running.background():
                await web.SockSite(runner, opened).start()
                announce(_address(settings, port))
                await stop_requested()
                for site in list(runner.sites):
                    await site.stop()
        finally:
            await runner.cleanup()


async def work_here(settings: Settings, *, redis_url: str) -> None:
    """Run delivery and clock without HTTP until asked to end."""
    settings = with_demo_account(settings, port=settings.port)
    async with open_service(settings, redis_url=redis_url) as running, running.background():
        await stop_requested()


def _address(settings: Settings, port: int) -> str:
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{port}"
    return f"{base}/simulator" if settings.demo else base


async def serve_with_workers(
    settings: Settings,
    opened: socket.socket,
    *,
    workers: int,
    redis_url: str,
    announce: Callable[[str], None],
) -> None:
    """Run several processes on one socket; one that dies is started again."""
    port = opened.getsockname()[1]
    async with open_service(with_demo_account(settings, port=port), redis_url=redis_url):
        pass  # migrations and an empty registry are prepared once, before the workers start
    os.set_inheritable(opened.fileno(), True)
    metrics = tempfile.mkdtemp(prefix="fengqiao-metrics-")
    environment = {
        **os.environ,
        LISTEN_FD: str(opened.fileno()),
        REDIS_URL: redis_url,
        "PROMETHEUS_MULTIPROC_DIR": metrics,
    }
    stopping = asyncio.Event()

    async def keep_running() -> None:
        while not stopping.is_set():
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", env=environment, pass_fds=(opened.fileno(),)
            )
            ended = asyncio.create_task(process.wait())
            asked = asyncio.create_task(stopping.wait())
            await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            if stopping.is_set():
                if process.returncode is None:
                    process.terminate()
                await ended
            else:
                log.error("worker ended", code=process.returncode)
                await asyncio.sleep(RESTART_SECONDS)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(keep_running())
            announce(_address(settings, port))
            await stop_requested()
            stopping.set()
    finally:
        shutil.rmtree(metrics, ignore_errors=True)


@contextmanager
def redis_address(settings: Settings) -> Iterator[str]:
    """Yield the address of the configured Redis, of the parent's, or of an embedded one."""
    given = settings.redis_url or os.environ.get(REDIS_URL)
    if given:
        yield given
        return
    with EmbeddedRedis(settings.data_dir.resolve() / "redis") as embedded:
        yield embedded.url


def run_server(settings: Settings, *, workers: int, announce: Callable[[str], None]) -> None:
    """Serve until asked to end; starts an embedded Redis when none is configured."""
    inherited = os.environ.get(LISTEN_FD)
    with redis_address(settings) as redis_url:
        if inherited:
            opened = socket.socket(fileno=int(inherited))
            asyncio.run(serve_here(settings, opened, redis_url=redis_url, announce=lambda _: None))
            return
        with listen(settings) as opened:
            if workers == 1:
                asyncio.run(serve_here(settings, opened, redis_url=redis_url, announce=announce))
            else:
                asyncio.run(
                    serve_with_workers(
                        settings, opened, workers=workers, redis_url=redis_url, announce=announce
                    )
                )
