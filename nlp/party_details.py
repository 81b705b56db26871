"""Reads what a mediator says of a side for the official forms: 申请人男，62岁，汉族，种地的，住北徐庄12号。

The sentence is cut where a side is named; each part is eaten up from the left, one detail after the other,
with or without commas between them. What is left over is told, so that nothing is guessed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from mediation.agreement import Side
from mediation.party_details import (
    ID_LENGTH,
    OLDEST,
    Detail,
    Sex,
    is_number_of,
    read_identity,
    shown_number,
    years_between,
)
from nlp.detail_rules import DetailRules, Label
from nlp.normalising import normalise
from nlp.numerals import read_number
from nlp.phones import read_phone
from nlp.word_lists import any_of

_PAUSE = r"[\s,。;、!]"
_PAUSES = re.compile(rf"{_PAUSE}+")
_GAP = r"[ \-_.]?"
_LONG_NUMBER = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Za-z](?:{_GAP}[0-9A-Za-z]){{13,19}}(?![0-9A-Za-z])")
_GAPS = re.compile(r"[ \-_.]")
_ID_LIKE = re.compile(rf"(?<![0-9A-Za-z])\d(?:{_GAP}\d){{13,16}}{_GAP}[\dXxＸｘ](?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[ \-]?(\d{4})[ \-]?(\d{4})(?!\d)")
_MOST_ADDRESS, _MOST_WORDS = 120, 40
_YOUNGEST_BARE, _FEWEST_DIGITS = 10, 9
_CENTURY = 1900
_FACTS_BEFORE_PLACE = 2
"""男 汉 62 北徐庄: after so many facts a bare place is where somebody lives."""


_PLACES = frozenset({"unit", "place"})
_DETAIL_OF = {
    **{one.value: one for one in Detail},
    "known_occupation": Detail.OCCUPATION,
    "trade": Detail.OCCUPATION,
    "place": Detail.ADDRESS,
    "born": Detail.AGE,
}


@dataclass(slots=True, kw_only=True)
class ToldDetails:
    """What was said of one side. `is_unit` is None when nothing tells, `is_stated` when it was said outright.

    `wrong_number` is a number that cannot be, as it may be shown; `contradicts`: the identity number tells
    another sex or age than was said. `unread` are the words that are no detail.
    """

    side: Side
    values: dict[Detail, str | int] = field(default_factory=dict)
    cleared: set[Detail] = field(default_factory=set)
    name: str = ""
    phone: str = ""
    is_unit: bool | None = None
    is_stated: bool = False
    wrong_number: str = ""
    contradicts: bool = False
    unread: list[str] = field(default_factory=list)

    @property
    def is_sure(self) -> bool:
        """Whether the words can be nothing but details: all of them read, and more than a phone number."""
        named = bool(self.name) and self.side is Side.APPLICANT and self.is_unit is None
        told = self.values or self.cleared or self.wrong_number or self.is_stated or named
        return bool(told) and not self.unread


class _Patterns:
    """The patterns of one rule file, compiled once."""

    def __init__(self, rules: DetailRules) -> None:
        joins = rf"(?:{any_of(rules.joins)}|\s)*"
        self.labels = {label: rf"(?:{any_of(words)}){joins}" for label, words in rules.labels.items()}
        any_label = any_of(word for words in rules.labels.values() for word in words)
        # 住址里的“家”“住”不算：住址只到下一个清楚的名目为止
        stops = any_of(
            word
            for label, words in rules.labels.items()
            if label not in {Label.ADDRESS, Label.NAME}
            for word in words
        )
        until = rf"(?=(?:{stops})|$)"
        numeral = (
            r"\d{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|一百(?:零[一二三四五六七八九]|[一二]十)?"
        )
        age_after, ethnic = any_of(rules.age_after), any_of(rules.ethnic_groups)
        occupation = any_of(word for words in rules.occupations.values() for word in words)
        ends = any_of(rules.occupation_ends)
        self.words_of_occupation = {word: name for name, words in rules.occupations.items() for word in words}
        self.sexes = {word: sex for sex, words in rules.sexes.items() for word in words}
        sex = any_of(self.sexes)
        clearing = any_of(rules.clearing)
        found: list[tuple[str, str]] = [
            ("known_occupation", rf"是?(?:个)?(?P<value>{occupation})(?=$|[^一-鿿]|{any_label})"),
            (
                "cleared",
                rf"(?:(?:{clearing})(?P<label1>{any_label})|(?P<label2>{any_label}){joins}(?:{clearing}))了?$",
            ),
            ("id_number", rf"(?:{self.labels[Label.ID_NUMBER]})?(?P<value>[0-9A-Za-z]{{14,20}})"),
            (
                "phone",
                rf"(?:{self.labels[Label.PHONE]})(?P<value>[\d\- ]{{7,16}})|(?P<bare>1[3-9]\d{{9}})(?!\d)",
            ),
            ("sex", rf"(?:{self.labels[Label.SEX]})?是?(?P<value>{sex})"),
            (
                "born",
                rf"(?:{self.labels[Label.BORN]})(?P<when>[\d年月日号./\-]{{4,12}})|(?P<year>\d{{2}}|\d{{4}})年(?P<rest>(?:\d{{1,2}}月)?(?:\d{{1,2}}[日号])?)(?:{any_of(rules.born_after)})",
            ),
            (
                "age",
                rf"(?:{self.labels[Label.AGE]})(?P<value>{numeral})(?:{age_after})?|(?P<said>{numeral})(?:{age_after})|(?P<bare>\d{{2}})(?=[^\d号年月日元块个米]|$)",
            ),
            (
                "ethnic_group",
                rf"(?:{self.labels[Label.ETHNIC_GROUP]})(?P<value>{ethnic})(?:{any_of(rules.ethnic_after)})?|(?P<said>{ethnic})(?:{any_of(rules.ethnic_after)})|(?P<bare>{ethnic})$",
            ),
            (
                "representative",
                rf"(?:{self.labels[Label.REPRESENTATIVE]})(?P<value>[一-鿿·]{{2,12}}?)(?:\((?P<post>[^()]{{1,12}})\))?{until}",
            ),
            ("agent", rf"(?:{self.labels[Label.AGENT]})(?P<value>[^,]{{2,{_MOST_WORDS}}}?){until}"),
            (
                "address",
                rf"(?:{self.labels[Label.ADDRESS]})(?!{any_of(rules.not_address)})(?P<value>.{{2,{_MOST_ADDRESS}}}?){until}",
            ),
            (
                "occupation",
                rf"(?:{self.labels[Label.OCCUPATION]})(?P<value>[^,]{{2,{_MOST_WORDS}}}?)(?:的(?=$))?{until}",
            ),
            (
                "occupation",
                rf"是?(?:个)?(?P<value>[一-鿿]{{0,6}}(?:{ends}))(?=$|{any_label})|(?P<at>在[^,]{{2,20}}(?:{any_of(rules.at_work)}))(?:的)?$",
            ),
            ("trade", rf"是?(?P<value>(?:{any_of(rules.occupation_begins)})[一-鿿]{{1,6}})的$"),
            (
                "unit",
                rf"(?P<being>{self.labels[Label.NAME]}|是)?(?:个|家)?(?P<value>[一-鿿A-Za-z0-9()]{{2,30}}?(?:{any_of(rules.unit_ends)}))$|是?(?:个|家)?(?P<alone>{any_of(rules.unit_says)})$",
            ),
            ("name", rf"(?:{self.labels[Label.NAME]})(?P<value>[一-鿿·]{{2,8}})$"),
            ("place", rf"(?P<value>[一-鿿0-9]{{1,40}}[{rules.address_signs}])$"),
        ]
        self.details = [(kind, re.compile(pattern)) for kind, pattern in found]
        self.only_label = re.compile(f"(?:{any_label}){joins}")
        self.label_of = {word: label for label, words in rules.labels.items() for word in words}
        self.address_sign = re.compile(f"[{rules.address_signs}]")
        self.ethnic_ending = rules.ethnic_after[0]
        self.filler = re.compile(rf"(?:[\s,。;、!:]|{any_of(rules.fillers)})+")
        self.role_words = {word: side for side, words in rules.sides.items() for word in words}


@lru_cache(maxsize=4)
def _patterns_of(rules: DetailRules) -> _Patterns:
    return _Patterns(rules)


def read_details(
    text: str, rules: DetailRules, *, names: Mapping[Side, tuple[str, ...]], today: date
) -> tuple[ToldDetails, ...]:
    """Return what is said of each side, () when the text does not begin with a side.

    `names` are those by which the sides are known.
    """
    patterns = _patterns_of(rules)
    plain = _MOBILE.sub(r"\1\2\3", _LONG_NUMBER.sub(_joined, normalise(text))).strip(" ,。;、!:")
    sides = dict(patterns.role_words)
    for side, known in names.items():
        sides |= dict.fromkeys((name for name in map(normalise, known) if len(name) > 1), side)
    parts = list(_parts(plain, sides))
    found: dict[Side, ToldDetails] = {}
    for side, words in parts:
        told = found.setdefault(side, ToldDetails(side=side))
        for clause in _clauses(words, patterns):
            _read_clause(clause, told, patterns, today=today)
    for told in found.values():
        _settle(told, today=today)
    return tuple(found.values())


def _joined(found: re.Match[str]) -> str:
    """Write a number said in groups as one: 4111 2119 6205 0312 3x."""
    if any(len(one) == ID_LENGTH for one in _GAPS.split(found[0])):  # 62 41112119620503123X
        return found[0]
    signs = _GAPS.sub("", found[0]).upper()
    return signs if sum(map(str.isdigit, signs)) >= _FEWEST_DIGITS else found[0]


def hide_numbers(text: str) -> str:
    """Return the text with everything that may be an identity number hidden but for its last signs."""
    return _ID_LIKE.sub(lambda found: shown_number(_GAPS.sub("", found[0])), text)


def _parts(plain: str, sides: dict[str, Side]) -> Iterator[tuple[Side, str]]:
    """Yield each side named at the beginning or after a pause, with the words up to the next."""
    named = re.compile(rf"(?:^|(?<={_PAUSE}))(?P<side>{any_of(sides)})(?:的)?")
    mentions = list(named.finditer(plain))
    if not mentions or mentions[0].start() > 0:
        return
    ends = [one.start() for one in mentions[1:]] + [len(plain)]
    for mention, end in zip(mentions, ends, strict=True):
        words = plain[mention.end() : end].strip(" ,。;、!:")
        again = named.match(words)  # 申请人王大爷男：role and name of the same side
        if again and sides[again["side"]] is sides[mention["side"]]:
            words = words[again.end() :]
        yield sides[mention["side"]], words


def _clauses(words: str, patterns: _Patterns) -> list[str]:
    """Cut at the pauses, save after a label (身份证 4111…) and within an address (召陵区 翟庄, 3号楼)."""
    clauses: list[str] = []
    address = re.compile(rf"(?:{patterns.labels[Label.ADDRESS]})")
    for clause in filter(None, _PAUSES.split(words)):
        goes_on = (
            clauses
            and address.match(clauses[-1])
            and patterns.address_sign.search(clause)
            and not any(pattern.match(clause) for kind, pattern in patterns.details if kind not in _PLACES)
        )
        if goes_on or (clauses and patterns.only_label.fullmatch(clauses[-1])):
            clauses[-1] += clause
        else:
            clauses.append(clause)
    return clauses


def _read_clause(clause: str, told: ToldDetails, patterns: _Patterns, *, today: date) -> None:
    while clause := patterns.filler.sub("", clause, count=1) if patterns.filler.match(clause) else clause:
        for kind, pattern in patterns.details:
            match = pattern.match(clause)
            if match and _take(kind, match, told, patterns, today=today):
                clause = clause[match.end() :]
                break
        else:
            told.unread.append(clause)
            return


def _take(kind: str, match: re.Match[str], told: ToldDetails, patterns: _Patterns, *, today: date) -> bool:
    """Keep one detail; False when the words are none after all."""
    groups = {name: value.strip() for name, value in match.groupdict().items() if value}
    value = next((groups[name] for name in ("value", "said", "bare", "at") if name in groups), "")
    is_first = not told.values
    match kind:
        case "cleared":
            return _clear(patterns.label_of[groups.get("label1") or groups["label2"]], told)
        case "phone":
            told.phone = read_phone(value) or ""
            return bool(told.phone)
        case "name":
            told.name = value
            return True
        case "unit":
            told.is_unit, told.is_stated = True, bool(groups.get("being") or groups.get("alone"))
            told.name = value or told.name
            return True
    detail = _DETAIL_OF.get(kind)
    kept = _value_of(kind, value, groups, patterns, today=today)
    unsure = (  # alone these words mean something else: 对方58, 对方回, 对方开车撞的, 男 汉 62 北徐庄
        ("bare" in groups and is_first)
        or (kind == "trade" and is_first)
        or (kind == "place" and (len(told.values) < _FACTS_BEFORE_PLACE or Detail.ADDRESS in told.values))
    )
    if detail is None or kept is None or unsure:
        return False
    told.values[detail] = kept
    if post := groups.get("post"):
        told.values[Detail.OCCUPATION] = post
    return True


def _clear(label: Label, told: ToldDetails) -> bool:
    detail = next((one for one in Detail if one.value == label.value), None)
    if detail is not None:
        told.cleared.add(detail)
    return detail is not None


def _value_of(
    kind: str, value: str, groups: dict[str, str], patterns: _Patterns, *, today: date
) -> str | int | None:
    """Return the value as the forms have it, None when it cannot be one."""
    match kind:
        case "sex":
            return patterns.sexes[value].value
        case "id_number":
            return value.upper()
        case "ethnic_group":
            return value + patterns.ethnic_ending
        case "known_occupation" | "occupation":
            return patterns.words_of_occupation.get(value, value)
        case "address":
            return value if patterns.address_sign.search(value) else None
        case "born":
            return _years_since(groups, today)
        case "age":
            number = read_number(value)
            least = _YOUNGEST_BARE if "bare" in groups else 1
            return number if isinstance(number, int) and least <= number <= OLDEST else None
        case _:
            return value


def _years_since(groups: dict[str, str], today: date) -> int | None:
    """Return the age of who was born in a year (62年, 1962年5月3日, 1962-05-03)."""
    written = groups.get("when") or f"{groups['year']}年{groups.get('rest', '')}"
    numbers = [int(one) for one in re.findall(r"\d+", written)][:3]
    year, month, day = (*numbers, *(1, 1)[len(numbers) - 1 :]) if numbers else (0, 1, 1)
    if year < 100:  # 62年
        year += _CENTURY if year > today.year % 100 else _CENTURY + 100
    try:
        years = years_between(date(year, month, day), today)
    except ValueError:
        return None
    return years if 0 <= years <= OLDEST else None


def _settle(told: ToldDetails, *, today: date) -> None:
    """Check the number; it tells sex and age of a person, and that something said does not fit."""
    if Detail.REPRESENTATIVE in told.values:
        told.is_unit = True
    number = str(told.values.get(Detail.ID_NUMBER, ""))
    if not number:
        return
    identity = read_identity(number, today=today)
    if identity is None and not is_number_of(number, is_unit=True, today=today):
        del told.values[Detail.ID_NUMBER]
        told.wrong_number = shown_number(number)
        return
    if identity is None:
        told.is_unit = True
        return
    derived: dict[Detail, str | int] = {
        Detail.SEX: Sex(identity.sex).value,
        Detail.AGE: years_between(identity.born_on, today),
    }
    said = {detail: told.values[detail] for detail in derived if detail in told.values}
    told.contradicts = any(
        derived[one] != value if one is Detail.SEX else abs(int(derived[one]) - int(value)) > 1
        for one, value in said.items()
    )
    told.values |= derived
