"""One request of a signed-in operator: who, with which rights, and how the answer is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import rendering
from bot.console.access import Action, may
from bot.console.sessions import Sessions, WebSession, csrf_of
from handlers.mediating.work import Work
from handlers.service import Service
from handlers.signing_in import Role
from storage import console_access
from storage.console_tables import OperatorRow

if TYPE_CHECKING:
    from bot.console.live import Live

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"


@dataclass(slots=True, kw_only=True)
class Console:
    """What all requests share."""

    service: Service
    sessions: Sessions
    live: "Live"
    secure: bool
    demo: bool
    demo_accounts: tuple[tuple[str, str, str], ...] = ()
    """Login name, password and role of each demo operator."""

    @property
    def cookie(self) -> str:
        """The cookie's name: bound to this host and to https where there is https."""
        return "__Host-fengqiao" if self.secure else "fengqiao"


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request. `csrf` belongs to the browser's session."""

    console: Console
    request: web.Request
    operator: OperatorRow
    session: WebSession
    now: datetime
    posted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        """The service."""
        return self.console.service

    @property
    def role(self) -> Role:
        """The operator's role."""
        return Role(self.operator.role)

    @property
    def area(self) -> str:
        """The region code that the operator sees, "" for everywhere."""
        return self.operator.area

    @property
    def actor(self) -> str:
        """The operator as timelines name it."""
        return f"operator:{self.operator.id}"

    @property
    def csrf(self) -> str:
        """The synchroniser token of this browser."""
        return csrf_of(self.session.token)

    @property
    def query(self) -> MultiMapping[str]:
        """The query of the address."""
        return self.request.query

    @property
    def is_fragment(self) -> bool:
        """Whether only a part of the page is wanted (htmx)."""
        return "HX-Request" in self.request.headers

    def may(self, action: Action | str) -> bool:
        """Whether the operator may do something."""
        return may(self.role, Action(action))

    def number(self, name: str) -> int:
        """Return a number of the path, such as `case_id`."""
        return int(self.request.match_info[name])

    def given(self, name: str, *, most: int = 4000) -> str:
        """Return a field that was posted, without blanks at its ends, "" when missing."""
        value = self.posted.get(name, "")
        return value.strip()[:most] if isinstance(value, str) else ""

    def all_given(self, name: str) -> list[str]:
        """Return every value of a field that was posted several times, such as ticked boxes."""
        posted = self.posted
        found = posted.getall(name, []) if isinstance(posted, MultiMapping) else []
        return [one.strip() for one in found if isinstance(one, str)]

    def work(self, session: AsyncSession) -> Work:
        """Return the work that use cases take, in this operator's name."""
        return Work(session=session, service=self.service, now=self.now, actor=self.actor)

    async def render(self, template: str, *, status: int = 200, **facts: Any) -> web.Response:
        """Answer with a page (or, for htmx, with a part of one); `facts` are the template's names."""
        said = "" if self.is_fragment else await self.console.sessions.hear(self.session.token)
        return rendering.render(
            self.request,
            template,
            {**rendering.shared(self.service, now=self.now), "visit": self, "said": said, **facts},
            status=status,
        )

    async def go(self, path: str, *, say: str = "", **query: object) -> web.Response:
        """Answer a form with the page that follows (POST–redirect–GET); `say` is shown there once."""
        if say:
            await self.console.sessions.say(self.session.token, say)
        target = f"{path}?{urlencode(query)}" if query else path
        if self.is_fragment:
            return web.Response(headers={"HX-Redirect": target})
        return web.Response(status=303, headers={"Location": target})

    async def note(
        self,
        session: AsyncSession,
        verb: str,
        action: str,
        *,
        subject: str,
        case_id: int | None = None,
        **content: Any,
    ) -> None:
        """Write to the audit in the caller's transaction; `verb` is saw, changed, exported or signed.

        Call it last before the commit: other entries wait until the transaction ends.
        """
        await console_access.note_access(
            session,
            at=self.now,
            actor=self.actor,
            operator_id=self.operator.id,
            verb=verb,
            action=action,
            subject=subject,
            case_id=case_id,
            content=content,
        )
