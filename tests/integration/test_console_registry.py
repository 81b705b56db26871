"""The registry: what committees lack, people, import all or nothing, export; on both databases."""

import re
from io import BytesIO

import aiohttp
import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from yarl import URL

from handlers.registry_tables import read_table, write_csv, write_xlsx
from storage.tables import CommitteeRow, MediatorRow
from tests.consoles import TOKEN, Answer, Browser, ConsoleStage

PEOPLE = ["调委会", "姓名", "身份", "性别", "专职", "专长", "在岗"]
DUQU = "411122102"


async def upload(browser: Browser, kind: str, content: bytes, name: str = "名册.csv") -> Answer:
    """Choose a file and press the button."""
    await browser.get(f"/registry/import/{kind}")
    token = TOKEN.search(browser.page)
    assert token
    form = aiohttp.FormData()
    form.add_field("csrf", token[1])
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    url = browser.base.join(URL(f"/registry/import/{kind}"))
    async with browser.http.post(url, data=form) as response:
        text = await response.text()
        browser.page = text
        return Answer(status=response.status, text=text, headers=response.headers, path=response.url.path)


async def confirm(browser: Browser, kind: str) -> Answer:
    """Write what the dry run found right."""
    table = re.search(r'name="table" value="([^"]+)"', browser.page)
    assert table
    return await browser.post(f"/registry/import/{kind}/write", {"table": table[1]})


async def people(stage: ConsoleStage) -> list[MediatorRow]:
    async with stage.service.database.unit_of_work() as session:
        return list(await session.scalars(select(MediatorRow).order_by(MediatorRow.id)))


async def committee(stage: ConsoleStage, code: str) -> CommitteeRow:
    async with stage.service.database.unit_of_work() as session:
        return (await session.scalars(select(CommitteeRow).where(CommitteeRow.code == code))).one()


async def test_people_are_imported_with_their_progress_and_again_nothing_changes(stage: ConsoleStage) -> None:
    browser = await stage.enter("county", area="411122")
    rows = [
        [DUQU, "李秉和", "调解员", "男", "是", "邻里、房屋宅基地", ""],
        [DUQU, "王律师", "法律顾问", "女", "", "", "否"],
    ]
    checked = await upload(browser, "people", write_csv(PEOPLE, rows))
    assert "还没有写" in checked.words
    assert await people(stage) == []
    written = await confirm(browser, "people")
    assert "已写入2／2" in written.words
    assert "新增2" in written.words
    first, second = await people(stage)
    assert (first.name, first.sex, first.full_time, first.specialities) == (
        "李秉和",
        "male",
        True,
        ["homestead", "neighbour"],
    )
    assert (second.role, second.on_duty) == ("legal_adviser", False)
    again = await upload(browser, "people", write_xlsx("名册", PEOPLE, rows), "名册.xlsx")
    assert "新增 0 改动 0 没变 2" in re.sub(r"[　\s]+", " ", again.words).replace("新增0", "新增 0")


async def test_every_mistake_is_named_by_row_and_column_and_nothing_is_written(stage: ConsoleStage) -> None:
    browser = await stage.enter("county", area="411122")
    rows = [
        [DUQU, "李秉和", "调解员", "男", "是", "邻里", "是"],
        ["999", "王顺", "调解员", "", "", "", ""],
        [DUQU, "", "调解员", "", "", "", ""],
        [DUQU, "张三丰", "道士", "不知道", "也许", "武术", ""],
        ["411121", "赵四海", "调解员", "", "", "", ""],
        [DUQU, "李秉和", "调解员", "", "", "", ""],
    ]
    answer = await upload(browser, "people", write_csv(PEOPLE, rows))
    assert answer.status == 422
    found = re.findall(
        r'"第几行">(\d+)</td><td data-label="哪一列">([^<]+)</td><td data-label="写的是">([^<]*)<',
        answer.text,
    )
    assert ("3", "调委会", "999") in found
    assert ("4", "姓名", "") in found
    assert {("5", "身份", "道士"), ("5", "性别", "不知道"), ("5", "专职", "也许")} <= set(found)
    assert ("5", "专长", "武术") in found
    assert ("6", "调委会", "411121") in found
    assert ("7", "姓名", "李秉和") in found
    assert 'name="table"' not in answer.text
    assert await people(stage) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("调委会,姓名,武功\n".encode(), "不认识这一列"),
        ("调委会,身份\n411122102,调解员\n".encode("gb18030"), "缺这一列"),
        (b"PK\x03\x04 broken", "打不开"),
        (b"\xff\xfe\x00\x01\x02", "打不开"),
        (",".join(PEOPLE).encode(), "没有内容"),
    ],
)
async def test_a_file_that_cannot_be_read_is_told(stage: ConsoleStage, content: bytes, said: str) -> None:
    browser = await stage.enter("city")
    answer = await upload(browser, "people", content)
    assert answer.status == 422
    assert said in answer.words


async def test_committees_are_changed_by_their_export_and_what_is_not_listed_stays(
    stage: ConsoleStage,
) -> None:
    browser = await stage.enter("city")
    async with browser.http.get(browser.base.join(URL("/registry/export/committees"))) as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
        sheet = load_workbook(BytesIO(await response.read())).worksheets[0]
    header, *rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    assert len(rows) > 1400
    duqu = next(row for row in rows if row[0] == DUQU)
    duqu[header.index("备案号")] = "漯临司调〔2026〕7号"
    duqu[header.index("备案日期")] = "2026年3月5日"
    await upload(browser, "committees", write_csv(header, [duqu]))
    written = await confirm(browser, "committees")
    assert "改动1" in written.words
    row = await committee(stage, DUQU)
    assert (row.filing_number, str(row.filed_on)) == ("漯临司调〔2026〕7号", "2026-03-05")


@pytest.mark.parametrize("kind", ["committees", "people"])
async def test_what_is_exported_can_be_imported_again(stage: ConsoleStage, kind: str) -> None:
    await stage.town.bind(DUQU, "李秉和", "o-duqu")
    browser = await stage.enter("city")
    for form in ("csv", "xlsx"):
        url = browser.base.join(URL(f"/registry/export/{kind}?as={form}"))
        async with browser.http.get(url) as response:
            content = await response.read()
        answer = await upload(browser, kind, content, f"名册.{form}")
        assert answer.status == 200, answer.words
        assert "新增 0 改动 0" in re.sub(r"[　\s]+", " ", answer.words)


async def test_what_committees_lack_is_counted_and_filtered(stage: ConsoleStage) -> None:
    await stage.town.bind(DUQU, "李秉和", "o-duqu")
    browser = await stage.enter("county", area="411122")
    page = await browser.get("/registry?kind=township&gap=unreachable")
    assert "联系不上" in page.words
    assert "临颍县杜曲镇人民调解委员会" not in page.words
    own = await browser.get("/registry?q=" + DUQU)
    assert "临颍县杜曲镇人民调解委员会" in own.words
    assert "成员不足3人" in own.words


async def test_somebody_is_added_bound_by_a_code_and_leaves(stage: ConsoleStage) -> None:
    browser = await stage.enter("county", area="411122")
    row = await committee(stage, DUQU)
    await browser.get(f"/registry/{row.id}")
    fields = {
        "name": "李秉和",
        "role": "mediator",
        "sex": "male",
        "full_time": "1",
        "speciality": "neighbour",
    }
    added = await browser.post(f"/registry/{row.id}/people", fields)
    assert "加好了：李秉和" in added.words
    person = (await people(stage))[0]
    shown = await browser.post(f"/registry/people/{person.id}/invite")
    code = re.search(r"<code>(\d{8})</code>", shown.text)
    assert code
    assert "绑定好了" in await stage.town.phone("o-duqu").say(code[1])
    off = await browser.post(f"/registry/people/{person.id}/duty")
    assert "不在岗了" in off.words
    left = await browser.post(f"/registry/people/{person.id}/left")
    assert "已离任" in left.words
    assert (await people(stage))[0].left_at is not None


async def test_filing_is_written_down_and_a_wrong_day_is_not(stage: ConsoleStage) -> None:
    browser = await stage.enter("county", area="411122")
    row = await committee(stage, DUQU)
    await browser.get(f"/registry/{row.id}")
    wrong = await browser.post(f"/registry/{row.id}", {"filing_number": "1", "filed_on": "2026-02-30"})
    assert wrong.status == 422
    right = await browser.post(
        f"/registry/{row.id}",
        {"filing_number": "漯1号", "filed_on": "2026-02-28", "elected_on": "2022-01-01"},
    )
    assert "改好了" in right.words
    assert "届期已满" in right.words


async def test_another_area_is_neither_seen_nor_changed(stage: ConsoleStage) -> None:
    other = await committee(stage, "411121")
    browser = await stage.enter("county", area="411122")
    await browser.get("/registry")
    assert (await browser.get(f"/registry/{other.id}")).status == 404
    assert (await browser.get("/registry/regions?code=411121")).status == 404
    await browser.get("/registry")
    assert (await browser.post(f"/registry/{other.id}", {"filing_number": "x"})).status == 404
    assert "舞阳县" not in (await browser.get("/registry?place=411121")).words.partition("调委会 名称")[2]


async def test_who_only_reads_gets_no_way_to_write(stage: ConsoleStage) -> None:
    browser = await stage.enter("auditor")
    page = await browser.get("/registry")
    assert "导入调委会" not in page.words
    assert (await browser.get("/registry/import/people")).status == 403


async def test_regions_are_browsed_down_to_the_village(stage: ConsoleStage) -> None:
    browser = await stage.enter("city")
    assert "临颍县" in (await browser.get("/registry/regions")).words
    assert "杜曲镇" in (await browser.get("/registry/regions?code=411122")).words
    village = await browser.get("/registry/regions?code=411122102215")
    assert "没有更小的区划了" in village.words
    assert "杜曲镇北徐庄村人民调解委员会" in village.words


def test_no_cell_is_taken_for_a_formula() -> None:
    evil = ["=HYPERLINK(1)", "+1", "-1", "@x", "普通"]
    written = write_csv(["列"], [[cell] for cell in evil]).decode("utf-8-sig")
    assert "\n'=HYPERLINK" in written.replace("\r", "")
    assert [row[0] for row in read_table(write_csv(["列"], [[cell] for cell in evil]))[1:]] == evil
    book = load_workbook(BytesIO(write_xlsx("x", ["列"], [[cell] for cell in evil])))
    assert [cell.data_type for cell in book.worksheets[0]["A"]] == ["s"] * 6
