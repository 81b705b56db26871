"""Turns one decrypted WeChat message or event (普通消息, 事件推送) into an InboundMessage.

wechatpy's parser is not used here: it reads numbers only when asked and then raises whatever comes, turns a
node given twice into the text of a Python list, renames events and knows no MediaId16K. A strict model over
the same xmltodict reading has none of that.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.channels.wechat.envelope import moment, read_root
from bot.channels.wechat.errors import MalformedMessageError
from bot.channels.wechat.rendering import WECHAT
from handlers.messages import EventKind, InboundMessage, MessageKind

_KINDS = {
    "text": MessageKind.TEXT,
    "voice": MessageKind.VOICE,
    "image": MessageKind.IMAGE,
    "video": MessageKind.VIDEO,
    "shortvideo": MessageKind.VIDEO,
    "file": MessageKind.FILE,
    "location": MessageKind.LOCATION,
    "link": MessageKind.LINK,
    "event": MessageKind.EVENT,
}
_EVENTS = {
    "subscribe": EventKind.SUBSCRIBE,
    "unsubscribe": EventKind.UNSUBSCRIBE,
    "scan": EventKind.SCAN,
    "click": EventKind.CLICK,
    "location": EventKind.LOCATION,
    "templatesendjobfinish": EventKind.TEMPLATE_RESULT,
}
_EARLIEST = datetime(2011, 1, 21, tzinfo=UTC)  # the day WeChat was released
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_KEY_LENGTH = 64

_Account = Annotated[str, StringConstraints(pattern=r"^[\w.@-]{1,64}$")]
_Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
_Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
_Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class _Fields(BaseModel):
    """The nodes that mean something to us; an empty node is None, a missing one not in the field set."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: _Account = Field(alias="ToUserName")
    sender: _Account = Field(alias="FromUserName")
    created: Annotated[str, StringConstraints(pattern=r"^[0-9]{9,13}$")] = Field(alias="CreateTime")
    message_type: _Name = Field(alias="MsgType")
    message_id: _Digits | None = Field(None, alias="MsgId")
    content: str | None = Field(None, alias="Content")
    recognition: str | None = Field(None, alias="Recognition")
    media_id: str | None = Field(None, alias="MediaId")
    media_id_16k: str | None = Field(None, alias="MediaId16K")
    picture_url: str | None = Field(None, alias="PicUrl")
    location_x: _Latitude | None = Field(None, alias="Location_X")
    location_y: _Longitude | None = Field(None, alias="Location_Y")
    label: str | None = Field(None, alias="Label")
    title: str | None = Field(None, alias="Title")
    url: str | None = Field(None, alias="Url")
    event: _Name | None = Field(None, alias="Event")
    event_key: str | None = Field(None, alias="EventKey")
    latitude: _Latitude | None = Field(None, alias="Latitude")
    longitude: _Longitude | None = Field(None, alias="Longitude")
    job_id: _Digits | None = Field(None, alias="MsgID")
    status: str | None = Field(None, alias="Status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message and the account (公众号原始 ID) it was sent to, which the reply must name as its sender."""

    account: str
    message: InboundMessage


def parse_message(xml: str) -> Received:
    """Read one message; raises MalformedMessageError naming the node that is missing or wrong."""
    try:
        fields = _Fields.model_validate(read_root(xml))
    except ValidationError as error:
        raise MalformedMessageError(str(error.errors(include_input=False)[0]["loc"][0])) from None
    sent_at = moment(fields.created)
    if not _EARLIEST <= sent_at < _LATEST:
        raise MalformedMessageError("CreateTime")
    kind = _KINDS.get(fields.message_type.lower(), MessageKind.UNKNOWN)
    if kind is MessageKind.EVENT:
        return Received(account=fields.account, message=_event(fields, sent_at))
    if kind is not MessageKind.UNKNOWN and fields.message_id is None:
        raise MalformedMessageError("MsgId")
    return Received(account=fields.account, message=_message(fields, kind, sent_at))


def _message(fields: _Fields, kind: MessageKind, sent_at: datetime) -> InboundMessage:
    """A message a person wrote, spoke, photographed or pointed out.

    The sender is part of the key because a MsgId alone does not tell two people apart on every test peer.
    """
    text, media_url = fields.content, None
    match kind:
        case MessageKind.TEXT if "content" not in fields.model_fields_set:
            raise MalformedMessageError("Content")
        case MessageKind.VOICE:
            text = fields.recognition
        case MessageKind.IMAGE:
            media_url = fields.picture_url
        case MessageKind.LOCATION:
            text = fields.label
            if fields.location_x is None or fields.location_y is None:
                raise MalformedMessageError("Location_X")
        case MessageKind.LINK | MessageKind.FILE:
            text, media_url = fields.title, fields.url
    return InboundMessage(
        channel=WECHAT.name,
        sender=fields.sender,
        key=_key("msg", fields.message_id, fields.sender)
        if fields.message_id
        else _key("evt", fields.sender, fields.created, fields.message_type),
        kind=kind,
        sent_at=sent_at,
        text=text or "",
        media_id=fields.media_id_16k or fields.media_id,
        media_url=media_url if media_url and re.match(r"https?://", media_url) else None,
        latitude=fields.location_x,
        longitude=fields.location_y,
    )


def _event(fields: _Fields, sent_at: datetime) -> InboundMessage:
    """Something that happened to a person's bond with the account.

    `event_key` is the scene of a QR code without its prefix, the key of a menu button, the address of a menu
    link, or the number of the template message whose result `event_status` tells.
    """
    if fields.event is None:
        raise MalformedMessageError("Event")
    name = fields.event.lower()
    event = _EVENTS.get(name, EventKind.OTHER)
    if event is EventKind.LOCATION and (fields.latitude is None or fields.longitude is None):
        raise MalformedMessageError("Latitude")
    event_key = fields.event_key or ""
    key = _key("evt", fields.sender, fields.created, fields.event, event_key, fields.job_id)
    if event is EventKind.TEMPLATE_RESULT:
        event_key = fields.job_id or ""
    return InboundMessage(
        channel=WECHAT.name,
        sender=fields.sender,
        key=key,
        kind=MessageKind.EVENT,
        sent_at=sent_at,
        latitude=fields.latitude,
        longitude=fields.longitude,
        event=event,
        event_key=event_key.removeprefix("qrscene_"),
        event_status=re.sub(r"\s*:\s*", ":", (fields.status or "").strip().lower()),
    )


def _key(*parts: str | None) -> str:
    """Join the parts that there are; a long one (a menu link's address) counts by its digest."""
    return ":".join(
        part if len(part) <= _KEY_LENGTH else hashlib.sha256(part.encode()).hexdigest()
        for part in parts
        if part is not None
    )
