"""`/healthz`, `/readyz` and `/metrics`."""

import os
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from handlers.service import Service
from storage import cases, deadlines, outbox

REQUESTS = Counter("fengqiao_http_requests", "HTTP requests by route and status", ["route", "status"])
SECONDS = Histogram("fengqiao_http_seconds", "Seconds per HTTP request by route", ["route"])
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count every request and how long it took."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "unknown"
    status, started = 500, time.perf_counter()
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as answer:
        status = answer.status
        raise
    else:
        return response
    finally:
        REQUESTS.labels(route, str(status)).inc()
        SECONDS.labels(route).observe(time.perf_counter() - started)


class Health:
    """Answers whether the process lives, whether it can work, and how much there is to do."""

    def __init__(self, service: Service, redis: Redis) -> None:
        self._service = service
        self._redis = redis

    def add_routes(self, app: web.Application) -> None:
        """Register the three routes."""
        app.router.add_get("/healthz", self.show_alive)
        app.router.add_get("/readyz", self.show_ready)
        app.router.add_get("/metrics", self.show_metrics)

    async def show_alive(self, _: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"status": "ok"})

    async def show_ready(self, _: web.Request) -> web.Response:
        """The database answers (503 otherwise); Redis is only told, since the service works without."""
        database, redis = "ok", "ok"
        try:
            async with self._service.database.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError):
            database = "down"
        try:
            await self._redis.ping()
        except (RedisError, OSError):
            redis = "down"
        status = 200 if database == "ok" else 503
        return web.json_response(
            {"status": "ok" if status == 200 else "down", "database": database, "redis": redis}, status=status
        )

    async def show_metrics(self, _: web.Request) -> web.Response:
        """Prometheus metrics: requests of all workers, and what waits in the database."""
        counted = CollectorRegistry()
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
            body = generate_latest(counted)
        else:
            body = generate_latest()
        return web.Response(body=body + await self._waiting(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _waiting(self) -> bytes:
        registry = CollectorRegistry()
        by_status = Gauge("fengqiao_cases", "Cases by status", ["status"], registry=registry)
        async with self._service.database.unit_of_work() as session:
            for status, count in (await cases.count_cases(session)).items():
                by_status.labels(status).set(count)
            waiting = Gauge("fengqiao_outbox_waiting", "Messages not delivered yet", registry=registry)
            waiting.set(await outbox.count_waiting(session))
            calls = Gauge("fengqiao_call_tasks_open", "Calls that operators must make", registry=registry)
            calls.set(await outbox.count_open_call_tasks(session))
            due = Gauge("fengqiao_deadlines_due", "Deadlines that are due and not done", registry=registry)
            due.set(await deadlines.count_due(session, now=self._service.now()))
        return generate_latest(registry)
