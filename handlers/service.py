"""What every use case works with: the database, the rules in force, the clock, the channels' traits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from handlers.messages import ChannelTraits
from handlers.ruleset import RuleSet
from storage.database import Database


@dataclass(slots=True, kw_only=True)
class Service:
    """The one value that wiring builds. `rules` is replaced as a whole when rule files change."""

    database: Database
    rules: RuleSet
    now: Callable[[], datetime]
    traits: Mapping[str, ChannelTraits]
    public_url: str = ""
    files_dir: Path = Path("var/files")
    wake_delivery: Callable[[], None] = field(default=lambda: None)
