"""Reads what a mediator means: a whole command, a command with its content, a number of the menu."""

import re
from dataclasses import dataclass

from config.dialogue import DialogueWords
from handlers.answering import PUNCTUATION, bare, read_number
from handlers.mediating.own_words import fits, is_asking

COLONS = {":", "："}
LONGEST_LOOSE = 40
TELLING = 4
CLAUSE_END = re.compile(r"[，,。：:；;]")
NUMBER_FIRST = re.compile(r"^\s*第?\s*([0-9一二三四五六七八九十]{1,2})\s*(?:条|项|期|、|，|,|:|：|\s|$)")
MENU = {
    "3": "meet",
    "4": "invite",
    "5": "private",
    "6": "joint",
    "7": "note",
    "8": "agreement",
    "9": "help",
    "10": "papers",
    "11": "end",
    "12": "more",
}
"""Numbers of the case menu; 1 and 2 always answer an offer."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is wanted; `rest` is what was said with it, "" when nothing.

    `explicit` says that a colon stands between the two (记录：…), as nobody speaks.
    """

    name: str
    rest: str = ""
    explicit: bool = False


def read_command(text: str, words: DialogueWords) -> Command | None:
    """Return a command that stands alone, or one that begins the message and has its content behind it."""
    said = bare(text)
    for name, known in words.desk.items():
        if said in known:
            return Command(name)
    number = read_number(text)
    if number in MENU:
        return Command(MENU[number])
    return _read_prefix(text.strip(), words)


def read_loosely(text: str, words: DialogueWords) -> Command | None:
    """Return the command that a sentence means, in whatever order it is said: the first that fits."""
    said = bare(text)
    if len(said) > LONGEST_LOOSE:
        return None
    asking = is_asking(said, words.answers)
    for name, sentences in words.desk_loose.items():
        if asking and name in {"consented", "refused"}:  # "问问对方愿意不愿意"
            continue
        if any(fits(said, sentence) for sentence in sentences):
            return Command(name)
    return None


def rest_of(text: str) -> str:
    """Return what is said after the first clause, "" when it is next to nothing: 请专家看看，墙会不会倒."""
    rest = CLAUSE_END.split(text, maxsplit=1)[1:]
    return rest[0] if rest and len(rest[0]) >= TELLING else ""


def split_number(text: str) -> tuple[int | None, str]:
    """Return the number of a line that is said first and the rest: 第2条改成12月5日."""
    match = NUMBER_FIRST.match(text)
    return (int(read_number(match[1]) or "0"), text[match.end() :]) if match else (None, text)


def _read_prefix(text: str, words: DialogueWords) -> Command | None:
    found = [
        (prefix, name)
        for name, prefixes in words.desk_prefixes.items()
        for prefix in prefixes
        if text.startswith(prefix)
    ]
    if not found:
        return None
    prefix, name = max(found, key=lambda one: len(one[0]))
    rest = text[len(prefix) :].strip(PUNCTUATION)
    explicit = text[len(prefix) :].lstrip()[:1] in COLONS
    return Command(name, rest, explicit) if rest else None
