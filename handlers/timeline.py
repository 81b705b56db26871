"""A case's timeline in words, and who may see which step."""

from collections import defaultdict
from collections.abc import Iterable

from handlers.ruleset import RuleSet
from mediation.calendar import CHINA_TIME
from mediation.vocabulary import Audience
from storage.tables import TimelineRow


def visible_to(entries: Iterable[TimelineRow], viewer: Audience) -> list[TimelineRow]:
    """Return the steps that are for a viewer's eyes."""
    return [entry for entry in entries if viewer.value in entry.audience]


def entry_words(entry: TimelineRow, *, rules: RuleSet) -> str:
    """Return what a step says, without its time."""
    text = rules.phrases.text
    facts: defaultdict[str, object] = defaultdict(str, entry.content)
    if side := entry.content.get("side"):
        facts["side"] = text(f"words.side_{side}")
    if entry.event == "meeting_answer":
        facts["text"] = text("words.comes" if entry.content["comes"] else "words.comes_not")
    if entry.event == "ended":
        facts["why"] = text(f"words.end_{entry.content['reason']}")
    if entry.event == "said":
        speaker = entry.content["speaker"]
        known = speaker if speaker == "mediator" else f"side_{speaker}"
        facts["speaker"] = text(f"words.{known}")
    return rules.phrases.fill(f"words.event_{entry.event}", facts)


def lines(entries: Iterable[TimelineRow], *, rules: RuleSet) -> list[str]:
    """Return a line for every step: 11-24 09:30 申请人登记."""
    return [
        rules.phrases.text(
            "mediator.timeline_line",
            at=f"{entry.at.astimezone(CHINA_TIME):%m-%d %H:%M}",
            what=entry_words(entry, rules=rules),
        )
        for entry in entries
    ]
