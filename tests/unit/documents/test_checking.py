"""Mistakes in the Word templates and the documents' rule file are found before anybody prints."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from config.document_rules import DocumentKind, DocumentRules, load_document_rules
from config.loading import CONFIG_DIR, RuleFileError
from handlers.documents.checking import check_templates
from handlers.documents.preview import preview_html
from handlers.documents.rendering import render
from tests.unit.documents.cases import FULL, NASTY, RULES, filled_with

FOLDER = CONFIG_DIR / "documents"


def with_template(content: bytes) -> DocumentRules:
    return replace(RULES, templates={**RULES.templates, DocumentKind.RIGHTS: content})


def with_text(*texts: str, footer: str = "") -> DocumentRules:
    """The rules with a template of these paragraphs in place of the notice of rights."""
    document = Document(BytesIO(RULES.templates[DocumentKind.RIGHTS]))
    for text in texts:
        document.add_paragraph(text)
    document.sections[0].footer.paragraphs[0].text = footer
    buffer = BytesIO()
    document.save(buffer)
    return with_template(buffer.getvalue())


def test_the_templates_of_the_house_have_no_mistakes() -> None:
    assert check_templates(FOLDER, rules=RULES) == []


def test_a_right_change_is_no_mistake() -> None:
    assert (
        check_templates(FOLDER, rules=with_text("{{ case.applicant.name|line(8) }}", footer="{{ title }}"))
        == []
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("申请人：{{ case.applicant.nmae }}", "nmae"),
        ("{{ applicant }}", "applicant"),
        ("{% if case.agreement.forn %}有{% endif %}", "forn"),
        ("{% for one in agreement.obligations %}{{ one.amount }}{% endfor %}", "amount"),
        ("{{ case.filed_on|dya }}", "dya"),
        ("{{ case.story|day }}", "day"),
        ("{{ case.story", "case.story"),
        ("{% if case.story %}", "endif"),
        ("{{ case.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_mistake_names_template_and_words(text: str, said: str) -> None:
    (mistake,) = check_templates(FOLDER, rules=with_text("前面", text, "后面"))
    assert mistake.path == FOLDER / "rights.docx"
    assert said in mistake.text


def test_a_mistake_quotes_its_paragraph() -> None:
    (mistake,) = check_templates(FOLDER, rules=with_text("前面", "申请人：{{ case.applicant.nmae }}"))
    assert mistake.text.endswith("no attribute 'nmae': 申请人：{{ case.applicant.nmae }}")


def test_a_mistake_in_the_footer_is_found() -> None:
    (mistake,) = check_templates(FOLDER, rules=with_text(footer="{{ page }}"))
    assert "page" in mistake.text


def test_a_loop_that_begins_in_a_table_and_ends_outside_is_found() -> None:
    document = Document(BytesIO(RULES.templates[DocumentKind.RIGHTS]))
    document.add_table(rows=1, cols=2).cell(0, 0).text = "{%tr for one in sessions %}"
    document.add_paragraph("{%p endfor %}")
    buffer = BytesIO()
    document.save(buffer)
    (mistake,) = check_templates(FOLDER, rules=with_template(buffer.getvalue()))
    assert "begins in one" in mistake.text


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_what_is_not_a_word_file_is_named(content: bytes) -> None:
    (mistake,) = check_templates(FOLDER, rules=with_template(content))
    assert "not a Word document" in mistake.text


Break = Callable[[str, str], RuleFileError]


@pytest.fixture
def broken(tmp_path: Path) -> Break:
    for folder in ("rules", "documents"):
        shutil.copytree(CONFIG_DIR / folder, tmp_path / folder)

    def load(old: str, new: str) -> RuleFileError:
        path = tmp_path / "rules" / "documents.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(RuleFileError) as refused:
            load_document_rules(tmp_path)
        return refused.value

    return load


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("字第{serial:06d}", "字第{nummer}", "unknown {nummer}"),
        ("字第{serial:06d}", "字第{serial:06q}", "number"),
        ("{year}年{month}月{day}日", "{jahr}年", "unknown {jahr}"),
        ("  rights: 人民调解当事人权利义务告知书\n", "", "missing: rights"),
        ("  no_session: 还没有调解记录\n", "", "missing: no_session"),
        ("documents: [rights], ", "", "every document but cover and contents"),
        ("attachments: true", "attachments: false", "exactly one item"),
        ("retention: 长期", "retention: 长期\nretention: 短期", "twice"),
        ("retention: 长期", "retntion: 长期", "retntion"),
    ],
)
def test_a_mistake_in_the_rule_file_is_refused(broken: Break, old: str, new: str, said: str) -> None:
    assert said in str(broken(old, new))


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    for folder in ("rules", "documents"):
        shutil.copytree(CONFIG_DIR / folder, tmp_path / folder)
    (tmp_path / "documents" / "cover.docx").unlink()
    with pytest.raises(RuleFileError) as refused:
        load_document_rules(tmp_path)
    assert [mistake.path.name for mistake in refused.value.mistakes] == ["cover.docx"]


def test_the_preview_shows_tables_and_title() -> None:
    html = preview_html(render(DocumentKind.AGREEMENT, FULL, rules=RULES))
    assert "<h1>人民调解协议书</h1>" in html
    assert '<td rowspan="4"><p>申<br>请<br>人</p></td>' in html
    assert "支付工资4000元（第3期）" in html


def test_the_preview_is_harmless() -> None:
    script = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:x">'
    html = preview_html(render(DocumentKind.AGREEMENT, filled_with(script + NASTY), rules=RULES))
    assert "&lt;script&gt;" in html
    assert not any(tag in html for tag in ("<script", "<img", "<a "))
