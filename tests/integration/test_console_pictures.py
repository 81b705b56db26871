"""The made-up quarter, the start page's numbers and their lists, typical cases; on both databases."""

import json
import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import func, select
from yarl import URL

from config.demo_quarter import load_quarter_words
from config.loading import CONFIG_DIR
from handlers.auditing import verify_timelines
from handlers.demo_quarter import NotEmptyError, make_quarter
from storage.tables import AccountRow, AgreementRow, CaseRow, ObligationRow, PersonRow
from tests.consoles import Browser, ConsoleStage

CASES = 120


async def fill(stage: ConsoleStage, *, count: int = CASES, seed: int = 7) -> dict[str, int]:
    """Make a small quarter."""
    async with stage.service.database.unit_of_work() as session:
        made = await make_quarter(
            session,
            rules=stage.service.rules,
            words=load_quarter_words(CONFIG_DIR),
            count=count,
            seed=seed,
            now=stage.clock(),
            staffed=0.02,
        )
        await session.commit()
    return made


async def all_cases(stage: ConsoleStage) -> list[CaseRow]:
    async with stage.service.database.unit_of_work() as session:
        return list(await session.scalars(select(CaseRow).order_by(CaseRow.id)))


async def test_a_quarter_has_whole_timelines_and_goes_on_working(stage: ConsoleStage) -> None:
    made = await fill(stage)
    assert made["mediation_case"] == CASES
    broken: list[object] = []
    checked = await verify_timelines(stage.service.database, report=broken.append)
    assert (checked.cases, broken) == (CASES, [])
    async with stage.service.database.unit_of_work() as session:
        session.add(PersonRow(created_at=stage.clock()))  # ids go on where the made ones end
        await session.commit()
    await stage.town.settle()
    number = (await all_cases(stage))[-1].case_no
    browser = await stage.enter("operator")
    assert number in (await browser.get(f"/?q={number}")).words


async def test_settled_cases_have_agreements_that_both_confirmed(stage: ConsoleStage) -> None:
    await fill(stage)
    async with stage.service.database.unit_of_work() as session:
        rows = (
            await session.execute(
                select(CaseRow.status, AgreementRow, ObligationRow.state)
                .join(AgreementRow, AgreementRow.case_id == CaseRow.id)
                .join(ObligationRow, ObligationRow.agreement_id == AgreementRow.id)
                .where(CaseRow.status.in_(("performing", "closed")))
            )
        ).all()
    assert rows
    assert all(row.applicant_confirmed_at and row.respondent_confirmed_at for _, row, _ in rows)
    assert {state for status, _, state in rows if status == "closed"} == {"performed"}


async def test_the_same_seed_makes_the_same_quarter_and_nobody_real(stage: ConsoleStage) -> None:
    await fill(stage)
    rows = await all_cases(stage)
    phones = {row.applicant_phone for row in rows}
    assert all(phone and phone.startswith("199000") for phone in phones)
    async with stage.service.database.unit_of_work() as session:
        addresses = set(await session.scalars(select(AccountRow.address)))
        assert all(address.startswith("demo-quarter-") for address in addresses)


async def test_a_database_in_use_is_refused(stage: ConsoleStage) -> None:
    await stage.add_operator("operator")
    with pytest.raises(NotEmptyError):
        await fill(stage)
    assert await all_cases(stage) == []


def charts(text: str) -> list[dict[str, list[object]]]:
    """What the pictures are drawn from."""
    return [json.loads(unescape(found)) for found in re.findall(r"data-chart='([^']+)'", text)]


async def test_every_number_leads_to_a_list_of_as_many_cases(stage: ConsoleStage) -> None:
    await fill(stage)
    browser = await stage.enter("city")
    page = await browser.get("/today?days=92")
    found = charts(page.text)
    assert len(found) == 6
    for chart in found:
        pairs = list(zip(chart["values"], chart["links"], strict=True))
        for value, link in sorted(pairs, key=lambda one: -int(str(one[0])))[:2]:
            listed = await browser.get(str(link))
            assert f"{value}件" in listed.words, link
    assert sum(int(str(value)) for value in found[0]["values"]) == CASES
    origins = next(chart for chart in found if "当事人申请" in chart["names"])
    assert sum(int(str(value)) for value in origins["values"]) == CASES
    assert len(origins["names"]) > 2  # some were handed over
    heat = re.findall(r'href="(/figures/cases\?[^"]*place=\d+)">\S+ <b>([1-9]\d*)</b>', page.text)
    assert heat
    link, count = heat[0]
    assert f"{count}件" in (await browser.get(unescape(link))).words


async def test_figures_count_only_the_own_area(stage: ConsoleStage) -> None:
    await fill(stage)
    browser = await stage.enter("office", area="411122102")
    page = await browser.get("/today?days=92")
    own = sum((case.place or "").startswith("411122102") for case in await all_cases(stage))
    counted = sum(int(str(value)) for value in charts(page.text)[0]["values"]) if own else 0
    assert counted == own
    assert "411121" not in page.text
    other = await browser.get("/figures/cases?days=92&place=411121")
    assert f"{own}件" in other.words


async def test_an_empty_service_says_what_to_do(stage: ConsoleStage) -> None:
    browser = await stage.enter("city")
    assert "还没有案件" in (await browser.get("/today")).words
    assert "还没有写过典型案例" in (await browser.get("/typical")).words
    assert "没有这样的案件" in (await browser.get("/figures/cases?type=tourism")).words


@pytest.mark.parametrize(
    "query", ["days=x&on=2026-13-40", "type=<b>&place=41'--", "after=999999999999999999999"]
)
async def test_a_strange_address_is_no_failure(stage: ConsoleStage, query: str) -> None:
    browser = await stage.enter("city")
    assert (await browser.get(f"/figures/cases?{query}")).status == 200
    assert (await browser.get(f"/today?{query}")).status == 200


async def closed_case(stage: ConsoleStage) -> CaseRow:
    return next(case for case in await all_cases(stage) if case.status == "closed" and case.amount)


async def write(stage: ConsoleStage, browser: Browser) -> CaseRow:
    case = await closed_case(stage)
    await browser.get("/typical")
    await browser.post("/typical", {"case_id": str(case.id)})
    return case


async def test_a_draft_names_nobody_and_every_mask_is_marked(stage: ConsoleStage) -> None:
    await fill(stage)
    browser = await stage.enter("city")
    case = await write(stage, browser)
    page = await browser.get(f"/typical/{case.id}")
    form = page.text.partition("<textarea")[2].partition("删掉这篇")[0]
    for name in (case.applicant_name, case.respondent_name, case.applicant_phone):
        assert name
        assert name not in form
    assert form.count("<mark>〔") >= 3
    assert all(part in page.words for part in ("标题", "案情简介", "调解过程", "调解结果", "案例点评"))


async def test_it_is_downloaded_only_after_a_human_checked_it(stage: ConsoleStage) -> None:
    await fill(stage)
    browser = await stage.enter("city")
    case = await write(stage, browser)
    assert (await browser.get(f"/typical/{case.id}/docx")).status == 404
    page = await browser.get(f"/typical/{case.id}")
    fields = {
        name: unescape(re.search(rf'<textarea name="{name}"[^>]*>([^<]*)<', page.text)[1])  # type: ignore[index]
        for name in ("summary", "process", "result", "comment")
    }
    fields["title"] = "〔王某〕与邻居纠纷调解案"
    leaking = await browser.post(
        f"/typical/{case.id}", {**fields, "comment": f"{case.applicant_name}满意", "checked": "1"}
    )
    assert (leaking.status, "能认出人的" in leaking.words) == (422, True)
    assert (await browser.get(f"/typical/{case.id}/docx")).status == 404
    await browser.get(f"/typical/{case.id}")
    await browser.post(f"/typical/{case.id}", {**fields, "checked": "1"})
    async with browser.http.get(browser.base.join(URL(f"/typical/{case.id}/docx"))) as response:
        document = Document(BytesIO(await response.read()))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert text.startswith("王某与邻居纠纷调解案")
    assert "案情简介" in text
    assert "〔" not in text


async def test_typical_cases_of_another_area_are_not_there(stage: ConsoleStage) -> None:
    await fill(stage)
    city = await stage.enter("city")
    case = await write(stage, city)
    other = next(code for code in ("411121", "411103") if not (case.place or "").startswith(code))
    browser = await stage.enter("county", area=other)
    await browser.get("/typical")
    assert (await browser.get(f"/typical/{case.id}")).status == 404
    await browser.get("/typical")
    assert (await browser.post("/typical", {"case_id": str(case.id)})).status == 404


async def test_pictures_are_quick_enough_to_be_a_start_page(stage: ConsoleStage) -> None:
    await fill(stage)
    async with stage.service.database.unit_of_work() as session:
        assert await session.scalar(select(func.count()).select_from(CaseRow)) == CASES
    stage.clock.turn(timedelta(days=40))
    browser = await stage.enter("city")
    assert "近30天还没有案件" in (await browser.get("/today")).words.replace(" ", "")
