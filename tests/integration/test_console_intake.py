"""Taking a call: what the words mean, whom notices reach, what is kept; on both databases."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.intake import ORIGINS
from storage.desk_tables import IntakeDraftRow
from storage.outbox import list_open_call_tasks
from storage.tables import CaseRow, OutboxRow, TimelineRow, TipRow
from tests.consoles import STORY, Answer, Browser, ConsoleStage

KNIFE = "杜曲镇北徐庄，俺跟邻居为排水沟吵，他拿着刀要砍人，快点来"


async def enter(stage: ConsoleStage, *, area: str = "", role: str = "operator") -> Browser:
    browser = await stage.enter(role, area=area)
    await browser.get("/intake")
    return browser


async def cases_of(stage: ConsoleStage) -> list[CaseRow]:
    async with stage.service.database.unit_of_work() as session:
        return list(await session.scalars(select(CaseRow).order_by(CaseRow.id)))


def server_time(answer: Answer) -> float:
    """Milliseconds that the server says it took."""
    found = re.search(r"dur=([\d.]+)", answer.headers["Server-Timing"])
    assert found
    return float(found[1])


async def test_the_page_shows_what_the_words_mean_and_marks_them(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    answer = await browser.post("/intake/hear", {"text": STORY})
    assert "房屋宅基地" in answer.words
    assert "临颍县杜曲镇北徐庄村" in answer.words
    assert 'class="mark-type">宅基地</mark>' in answer.text or 'mark-type">' in answer.text
    assert '<mark class="mark-place">' in answer.text
    assert "13800001234" in answer.words
    assert "归 临颍县杜曲镇北徐庄村人民调解委员会 办" in answer.words


async def test_suggestions_come_in_time(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    await browser.post("/intake/hear", {"text": STORY})
    times = [server_time(await browser.post("/intake/hear", {"text": STORY + "。" * n})) for n in range(5)]
    assert min(times) < 300


async def test_what_was_typed_is_shown_escaped(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    evil = "<script>alert(1)</script>杜曲镇北徐庄邻居占宅基地<img src=x onerror=alert(2)>"
    answer = await browser.post("/intake/hear", {"text": evil, "name": '"><b>x', "respondent": evil})
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    page = await browser.get("/intake")
    assert "<script>alert" not in page.text
    assert "<b>x" not in page.text


async def test_the_draft_survives_a_reload_sealed_and_for_its_operator_only(stage: ConsoleStage) -> None:
    browser, other = await enter(stage), await enter(stage)
    await browser.post("/intake/hear", {"text": STORY, "name": "赵铁柱", "phone": "13900001111"})
    page = await browser.get("/intake")
    assert STORY in page.words
    assert 'value="赵铁柱"' in page.text
    assert STORY not in (await other.get("/intake")).words
    async with stage.service.database.engine.connect() as connection:
        stored = (await connection.exec_driver_sql("SELECT state FROM intake_draft")).scalar_one()
    assert "赵铁柱".encode() not in bytes(stored)
    await browser.post("/intake/drop")
    async with stage.service.database.unit_of_work() as session:
        assert (await session.scalars(select(IntakeDraftRow))).all() == []


async def test_a_call_is_filed_in_the_callers_name_and_notices_become_call_tasks(
    stage: ConsoleStage,
) -> None:
    browser = await enter(stage)
    answer = await browser.post("/intake/file", {"text": STORY, "name": "赵铁柱", "phone": "13900001111"})
    assert answer.path == "/intake"
    assert re.search(r"登记好了，编号 漯调2026-\d{6}", answer.words)
    assert "电话任务" in answer.words
    case = (await cases_of(stage))[0]
    assert (case.applicant_name, case.applicant_phone, case.account_id) == ("赵铁柱", "13900001111", None)
    assert case.summary == STORY
    async with stage.service.database.unit_of_work() as session:
        first = (await session.scalars(select(TimelineRow).where(TimelineRow.case_id == case.id))).first()
        tasks = await list_open_call_tasks(session)
    assert first is not None
    assert (first.event, first.actor) == ("filed", f"operator:{browser.operator.id}")  # type: ignore[union-attr]
    assert first.content["via"] == "hotline"
    assert tasks
    assert "您今天登记的" in answer.words
    assert case.case_no in answer.words.partition("您今天登记的")[2]


async def test_notices_reach_the_chat_that_is_bound_to_the_number(stage: ConsoleStage) -> None:
    await stage.file_case(openid="o-wang", name="王大爷")
    await stage.town.settle()
    browser = await enter(stage)
    heard = await browser.post("/intake/hear", {"text": "俺村修路占了俺的地", "phone": "13800001234"})
    assert "这个号码绑定了微信" in heard.words
    assert "这个号码以前的案件" in heard.words
    fields = {
        "text": "临颍县杜曲镇北徐庄，邻居家的狗咬了俺的鸡，他不赔",
        "phone": "13800001234",
        "name": "王大爷",
        "to_chat": "1",
        "to_chat_shown": "1",
    }
    answer = await browser.post("/intake/file", fields)
    assert "发到来电人的微信" in answer.words
    first, second = await cases_of(stage)
    assert second.applicant_id == first.applicant_id
    await stage.town.settle()
    assert any(second.case_no in text for text in stage.town.phone("o-wang").seen)


@pytest.mark.parametrize(
    ("origin", "kept", "shown"),
    [
        ("", ("requested", ""), "当事人申请"),
        ("own_initiative", ("own_initiative", ""), "主动调解（排查发现）"),
        ("petition", ("referred", "petition"), "委托移送：信访部门"),
        ("nobody", ("requested", ""), "当事人申请"),
    ],
)
async def test_where_a_case_comes_from_is_asked_and_kept(
    stage: ConsoleStage, origin: str, kept: tuple[str, str], shown: str
) -> None:
    browser = await enter(stage)
    await browser.post("/intake/hear", {"text": STORY, "origin": origin})
    page = await browser.get("/intake")
    assert (f'<option value="{origin}" selected>' in page.text) == (origin in ORIGINS)
    await browser.post("/intake/file", {"text": STORY, "name": "赵铁柱", "origin": origin})
    (case,) = await cases_of(stage)
    assert (case.source, case.referred_by) == kept
    assert shown in (await browser.get(f"/cases/{case.id}")).words
    form = (await browser.get(f"/cases/{case.id}/documents/intake")).words
    ticked = {"requested": "☑ 当事人申请", "own_initiative": "☑ 调委会主动调解", "referred": "☑ 委托移送"}
    assert ticked[kept[0]] in form
    assert ("移送单位：信访部门" in form) == (origin == "petition")


async def test_nothing_goes_to_a_chat_of_another_name(stage: ConsoleStage) -> None:
    await stage.file_case(openid="o-wang", name="王大爷")
    browser = await enter(stage)
    fields = {"text": STORY, "phone": "13800001234", "name": "李二妮", "to_chat": "1", "to_chat_shown": "1"}
    answer = await browser.post("/intake/file", fields)
    assert "电话任务" in answer.words
    first, second = await cases_of(stage)
    assert second.applicant_id != first.applicant_id
    async with stage.service.database.unit_of_work() as session:
        told = list(await session.scalars(select(OutboxRow).where(OutboxRow.case_id == second.id)))
    assert not [one for one in told if one.account_id == first.account_id]


async def test_a_caller_without_chat_is_known_again_by_number_and_name(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    for text in (STORY, "俺邻居的狗咬了人，杜曲镇北徐庄"):
        await browser.post("/intake/file", {"text": text, "name": "赵铁柱", "phone": "13900001111"})
    first, second = await cases_of(stage)
    assert first.applicant_id == second.applicant_id


async def test_a_wrong_type_and_place_are_corrected_and_stay_so(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    heard = await browser.post("/intake/hear", {"text": STORY})
    before = re.search(r'name="type_heard" value="(\w+)"', heard.text)
    assert before
    fields = {"text": STORY, "type": "neighbour", "type_heard": before[1], "name": "赵铁柱"}
    chosen = await browser.post("/intake/hear", fields)
    assert "您定的" in chosen.words
    again = {**fields, "text": STORY + "，他还骂人", "type_heard": ""}
    await browser.post("/intake/hear", again)
    await browser.post("/intake/file", {**again, "place": "411122102", "place_heard": "411122102215"})
    case = (await cases_of(stage))[0]
    assert (case.dispute_type, case.place) == ("neighbour", "411122102")


async def test_a_place_said_apart_counts_more_than_the_words(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    heard = await browser.post("/intake/hear", {"text": STORY, "place_words": "舞阳县北舞渡镇"})
    assert "舞阳县北舞渡镇" in heard.words
    assert "归 舞阳县北舞渡镇" in heard.words


async def test_danger_is_told_to_the_caller_and_passed_on_once(stage: ConsoleStage) -> None:
    await stage.town.bind("411122102", "李秉和", "o-duqu")
    browser = await enter(stage)
    heard = await browser.post("/intake/hear", {"text": KNIFE})
    assert "先顾人" in heard.words
    assert "马上通知" in heard.words
    told = await browser.post("/intake/alarm", {"text": KNIFE})
    assert "已经告诉临颍县杜曲镇人民调解委员会" in told.words
    await stage.town.settle()
    assert any("红色预警" in text for text in stage.town.phone("o-duqu").seen)
    page = await browser.get("/intake")
    assert "已经通知了" in page.words
    await browser.post("/intake/file", {"text": KNIFE, "name": "孙老汉"})
    async with stage.service.database.unit_of_work() as session:
        alarms = [task for task in await list_open_call_tasks(session) if task.kind == "alarm"]
    assert len(alarms) == 1
    assert (await cases_of(stage))[0].grade == "red"


async def test_filing_a_dangerous_call_passes_it_on_by_itself(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    answer = await browser.post("/intake/file", {"text": KNIFE})
    assert "没有能马上通知到的人" in answer.words
    async with stage.service.database.unit_of_work() as session:
        alarms = [task for task in await list_open_call_tasks(session) if task.kind == "alarm"]
    assert [task.grade for task in alarms] == ["red"]


async def test_what_mediation_cannot_take_is_filed_only_when_the_caller_insists(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    text = "俺对县里的行政处罚决定不服，想告他们"
    heard = await browser.post("/intake/hear", {"text": text})
    assert "行政复议" in heard.words
    refused = await browser.post("/intake/file", {"text": text})
    assert refused.status == 422
    assert await cases_of(stage) == []
    await browser.post("/intake/file", {"text": text, "insists": "1"})
    assert len(await cases_of(stage)) == 1


async def test_an_empty_call_is_not_filed(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    answer = await browser.post("/intake/file", {"phone": "13900001111"})
    assert (answer.status, "还没有写" in answer.words) == (422, True)
    assert await cases_of(stage) == []


async def test_a_similar_story_of_the_same_place_is_shown_and_added_to(stage: ConsoleStage) -> None:
    number = await stage.file_case()
    browser = await enter(stage)
    alike = "北徐庄的东边邻居李四盖房占了俺家宅基地半米，还把水沟堵了，杜曲镇"
    heard = await browser.post("/intake/hear", {"text": alike, "phone": "13700009999"})
    assert "说法很像" in heard.words
    assert number in heard.words
    case = (await cases_of(stage))[0]
    answer = await browser.post("/intake/add", {"text": alike, "case_id": str(case.id)})
    assert f"已经补充到 {number}" in answer.words
    changed = (await cases_of(stage))[0]
    assert alike in changed.summary
    assert len(await cases_of(stage)) == 1


async def test_a_month_later_it_is_not_alike_any_more(stage: ConsoleStage) -> None:
    await stage.file_case()
    stage.clock.turn(timedelta(days=31))
    browser = await enter(stage)
    heard = await browser.post("/intake/hear", {"text": STORY.replace("13800001234", "13700009999")})
    assert "说法很像" not in heard.words


async def test_cases_of_another_area_are_neither_shown_nor_added_to(stage: ConsoleStage) -> None:
    number = await stage.file_case()
    browser = await enter(stage, area="411121", role="office")
    heard = await browser.post("/intake/hear", {"text": STORY})
    assert number not in heard.words
    case = (await cases_of(stage))[0]
    answer = await browser.post("/intake/add", {"text": STORY, "case_id": str(case.id)})
    assert (answer.status, "没有找到" in answer.words) == (422, True)


async def test_a_tip_is_kept_without_the_caller(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    text = "杜曲镇北徐庄徐家和李家天天吵，怕要打起来，俺叫孙老汉，13911112222"
    answer = await browser.post("/intake/tip", {"text": text, "name": "孙老汉"})
    assert "线索留下了" in answer.words
    async with stage.service.database.unit_of_work() as session:
        tip = (await session.scalars(select(TipRow))).one()
    assert "孙老汉" not in tip.text
    assert "13911112222" not in tip.text
    assert tip.account_id is None


async def test_the_telephone_system_fills_in_the_number(stage: ConsoleStage) -> None:
    browser = await enter(stage)
    page = await browser.get("/intake?phone=13800001234")
    assert 'value="13800001234"' in page.text


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "nonsense", "place": "999"},
        {"place": "4111２２", "people": "²", "amount": "many"},
        {"case_id": "9" * 30},
        {"phone": "x" * 200, "name": "\x00", "text": "\ud83d\ude00" * 3000},
    ],
)
async def test_nonsense_in_any_field_is_no_failure(stage: ConsoleStage, fields: dict[str, str]) -> None:
    browser = await enter(stage)
    fields = {"text": STORY, **fields}
    fields = {
        name: value.encode("utf-16", "surrogatepass").decode("utf-16") for name, value in fields.items()
    }
    assert (await browser.post("/intake/hear", fields)).status == 200
    assert (await browser.post("/intake/add", fields)).status in {200, 422}
