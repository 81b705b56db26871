"""Every kind of message and event the platform pushes, and what is no message at all."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.errors import MalformedMessageError
from bot.channels.wechat.parsing import parse_message
from handlers.messages import EventKind, InboundMessage, MessageKind

OPENID = "oLuohe-0000000000000000000_1"
CREATED = "1795482000"


def document(**nodes: str | None) -> str:
    """A pushed document with a sender, an account and a time; a node given as None is left out."""
    fields: dict[str, str | None] = {
        "ToUserName": "gh_1",
        "FromUserName": OPENID,
        "CreateTime": CREATED,
        **nodes,
    }
    inner = "".join(
        f"<{name}>{escape(value)}</{name}>" for name, value in fields.items() if value is not None
    )
    return f"<xml>{inner}</xml>"


def message(kind: str, **nodes: str | None) -> InboundMessage:
    return parse_message(document(**{"MsgType": kind, "MsgId": "24567891234567890", **nodes})).message


def event(name: str, **nodes: str | None) -> InboundMessage:
    return parse_message(document(MsgType="event", Event=name, **nodes)).message


def test_a_text() -> None:
    received = parse_message(document(MsgType="text", MsgId="24567891234567890", Content="俺家的地边 <3"))
    assert received.account == "gh_1"
    assert received.message == InboundMessage(
        channel="wechat",
        sender=OPENID,
        key=f"msg:24567891234567890:{OPENID}",
        kind=MessageKind.TEXT,
        sent_at=datetime.fromtimestamp(int(CREATED), UTC),
        text="俺家的地边 <3",
    )


def test_an_empty_text_is_a_text() -> None:
    assert message("text", Content="").text == ""


@pytest.mark.parametrize(("recognition", "text"), [("邻居占俺地", "邻居占俺地"), ("", ""), (None, "")])
def test_a_voice_has_its_recognised_words_or_none(recognition: str | None, text: str) -> None:
    voice = message("voice", MediaId="m8", Format="amr", Recognition=recognition)
    assert (voice.kind, voice.text, voice.media_id) == (MessageKind.VOICE, text, "m8")


def test_a_voice_is_fetched_in_its_better_quality() -> None:
    assert message("voice", MediaId="m8", MediaId16K="m16").media_id == "m16"


def test_an_image() -> None:
    image = message("image", MediaId="m1", PicUrl="https://mmbiz.qpic.cn/a/0")
    assert (image.kind, image.media_id) == (MessageKind.IMAGE, "m1")
    assert image.media_url == "https://mmbiz.qpic.cn/a/0"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "//x", "", None])
def test_an_address_that_is_no_web_address_is_left_out(address: str | None) -> None:
    assert message("image", MediaId="m1", PicUrl=address).media_url is None


@pytest.mark.parametrize("kind", ["video", "shortvideo"])
def test_a_video(kind: str) -> None:
    video = message(kind, MediaId="m1", ThumbMediaId="t1")
    assert (video.kind, video.media_id) == (MessageKind.VIDEO, "m1")


def test_a_file_is_known_by_its_name() -> None:
    file = message("file", Title="借条.pdf", Description="", FileKey="k", FileTotalLen="100")
    assert (file.kind, file.text) == (MessageKind.FILE, "借条.pdf")


def test_a_location() -> None:
    place = message(
        "location", Location_X="33.581401", Location_Y="114.016846", Scale="16", Label="召陵区天桥街"
    )
    assert (place.kind, place.text) == (MessageKind.LOCATION, "召陵区天桥街")
    assert (place.latitude, place.longitude) == (33.581401, 114.016846)


def test_a_link() -> None:
    link = message("link", Title="判决书", Description="", Url="http://example.cn/1")
    assert (link.kind, link.text, link.media_url) == (MessageKind.LINK, "判决书", "http://example.cn/1")


def test_a_kind_nobody_knows_yet() -> None:
    assert message("hologram").kind is MessageKind.UNKNOWN
    assert message("hologram", MsgId=None).key == f"evt:{OPENID}:{CREATED}:hologram"


def test_names_of_kinds_and_events_in_any_case() -> None:
    assert message("TEXT", Content="a").kind is MessageKind.TEXT
    assert event("Subscribe").event is EventKind.SUBSCRIBE


@pytest.mark.parametrize(
    ("name", "pushed_key", "kind", "event_key"),
    [
        ("subscribe", "", EventKind.SUBSCRIBE, ""),
        ("subscribe", None, EventKind.SUBSCRIBE, ""),
        ("subscribe", "qrscene_village-411122", EventKind.SUBSCRIBE, "village-411122"),
        ("unsubscribe", "", EventKind.UNSUBSCRIBE, ""),
        ("SCAN", "village-411122", EventKind.SCAN, "village-411122"),
        ("CLICK", "progress", EventKind.CLICK, "progress"),
        ("VIEW", "https://example.cn/a?b=1&c=2", EventKind.OTHER, "https://example.cn/a?b=1&c=2"),
        ("subscribe_msg_popup_event", None, EventKind.OTHER, ""),
        ("invented_tomorrow", "x", EventKind.OTHER, "x"),
    ],
)
def test_an_event(name: str, pushed_key: str | None, kind: EventKind, event_key: str) -> None:
    happened = event(name, EventKey=pushed_key)
    assert (happened.kind, happened.event, happened.event_key) == (MessageKind.EVENT, kind, event_key)
    assert happened.key == f"evt:{OPENID}:{CREATED}:{name}:{pushed_key or ''}"


def test_a_reported_location() -> None:
    place = event("LOCATION", Latitude="33.58", Longitude="114.01", Precision="65.0")
    assert (place.event, place.latitude, place.longitude) == (EventKind.LOCATION, 33.58, 114.01)


@pytest.mark.parametrize(
    ("pushed", "status"),
    [
        ("success", "success"),
        ("failed:user block", "failed:user block"),
        ("failed: user block", "failed:user block"),
        ("Failed : System Failed ", "failed:system failed"),
    ],
)
def test_the_result_of_a_template_message(pushed: str, status: str) -> None:
    result = event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status=pushed)
    assert (result.event, result.event_key, result.event_status) == (
        EventKind.TEMPLATE_RESULT,
        "200163836",
        status,
    )
    assert result.key == f"evt:{OPENID}:{CREATED}:TEMPLATESENDJOBFINISH::200163836"


def test_an_event_with_nested_nodes() -> None:
    nested = document(MsgType="event", Event="scancode_waitmsg", EventKey="k").replace(
        "</xml>", "<ScanCodeInfo><ScanType>qrcode</ScanType></ScanCodeInfo></xml>"
    )
    assert parse_message(nested).message.event is EventKind.OTHER


def test_two_people_with_the_same_number_of_message_have_two_keys() -> None:
    keys = {message("text", Content="a", FromUserName=name, MsgId="1234567").key for name in ("fan1", "fan2")}
    assert len(keys) == 2


def test_two_events_of_one_second_have_two_keys() -> None:
    happened = [event("subscribe"), event("SCAN", EventKey="1"), event("CLICK", EventKey="1")]
    assert len({one.key for one in happened}) == 3


def test_the_key_of_a_long_menu_address_stays_short_and_its_own() -> None:
    keys = {event("VIEW", EventKey="https://example.cn/" + "a" * 5000 + tail).key for tail in "bc"}
    assert len(keys) == 2
    assert max(map(len, keys)) < 255


def test_a_time_in_milliseconds_is_the_same_moment() -> None:
    assert message("text", Content="a", CreateTime=CREATED + "000").sent_at == datetime.fromtimestamp(
        int(CREATED), UTC
    )


@pytest.mark.parametrize(
    "nodes",
    [
        {"FromUserName": None},
        {"FromUserName": ""},
        {"FromUserName": "o" * 65},
        {"FromUserName": "a]]>b"},
        {"ToUserName": None},
        {"CreateTime": None},
        {"CreateTime": ""},
        {"CreateTime": "-5"},
        {"CreateTime": "1e9"},
        {"CreateTime": "0"},
        {"CreateTime": "１７９５４８２０００"},
        {"CreateTime": "9999999999"},
        {"CreateTime": "9" * 13},
        {"CreateTime": "9" * 400},
        {"MsgType": None},
        {"MsgType": ""},
        {"MsgId": None},
        {"MsgId": ""},
        {"MsgId": "abc"},
        {"MsgId": "-1"},
        {"MsgId": "9" * 400},
        {"Content": None},
        {"MsgType": "event"},
        {"MsgType": "event", "Event": ""},
        {"MsgType": "event", "Event": "LOCATION"},
        {"MsgType": "event", "Event": "LOCATION", "Latitude": "north", "Longitude": "1"},
        {"MsgType": "location"},
        {"MsgType": "location", "Location_X": "33.5"},
        {"MsgType": "location", "Location_X": "nan", "Location_Y": "1"},
        {"MsgType": "location", "Location_X": "1", "Location_Y": "1e308"},
        {"MsgType": "location", "Location_X": "91", "Location_Y": "1"},
    ],
    ids=str,
)
def test_a_missing_or_absurd_node_is_malformed(nodes: dict[str, str | None]) -> None:
    with pytest.raises(MalformedMessageError):
        parse_message(document(**{"MsgType": "text", "MsgId": "1", "Content": "a", **nodes}))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "不是XML",
        "{}",
        "<xml>",
        "<xml/>",
        "<xml>text</xml>",
        "<html></html>",
        document(MsgType="text", MsgId="1", Content="a") * 2,
        document(MsgType="text", MsgId="1", Content="a").replace("<xml>", "<xml>\x00"),
        document(MsgType="text", MsgId="1", Content="a").replace("a</Content>", "&#1;</Content>"),
        document(MsgType="text", MsgId="1", Content="a").replace("</xml>", "<Content>b</Content></xml>"),
        document(MsgType="text", MsgId="1", Content="a").replace("a</Content>", "<b>a</b></Content>"),
        f'<!DOCTYPE xml [<!ENTITY l0 "ha">{LAUGHS}]>'
        + document(MsgType="text", MsgId="1", Content="a").replace("a</Content>", "&l9;</Content>"),
        '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + document(MsgType="text", MsgId="1", Content="a").replace("a</Content>", "&x;</Content>"),
        "<a>" * 15000,
        "<xml>" + "<a>" * 7000 + "</a>" * 7000 + "</xml>",
        "\ud800",
    ],
)
def test_what_is_no_message_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        parse_message(body)


@given(st.text() | st.text(alphabet="<>/xml![CDATA]&;a\x00 "))
def test_any_text_is_a_message_or_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        parse_message(body)


@given(
    st.dictionaries(
        st.sampled_from(
            ["MsgType", "MsgId", "Content", "Event", "EventKey", "CreateTime", "Location_X", "Latitude"]
        ),
        st.sampled_from(["text", "event", "location", "1", "-1", "", "nan", "9" * 20, "１", "1e400"])
        | st.text(max_size=5),
    )
)
def test_any_nodes_are_a_message_or_malformed(nodes: dict[str, str]) -> None:
    try:
        parsed = parse_message(document(**nodes)).message
    except MalformedMessageError:
        return
    assert parsed.sender == OPENID
    assert parsed.sent_at.utcoffset() is not None
    assert len(parsed.key) < 255
