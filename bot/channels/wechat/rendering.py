"""Writes what WeChat shows: the passive XML reply, and text that fits its limits."""

import re
from datetime import datetime

from handlers.messages import ChannelTraits

WECHAT = ChannelTraits(name="wechat", max_text_bytes=2048)
MAX_TEMPLATE_VALUE = 20
"""Characters of one template value; the platform drops what is longer, and line breaks."""

_LINE_END = re.compile("\r\n?")
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets), lone surrogates among it."""


def clean(text: str) -> str:
    """Text without the characters that XML cannot carry, line ends as XML parsers read them."""
    return _ILLEGAL.sub("", _LINE_END.sub("\n", text))


def fitted(text: str) -> str:
    """Clean text of at most 2048 UTF-8 bytes, cut between characters.

    The last guard only: whoever writes a long answer splits it before, so that nothing is lost.
    """
    return clean(text).encode()[: WECHAT.max_text_bytes].decode(errors="ignore")


def cdata(text: str) -> str:
    """A CDATA section that gives back exactly `text`, even where it contains `]]>`."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def template_value(text: str) -> str:
    """One value of a template message: a single line of at most 20 characters."""
    return " ".join(clean(text).split())[:MAX_TEMPLATE_VALUE]


def text_reply(text: str, *, to: str, account: str, at: datetime) -> str:
    """The passive text reply (被动回复) from `account` to the openid `to`; "" when nothing is left to say."""
    content = fitted(text)
    if not content.strip():
        return ""
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(account)}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(content)}</Content></xml>"
    )
