"""Finds the sender's own name and how the sender calls the other side."""

import re
from collections.abc import Iterator
from functools import lru_cache

from nlp.fact_rules import FactRules, NameRules
from nlp.word_lists import any_of

_PAUSE = r"[\s,。、!?;:()]"
_FREE = r"(?<![^\s,。、!?;:跟和给叫被借个在家那])"
_NEAR = 8


class _Reader:
    """The patterns of one rule file, compiled once."""

    def __init__(self, rules: NameRules) -> None:
        surname = rf"(?:{any_of(rules.double_surnames)}|[{rules.surnames}])"
        given = rf"[^\W\da-zA-Z_{re.escape(rules.not_names)}]"
        titles = any_of(rules.titles)
        self.own_name = re.compile(
            rf"(?:{any_of(rules.own_name)})\s?(?P<name>{surname}(?:{titles}|{given}{{1,2}}))"
        )
        self.own_surname = re.compile(rf"(?:{any_of(rules.own_surname)})(?P<name>{surname})")
        self.signature = re.compile(
            rf"(?:^|{_PAUSE}|村|庄|的|嘞)(?P<name>老{surname}|{surname}(?:{titles}))\s*[。,.]?\s*$"
        )
        ours = any_of(rules.ours)
        kin = rf"(?:{ours})(?:那个|这个|嘞|的|大|小)?(?:{any_of(rules.relatives)})"
        person = rf"(?:姓{surname}|{surname}(?:某某?|{titles})|老{surname}家?|叫{surname}{given}{{1,2}})?"
        role = rf"(?:{any_of(rules.roles)}){person}"
        self.organisation = re.compile(
            rf"{_FREE}[^\W\d_{re.escape(rules.not_in_organisations)}]{{2,10}}?(?:{any_of(rules.organisations)})"
        )
        against = any_of(rules.against)
        stranger = (
            rf"{surname}某某?|老{surname}家|老{surname}(?![家老村庄集窝头])"
            rf"|{_FREE}{surname}{given}{{1,2}}(?={against})"
        )
        # Each with whether the party must do the sender wrong in the words that follow.
        self.parties = [
            (
                re.compile(f"[{''.join(sorted({word[0] for word in begins}))}]"),
                re.compile(pattern),
                must_wrong,
            )
            for begins, pattern, must_wrong in (
                (rules.ours, kin, True),
                (rules.neighbours, any_of(rules.neighbours), False),
                (rules.roles, role, True),
                (rules.bodies, any_of(rules.bodies), True),
                ([*rules.surnames, "老", *rules.double_surnames], stranger, True),
            )
        ]
        self.wrong = re.compile(rf"[^。!?;]{{0,10}}?(?:{against})")
        self.not_before = re.compile(rf"(?:{any_of(rules.not_respondent_before)})$")

    def respondent(self, text: str) -> str | None:
        """Return the party whose wrong is told right after it, else the first neighbour or company."""
        best: tuple[int, int, str] | None = None
        for found, must_wrong in self._parties_in(text):
            if self.not_before.search(text, max(0, found.start() - 3), found.start()):
                continue
            wrong = self.wrong.match(text, found.end())
            if must_wrong and not wrong:
                continue
            score = 0 if not wrong else 2 if wrong.end() - found.end() <= _NEAR else 1
            ranked = (score, -found.start(), found[0])
            if best is None or ranked[:2] > best[:2]:
                best = ranked
        return best[2] if best else None

    def _parties_in(self, text: str) -> Iterator[tuple[re.Match[str], bool]]:
        """Yield everybody named, with whether a wrong must follow; looks only where such a word may begin."""
        for first, pattern, must_wrong in self.parties:
            end = 0
            for at in first.finditer(text):
                found = pattern.match(text, at.start()) if at.start() >= end else None
                if found:
                    end = found.end()
                    yield found, must_wrong
        for found in self.organisation.finditer(text):
            yield found, False


@lru_cache(maxsize=4)
def _reader_of(rules: NameRules) -> _Reader:
    return _Reader(rules)


def read_applicant_name(text: str, rules: FactRules) -> str | None:
    """Return the sender's name as given (张三, 赵经理, 老魏, the surname of 我姓付), None when untold."""
    reader = _reader_of(rules.names)
    for pattern in (reader.own_name, reader.own_surname, reader.signature):
        if found := pattern.search(text):
            return found["name"]
    return None


def read_respondent(text: str, rules: FactRules) -> str | None:
    """Return how the sender calls the other side (东边邻居, 包工头王某, 我二哥), None when unclear."""
    return _reader_of(rules.names).respondent(text)
