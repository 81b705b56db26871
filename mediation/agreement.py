"""A mediation agreement (调解协议): what was promised, and what speaks against it.

人民调解法 28-33; contents by 29; what must be written and what courts refuse to confirm:
最高人民法院关于人民调解协议司法确认程序的若干规定 4 and 7.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Side(StrEnum):
    """The two sides of a case; together the parties (当事人)."""

    APPLICANT = "applicant"
    RESPONDENT = "respondent"

    @property
    def other(self) -> "Side":
        """The other side."""
        return Side.RESPONDENT if self is Side.APPLICANT else Side.APPLICANT


class AgreementForm(StrEnum):
    """书面 or 口头, 人民调解法 28."""

    WRITTEN = "written"
    ORAL = "oral"


class ObligationKind(StrEnum):
    """To pay money, or to do or leave something."""

    PAY = "pay"
    ACT = "act"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One thing that one side owes by the agreement (履行义务).

    `debtor` and `creditor` are None where the sentence does not say. `amount` is in yuan, for PAY only.
    `act` is what is to be done, for ACT only. `due_on` is None when no date can be read. `immediate` says
    that it is done on the spot (当场). `instalment` is (which, of how many), None when paid at once.
    `condition` holds the words of a condition (修好以后), "" for none.
    """

    kind: ObligationKind
    debtor: Side | None
    creditor: Side | None
    amount: float | None = None
    act: str = ""
    due_on: date | None = None
    immediate: bool = False
    instalment: tuple[int, int] | None = None
    condition: str = ""


class Unclear(StrEnum):
    """What a sentence leaves open and must be asked."""

    NOTHING_READ = "nothing_read"
    DEBTOR = "debtor"
    AMOUNT = "amount"
    DUE = "due"
    INSTALMENTS = "instalments"
    """The instalments do not add up to the sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One open point: which obligation (index, None for the whole) and what of it."""

    unclear: Unclear
    obligation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of an agreement's words, in their order, and what must be asked."""

    obligations: tuple[Obligation, ...]
    questions: tuple[Question, ...] = ()


class WrittenReason(StrEnum):
    """Why an agreement must be put in writing (人民调解工作若干规定 34 and local rules)."""

    NOT_AT_ONCE = "not_at_once"
    MAJOR = "major"
    MANY = "many"


class Doubt(StrEnum):
    """What makes an agreement doubtful: courts do not confirm it, or it does not hold."""

    UNCLEAR = "unclear"
    STATUS = "status"
    THIRD_PARTY = "third_party"
    BANNED = "banned"


def reasons_for_writing(
    obligations: Iterable[Obligation], *, major: bool, people: int | None
) -> tuple[WrittenReason, ...]:
    """Return why oral form is not enough; () when it is."""
    reasons = []
    if not all(one.immediate for one in obligations):
        reasons.append(WrittenReason.NOT_AT_ONCE)
    if major:
        reasons.append(WrittenReason.MAJOR)
    if people is not None and people > 1:
        reasons.append(WrittenReason.MANY)
    return tuple(reasons)


def find_doubts(words: str, doubtful: Mapping[Doubt, tuple[str, ...]]) -> dict[Doubt, tuple[str, ...]]:
    """Return which doubts the words of an agreement raise, with the words that raise them."""
    found = {doubt: tuple(term for term in terms if term in words) for doubt, terms in doubtful.items()}
    return {doubt: terms for doubt, terms in found.items() if terms}
