"""What a page of the console is: its route, the action it stands for, whose area counts, what is audited."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from aiohttp import web

from bot.console.access import Action
from bot.console.visit import Visit

View = Callable[[Visit], Awaitable[web.StreamResponse]]


class Subject(StrEnum):
    """What a route is about; the gate finds it and compares its place with the operator's area."""

    NONE = "none"
    """A list or a form: the view asks storage with `visit.area`."""
    CASE = "case"
    """`{case_id}` in the path."""
    CALL_TASK = "call_task"
    """`{task_id}` in the path."""
    NOTICE = "notice"
    """`{notice_id}` in the path."""
    ARTICLE = "article"
    """`{article_id}` in the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One route. `seen` is written to the audit when the page was shown, "" where nothing personal is."""

    method: Literal["GET", "POST"]
    path: str
    action: Action
    view: View
    subject: Subject = Subject.NONE
    seen: str = ""
    largest_body: int = 64 * 1024
