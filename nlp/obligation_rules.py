"""The schema of obligations.yaml: the words by which a mediator's agreement sentences are read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from mediation.agreement import Side

Word = Annotated[str, Field(min_length=1)]


class _Rules(BaseModel):
    """Unknown keys are mistakes; values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __hash__(self) -> int:
        """By identity, so that what is compiled from a rule file can be kept beside it."""
        return id(self)


class PartyWords(_Rules):
    """How the two sides are called beside their names."""

    sides: dict[Side, list[Word]]
    both: list[Word]
    each: list[Word] = Field(description="after both: each of them by itself")
    other: list[Word] = Field(description="the other one than was named before")
    unclear: list[Word] = Field(description="somebody whose side no rule can know")
    third: list[Word] = Field(description="who may be paid without being a side")
    double_surnames: list[Word]
    titles: list[Word]
    given_prefixes: list[Word] = Field(description="before a surname: 老李")
    households: list[Word] = Field(description="after a name or a surname: 李家")
    not_after: list[Word] = Field(description="after a name: it names a place or a thing instead")
    organisations: dict[Word, list[Word]] = Field(
        description="ending of an organisation's name -> what it is called in short"
    )
    place_prefixes: list[Word] = Field(description="before the proper name of an organisation")
    object_before: list[Word] = Field(description="before who is paid or to whom something is done")
    agent_before: list[Word] = Field(description="before who pays or does")
    not_names: list[Word] = Field(description="words before a verb that name nobody")
    other_agent_before: list[Word] = Field(description="before somebody who is no side: he pays or does")
    whose_after: list[Word] = Field(description="after a name: only whose thing it is")


class PayingWords(_Rules):
    """Words of paying; `pay` shows a payment even without a sum, `hand_over` only beside one."""

    pay: list[Word]
    hand_over: list[Word]
    receive: list[Word]
    owe: list[Word]
    money_nouns: list[Word] = Field(
        description="beside a word of handing over they show a payment without a sum"
    )
    rate_units: list[Word] = Field(description="after 每: the price of one, not the sum")
    rates: list[Word] = Field(description="money told by a rate of interest, for which no sum is asked")
    daily: list[Word] = Field(description="words before a sum that belong into the condition")
    currency: list[Word]
    not_money_after: list[Word]
    restated: list[Word] = Field(description="in brackets the sum is only said again")
    denied: list[Word] = Field(description="beside a sum: nobody promises to pay it")
    in_kind: list[Word] = Field(description="the sum stands for the thing promised before it")
    headings: list[Word] = Field(description="only a title")
    total: list[Word]
    rest: list[Word]
    first: list[Word]
    ordinal: list[Word] = Field(description="after 第一, 第二: one of several parts")
    same_money: list[Word] = Field(description="money of which was spoken before")
    instalments: list[Word] = Field(description="in parts, without saying how many")
    part_counters: list[Word] = Field(description="after 分三: what the parts are called")


class ActingWords(_Rules):
    """Words of doing and leaving."""

    verbs: list[Word]
    signs: list[Word] = Field(description="with one of these any words are something to be done")
    lasting: list[Word] = Field(description="something without an end, for which no date is asked")
    done: list[Word] = Field(description="only says that what was named before is finished")
    starting: list[Word] = Field(description="the time is that of the beginning")
    and_words: list[Word] = Field(description="between an act and a payment")
    facts: list[Word] = Field(description="with one of these a clause tells what was or holds")
    own_costs: list[Word] = Field(description="each bears its own costs: no obligation even with a sum")
    not_promised: list[Word] = Field(
        description="with one of these a clause without a known word of doing is told only"
    )
    closing: list[Word] = Field(description="closing words that oblige nobody to anything")


class TimeWords(_Rules):
    """Words for when."""

    at_once: list[Word]
    signing_day: list[Word]
    signing: list[Word] = Field(description="from the signing on, before a span")
    if_words: list[Word]
    then_words: list[Word]
    default: list[Word] = Field(description="a clause that begins so tells what holds if it is not kept")
    after_words: list[Word] = Field(description="end of a condition: 修好以后")
    not_after_words: list[Word] = Field(description="words that only look like such an end")
    not_if: list[Word] = Field(description="words that only look like an if word")
    event_before: list[Word] = Field(description="before a span: it is counted from something to come")
    until: list[Word]
    until_ends: list[Word] = Field(description="what ends something that comes again: 到孩子18岁")
    not_done: list[Word] = Field(
        description="a condition with one of these tells what holds if it is not kept"
    )
    vague: list[Word] = Field(description="a time that is no day: 麦收后")


class ObligationRules(_Rules):
    """obligations.yaml."""

    parties: PartyWords
    paying: PayingWords
    acting: ActingWords
    times: TimeWords
    modals: list[Word] = Field(description="between who and what, without a meaning of their own here")
    fillers: list[Word] = Field(description="words that may stand anywhere without a meaning here")
