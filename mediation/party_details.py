"""What the official forms ask about a side: person or unit, identity numbers, what is still missing.

An identity number (公民身份号码, GB 11643) proves itself by its last sign and tells sex and day of birth;
a unit has a credit code (统一社会信用代码, GB 32100) that proves itself likewise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

OLDEST = 120
SHOWN_DIGITS = 4
ID_LENGTH = 18
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_SIGNS = "10X98765432"
_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class Sex(StrEnum):
    """性别."""

    MALE = "male"
    FEMALE = "female"


class Detail(StrEnum):
    """One field of the forms; for a unit, `OCCUPATION` is its representative's post (职务)."""

    SEX = "sex"
    AGE = "age"
    ETHNIC_GROUP = "ethnic_group"
    OCCUPATION = "occupation"
    ADDRESS = "address"
    ID_NUMBER = "id_number"
    REPRESENTATIVE = "representative"
    AGENT = "agent"


NEEDED_OF_PERSON = (Detail.SEX, Detail.AGE, Detail.ETHNIC_GROUP, Detail.ADDRESS, Detail.ID_NUMBER)
NEEDED_OF_UNIT = (Detail.REPRESENTATIVE, Detail.ADDRESS)
"""Without these a form is visibly incomplete; the others are left blank as a matter of course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a valid identity number tells."""

    sex: Sex
    born_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDetails:
    """One side as the forms want it; what is not known is "" or None. `sex` is a `Sex`."""

    is_unit: bool = False
    sex: str = ""
    age: int | None = None
    ethnic_group: str = ""
    occupation: str = ""
    address: str = ""
    id_number: str = ""
    representative: str = ""
    agent: str = ""

    def age_on(self, day: date) -> int | None:
        """Return the age in full years: by the identity number, else as it was said."""
        identity = read_identity(self.id_number, today=day)
        return years_between(identity.born_on, day) if identity else self.age


def read_identity(number: str, *, today: date) -> Identity | None:
    """Return what an identity number tells, None when it is none: length, last sign, a day that can be."""
    if len(number) != ID_LENGTH or not (number[:-1].isascii() and number[:-1].isdigit()):
        return None
    total = sum(int(digit) * weight for digit, weight in zip(number[:-1], _ID_WEIGHTS, strict=True))
    if _ID_SIGNS[total % 11] != number[-1]:
        return None
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    if not 0 <= years_between(born_on, today) <= OLDEST:
        return None
    return Identity(sex=Sex.MALE if int(number[16]) % 2 else Sex.FEMALE, born_on=born_on)


def is_credit_code(code: str) -> bool:
    """Whether a unit's code is well formed and its last sign right."""
    if len(code) != ID_LENGTH or any(sign not in _CODE_SIGNS for sign in code):
        return False
    total = sum(
        _CODE_SIGNS.index(sign) * weight for sign, weight in zip(code[:-1], _CODE_WEIGHTS, strict=True)
    )
    return _CODE_SIGNS[-total % 31] == code[-1]


def is_number_of(number: str, *, is_unit: bool, today: date) -> bool:
    """Whether a number may stand in the form of a person or a unit."""
    return is_credit_code(number) if is_unit else read_identity(number, today=today) is not None


def years_between(born_on: date, day: date) -> int:
    """Return the full years from one day to another."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def shown_number(number: str) -> str:
    """Return a number as it may be seen outside of the forms: the last four signs."""
    return "*" * max(len(number) - SHOWN_DIGITS, 0) + number[-SHOWN_DIGITS:]


def missing(details: PartyDetails) -> tuple[Detail, ...]:
    """Return what the forms still lack."""
    needed = NEEDED_OF_UNIT if details.is_unit else NEEDED_OF_PERSON
    derived = {Detail.SEX, Detail.AGE} if details.id_number and not details.is_unit else set()
    return tuple(one for one in needed if one not in derived and getattr(details, one) in {"", None})


def changed(
    details: PartyDetails,
    values: Mapping[Detail, Any],
    *,
    is_unit: bool | None = None,
    cleared: Iterable[Detail] = (),
) -> PartyDetails:
    """Return the details with what was named now; everything else stays as it was.

    Who turns out to be a unit has no sex, age or ethnic group, and no identity number of a person.
    """
    is_a_unit = details.is_unit if is_unit is None else is_unit
    if is_a_unit != details.is_unit:
        details = PartyDetails(is_unit=is_a_unit, address=details.address, agent=details.agent)
    empty = {one: None if one is Detail.AGE else "" for one in cleared}
    return replace(details, **{one.value: value for one, value in {**empty, **values}.items()})


def dump_details(details: PartyDetails) -> dict[str, Any] | None:
    """Return what is known as JSON, None when nothing is."""
    return {name: value for name, value in asdict(details).items() if value not in {"", None, False}} or None


def load_details(kept: Any) -> PartyDetails:
    """Return kept details."""
    return PartyDetails(**(kept or {}))
