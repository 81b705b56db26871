"""What one step of a dialogue says and what it wants done: plain values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from handlers.conversation import Conversation, Draft
from handlers.messages import Choice
from mediation.vocabulary import RiskFlag


@dataclass(frozen=True, slots=True)
class Utterance:
    """One phrase to say; `choices` replaces the phrase's own numbered answers."""

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    choices: tuple[Choice, ...] | None = None


class EffectKind(StrEnum):
    """What a step wants done outside the dialogue."""

    FILE_CASE = "file_case"
    RAISE_ALARM = "raise_alarm"
    LEAVE_TIP = "leave_tip"
    ASK_HUMAN = "ask_human"
    SHOW_PROGRESS = "show_progress"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    SHORT_SENTENCES = "short_sentences"
    EDUCATION = "education"
    KEEP_PHONE = "keep_phone"
    CHANGE_CONTACT = "change_contact"
    ASK_ANOTHER = "ask_another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing to do. Which fields count depends on the kind.

    `on` means: named (a tip), from somebody who reports others (an alarm), switched on (short sentences,
    law education).
    """

    kind: EffectKind
    draft: Draft | None = None
    text: str = ""
    line: str = ""
    case_id: int | None = None
    flags: frozenset[RiskFlag] = frozenset()
    attachments: tuple[int, ...] = ()
    on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The outcome of one message: the next state, what to say before and after the effects.

    `say` is said first (safety words), then the effects speak for themselves, then `ask` closes with
    the question that waits for an answer.
    """

    state: Conversation
    say: tuple[Utterance, ...] = ()
    effects: tuple[Effect, ...] = ()
    ask: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """One unfinished case of the person who writes, as applicant or as the other side."""

    case_id: int
    case_no: str
    dispute_type: str
    type_name: str
    is_respondent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the person before the message is read."""

    name: str | None = None
    phone: str | None = None
    open_cases: tuple[OpenCase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message as the dialogue hears it."""

    text: str = ""
    attachments: tuple[int, ...] = ()
    is_voice: bool = False
    latitude: float | None = None
    longitude: float | None = None
    is_location: bool = False
