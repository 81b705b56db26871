"""What WeChat is given to show, for any text whatever."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.wechat.rendering import clean, fitted, template_value, text_reply

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
any_text = st.text(st.characters(exclude_categories=[])) | st.text(
    alphabet="]>[<!&CDAT\r\n\x00枫😀", max_size=80
)


def content_of(xml: str) -> str:
    return ET.fromstring(xml).findtext("Content") or ""


@given(any_text)
@example("]]>")
@example("]]]]>>")
@example("a]]></Content><MsgType><![CDATA[news]]></MsgType>")
@example("一\r\n二\r三\n四\t五")
@example("\x01\x0b\ufffe\ud800")
def test_any_text_comes_back_from_well_formed_xml(text: str) -> None:
    xml = text_reply(text, to="openid", account="gh_1", at=AT)
    assert (content_of(xml) if xml else "").strip() == fitted(text).strip()
    assert fitted(text) == clean(text) or len(clean(text).encode()) > 2048


@given(any_text, any_text)
@example("]]></ToUserName><MsgType>news</MsgType>", "]]>")
def test_a_reply_has_exactly_its_five_nodes(openid: str, text: str) -> None:
    xml = text_reply("好" + text, to=clean(openid), account="gh_1", at=AT)
    assert [node.tag for node in ET.fromstring(xml)] == [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "Content",
    ]


@pytest.mark.parametrize("unit", ["a", "枫", "😀", "é"])
@pytest.mark.parametrize("shift", range(4))
def test_a_long_text_is_cut_between_characters(unit: str, shift: int) -> None:
    text = "x" * shift + unit * 3000
    shown = content_of(text_reply(text, to="openid", account="gh_1", at=AT))
    assert text.startswith(shown)
    assert 2048 - len(unit.encode()) < len(shown.encode()) <= 2048


def test_line_ends_of_every_system_stay_line_ends() -> None:
    assert content_of(text_reply("一\r\n二\r三\n四", to="openid", account="gh_1", at=AT)) == "一\n二\n三\n四"


@pytest.mark.parametrize("text", ["", " \n", "\x00\x01"])
def test_nothing_to_say_makes_no_reply(text: str) -> None:
    assert text_reply(text, to="openid", account="gh_1", at=AT) == ""


def test_a_reply_goes_back_the_way_it_came() -> None:
    reply = ET.fromstring(text_reply("好", to="openid", account="gh_1", at=AT))
    assert reply.findtext("ToUserName") == "openid"
    assert reply.findtext("FromUserName") == "gh_1"
    assert reply.findtext("CreateTime") == str(int(AT.timestamp()))
    assert reply.findtext("MsgType") == "text"


@given(any_text)
def test_a_template_value_is_one_short_line(text: str) -> None:
    value = template_value(text)
    assert len(value) <= 20
    assert len(value.splitlines()) <= 1


def test_a_template_value_keeps_its_words() -> None:
    assert template_value(" 漯调2026-000123\r\n已受理 ") == "漯调2026-000123 已受理"
