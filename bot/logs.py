"""Structured logs as JSON lines, without personal data."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

LONG_NUMBER = re.compile(r"\d{7,}[\dXx]?")
TRACEABLE = frozenset({"sender"})  # a hash, by which one person's messages can be followed
PERSONAL = frozenset({"text", "name", "phone", "address", "body", "reply", "story", "openid"})


def mask(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop fields that hold what people said, and mask long numbers everywhere else."""
    for field, value in entry.items():
        if field in PERSONAL:
            entry[field] = "***"
        elif isinstance(value, str) and field not in TRACEABLE:
            entry[field] = LONG_NUMBER.sub("***", value)
    return entry


def configure_logs(*, level: int = logging.INFO) -> None:
    """Send every log of the process to standard error, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe_exception,
            mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # what it is when something is logged
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(levelname)s %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.ERROR)
    logging.getLogger("jieba").setLevel(logging.WARNING)


def _describe_exception(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep where an exception came from, but not its message: it may quote what somebody wrote."""
    if entry.pop("exc_info", None):
        kind, _error, trace = sys.exc_info()
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        entry["exception"] = kind.__name__ if kind else ""
        entry["trace"] = places[-8:]
    return entry
