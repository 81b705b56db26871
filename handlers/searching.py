"""Finding cases by number, name, phone, village and words: what is indexed, what a search means."""

import re
from collections.abc import Iterable, Iterator

import jieba
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.ruleset import RuleSet
from mediation.regions import ancestry
from nlp.normalising import normalise
from storage import console_search
from storage.console_search import Term
from storage.tables import CaseRow

SHORTEST = 2
MOST_WORDS = 400
MOST_TERMS = 6
LOCAL_NUMBER = 4
PLACE_ENDINGS = 2
DIGITS = re.compile(r"\d+")
SEPARATORS = re.compile(r"[-－—\s]")
BETWEEN = re.compile(r"[\s,，、;；]+")
CASE_NUMBER = re.compile(r"\D*\d{4}-?(\d{3,})")
WORDLIKE = re.compile(r"[\w]+")


async def index_case(session: AsyncSession, case: CaseRow, *, rules: RuleSet) -> None:
    """Make a case findable by what is known of it now: when it is filed, supplemented or corrected."""
    supplements = await console_search.list_supplements(session, case.id)
    texts = [case.summary, *(str(entry.content.get("text", "")) for entry in supplements)]
    words = set(words_of_case(case, texts=texts, rules=rules))
    await console_search.replace_words(session, case.id, sorted(words)[:MOST_WORDS])


async def forget_case(session: AsyncSession, case_id: int) -> None:
    """Take a case out of the index, when what it tells of people is erased."""
    await console_search.forget_words(session, case_id)


def words_of_case(case: CaseRow, *, texts: Iterable[str], rules: RuleSet) -> Iterator[str]:
    """Yield every word by which a case is found."""
    yield from _number_words(case.case_no)
    for name in (case.applicant_name, case.respondent, case.respondent_name):
        if name:
            yield from _whole_and_pieces(name)
    for phone in (case.applicant_phone, case.respondent_phone):
        if phone:
            yield from phone_words(phone)
    if case.place:
        yield from _place_words(case.place, rules=rules)
    for text in (case.place_words, rules.type_name(case.dispute_type, case.subtype), *texts):
        if text:
            yield from _pieces(normalise(text).lower())


def _number_words(case_no: str) -> Iterator[str]:
    plain = SEPARATORS.sub("", normalise(case_no).lower())
    yield plain
    if found := CASE_NUMBER.fullmatch(normalise(case_no)):
        yield f"no:{int(found[1])}"


def phone_words(phone: str) -> Iterator[str]:
    """Yield a phone number and its last four digits."""
    digits = "".join(DIGITS.findall(phone))
    yield f"phone:{digits}"
    yield f"phone:{digits[-LOCAL_NUMBER:]}"


def _place_words(code: str, *, rules: RuleSet) -> Iterator[str]:
    """Yield the names of a place and of every wider region, with and without 村, 镇, 社区 at the end."""
    codes = [one for one in ancestry(code) if len(one) > LOCAL_NUMBER]
    names = [rules.place_name(one) for one in codes]
    for at, name in enumerate(names):
        wider = names[at + 1] if at + 1 < len(names) else ""
        own = name.removeprefix(wider)
        for cut in range(PLACE_ENDINGS + 1):
            if len(own) - cut >= SHORTEST:
                yield own[: len(own) - cut]


def _whole_and_pieces(text: str) -> Iterator[str]:
    plain = normalise(text).lower()
    if len(plain) >= SHORTEST:
        yield plain
    yield from _pieces(plain)


def _pieces(plain: str) -> Iterator[str]:
    for word in jieba.cut_for_search(plain, HMM=False):
        if len(word) >= SHORTEST and WORDLIKE.fullmatch(word):
            yield word


def read_terms(text: str) -> tuple[Term, ...]:
    """Return what a search means: every part divided by blanks must be found. () when nothing is left."""
    terms = []
    for part in BETWEEN.split(normalise(text).lower())[:MOST_TERMS]:
        if not part or (len(part) < SHORTEST and not part.isdigit()):
            continue
        whole = {part, SEPARATORS.sub("", part)}
        if part.isdigit():
            whole |= {f"no:{int(part)}", f"phone:{part}"}
        pieces = set(_pieces(part))
        terms.append(
            Term(
                whole=tuple(sorted(map(console_search.hash_word, whole))),
                pieces=tuple(sorted(map(console_search.hash_word, pieces))),
            )
        )
    return tuple(terms)
