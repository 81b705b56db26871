"""Links to files and documents: signed, for one thing, and only for a while."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from handlers.mediating.work import Work
from storage.sealing import current_sealer

SIGNATURE_LENGTH = 32


class PaperKind(StrEnum):
    """What a link leads to."""

    FILE = "file"
    """Something that a person sent; `name` is "" ."""
    DOCUMENT = "document"
    """An official document of a case; `name` is its kind."""
    SHARED = "shared"
    """The same as the parties may have it: without stories, numbers and a hidden name."""
    VOLUME = "volume"
    """The whole volume (卷宗) of a case."""
    OWN = "own"
    """A copy of a person's own data."""


class BadLinkError(Exception):
    """The link was changed, or its time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a valid link asks for; `subject_id` is the id of the file, the case or the person."""

    kind: PaperKind
    subject_id: int
    name: str = ""


def link_to(work: Work, paper: Paper) -> str:
    """Return an address that works without login until it expires."""
    expires = int(work.after(work.limits.link_valid).timestamp())
    body = f"{paper.kind}-{paper.subject_id}-{paper.name}-{expires}"
    return f"{work.service.public_url}/papers/{body}-{_sign(body)}"


def link_to_file(work: Work, attachment_id: int) -> str:
    """Return a link to something that was sent."""
    return link_to(work, Paper(kind=PaperKind.FILE, subject_id=attachment_id))


def _sign(body: str) -> str:
    return current_sealer().digest(f"paper:{body}")[:SIGNATURE_LENGTH]


def read_link(token: str, *, now: datetime) -> Paper:
    """Return what a link asks for; raises BadLinkError."""
    body, _, signature = token.rpartition("-")
    if not body or not hmac.compare_digest(_sign(body).encode(), signature.encode()):
        raise BadLinkError
    kind, subject_id, name, expires = body.split("-")
    if datetime.fromtimestamp(int(expires), tz=UTC) <= now:
        raise BadLinkError
    return Paper(kind=PaperKind(kind), subject_id=int(subject_id), name=name)
