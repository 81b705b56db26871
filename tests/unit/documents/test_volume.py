"""The volume of a case: order, contents list, evidence; and which documents exist when."""

import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from docx import Document

from config.document_rules import DocumentKind, Unavailable
from handlers.documents.availability import available, why_unavailable
from handlers.documents.casefile import CaseFile
from handlers.documents.contents import list_contents
from handlers.documents.volume import build_volume, volume_name
from mediation.agreement import AgreementForm
from mediation.lifecycle import CaseStatus
from mediation.vocabulary import CaseSource
from tests.unit.documents.cases import AGREEMENT, ENDED, FULL, MINIMAL, ORAL, REJECTED, RULES

EVIDENCE = (("欠条.jpg", b"picture"), ("录音.amr", b"sound"))


def opened(file: CaseFile, attachments: tuple[tuple[str, bytes], ...] = ()) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(build_volume(file, attachments, rules=RULES)))


def rows_of(archive: zipfile.ZipFile) -> list[list[str]]:
    table = Document(BytesIO(archive.read("0-2 卷内目录.docx"))).tables[0]
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_a_full_volume_holds_everything_in_the_official_order() -> None:
    archive = opened(FULL, EVIDENCE)
    assert archive.testzip() is None
    assert archive.namelist() == [
        "0-1 人民调解卷宗封面.docx",
        "0-2 卷内目录.docx",
        "01-1 人民调解申请书.docx",
        "01-2 人民调解受理登记表.docx",
        "02 人民调解当事人权利义务告知书.docx",
        "05 人民调解调查记录.docx",
        "07 人民调解记录.docx",
        "08 人民调解协议书.docx",
        "10 人民调解回访记录.docx",
        "11 司法确认申请书.docx",
        "12 卷宗情况说明.docx",
        "13 卷宗封底.docx",
        "证据材料/01 欠条.jpg",
        "证据材料/02 录音.amr",
    ]
    assert archive.read("证据材料/02 录音.amr") == b"sound"


def test_the_contents_list_matches_the_volume() -> None:
    archive = opened(FULL, EVIDENCE)
    rows = rows_of(archive)
    assert rows[0] == ["序号", "材料名称", "份数", "页次", "备注"]
    listed = {f"{row[0]} {row[1]}" for row in rows[1:] if row[2]}
    for name in archive.namelist()[2:12]:
        number, _, title = name.removesuffix(".docx").partition(" ")
        assert f"{number.lstrip('0')} {title}" in listed
    assert ["6", "证据材料", "2", "", ""] in rows
    assert ["6-1", "01 欠条.jpg", "1", "", ""] in rows
    assert ["7", "人民调解记录", "2", "", ""] in rows
    assert ["3", "当事人身份证明", "", "", "纸质附后"] in rows
    assert ["4", "授权委托书", "", "", "如有附后"] in rows


def test_the_contents_list_names_what_is_missing() -> None:
    remarks = {line.number: line.remark for line in list_contents(MINIMAL, words=RULES.words)}
    assert remarks["7"] == remarks["8"] == "待补"
    assert remarks["5"] == remarks["6"] == remarks["10"] == "无"
    assert remarks["2"] == ""


def test_the_same_input_gives_the_same_bytes() -> None:
    assert build_volume(FULL, EVIDENCE, rules=RULES) == build_volume(FULL, EVIDENCE, rules=RULES)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "01 etc passwd"),
        ("C:\\win\\欠条?.JPG", "01 C win 欠条.JPG"),
        ("", "01"),
        ("...", "01"),
        ("一\n二.png", "01 一 二.png"),
        ("长" * 300 + ".pdf", "01 " + "长" * 60 + ".pdf"),
    ],
)
def test_names_of_evidence_cannot_leave_their_folder(name: str, stored: str) -> None:
    assert opened(FULL, ((name, b"x"),)).namelist()[-1] == f"证据材料/{stored}"


def test_two_files_of_one_name_are_both_kept() -> None:
    archive = opened(FULL, (("欠条.jpg", b"1"), ("欠条.jpg", b"2")))
    assert [archive.read(name) for name in archive.namelist()[-2:]] == [b"1", b"2"]


def test_the_volume_is_named_after_the_case() -> None:
    assert volume_name(FULL, words=RULES.words) == "漯调2026-000123 卷宗.zip"


@pytest.mark.parametrize(
    ("file", "kind", "why"),
    [
        (replace(FULL, source=CaseSource.REFERRED), DocumentKind.APPLICATION, Unavailable.NOT_REQUESTED),
        (replace(FULL, records=()), DocumentKind.INVESTIGATION, Unavailable.NO_INVESTIGATION),
        (replace(FULL, records=()), DocumentKind.SESSION, Unavailable.NO_SESSION),
        (MINIMAL, DocumentKind.AGREEMENT, Unavailable.NO_AGREEMENT),
        (MINIMAL, DocumentKind.ORAL_AGREEMENT, Unavailable.NO_AGREEMENT),
        (ORAL, DocumentKind.AGREEMENT, Unavailable.AGREEMENT_IS_ORAL),
        (ORAL, DocumentKind.CONFIRMATION_APPLICATION, Unavailable.AGREEMENT_IS_ORAL),
        (FULL, DocumentKind.ORAL_AGREEMENT, Unavailable.AGREEMENT_IS_WRITTEN),
        (
            replace(FULL, agreement=replace(AGREEMENT, effective_on=None)),
            DocumentKind.CONFIRMATION_APPLICATION,
            Unavailable.NOT_IN_EFFECT,
        ),
        (replace(FULL, follow_ups=()), DocumentKind.FOLLOW_UP, Unavailable.NO_FOLLOW_UP),
        (FULL, DocumentKind.REJECTION, Unavailable.NOT_REJECTED),
        (FULL, DocumentKind.TERMINATION, Unavailable.NOT_TERMINATED),
    ],
)
def test_what_does_not_exist_has_a_reason(file: CaseFile, kind: DocumentKind, why: Unavailable) -> None:
    assert why_unavailable(kind, file) is why
    assert kind not in available(file)
    assert RULES.words.unavailable[why]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (FULL, DocumentKind.AGREEMENT),
        (ORAL, DocumentKind.ORAL_AGREEMENT),
        (FULL, DocumentKind.CONFIRMATION_APPLICATION),
        (REJECTED, DocumentKind.REJECTION),
        (ENDED, DocumentKind.TERMINATION),
        (replace(ENDED, status=CaseStatus.WITHDRAWN), DocumentKind.TERMINATION),
        (MINIMAL, DocumentKind.APPLICATION),
        (MINIMAL, DocumentKind.COVER),
    ],
)
def test_what_exists_can_be_issued(file: CaseFile, kind: DocumentKind) -> None:
    assert why_unavailable(kind, file) is None
    assert kind in available(file)


def test_every_reason_is_used() -> None:
    cases = [
        FULL,
        MINIMAL,
        ORAL,
        replace(FULL, source=CaseSource.OWN_INITIATIVE),
        replace(FULL, agreement=replace(AGREEMENT, form=AgreementForm.WRITTEN, effective_on=None)),
    ]
    assert {why_unavailable(kind, file) for file in cases for kind in DocumentKind} == {None, *Unavailable}
