"""How messages reach people: platform windows, retries, template fields, the flood limit."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from config.loading import RuleModel, load_rules


class Window(RuleModel):
    """So many active messages within so many minutes."""

    messages: int = Field(ge=1)
    minutes: int = Field(ge=1)

    @property
    def span(self) -> timedelta:
        """How long the window stays open."""
        return timedelta(minutes=self.minutes)


class Flood(RuleModel):
    """At most so many messages of one account within so many seconds."""

    messages: int = Field(ge=1)
    seconds: int = Field(ge=1)


class Education(RuleModel):
    """How law-education articles (普法) go out, so that they never take the place of a notice."""

    keep_free: int = Field(ge=1)
    """So many messages of a person's window stay for notices about cases."""
    days_between: int = Field(ge=1)
    """A person gets at most one article in so many days."""
    days_open: int = Field(ge=1)
    """So long an article waits for people to write to us."""
    every_minutes: int = Field(ge=1)
    """How often is looked whether somebody's window has opened."""
    within_days: int = Field(ge=1)
    """Whose dispute was filed longer ago is not written to."""


class DeliveryRules(RuleModel):
    """`config/rules/delivery.yaml`."""

    windows: Mapping[Literal["message", "click", "subscribe", "scan"], Window]
    retry_seconds: tuple[int, ...] = Field(min_length=1)
    lease_seconds: int = Field(ge=10)
    rings_again_after_hours: int = Field(ge=1)
    """The same short form, not yet read, does not ring again within so many hours."""
    template_fields: Mapping[str, Literal["what", "case_no", "type", "until"]]
    template_empty: str = Field(min_length=1, max_length=20)
    flood: Flood
    education: Education

    def window_after(self, kind: str, event: str | None) -> Window | None:
        """Return the window that a message kind or an event opens."""
        if kind != "event":
            return self.windows.get("message")
        return next((window for name, window in self.windows.items() if name == event), None)

    def retry_after(self, attempts: int) -> timedelta | None:
        """Return how long to wait after so many attempts, None when it is enough."""
        if attempts > len(self.retry_seconds):
            return None
        return timedelta(seconds=self.retry_seconds[attempts - 1])


def load_delivery_rules(config_dir: Path) -> DeliveryRules:
    """Read the delivery rules; raises RuleFileError."""
    return load_rules(config_dir / "rules" / "delivery.yaml", DeliveryRules)
