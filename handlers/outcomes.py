"""What truly happened to an attempt to send a message."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class OutcomeKind(StrEnum):
    """What truly happened to one attempt to send."""

    SENT = "sent"
    RETRY = "retry"  # passing trouble: try the same rung again
    WINDOW_CLOSED = "window_closed"  # this rung is shut for this person now: take the next one
    UNREACHABLE = "unreachable"  # the person blocked or left the account: no rung of this channel works
    REJECTED = "rejected"  # the platform will never take this message: our mistake
    STOPPED = "stopped"  # the platform refuses the feature or our credentials: alarm, next rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Result of one attempt; `code` is the platform's error code as text, "" when sent."""

    kind: OutcomeKind
    code: str = ""
    retry_after: timedelta | None = None
