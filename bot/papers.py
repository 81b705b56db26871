"""Hands out files and documents to whoever holds a signed link: GET /papers/{token}.

The signature is 128 bits of a keyed hash over everything the link says, so guessing is useless at any rate
and needs no counting of tries. What a link leads to is never shown as anything that could run.
"""

import asyncio
import base64
import hashlib
from html import escape
from os.path import splitext
from urllib.parse import quote

from aiohttp import web

from handlers.mediating.sending import BadLinkError, read_link
from handlers.opening import GoneError, NotFetchedError, Opened, open_paper
from handlers.service import Service

AT_ONCE = 2
"""Papers made at the same time: each takes a processor and may hold a whole volume in memory."""
REFRESH_SECONDS = 20
STYLE = (
    "body{font:1.25rem/1.8 sans-serif;max-width:32rem;margin:12vh auto;padding:0 1.25rem}h1{font-size:1.4rem}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PAGE = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    "<style>{style}</style></head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
)
GUARDS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'; sandbox"
PAGE_POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'"


class Papers:
    """Answers links to papers."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._making = asyncio.Semaphore(AT_ONCE)

    def add_routes(self, app: web.Application) -> None:
        """Register the route."""
        app.router.add_get("/papers/{token}", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """The paper; a page that says why not: 410 bad or old link, 404 nothing there, 202 not here yet."""
        try:
            paper = read_link(request.match_info["token"], now=self._service.now())
            async with self._making:
                opened = await open_paper(self._service, paper)
        except BadLinkError:
            return self._page("papers.bad_link", status=410)
        except GoneError:
            return self._page("papers.gone", status=404)
        except NotFetchedError:
            page = self._page("papers.waiting", status=202)
            page.headers["Refresh"] = str(REFRESH_SECONDS)
            return page
        return web.Response(
            body=opened.content,
            headers={
                **GUARDS,
                "Content-Type": opened.content_type,
                "Content-Disposition": _disposition(opened),
                "Content-Security-Policy": NOTHING_RUNS,
            },
        )

    def _page(self, phrase: str, *, status: int) -> web.Response:
        text = self._service.rules.phrases.text
        page = PAGE.format(title=escape(text("papers.title")), style=STYLE, text=escape(text(phrase)))
        return web.Response(
            text=page,
            status=status,
            content_type="text/html",
            headers={**GUARDS, "Content-Security-Policy": PAGE_POLICY},
        )


def _disposition(opened: Opened) -> str:
    """Name the file in its own language (RFC 5987), with a plain name for programs that cannot."""
    way = "inline" if opened.shown else "attachment"
    plain = f"paper{splitext(opened.name)[1]}"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(opened.name, safe='')}"
