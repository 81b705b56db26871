"""Templates of the console: where they lie, what each can use, and the headers of every answer."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp_jinja2
import jinja2
from aiohttp import web

from handlers.service import Service
from handlers.speaking import spoken_time
from mediation.calendar import CHINA_TIME

FOLDER = Path(__file__).parent
PAGES = FOLDER / "pages"
ASSETS = FOLDER / "assets"
Answer = TypeVar("Answer", bound=web.StreamResponse)
TEMPLATES: web.AppKey[jinja2.Environment] = web.AppKey("console_templates", jinja2.Environment)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def set_up(app: web.Application) -> None:
    """Give the application its templates: everything is escaped, an unknown name is a mistake."""
    environment = aiohttp_jinja2.setup(
        app,
        app_key=TEMPLATES,
        loader=jinja2.FileSystemLoader(PAGES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = _asset_paths().__getitem__
    environment.filters["day"] = _day
    environment.filters["clock"] = _clock
    environment.filters["money"] = _money


def _asset_paths() -> dict[str, str]:
    """The addresses of all assets; each carries its content's hash, so it may be kept for ever."""
    return {
        path.name: f"/assets/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in ASSETS.iterdir()
    }


def _day(value: date | datetime | None) -> str:
    """2026-11-24, local; "" for nothing."""
    if value is None:
        return ""
    local = value.astimezone(CHINA_TIME) if isinstance(value, datetime) else value
    return f"{local:%Y-%m-%d}"


def _clock(value: datetime | None) -> str:
    """2026-11-24 09:30, local; "" for nothing."""
    return "" if value is None else f"{value.astimezone(CHINA_TIME):%Y-%m-%d %H:%M}"


def _money(value: float | None) -> str:
    """12,500 or 12,500.50; "" for nothing."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def shared(service: Service, *, now: datetime) -> dict[str, Any]:
    """Return what every template knows: phrases, names of types and places, spoken times, addresses."""
    rules = service.rules

    def address(path: str, /, **query: object) -> str:
        kept = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{path}?{urlencode(kept)}" if kept else path

    def spoken(at: datetime | None) -> str:
        return "" if at is None else spoken_time(at, now=now, phrases=rules.phrases)

    return {
        "t": rules.phrases.text,
        "rules": rules,
        "now": now,
        "spoken": spoken,
        "address": address,
    }


def render(
    request: web.Request, template: str, facts: Mapping[str, Any], *, status: int = 200
) -> web.Response:
    """Return a rendered page with the headers of the console."""
    response = aiohttp_jinja2.render_template(
        template, request, dict(facts), app_key=TEMPLATES, status=status
    )
    return secured(response)


def secured(response: Answer) -> Answer:
    """Put the security headers on an answer; those it already has stay."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
