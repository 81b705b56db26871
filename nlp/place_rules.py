"""The schema of places.yaml: the words by which place names are known and told apart."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Word = Annotated[str, Field(min_length=1)]
RegionCode = Annotated[str, Field(pattern=r"^\d{4}(\d\d(\d{3}(\d{3})?)?)?$")]


class _Rules(BaseModel):
    """Unknown keys are mistakes; values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Endings(_Rules):
    """Words that residents put after a name; they say which level is meant."""

    city: list[Word]
    county: list[Word]
    township: list[Word]
    village: list[Word]


class Surroundings(_Rules):
    """Words directly before and after a name that show that a place is meant.

    `asking` words make any name a place, `there_after` any but that of an everyday thing, `enough` words a
    name that is no ordinary word, `some_after` even an ordinary word behind a pause (万金一个幼儿园),
    `located_before` even what may be a person (在小杨). `whose` are particles that count before a pause only
    (董庄嘞); `here` may follow a place that ends the message (大郭这), and `closing` words do
    (大邢,打我这个号).
    """

    home_before: list[Word]
    enough_before: list[Word]
    enough_after: list[Word]
    asking_after: list[Word]
    there_after: list[Word]
    some_after: list[Word]
    here: list[Word]
    located_before: list[Word]
    closing: list[Word]
    whose: list[Word]


class RoleWords(_Rules):
    """Words directly before and after a place that show what it is in the dispute."""

    before: list[Word] = []
    after: list[Word] = []


class Roles(_Rules):
    """What a named place is: where it happened, home of the sender or of the other side, or background."""

    event: RoleWords
    home: RoleWords
    other_home: RoleWords
    background: RoleWords
    near: RoleWords = Field(description="the place is only near it")
    taken_back: RoleWords = Field(description="named by mistake")
    township_after: list[Word] = Field(description="after a name that villages bear too: the township")
    township_before: list[Word]
    joined_by: list[Word] = Field(description="between two places that have the same part in the dispute")
    bought: list[Word] = Field(description="after a place of event: something was only bought there")
    at_home: list[Word] = Field(description="words of the text that put the matter at the sender's home")


class PinyinRules(_Rules):
    """pinyin.yaml: the characters of each sound, without tone; a character that stands in none is its own."""

    syllables: dict[Word, Word]


class PlaceRules(_Rules):
    """places.yaml."""

    home: list[RegionCode]
    official_endings: dict[Word, str]
    endings: Endings
    droppable: list[Word]
    aliases: dict[Word, RegionCode] = {}
    ordinary: list[Word]
    everyday: list[Word]
    traps: list[Word]
    place_characters: str
    not_given: str = Field(description="characters that no given name consists of")
    person_prefixes: str
    person_after: list[Word]
    other_village_prefixes: str
    elsewhere_before: list[Word]
    surnames: str
    no_surnames: str = Field(description="after 老 or 小 these make a word (老师, 小时)")
    never_in_names: str = Field(description="characters that no misspelt name holds")
    never_before_ending: str = Field(description="nor one that only its ending 村 shows")
    glue: list[Word] = Field(description="between a wide name and a narrow one")
    back_glue: list[Word] = Field(description="the other way round, before the wide one")
    surroundings: Surroundings
    roles: Roles
    outside: list[Word]
    outside_after: list[Word]
    outside_before: list[Word]
    sounds: dict[str, str]
