"""Turns utterances into the text of a message: phrases filled in, choices numbered, times spoken."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from config.phrases import Phrases
from handlers.messages import Choice, Reply
from handlers.ruleset import RuleSet
from handlers.steps import Utterance
from mediation.calendar import CHINA_TIME


def compose(utterances: Iterable[Utterance], *, rules: RuleSet, short: bool = False) -> Reply | None:
    """Return one reply of all utterances; the numbered answers of the last one that has any."""
    texts: list[str] = []
    choices: tuple[Choice, ...] = ()
    for utterance in utterances:
        phrase = rules.phrases[utterance.key]
        facts = {**_service_facts(rules), **utterance.facts}
        texts.append(rules.phrases.fill(utterance.key, facts, short=short))
        if utterance.choices is not None:
            choices = utterance.choices
        elif phrase.choices:
            choices = tuple(Choice(key=choice.key, label=choice.label) for choice in phrase.choices)
    return Reply(text="\n".join(text for text in texts if text), choices=choices) if texts else None


def _service_facts(rules: RuleSet) -> dict[str, object]:
    return {"service": rules.rulebook.service.name}


def as_text(reply: Reply) -> str:
    """Return the reply for channels without buttons: sentences, then one numbered choice a line."""
    lines = [f"{choice.key} {choice.label}" for choice in reply.choices]
    return "\n".join([reply.text, *lines])


def split_text(text: str, max_bytes: int) -> list[str]:
    """Cut a text into parts of at most `max_bytes` UTF-8 bytes, at line ends where possible."""
    parts: list[str] = []
    current = ""
    for line in text.splitlines(keepends=True):
        for piece in _pieces(line, max_bytes):
            if len((current + piece).encode()) > max_bytes:
                parts.append(current)
                current = ""
            current += piece
    parts.append(current)
    return [part.strip("\n") for part in parts if part.strip()]


def _pieces(line: str, max_bytes: int) -> Iterable[str]:
    while len(line.encode()) > max_bytes:
        head = line.encode()[:max_bytes].decode(errors="ignore")
        yield head
        line = line[len(head) :]
    yield line


def spoken_time(at: datetime, *, now: datetime, phrases: Phrases) -> str:
    """Return 今天10:30, 明天08:30 or 11月27日（周五）17:30."""
    local, today = at.astimezone(CHINA_TIME), now.astimezone(CHINA_TIME).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return phrases.text("words.today_at", time=clock)
    if local.date() == today + timedelta(days=1):
        return phrases.text("words.tomorrow_at", time=clock)
    weekday = phrases.text("words.weekdays").split()[local.weekday()]
    return phrases.text("words.date_at", month=local.month, day=local.day, weekday=weekday, time=clock)
