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
    numbered: list[Word] = Field(description="near before a number that only names or measures something")
    audience: list[Word] = Field(description="before a number of views or followers")
    never_sums: list[int]
    per: dict[Word, Word]
    not_rate_before: list[Word]
    owed_before: list[Word]
    owed_after: list[Word]
    paid_before: list[Word]
    paid_after: list[Word]
    got_before: list[Word] = Field(description="paid to the sender: never at stake, even as the only sum")
    got_after: list[Word] = Field(description="the same, after the sum")
    giver_before: list[Word] = Field(description="the same, before it: who gave")
    own_repayment: list[Word] = Field(description="before a repayment: the sender's own")
    given_before: list[Word] = Field(description="paid, or given by the sender who wants it back")
    claimed_before: list[Word] = Field(description="directly before a sum that is asked for")
    alone_before: list[Word] = Field(description="a sum that counts only where no other is told")
    offered_before: list[Word]
    promised_before: list[Word]
    compared_before: list[Word] = Field(description="a sum that only compares or describes")
    earned_before: list[Word] = Field(description="a rate that is only somebody's income")
    worthless_after: list[Word]
    rate_only: list[Word] = Field(description="a rate with one of these before it is never a sum by itself")
    owing: list[Word] = Field(description="words of the text that make a rate times a count the sum at stake")
    total_before: list[Word] = Field(description="before a sum that takes everything in")
    rest_before: list[Word] = Field(description="before a sum that is already what is left over")
    own_payment: list[Word] = Field(description="the sender paid, so that nothing is taken off")
    withheld: list[Word] = Field(description="before one month's pay that is kept back: no rate")
    small_before: list[Word] = Field(description="directly before a bare sum below a hundred (要赔六十)")
    items: list[Word] = Field(description="directly before each of several sums that are told one by one")
    changed: list[Word] = Field(description="between two sums of which one took the place of the other")
    difference_after: list[Word] = Field(description="after two sums: what one lacks of the other")
    half_after: list[Word] = Field(description="after the only sum: half of it is at stake")
    corrected: list[Word] = Field(description="between a sum and the right one")
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
    not_together: list[Word] = Field(description="after 我们三个: no people who complain (俺三个闺女)")
    not_ours: list[Word]
    pair: list[Word]
    most: int
    crowd_counters: list[Word] = Field(description="between a number and who is counted, or alone (户, 号人)")
    crowd_of: list[Word] = Field(description="who is counted (业主, 工人)")
    not_crowds: list[Word] = Field(description="before a number that is nobody's side (宿舍, 全国)")
    not_crowds_after: list[Word] = Field(description="after a number that counts no people (十家店)")


class PhoneRules(_Rules):
    """What shows that a number is the other side's: whose it is, and the word for a number."""

    theirs: list[Word]
    word: list[Word]


class NameRules(_Rules):
    """How residents name themselves and the other side."""

    surnames: str
    double_surnames: list[Word]
    not_surnames_alone: str = Field(description="after 老 or 小 these make a word (老师, 小时)")
    given: str = Field(description="characters that given names hold")
    after_names: list[Word] = Field(description="words that end a name before them (陈刚|天天)")
    not_persons: list[Word] = Field(description="words that look like surname and given name (高兴)")
    own_name: list[Word]
    own_being: list[Word] = Field(description="before the sender's name, when a pause follows it")
    own_after: list[Word] = Field(description="after such a name, instead of a pause")
    own_line: list[Word] = Field(description="after a name at the very beginning (孙桂芝,67岁)")
    own_surname: list[Word]
    titles: list[Word]
    ours: list[Word]
    between_ours_and_kin: list[Word]
    relatives: list[Word]
    neighbours: list[Word]
    whereabouts: list[Word] = Field(description="a party only with a person after it (村东头的陈寡妇)")
    trades: str = Field(description="first characters of what somebody does (收粮食的侯占奎)")
    not_in_trades: str
    roles: list[Word]
    surely: list[Word] = Field(description="what only the other side is called (被申请人, 欠钱的)")
    not_shown: list[Word] = Field(description="heads that only point at the other side and are not shown")
    bodies: list[Word]
    workplaces: list[Word] = Field(description="short for the company that was named before")
    organisations: list[Word]
    not_in_organisations: str
    before_organisations: list[Word] = Field(description="words that a company's name does not begin with")
    named: list[Word] = Field(description="between role and name (媳妇叫刘敏)")
    sorts: list[Word] = Field(description="after 姓孙的: what sort of person")
    spouses: list[Word] = Field(description="the other side where a divorce is told")
    parting: list[Word]
    pronouns: list[Word] = Field(description="whose name is the other side's (他叫…)")
    against: list[Word] = Field(description="the wrong that the other side does")
    suffered: list[Word] = Field(description="the wrong after 被 or 叫 and the other side")
    given_to: list[Word]
    with_before: list[Word]
    with_after: list[Word]
    not_respondent_before: list[Word]
    not_respondent_after: list[Word] = Field(description="the dead, the bystander, who only told it")
    self_before: list[Word] = Field(description="the sender's own role or work")


class FactRules(_Rules):
    """facts.yaml."""

    amounts: AmountRules
    people: PeopleRules
    phones: PhoneRules
    names: NameRules
