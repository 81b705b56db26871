"""The schema of details.yaml: how a mediator says what the official forms ask about a side."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mediation.agreement import Side
from mediation.party_details import Sex

Word = Annotated[str, Field(min_length=1)]


class Label(StrEnum):
    """What a name before a value announces."""

    NAME = "name"
    SEX = "sex"
    AGE = "age"
    BORN = "born"
    ETHNIC_GROUP = "ethnic_group"
    OCCUPATION = "occupation"
    ADDRESS = "address"
    ID_NUMBER = "id_number"
    REPRESENTATIVE = "representative"
    AGENT = "agent"
    PHONE = "phone"


class DetailRules(BaseModel):
    """details.yaml; unknown keys are mistakes, values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sides: dict[Side, list[Word]]
    labels: dict[Label, list[Word]]
    joins: list[Word] = Field(description="between a label and its value")
    sexes: dict[Sex, list[Word]]
    age_after: list[Word]
    born_after: list[Word]
    ethnic_groups: list[Word]
    ethnic_after: list[Word]
    occupations: dict[Word, list[Word]] = Field(description="as the forms say it -> as people say it")
    occupation_begins: list[Word] = Field(description="an occupation when it ends with 的 (开大车的)")
    occupation_ends: list[Word]
    at_work: list[Word] = Field(description="在…: who works there")
    address_signs: str = Field(description="one of these is in every address")
    not_address: list[Word] = Field(description="after 住: no address (住院了)")
    unit_ends: list[Word]
    unit_says: list[Word] = Field(description="alone: the side is a unit")
    fillers: list[Word] = Field(description="say nothing by themselves (申请人资料：男)")
    clearing: list[Word] = Field(description="before or after a label: this is to be left blank again")

    def __hash__(self) -> int:
        """By identity, so that what is compiled from a rule file can be kept beside it."""
        return id(self)

    @model_validator(mode="after")
    def _nothing_left_out(self) -> "DetailRules":
        missing = (
            (set(Side) - set(self.sides)) | (set(Label) - set(self.labels)) | (set(Sex) - set(self.sexes))
        )
        if missing:
            raise ValueError(f"missing: {', '.join(sorted(missing))}")
        return self
