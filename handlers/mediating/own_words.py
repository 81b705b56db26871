"""Reads what people answer in their own words: "那天我有事去不了，能不能换个时间" is a no."""

import re
from collections.abc import Iterator, Mapping

from config.dialogue import AnswerWords, DialogueWords
from config.phrases import Phrase
from handlers.answering import bare, read_exact
from nlp.normalising import normalise

UNCLEAR = "unclear"
LONGEST_ANSWER, LONGEST_WISH = 60, 20
NEAR = 8
CLAUSES = re.compile(r"[^，,。.！!；;\s、~…?？]+[?？]?")
ASKING_ENDS = ("么", "不")
PARTICLES = "了啊呀吧嘞呗哈的呢啦哦"
OR_NOT = re.compile(r"(.{1,2}).?[不没]\1")
EVEN_SO = re.compile(r"(.{1,2})就\1")
SAID_AGAIN = re.compile(r"^(.)\1+$")
OPENERS = re.compile(r"^(?:那就|那|就|嗯|哦|我们|我|俺|咱|也|都)+(?=.)")


def read_own_words(
    text: str, phrase: Phrase, words: AnswerWords, *, opposite: Mapping[str, str], yes_or_no: bool
) -> str | None:
    """Return the key of the choice that was meant, UNCLEAR for yes and no at once or only "要是…", else None.

    `opposite` says what "不…" before the words of a choice means. To a question of yes (1) or no (2) the
    general words for these are answers too. Clauses that ask are none.
    """
    if exact := read_exact(text, phrase):
        return exact
    if len(text) > LONGEST_ANSWER:
        return None
    found, on_condition, hangs = set(), False, False
    for clause in clauses(text):
        if is_asking(clause, words):
            continue
        hung, hangs = hangs, any(word in clause for word in words.conditional)
        if hangs or hung:  # "要是他道歉，我就同意"
            on_condition = True
            continue
        found |= set(_keys(clause, phrase, words, opposite, yes_or_no=yes_or_no))
    if len(found) == 1:
        return found.pop()
    return UNCLEAR if found or on_condition else None


def clauses(text: str) -> list[str]:
    """Return the small sentences of a message, each with its question mark."""
    return CLAUSES.findall(normalise(text).lower())


def fits(said: str, sentence: str) -> bool:
    """Whether all words of a rule are in what was said, and none of those marked with "-"."""
    parts = sentence.split()
    return all((part[1:] not in said) if part.startswith("-") else (part in said) for part in parts)


def read_wish(text: str, words: DialogueWords, *, names: tuple[str, ...]) -> str | None:
    """Return which of these wishes of a party a message is: as listed, or in any short sentence."""
    said = bare(text)
    for name in names:
        loose = words.party_loose[name] if len(said) <= LONGEST_WISH else ()
        if said in words.party[name] or any(fits(said, sentence) for sentence in loose):
            return name
    return None


def name_wishes(text: str, words: DialogueWords) -> tuple[bool | None, bool]:
    """Return whether a message wishes the own name hidden (None: says nothing of it), and whether it is all.

    Whoever dictates without a stop says it at the end: "…占了俺家地别告诉他是我说的".
    """
    told = [clause for clause in clauses(text) if not is_asking(clause, words.answers)]
    found = [read_wish(clause[-LONGEST_WISH:], words, names=("show_name", "hide_name")) for clause in told]
    wishes = [wish for wish in found if wish]
    alone = bool(wishes) and len(wishes) == len(told) and len(bare(text)) <= LONGEST_WISH
    return (wishes[-1] == "hide_name" if wishes else None), alone


def is_asking(clause: str, words: AnswerWords) -> bool:
    """Whether a clause asks instead of telling."""
    for word in words.not_asking:
        clause = clause.replace(word, "")
    ends = len(clause) > 1 and clause.endswith(ASKING_ENDS)
    return ends or bool(OR_NOT.search(clause)) or any(word in clause for word in words.asking)


def _keys(
    clause: str, phrase: Phrase, words: AnswerWords, opposite: Mapping[str, str], *, yes_or_no: bool
) -> Iterator[str]:
    """Yield what a clause says, the longest words first and nothing twice.

    The general words count only at an end of a short clause: "楼上说可以修" agrees to nothing.
    """
    if EVEN_SO.search(clause) and yes_or_no:  # "调解就调解"
        yield "1"
        return
    core = SAID_AGAIN.sub(r"\1", OPENERS.sub("", clause.rstrip(PARTICLES)))
    general = {}
    if yes_or_no:
        general = dict.fromkeys(words.agreeing, "1") | dict.fromkeys(words.refusing, "2")
    own = {word: choice.key for choice in phrase.choices for word in choice.words}
    for said in (clause, core):
        if said in own or said in general:
            yield own.get(said) or general[said]
            return
    taken = [False] * len(clause)
    for word in sorted({*own, *general}, key=len, reverse=True):
        if len(word) == 1:
            continue
        for found in re.finditer(re.escape(word), clause):
            if any(taken[found.start() : found.end()]):
                continue
            taken[found.start() : found.end()] = [True] * len(word)
            at_an_end = core.startswith(word) or core.endswith(word.rstrip(PARTICLES))
            if word in own or (at_an_end and len(core) <= len(word) + NEAR):
                key = own.get(word) or general[word]
                turned = clause[: found.start()].endswith(words.negating)
                yield opposite.get(key, key) if turned else key
