"""The official documents: every kind, for a full, an empty and a hostile case."""

import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml.ns import qn

from config.document_rules import DocumentKind
from handlers.documents.casefile import CaseFile, PartyFile, RecordFile
from handlers.documents.rendering import file_name, render
from mediation.vocabulary import CaseSource
from tests.unit.documents.cases import (
    CONTROL,
    ENDED,
    FULL,
    LONG,
    MINIMAL,
    NASTY,
    ORAL,
    REJECTED,
    RULES,
    filled_with,
)

ALL = tuple(DocumentKind)
NO_WORDS_OF_PEOPLE = {DocumentKind.CONTENTS, DocumentKind.BACK_COVER}
CASES = {"full": FULL, "minimal": MINIMAL, "oral": ORAL, "ended": ENDED, "rejected": REJECTED}


def opened(kind: DocumentKind, file: CaseFile) -> DocxDocument:
    return Document(BytesIO(render(kind, file, rules=RULES)))


def paragraphs(document: DocxDocument) -> list[str]:
    """The text of every paragraph, those in tables and footers too, in order."""
    parts = [document.element.body, *(section.footer._element for section in document.sections)]
    return [
        "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
        for part in parts
        for paragraph in part.iter(qn("w:p"))
    ]


def text_of(kind: DocumentKind, file: CaseFile) -> str:
    return "\n".join(paragraphs(opened(kind, file)))


def cells(document: DocxDocument) -> list[list[str]]:
    """The rows of all tables, a cell over several columns once."""
    rows = []
    for table in document.tables:
        for row in table.rows:
            once = {id(cell._tc): cell.text.strip() for cell in row.cells}
            rows.append(list(once.values()))
    return rows


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("name", CASES)
def test_nothing_of_the_template_or_of_python_is_left(kind: DocumentKind, name: str) -> None:
    text = text_of(kind, CASES[name])
    assert not re.search(r"\{\{|\}\}|\{%|%\}|None|True|False|Undefined|<|>", text)


@pytest.mark.parametrize("kind", ALL)
def test_every_document_bears_its_title_and_is_a4(kind: DocumentKind) -> None:
    document = opened(kind, MINIMAL)
    spoken = {DocumentKind.COVER: "人民调解卷宗"}.get(kind, RULES.words.titles[kind])
    assert spoken in "".join(paragraphs(document)).replace("　", "")
    section = document.sections[0]
    assert (section.page_width.mm, section.page_height.mm) == (
        pytest.approx(210, 0.01),
        pytest.approx(297, 0.01),
    )


@pytest.mark.parametrize("kind", ALL)
def test_the_same_case_gives_the_same_bytes(kind: DocumentKind) -> None:
    assert render(kind, FULL, rules=RULES) == render(kind, FULL, rules=RULES)


@pytest.mark.parametrize("kind", ALL)
def test_what_people_type_stays_text(kind: DocumentKind) -> None:
    expected = re.sub(r"\s+", " ", NASTY)
    shown = [part for part in paragraphs(opened(kind, filled_with(NASTY))) if "王" in part]
    assert shown or kind in NO_WORDS_OF_PEOPLE
    assert all(expected in part for part in shown)


@pytest.mark.parametrize("kind", ALL)
def test_control_characters_and_half_characters_are_taken_out(kind: DocumentKind) -> None:
    shown = [part for part in paragraphs(opened(kind, filled_with(CONTROL))) if "一" in part and "八" in part]
    assert all("一二三四五六七 八" in part for part in shown)
    assert shown or kind in NO_WORDS_OF_PEOPLE


@pytest.mark.parametrize("kind", ALL)
def test_five_thousand_characters_are_all_there(kind: DocumentKind) -> None:
    text = text_of(kind, replace(filled_with("甲"), story=LONG, records=(RecordFile(text=LONG),)))
    expected = kind in {DocumentKind.APPLICATION, DocumentKind.INTAKE, DocumentKind.SESSION}
    assert (LONG in text) is expected
    assert len(LONG) > 5000


def test_a_line_end_in_a_field_does_not_break_the_form() -> None:
    file = replace(FULL, applicant=PartyFile(name="张\r\n春\n生", address="一组\n二组"))
    rows = cells(opened(DocumentKind.APPLICATION, file))
    assert rows[0][2] == "张 春 生"
    assert rows[2][2] == "一组 二组"


def test_a_long_text_keeps_its_paragraphs() -> None:
    story = "第一段。\n\n  第二段。  \r\n第三段。"
    text = paragraphs(opened(DocumentKind.APPLICATION, replace(FULL, story=story)))
    start = text.index("第一段。")
    assert text[start : start + 3] == ["第一段。", "第二段。", "第三段。"]


def test_the_application_says_who_wants_what_from_whom() -> None:
    rows = cells(opened(DocumentKind.APPLICATION, FULL))
    assert rows[0][1:] == ["姓　　名", "张春生", "性别", "男", "民族", "汉族", "年龄", "46"]
    assert rows[3][1:] == ["名　　称", "漯河某某建筑劳务有限公司"]
    assert rows[4][1:] == ["法定代表人", "李建军", "职　　务", "经理"]
    assert "要了好几回都不给。" in rows[-3][-1]
    assert rows[-2][-1] == "把一万二工资给我。"
    assert rows[-1][0].endswith("2026年3月2日")


def test_the_agreement_lists_every_obligation_and_every_confirmation() -> None:
    document = opened(DocumentKind.AGREEMENT, FULL)
    rows = cells(document)
    first = rows.index(["序号", "义务人", "权利人", "履行内容", "履行期限"]) + 1
    assert rows[first : first + 3] == [
        [
            str(number),
            "漯河某某建筑劳务有限公司",
            "张春生",
            f"支付工资4000元（第{number}期）",
            f"2026年{number + 3}月10日前",
        ]
        for number in (1, 2, 3)
    ]
    assert ["李建军", "2026年3月12日10时09分", "电话回访确认"] in rows
    text = paragraphs(document)
    assert "编号：（2026）漯调字第000123号" in text
    assert "临颍县杜曲镇人民调解委员会（盖章）" in text
    assert "2026年3月12日" in text


def test_an_agreement_with_its_own_number_bears_it() -> None:
    assert FULL.agreement is not None
    file = replace(FULL, agreement=replace(FULL.agreement, number="漯调协第7号"))
    assert "编号：漯调协第7号" in text_of(DocumentKind.AGREEMENT, file)


def test_twelve_instalments_have_twelve_lines() -> None:
    assert FULL.agreement is not None
    obligations = FULL.agreement.obligations[:1] * 12
    file = replace(FULL, agreement=replace(FULL.agreement, obligations=obligations))
    numbers = [row[0] for row in cells(opened(DocumentKind.AGREEMENT, file)) if row[0].isdecimal()]
    assert numbers == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize(
    ("source", "ticked"),
    [
        (CaseSource.REQUESTED, "☑ 当事人申请　　☐ 调委会主动调解☐ 委托移送"),
        (CaseSource.OWN_INITIATIVE, "☐ 当事人申请　　☑ 调委会主动调解☐ 委托移送"),
        (CaseSource.REFERRED, "☐ 当事人申请　　☐ 调委会主动调解☑ 委托移送"),
        (None, "☐ 当事人申请　　☐ 调委会主动调解☐ 委托移送"),
    ],
)
def test_the_source_is_ticked(source: CaseSource | None, ticked: str) -> None:
    assert ticked in text_of(DocumentKind.INTAKE, replace(FULL, source=source))


def test_each_session_has_a_page_of_its_own() -> None:
    document = opened(DocumentKind.SESSION, FULL)
    titles = [one for one in document.paragraphs if one.style is not None and one.style.name == "Title"]
    assert [bool(one.paragraph_format.page_break_before) for one in titles] == [False, True]
    assert ["时　　间", "2026年3月12日09时00分"] in cells(document)


def test_times_are_those_of_china_at_the_turn_of_the_day() -> None:
    at = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    file = replace(FULL, records=(RecordFile(at=at, text="到场"),))
    assert "2027年1月1日00时00分" in text_of(DocumentKind.SESSION, file)


def test_an_empty_case_is_a_form_to_fill_in_by_hand() -> None:
    text = text_of(DocumentKind.CONFIRMATION_APPLICATION, MINIMAL)
    assert f"经{'_' * 24}调解达成的调解协议（编号：{'_' * 20}）有效。" in text
    assert "于　　年　　月　　日" in text
    rows = cells(opened(DocumentKind.AGREEMENT, MINIMAL))
    assert [row for row in rows if row[0] in {"1", "2", "3"}] == [
        ["1", "", "", "", ""],
        ["2", "", "", "", ""],
        ["3", "", "", "", ""],
    ]


def test_the_notices_give_the_reason_and_number_the_ways() -> None:
    ended = paragraphs(opened(DocumentKind.TERMINATION, ENDED))
    assert "被申请人明确表示不愿意调解。" in ended
    assert "2．拿着工资欠条直接向人民法院起诉。" in ended
    assert "2026年3月20日" in ended
    assert "人民法院已经受理。" in paragraphs(opened(DocumentKind.REJECTION, REJECTED))


def test_the_cover_tells_from_when_to_when_and_how_long_it_is_kept() -> None:
    rows = cells(opened(DocumentKind.COVER, FULL))
    assert ["卷　　号", "（2026）漯调字第000123号"] in rows
    assert ["调解日期", "自 2026年3月3日 至 2026年6月10日"] in rows
    assert ["保管期限", RULES.words.retention, "卷内页数", "共　　　　页"] in rows


@pytest.mark.parametrize("kind", ALL)
def test_fonts_are_those_of_chinese_offices(kind: DocumentKind) -> None:
    with zipfile.ZipFile(BytesIO(render(kind, FULL, rules=RULES))) as archive:
        styles, names = archive.read("word/styles.xml").decode(), archive.read("word/fontTable.xml").decode()
    assert 'w:eastAsia="仿宋"' in styles
    assert 'w:eastAsia="方正小标宋简体"' in styles
    assert '<w:altName w:val="宋体"/>' in names


def test_file_names_hold_number_and_title() -> None:
    name = file_name(DocumentKind.AGREEMENT, FULL, words=RULES.words)
    assert name == "漯调2026-000123 人民调解协议书.docx"
    assert file_name(DocumentKind.RIGHTS, MINIMAL, words=RULES.words) == "人民调解当事人权利义务告知书.docx"


def test_no_field_can_hold_what_was_said_in_the_threads() -> None:
    names = " ".join(CaseFile.__dataclass_fields__)
    assert not re.search("thread|concession|note|message|timeline", names)


@pytest.mark.parametrize(
    "kind",
    [
        DocumentKind.APPLICATION,
        DocumentKind.INTAKE,
        DocumentKind.AGREEMENT,
        DocumentKind.ORAL_AGREEMENT,
        DocumentKind.CONFIRMATION_APPLICATION,
    ],
)
def test_who_acts_for_a_person_has_a_row(kind: DocumentKind) -> None:
    party = PartyFile(name="王建国", agent="张律师")
    filled = text_of(kind, replace(FULL, applicant=party, respondent=replace(party, agent="李律师")))
    assert "委托代理人张律师" in filled.replace("\n", "").replace("\t", "").replace("|", "")
    assert "李律师" in filled
    blank = text_of(kind, replace(FULL, applicant=PartyFile(), respondent=PartyFile()))
    assert "委托代理人" not in blank.partition("附：")[0]
