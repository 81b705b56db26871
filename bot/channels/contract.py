"""What the delivery ladder needs from a channel that can speak first."""

from handlers.outcomes import Outcome, OutcomeKind

__all__ = ["Outcome", "OutcomeKind"]
