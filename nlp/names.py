"""Finds the sender's own name and how the sender calls the other side."""

import re
from collections.abc import Collection
from functools import lru_cache

from nlp.fact_rules import FactRules, NameRules
from nlp.other_side import read_other_side
from nlp.personal_names import name_patterns
from nlp.word_lists import any_of

FULL_NAME = 3
_PAUSE = r"[\s,。、!?;:()]"


class _Reader:
    """The patterns of one rule file, compiled once, the surest first."""

    def __init__(self, rules: NameRules) -> None:
        names = name_patterns(rules)
        anyone = rf"{names.full}|{names.called}"
        self.patterns = [
            re.compile(pattern)
            for pattern in (
                rf"(?:{any_of(rules.own_name)})\s?(?P<name>{names.titled}|{names.surname}[一-鿿]{{1,2}}(?={_PAUSE}|$)|{anyone})",
                rf"(?:^|{_PAUSE})(?:{any_of(rules.own_being)})(?:{any_of(rules.roles)})?"
                rf"(?P<name>{anyone})(?={_PAUSE}|$|{any_of(rules.own_after)})",
                rf"(?:{any_of(rules.own_being)})[^,。!?;]{{0,12}}(?:村民|居民|职工|员工|业主)(?P<name>{names.full})",
                rf"(?:{any_of(rules.own_surname)})(?P<name>{names.surname})",
                rf"^(?P<name>{names.full})(?={any_of(rules.own_line)}|[,\s]\s?(?:{any_of(rules.own_line)}|\d\d岁|1[3-9]\d{{9}}))",
                rf"(?:^|{_PAUSE}|村|庄|的|嘞)(?P<name>老{names.surname}|{names.titled})\s*[。,.]?\s*$",
                rf"1[3-9]\d{{9}}[,\s]*(?P<name>{names.full})$",
            )
        ]


@lru_cache(maxsize=4)
def _reader_of(rules: NameRules) -> _Reader:
    return _Reader(rules)


def read_applicant_name(text: str, rules: FactRules) -> str | None:
    """Return the sender's name as given (张三, 赵经理, 老魏, the surname of 我姓付), None when untold."""
    for pattern in _reader_of(rules.names).patterns:
        if found := pattern.search(text):
            return found["name"]
    return None


def read_named_receivers(text: str, rules: FactRules, *, known: Collection[str]) -> tuple[str, ...]:
    """Return the full names of those who get something or have to do it, without the `known` ones.

    For agreements: 半米地归王建设所有, 由王建设付三千 bind somebody who is not a party. Only names of three
    characters, because shorter ones may be words.
    """
    names = name_patterns(rules.names)
    owed = rf"(?:[付还交赔借转留]?给|归|由)(?P<name>(?=[一-鿿]{{3}}){names.full})"
    found = dict.fromkeys(one["name"] for one in re.finditer(owed, text) if len(one["name"]) == FULL_NAME)
    return tuple(name for name in found if not any(name in other or other in name for other in known))


def read_respondent(text: str, rules: FactRules) -> str | None:
    """Return how the sender calls the other side (东边邻居李大柱, 我二哥), None when unclear."""
    other = read_other_side(text, rules, own=read_applicant_name(text, rules))
    return other.words if other else None
