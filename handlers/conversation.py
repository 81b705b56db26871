"""The state of one account's dialogue: what is known for filing, and what was asked last."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from mediation.vocabulary import Decision, DisputeType, Group, NotMediable, RiskFlag, RiskGrade


class Question(StrEnum):
    """What the person is asked; the answer is read accordingly."""

    STORY = "story"
    DANGER = "danger"
    NOT_MEDIABLE = "not_mediable"
    TYPE = "type"
    TYPE_ANY = "type_any"
    PLACE = "place"
    PLACE_WHICH = "place_which"
    RESPONDENT = "respondent"
    NAME = "name"
    PHONE = "phone"
    CONFIRM = "confirm"
    CORRECT = "correct"
    SAME_OR_NEW = "same_or_new"
    LAW_APPLY = "law_apply"
    TIP = "tip"
    WITHDRAW = "withdraw"
    DECLINE = "decline"
    ANOTHER = "another"
    ERASE = "erase"
    MEET_WHEN = "meet_when"
    MEET_WHO = "meet_who"
    MEET_CONFIRM = "meet_confirm"
    RESPONDENT_PHONE = "respondent_phone"
    ROOM_WHO = "room_who"
    NOTE = "note"
    AGREEMENT = "agreement"
    AGREEMENT_OPEN = "agreement_open"
    AGREEMENT_CHECK = "agreement_check"
    HELP_WHO = "help_who"
    HELP_WORDS = "help_words"
    END_WHY = "end_why"
    PAPERS = "papers"
    REASON = "reason"
    WORDS = "words"
    SURE = "sure"


class StateModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Draft(StateModel):
    """A complaint (诉求) that is not filed yet. Empty means not known; `…_settled` means: not to ask."""

    started_at: datetime
    story: tuple[str, ...] = ()
    attachments: tuple[int, ...] = ()
    type: DisputeType | None = None
    subtype: str | None = None
    decision: Decision = Decision.ASK
    candidates: tuple[DisputeType, ...] = ()
    type_settled: bool = False
    because: tuple[str, ...] = ()
    place: str | None = None
    place_candidates: tuple[str, ...] = ()
    place_words: str = ""
    place_settled: bool = False
    place_outside: bool = False
    latitude: float | None = None
    longitude: float | None = None
    respondent: str | None = None
    name: str | None = None
    phone: str | None = None
    phone_settled: bool = False
    amount: float | None = None
    people: int | None = None
    since: date | None = None
    risk: frozenset[RiskFlag] = frozenset()
    grade: RiskGrade = RiskGrade.NONE
    alarmed: frozenset[RiskFlag] = frozenset()
    cautioned: bool = False
    groups: frozenset[Group] = frozenset()
    not_mediable: NotMediable | None = None
    mediable_settled: bool = False
    name_hidden: bool = False
    story_asked: bool = False

    @property
    def text(self) -> str:
        """The whole story as told so far."""
        return "\n".join(self.story)


class Conversation(StateModel):
    """The dialogue of one account. A newer program reads older versions or starts anew."""

    version: Literal[1] = 1
    asked: Question | None = None
    tries: int = 0
    answered: tuple[Question, ...] = ()
    draft: Draft | None = None
    held: str = ""
    subject_id: int | None = None
    as_resident: bool = False
    case_id: int | None = None
    """The case that a mediator has before him."""
    room: str | None = None
    """To whom a mediator speaks: applicant, respondent or joint."""
    moment: datetime | None = None
    """The time of a meeting that waits for confirmation."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is unfinished."""
        return self.asked is None and self.draft is None and not self.as_resident and self.case_id is None


def load_state(stored: Any) -> Conversation:
    """Return the stored state; one that cannot be read any more starts a fresh dialogue."""
    if stored is None:
        return Conversation()
    try:
        return Conversation.model_validate(stored)
    except ValidationError:
        return Conversation()


def dump_state(conversation: Conversation) -> Any:
    """Return what is stored, None when nothing is unfinished."""
    return None if conversation.is_idle else conversation.model_dump(mode="json", exclude_defaults=True)
