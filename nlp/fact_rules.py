"""The schema of facts.yaml: the words by which sums, people and names are told apart."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Word = Annotated[str, Field(min_length=1)]


class _Rules(BaseModel):
    """Unknown keys are mistakes; values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __hash__(self) -> int:
        """By identity, so that what is compiled from a rule file can be kept beside it."""
        return id(self)


class AmountRules(_Rules):
    """What stands around a number and says whether it is money, and what part it plays.

    `per` maps each word for a measure to its kind (个月 -> 月); a sum beside 一 or 每 and such a word is
    a rate.
    """

    currency: list[Word]
    not_money_after: list[Word]
    not_money_before: list[Word]
    never_sums: list[int]
    per: dict[Word, Word]
    not_rate_before: list[Word]
    owed_before: list[Word]
    owed_after: list[Word]
    paid_before: list[Word]
    paid_after: list[Word]
    given_before: list[Word] = Field(description="paid, or given by the sender who wants it back")
    claimed_before: list[Word] = Field(description="directly before a sum that is asked for")
    offered_before: list[Word]
    promised_before: list[Word]
    compared_before: list[Word] = Field(description="a sum that only compares or describes")
    earned_before: list[Word] = Field(description="a rate that is only somebody's income")
    worthless_after: list[Word]
    rate_only: list[Word] = Field(description="a rate with one of these before it is never a sum by itself")
    owing: list[Word] = Field(description="words of the text that make a rate times a count the sum at stake")
    added: list[Word] = Field(description="between two sums owed that are to be added")


class PeopleRules(_Rules):
    """What stands around a number of people on the complaining side."""

    counters: list[Word]
    households: list[Word]
    ours: list[Word]
    all_told: list[Word]
    together_after: list[Word]
    others: list[Word] = Field(description="between 我和 and the number: the sender comes on top")
    not_after: list[Word]
    not_ours: list[Word]
    pair: list[Word]
    most: int


class PhoneRules(_Rules):
    """What shows that a number is the other side's: whose it is, and the word for a number."""

    theirs: list[Word]
    word: list[Word]


class NameRules(_Rules):
    """How residents name themselves and the other side."""

    surnames: str
    double_surnames: list[Word]
    own_name: list[Word]
    own_surname: list[Word]
    titles: list[Word]
    not_names: str = Field(description="characters that no given name holds")
    ours: list[Word]
    relatives: list[Word]
    neighbours: list[Word]
    roles: list[Word]
    bodies: list[Word]
    organisations: list[Word]
    not_in_organisations: str
    against: list[Word]
    not_respondent_before: list[Word]


class FactRules(_Rules):
    """facts.yaml."""

    amounts: AmountRules
    people: PeopleRules
    phones: PhoneRules
    names: NameRules
