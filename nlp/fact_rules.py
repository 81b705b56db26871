"""The schema of facts.yaml: the words by which sums, people and names are told apart."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Word = Annotated[str, Field(min_length=1)]


class _Rules(BaseModel):
    """Unknown keys are mistakes; values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AmountRules(_Rules):
    """What stands around a sum of money and says whether it is at stake."""

    units: list[Word]
    other_units: list[Word]


class PeopleRules(_Rules):
    """What stands around a number of people on the complaining side."""

    counters: list[Word]
    ours: list[Word]


class NameRules(_Rules):
    """How residents name themselves and the other side."""

    surnames: str


class FactRules(_Rules):
    """facts.yaml."""

    amounts: AmountRules
    people: PeopleRules
    names: NameRules
