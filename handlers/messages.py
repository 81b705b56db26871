"""What comes in from a chat and what goes out to it, whatever the channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class MessageKind(StrEnum):
    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    EVENT = "event"
    UNKNOWN = "unknown"


class EventKind(StrEnum):
    """Events that mean something to us; a channel maps its own names onto these."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    SCAN = "scan"
    CLICK = "click"
    LOCATION = "location"
    TEMPLATE_RESULT = "template_result"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message or event of one account on one channel.

    `key` is unique within the channel and equal for a repeat of the same message. `text` is the text,
    the recognised speech (may be empty) or the label of a location. Coordinates are GCJ-02 degrees.
    """

    channel: str
    sender: str
    key: str
    kind: MessageKind
    sent_at: datetime
    text: str = ""
    media_id: str | None = None
    media_url: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    event: EventKind | None = None
    event_key: str = ""
    event_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One numbered answer."""

    key: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said to one person: sentences, then numbered choices."""

    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTraits:
    """What a channel can do, as data."""

    name: str
    max_text_bytes: int


class Receiver(Protocol):
    """Where every channel hands its messages."""

    async def receive(self, message: InboundMessage, *, within: timedelta) -> str | None:
        """Handle one message once and return the passive reply.

        A repeat gets the stored reply. None means: nothing to say now, or it took longer than `within`
        and the answer follows as an active message.
        """
        ...
