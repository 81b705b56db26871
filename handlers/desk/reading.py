"""Reads what a mediator means: a whole command, a command with its content, a number of the menu."""

from dataclasses import dataclass

from config.dialogue import DialogueWords
from handlers.answering import PUNCTUATION, bare, read_number
from handlers.mediating.own_words import fits, is_asking

COLONS = {":", "："}
LONGEST_LOOSE = 40
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
