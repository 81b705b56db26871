"""What the forms ask about the sides: where it stands, where it never stands, who sees it, how it goes."""

import json
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select, text

from handlers.mediating.details import details_of
from handlers.mediating.sending import Paper, PaperKind
from handlers.opening import open_paper
from mediation.agreement import Side
from mediation.party_details import PartyDetails
from mediation.vocabulary import Audience
from storage.cases import add_entry
from storage.tables import AgreementRow, CaseRow, InboxRow, MediatorRow, ObligationRow, TimelineRow
from tests.consoles import Browser, ConsoleStage
from tests.phones import Town, TurnedClock, open_town
from tests.rows import Told, add_case, add_mediator, add_person
from tests.settling import say

NUMBER = "411121196205031217"
SENTENCE = f"申请人男，64岁，汉族，种地的，住北徐庄12号，身份证{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"


@dataclass
class Office:
    """A mediator with one case under way."""

    town: Town
    mediator: MediatorRow
    case_id: int
    wang: str
    zhao: str

    async def case(self) -> CaseRow:
        async with self.town.running.service.database.unit_of_work() as session:
            return await session.get_one(CaseRow, self.case_id)

    async def words(self, kind: PaperKind, name: str, *, on_screen: bool = False) -> str:
        """Return everything that a document says."""
        paper = Paper(kind=kind, subject_id=self.case_id, name=name)
        opened = await open_paper(self.town.running.service, paper, on_screen=on_screen)
        return words_of(opened.content)


def words_of(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


@pytest.fixture
async def office(
    database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path
) -> AsyncIterator[Office]:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as town:
        async with town.running.service.database.unit_of_work() as session:
            mediator = await add_mediator(session)
            wang = await add_person(session, phone="13800001234")
            case = await add_case(
                session,
                Told(mediator=mediator, applicant=wang, status="performing", steps=("filed", "settled")),
            )
            await session.commit()
            people = (f"person-{wang.id}", f"person-{mediator.person_id}")
        yield Office(town, mediator, case.id, *people)


async def test_the_number_stands_in_the_case_alone_and_sealed(office: Office) -> None:
    zhao = office.town.phone(office.zhao)
    await say(zhao, SENTENCE)
    assert NUMBER[-4:] in zhao.seen[-1]
    assert NUMBER not in "\n".join(zhao.seen)
    assert details_of(await office.case(), Side.APPLICANT) == PartyDetails(
        sex="male",
        age=64,
        ethnic_group="汉族",
        occupation="务农",
        address="北徐庄12号",
        id_number=NUMBER,
    )
    async with office.town.running.service.database.unit_of_work() as session:
        raw = (await session.execute(text("SELECT applicant_details FROM mediation_case"))).scalar_one()
        assert NUMBER.encode() not in bytes(raw)
        kept = [row.body for row in await session.scalars(select(InboxRow))]
        told = [row.content for row in await session.scalars(select(TimelineRow))]
    assert "申请人男" in json.dumps(kept, ensure_ascii=False)
    for number in (NUMBER, NUMBER[6:14]):
        assert number not in json.dumps([kept, told], ensure_ascii=False)
    assert "北徐庄12号" not in json.dumps(told, ensure_ascii=False)
    assert told[-1]["fields"] == "性别、年龄、民族、职业、住址、身份证号"


async def test_the_forms_are_filled_and_the_screen_shows_four_signs(office: Office) -> None:
    await say(office.town.phone(office.zhao), SENTENCE)
    form = await office.words(PaperKind.DOCUMENT, "agreement")
    assert all(word in form for word in (NUMBER, "男", "汉族", "64", "务农", "北徐庄12号"))
    shown = await office.words(PaperKind.DOCUMENT, "agreement", on_screen=True)
    assert NUMBER not in shown
    assert "*" * 14 + NUMBER[-4:] in shown


async def test_the_other_side_reads_it_only_where_the_form_demands_it(office: Office) -> None:
    await say(office.town.phone(office.zhao), SENTENCE)
    for name, demanded in (("agreement", True), ("confirmation_application", True), ("rights", False)):
        shared = await office.words(PaperKind.SHARED, name)
        assert (NUMBER in shared, "北徐庄12号" in shared) == (demanded, demanded), name
        assert "13800001234" not in shared
    async with office.town.running.service.database.unit_of_work() as session:
        case = await session.get_one(CaseRow, office.case_id)
        case.risk = ["family_violence"]
        await session.commit()
    shared = await office.words(PaperKind.SHARED, "agreement")
    assert NUMBER not in shared
    assert "北徐庄12号" not in shared
    assert "王大爷" in shared


async def test_a_person_gets_a_copy_of_it_and_erases_it(office: Office) -> None:
    await say(office.town.phone(office.zhao), SENTENCE, "对方女，58岁")
    async with office.town.running.service.database.unit_of_work() as session:
        case = await session.get_one(CaseRow, office.case_id)
        paper = Paper(kind=PaperKind.OWN, subject_id=case.applicant_id)
        case.status, case.ended_at = "closed", office.town.clock()
        await session.commit()
    copy = (await open_paper(office.town.running.service, paper)).content.decode()
    assert NUMBER in copy
    assert "58岁" not in copy
    await say(office.town.phone(office.wang), "删除我的信息", "1")
    case = await office.case()
    assert case.applicant_details is None
    assert details_of(case, Side.RESPONDENT) == PartyDetails(sex="female", age=58)
    assert NUMBER not in (await open_paper(office.town.running.service, paper)).content.decode()


async def test_what_lacks_is_told_once_and_not_where_nothing_came_of_it(office: Office) -> None:
    zhao = office.town.phone(office.zhao)
    await say(zhao, "材料")
    assert "文书上还空着" in zhao.seen[-1]
    await say(zhao, "材料")
    assert "文书上还空着" not in zhao.seen[-1]


async def test_a_number_of_a_person_does_not_fit_a_unit(office: Office) -> None:
    zhao = office.town.phone(office.zhao)
    await say(zhao, "对方是鑫源公司，法定代表人王某", f"对方身份证{NUMBER}")
    assert "信用代码" in zhao.seen[-1]
    case = await office.case()
    assert details_of(case, Side.RESPONDENT).id_number == ""
    assert case.respondent_name == "鑫源公司"
    await say(zhao, "对方信用代码91411100MA3X1Y2K3D")
    assert details_of(await office.case(), Side.RESPONDENT).id_number == "91411100MA3X1Y2K3D"


async def test_every_agreement_that_took_effect_is_in_the_volume(office: Office) -> None:
    service = office.town.running.service
    async with service.database.unit_of_work() as session:
        case = await session.get_one(CaseRow, office.case_id)
        for number, (form, state) in enumerate((("oral", "dropped"), ("written", "dropped")), start=1):
            row = AgreementRow(
                case_id=case.id,
                form=form,
                words="第一次说好的",
                state=state,
                warnings=[],
                drafted_at=case.filed_at,
                applicant_confirmed_how="chat",
                respondent_confirmed_how="chat",
                effective_at=case.filed_at + timedelta(hours=number) if number == 1 else None,
            )
            session.add(row)
            await session.flush()
            act = f"第{number}次说好的事"
            session.add(ObligationRow(agreement_id=row.id, seq=1, kind="act", act=act, paid=0))
        for event, at in (
            ("defaulted", case.filed_at + timedelta(hours=2)),
            ("performed", case.filed_at + timedelta(days=4)),
        ):
            await add_entry(
                session,
                case_id=case.id,
                at=at,
                actor="system",
                event=event,
                audience=frozenset(Audience),
                content={"number": 1},
            )
        await session.commit()
    volume = await open_paper(service, Paper(kind=PaperKind.VOLUME, subject_id=office.case_id))
    archive = zipfile.ZipFile(BytesIO(volume.content))
    earlier = words_of(archive.read("08-1 前次协议1 人民调解口头协议登记表.docx"))
    assert "前次协议1 人民调解口头协议登记表" in earlier
    assert "第1次说好的事" in earlier
    now = words_of(archive.read("08-2 人民调解协议书.docx"))
    assert "第1次说好的事" not in now
    assert "把多占的半米地还给王大爷" in now
    assert not [name for name in archive.namelist() if "前次协议2" in name]  # it never took effect
    statement = words_of(archive.read("12 卷宗情况说明.docx"))
    assert "前次协议1于2026年11月24日生效" in statement
    rows = [line for line in statement.splitlines() if "次说好的事" in line or "半米地" in line]
    assert any(line.startswith("（前次协议1）") and "第1次说好的事" in line for line in rows)
    assert any(line.startswith("双方把多占的半米地还给王大爷") for line in rows)
    assert "前次协议1 人民调解口头协议登记表" in words_of(archive.read("0-2 卷内目录.docx"))


async def version_of(browser: Browser) -> str:
    page = await browser.get("/cases/1/details")
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    return found[1]


async def test_the_staff_fills_in_and_corrects_them_with_an_entry_in_the_audit(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("operator", login="desk")
    assert "还没有填" in (await browser.get("/cases/1")).words
    fields = {
        "version": await version_of(browser),
        "applicant_sex": "male",
        "applicant_age": "64",
        "applicant_address": "北徐庄12号",
        "applicant_id_number": NUMBER,
        "respondent_is_unit": "1",
        "respondent_sex": "female",
        "respondent_representative": "王某",
    }
    answer = await browser.post("/cases/1/details", fields)
    assert "资料存好了" in answer.words
    assert "性别 男；年龄 64岁；住址 北徐庄12号；身份证号 **************1217" in answer.words
    assert "法定代表人 王某" in answer.words
    again = {"version": await version_of(browser), "applicant_age": "64", "applicant_sex": "male"}
    await browser.post("/cases/1/details", again)
    async with stage.service.database.unit_of_work() as session:
        case = await session.get_one(CaseRow, 1)
        assert details_of(case, Side.APPLICANT) == PartyDetails(sex="male", age=64, id_number=NUMBER)
        assert details_of(case, Side.RESPONDENT) == PartyDetails()
    form = await browser.get("/cases/1/details")
    assert NUMBER not in form.text
    auditor = await stage.enter("auditor", login="auditor")
    assert "当事人资料" in (await auditor.get("/audit?verb=changed")).words
    assert NUMBER not in (await auditor.get("/audit")).text
    gone = {**again, "version": await version_of(browser), "applicant_drop_number": "1"}
    await browser.post("/cases/1/details", gone)
    assert "身份证号" not in (await browser.get("/cases/1")).words.partition("办理经过")[0]


async def test_a_wrong_number_or_a_stale_page_changes_nothing(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("operator", login="desk")
    version = await version_of(browser)
    wrong = {"version": version, "applicant_sex": "male", "applicant_id_number": NUMBER[:-1] + "8"}
    answer = await browser.post("/cases/1/details", wrong)
    assert (answer.status, "末位对不上" in answer.words) == (422, True)
    answer = await browser.post("/cases/1/details", {"version": "1" + version, "applicant_sex": "male"})
    assert (answer.status, "有了新情况" in answer.words) == (409, True)
    assert (await browser.post("/cases/1/details", {})).status == 400
    assert "还没有填" in (await browser.get("/cases/1")).words


async def test_with_several_cases_the_number_is_asked_before_anything_is_filled_in(office: Office) -> None:
    async with office.town.running.service.database.unit_of_work() as session:
        other = await add_case(session, Told(mediator=office.mediator, status="performing"))
        await session.commit()
    zhao = office.town.phone(office.zhao)
    await say(zhao, SENTENCE)
    assert "说的是哪一件" in zhao.seen[-1]
    assert (await office.case()).applicant_details is None
    await say(zhao, f"{other.case_no[-6:]} 申请人男，64岁")
    async with office.town.running.service.database.unit_of_work() as session:
        assert (await session.get_one(CaseRow, other.id)).applicant_details == {"sex": "male", "age": 64}
    assert (await office.case()).applicant_details is None
