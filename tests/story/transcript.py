"""A story as it went: what was done, and every sentence that every phone showed, with the time.

What is drawn by lot (codes, what signs a link) is blotted out, so that two runs read the same.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mediation.calendar import CHINA_TIME
from tests.phones import Heard

FOLDER = Path(__file__).parent / "transcripts"
BLOTTED = (
    (re.compile(r"https?://[^\s？，。]+"), "<链接>"),
    (re.compile(r"(?<![\d-])\d{8}(?!\d)"), "<8位码>"),
    (re.compile(r"(?<=码：)\d{6}(?!\d)|(?<=码是 )\d{6}(?!\d)"), "<6位码>"),
)


def tell_step(number: int, done: dict[str, Any], heard: Sequence[Heard]) -> str:
    """Return one step: what was done, then what each phone showed; phones in the order in which they rang."""
    lines = [f"—— {number} ——", *(f"{who} → {_line(what)}" for who, what in done.items())]
    phones = list(dict.fromkeys(one.openid for one in heard))
    for one in sorted(heard, key=lambda one: (one.at, phones.index(one.openid))):
        lines.append(f"{_clock(one.at)} {one.openid} ← {_line(blot(one.text))}")
    return "\n".join(lines) + "\n"


def blot(text: str) -> str:
    """Return the text without what differs from run to run."""
    for pattern, instead in BLOTTED:
        text = pattern.sub(instead, text)
    return text


def _line(value: Any) -> str:
    if isinstance(value, dict):
        value = "，".join(f"{key} {said}" for key, said in value.items())
    return str(value).replace("\n", "\n    ")


def _clock(at: datetime) -> str:
    return at.astimezone(CHINA_TIME).strftime("%m-%d %H:%M")
