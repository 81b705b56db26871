"""Reads answers: numbers, the words of a choice, corrections, refusals."""

import re

from config.dialogue import DialogueWords
from config.phrases import Phrase
from handlers.messages import Choice
from nlp.normalising import normalise

PUNCTUATION = " \t\n,，.。!！?？;；:：、~～\"'“”‘’()（）[]【】"
LONGEST_FAQ = 20
NUMBER_ANSWER = re.compile(r"^(?:选|回复|第)?\s*([0-9一二三四五六七八九十]{1,2})\s*(?:个|号|条|项)?$")
CHINESE_DIGITS = {word: str(number) for number, word in enumerate("一二三四五六七八九十", start=1)}


def bare(text: str) -> str:
    """Return the text without surrounding punctuation, normalised and in lower case."""
    kept = text.strip()
    return kept if kept in {"?", "？"} else normalise(text).strip(PUNCTUATION).lower()


def read_number(text: str) -> str | None:
    """Return the digits of an answer that is just a number (1, 一, 第二个, 选3)."""
    match = NUMBER_ANSWER.match(bare(text))
    if match is None:
        return None
    return CHINESE_DIGITS.get(match[1]) or (match[1] if match[1].isascii() else None)


def read_choice(text: str, phrase: Phrase) -> str | None:
    """Return the key of the phrase's choice that was meant; words must be the whole answer or begin it."""
    said = bare(text)
    if exact := read_exact(text, phrase):
        return exact
    if len(said) > 10:
        return None
    begun = {
        choice.key
        for choice in phrase.choices
        for word in choice.words
        if len(word) > 1 and (said.startswith(word) or said.endswith(word))
    }
    return begun.pop() if len(begun) == 1 else None


def read_exact(text: str, phrase: Phrase) -> str | None:
    """Return the key of the phrase's choice whose number, label or words are the whole answer."""
    number, said = read_number(text), bare(text)
    for choice in phrase.choices:
        if choice.key == number:
            return number
    return next(
        (choice.key for choice in phrase.choices if said in choice.words or said == bare(choice.label)), None
    )


def read_listed(text: str, choices: tuple[Choice, ...]) -> str | None:
    """Return the key of a listed choice by number or by its words."""
    number = read_number(text)
    if number in {choice.key for choice in choices}:
        return number
    said = bare(text)
    named = [
        choice.key for choice in choices if said and (said == bare(choice.label) or said in choice.label)
    ]
    return named[0] if len(named) == 1 and len(said) > 1 else None


def read_anywhere(text: str, words: DialogueWords) -> str | None:
    """Return the meaning of a word that works everywhere, None if the message is not just that word."""
    said = bare(text)
    return next((meaning for meaning, known in words.anywhere.items() if said in known), None)


def read_correction(text: str, words: DialogueWords) -> tuple[str, str] | None:
    """Return (line of the card, the new value or "") for "地点不对", "改电话139…", "电话改成139…"."""
    said = normalise(text).strip(PUNCTUATION)
    marked = any(word in said for word in words.wrong)
    if len(said) > 40:
        return None
    for line, names in words.lines.items():
        name = next((name for name in sorted(names, key=len, reverse=True) if name in said), None)
        if name is None or not (marked or _is_stated(said, name, words.means)):
            continue
        rest = said
        for word in sorted({name, *words.wrong}, key=len, reverse=True):
            rest = rest.replace(word, "", 1)
        rest = re.sub(r"^[我的是为成应该叫,，。:： 写了得]+", "", rest.strip(PUNCTUATION)).strip(PUNCTUATION)
        return line, rest if len(rest) > 1 else ""
    return None


def _is_stated(said: str, name: str, means: tuple[str, ...]) -> bool:
    """Whether a line of the card is given its value outright: 对方是李建军."""
    return said.startswith(tuple(f"{name}{word}" for word in means))


def read_faq(text: str, words: DialogueWords) -> str | None:
    """Return which question about the service itself was asked, None if none."""
    said = bare(text)
    if len(said) > LONGEST_FAQ:
        return None
    return next((key for key, known in words.faq.items() if any(word in said for word in known)), None)


def is_one_of(text: str, words: tuple[str, ...]) -> bool:
    """Whether the whole answer is one of the words, a particle more or less."""
    said = bare(text).rstrip("了啊呀吧嘞的")
    return bare(text) in words or said in words
