"""Board, search, case page, orders, calls, delivery and audit of the console; on both databases."""

import asyncio
import re
from datetime import timedelta

from sqlalchemy import func, select, update

from handlers import searching
from handlers.mediating import inquiring
from handlers.mediating.inviting import ensure_respondent
from handlers.mediating.work import Work
from mediation.vocabulary import RiskGrade
from storage import cases as kept_cases
from storage.console_tables import AccessRow
from storage.tables import CallTaskRow, CaseRow, CommitteeRow, OfferRow, OutboxRow, TimelineRow
from tests.consoles import Browser, ConsoleStage
from tests.phones import Phone

FIRST, SECOND = "漯调2026-000001", "漯调2026-000002"


async def with_mediator(stage: ConsoleStage) -> Phone:
    """Bind a mediator of the village and one of the township; returns the first."""
    village = await stage.town.bind("北徐庄村人民调解委员会", "赵春生", "o-village")
    await stage.town.bind("杜曲镇人民调解委员会", "李秉和", "o-township")
    return village


async def index_all(stage: ConsoleStage) -> None:
    async with stage.service.database.unit_of_work() as session:
        for case in (await session.scalars(select(CaseRow))).all():
            await searching.index_case(session, case, rules=stage.service.rules)
        await session.commit()


async def order(
    browser: Browser, name: str, *, case: int = 1, confirm: bool = True, **fields: str
) -> tuple[str, str]:
    """Give an order as a person does: form, check, confirm. Returns (words of the check, of the end)."""
    await browser.get(f"/cases/{case}/{name}")
    version = re.search(r'name="version" value="(\d+)"', browser.page)
    assert version
    posted = {"reason": "领导交办，按规定办", **fields, "version": version[1]}
    check = await browser.post(f"/cases/{case}/{name}", posted)
    if not confirm or check.status != 200:
        return check.words, ""
    done = await browser.post(f"/cases/{case}/{name}", {**posted, "confirmed": "1"})
    return check.words, done.words


async def status_of(stage: ConsoleStage, case_id: int = 1) -> str:
    async with stage.service.database.unit_of_work() as session:
        return (await session.get_one(CaseRow, case_id)).status


async def count(stage: ConsoleStage, what: type[TimelineRow | OutboxRow | CallTaskRow]) -> int:
    async with stage.service.database.unit_of_work() as session:
        return await session.scalar(select(func.count()).select_from(what)) or 0


async def test_the_board_shows_each_case_in_its_columns(stage: ConsoleStage) -> None:
    for number in range(6):
        await stage.file_case(openid=f"o-{number}")
    now = stage.clock()
    async with stage.service.database.unit_of_work() as session:
        enterprise = (
            await session.scalars(select(CommitteeRow).where(CommitteeRow.kind == "enterprise"))
        ).first()
        assert enterprise is not None
        rows = (await session.scalars(select(CaseRow).order_by(CaseRow.id))).all()
        rows[1].grade = "red"
        rows[2].status, rows[2].due_at = "mediating", now - timedelta(days=2)
        rows[3].status, rows[3].due_at = "confirming", now + timedelta(hours=3)
        rows[4].status, rows[4].due_at = "performing", now - timedelta(days=2)
        rows[5].status, rows[5].committee_id = "inviting", enterprise.id
        await session.commit()
    browser = await stage.enter("operator")
    expected = {
        "new": [1, 2, 3, 4, 5, 6],
        "waiting": [1, 2],
        "overdue": [3],
        "due": [4],
        "red": [2],
        "inviting": [6],
        "green": [6],
        "all": [1, 2, 3, 4, 5, 6],
    }
    for tab, numbers in expected.items():
        answer = await browser.get(f"/?tab={tab}")
        shown = sorted({int(one) for one in re.findall(r'data-row="(\d+)"', answer.text)})
        assert shown == numbers, tab
    words = (await browser.get("/")).words
    for count_and_name in (
        "6 今天新登记",
        "2 等受理",
        "1 今天到期",
        "1 已超期",
        "1 红色",
        "1 等对方答复",
        "1 涉企",
    ):
        assert count_and_name in words
    filtered = await browser.get("/?tab=all&grade=red&place=411122&type=homestead&kind=village")
    assert re.findall(r'data-row="(\d+)"', filtered.text) == ["2"]
    assert "这样筛选没有案件" in (await browser.get("/?tab=all&type=labour")).words
    assert "我办过的" in words
    assert not re.findall(r'data-row="(\d+)"', (await browser.get("/?tab=all&mine=1")).text)


async def test_the_green_channel_has_its_own_shorter_clock(stage: ConsoleStage) -> None:
    for number in range(2):
        await stage.file_case(openid=f"o-{number}")
    async with stage.service.database.unit_of_work() as session:
        enterprise = (
            await session.scalars(select(CommitteeRow).where(CommitteeRow.kind == "enterprise"))
        ).first()
        assert enterprise is not None
        (await session.get_one(CaseRow, 2)).committee_id = enterprise.id
        await session.commit()
    browser = await stage.enter("operator")
    limits = stage.service.rules.rulebook.deadlines
    spans = [limits.offer_for(RiskGrade.NONE, green_channel=green).within for green in (True, False)]
    green, plain = (stage.service.rules.rulebook.calendar.after(stage.clock(), span) for span in spans)
    assert green < plain
    assert "前要接" in (await browser.get("/?tab=green")).words
    stage.clock.turn(green - stage.clock() + timedelta(minutes=5))
    browser = await stage.enter("operator")
    assert "没人接" in (await browser.get("/?tab=green")).words
    both = await browser.get("/?tab=waiting")
    assert (both.words.count("没人接"), both.words.count("前要接")) == (1, 1)


async def test_long_lists_are_read_page_by_page_without_gap_or_repeat(stage: ConsoleStage) -> None:
    await stage.file_case()
    async with stage.service.database.unit_of_work() as session:
        first = (await session.scalars(select(CaseRow))).one()
        columns = {one.key: getattr(first, one.key) for one in CaseRow.__mapper__.column_attrs}
        for number in range(2, 121):
            row = CaseRow(**{**columns, "id": number, "case_no": f"漯调2026-{number:06d}"})
            row.filed_at = first.filed_at + timedelta(minutes=number // 3)
            row.due_at, row.status = first.filed_at - timedelta(hours=number // 4), "mediating"
            session.add(row)
        await session.flush()
        for case in (await session.scalars(select(CaseRow))).all():
            await searching.index_case(session, case, rules=stage.service.rules)
        await session.commit()
    browser = await stage.enter("operator")
    for start, expected in (("/?tab=all", 120), ("/?tab=overdue", 117), ("/?q=宅基地", 120)):
        seen: list[str] = []
        path: str | None = start
        while path:
            answer = await browser.get(path)
            seen += re.findall(r'data-row="(\d+)"', answer.text)
            following = re.search(r'rel="next" href="([^"]+)"', answer.text)
            path = following[1].replace("&amp;", "&") if following else None
        assert len(seen) == len(set(seen)) == expected, start


async def test_a_case_is_found_by_number_name_phone_place_and_words(stage: ConsoleStage) -> None:
    await stage.file_case()
    await index_all(stage)
    browser = await stage.enter("operator")
    numbers = (FIRST, "000001", "1", "漯调2026000001", "13800001234", "1234")
    words = ("王大爷", "北徐庄", "北徐庄村", "杜曲镇", "宅基地", "王大爷 宅基地", "水沟 1234")
    for searched in (*numbers, *words):
        assert FIRST in (await browser.get(f"/?q={searched}")).words, searched
        assert "没有找到" in (await browser.get(f"/?q={searched} 拖拉机")).words, searched


async def test_what_was_erased_is_not_found_any_more(stage: ConsoleStage) -> None:
    await stage.file_case()
    await index_all(stage)
    async with stage.service.database.unit_of_work() as session:
        case = (await session.scalars(select(CaseRow))).one()
        case.applicant_name = "赵六"
        await searching.index_case(session, case, rules=stage.service.rules)
        await session.commit()
    browser = await stage.enter("operator")
    assert "没有找到" in (await browser.get("/?q=王大爷")).words
    assert FIRST in (await browser.get("/?q=赵六")).words
    async with stage.service.database.unit_of_work() as session:
        await searching.forget_case(session, 1)
        await session.commit()
    assert "没有找到" in (await browser.get("/?q=赵六")).words


async def test_the_case_page_shows_both_sides_the_story_with_its_words_and_every_step(
    stage: ConsoleStage,
) -> None:
    await with_mediator(stage)
    await stage.file_case()
    browser = await stage.enter("city")
    answer = await browser.get("/cases/1")
    for words in (
        "王大爷",
        "13800001234",
        "东边邻居",
        "派给赵春生",
        "等答复",
        "人民调解当事人权利义务告知书",
    ):
        assert words in answer.words, words
    assert "<mark>宅基地</mark>" in answer.text
    assert "申请人看得到" in answer.words
    preview = await browser.get("/cases/1/documents/rights")
    assert "权利" in preview.words
    file = await browser.get("/cases/1/documents/rights/file")
    assert file.headers["Content-Type"].endswith("wordprocessingml.document")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert (await browser.get("/cases/1/documents/agreement")).status == 404
    assert (await browser.get("/cases/1/volume")).headers["Content-Type"] == "application/zip"


async def test_a_rehearsal_changes_nothing_and_says_what_then_happens(stage: ConsoleStage) -> None:
    village = await with_mediator(stage)
    await stage.file_case()
    await stage.town.settle()
    browser = await stage.enter("city")
    await browser.get("/cases/1/reroute?name=杜曲镇")
    page = await browser.get("/cases/1/reroute")
    township = re.search(r'value="(\d+)"[^>]*> 临颍县杜曲镇人民调解委员会', page.text)
    assert township
    before = [await count(stage, what) for what in (TimelineRow, OutboxRow, CallTaskRow)]
    check, _ = await order(browser, "reroute", confirm=False, committee=township[1])
    assert "换人办理" in check
    assert "李秉和" in check
    assert "赵春生" in check
    assert [await count(stage, what) for what in (TimelineRow, OutboxRow, CallTaskRow)] == before
    _, done = await order(browser, "reroute", committee=township[1])
    assert "办好了：转给指定的调委会" in done
    assert "领导交办" in done
    await stage.town.settle()
    assert "不用您办了" in village.seen[-1]
    assert "新案件" in stage.town.phone("o-township").seen[-1]
    async with stage.service.database.unit_of_work() as session:
        states = list(await session.scalars(select(OfferRow.state).order_by(OfferRow.id)))
    assert states == ["withdrawn", "open"]


async def test_a_wrong_type_is_corrected_told_and_routed_anew(stage: ConsoleStage) -> None:
    await with_mediator(stage)
    await stage.file_case()
    browser = await stage.enter("operator")
    check, done = await order(browser, "change_type", type="labour")
    assert "原来记成了" in check
    assert "劳动" in done
    assert "类型由" in (await browser.get("/cases/1")).words
    again, _ = await order(browser, "change_type", type="labour")
    assert "类型没有变" in again


async def test_a_duplicate_is_merged_and_both_know(stage: ConsoleStage) -> None:
    await with_mediator(stage)
    await stage.file_case(openid="o-1")
    await stage.file_case(openid="o-2")
    browser = await stage.enter("city")
    check, done = await order(browser, "merge", case=2, into=FIRST)
    assert f"合到 {FIRST} 一起办" in check
    assert "已撤回" in done
    assert f"{SECOND} 并到这一件" in (await browser.get("/cases/1")).words
    itself, _ = await order(browser, "merge", case=1, into=FIRST)
    assert "不能并到自己" in itself
    ended, _ = await order(browser, "merge", case=1, into=SECOND)
    assert "已经结束了" in ended


async def test_a_mediation_is_paused_resumed_extended_ended_and_reopened(stage: ConsoleStage) -> None:
    village = await with_mediator(stage)
    await stage.file_case()
    await stage.town.settle()
    await village.say("1")
    async with stage.service.database.unit_of_work() as session:
        await session.execute(
            update(CaseRow).values(status="mediating", due_at=stage.clock() + timedelta(days=20))
        )
        await session.commit()
    browser = await stage.enter("office", area="411122")
    check, _ = await order(browser, "pause", reason="要做伤情鉴定")
    assert "先停一停" in check
    assert await status_of(stage) == "paused"
    await order(browser, "resume")
    assert await status_of(stage) == "mediating"
    check, _ = await order(browser, "extend")
    assert "同意延长吗" in check
    check, _ = await order(browser, "end", end_reason="too_far_apart")
    assert "您还可以" in check
    assert await status_of(stage) == "terminated"
    late, _ = await order(browser, "pause")
    assert "不能这样办" in late
    await order(browser, "reopen")
    assert await status_of(stage) == "mediating"
    check, _ = await order(browser, "reject")
    assert await status_of(stage) == "rejected"
    empty, _ = await order(browser, "note", reason="")
    assert "请写理由" in empty


async def test_of_two_operators_the_second_is_told_who_was_first(stage: ConsoleStage) -> None:
    await with_mediator(stage)
    await stage.file_case()
    first, second = await stage.enter("city"), await stage.enter("office", area="411122")
    for browser in (first, second):
        await browser.get("/cases/1/note")
    version = re.search(r'name="version" value="(\d+)"', first.page)
    assert version
    fields = {"version": version[1], "reason": "电话联系过了", "confirmed": "1"}
    assert "办好了" in (await first.post("/cases/1/note", fields)).words
    answer = await second.post("/cases/1/note", {**fields, "reason": "我也记一笔"})
    assert answer.status == 409
    assert "工作人员测试city在" in answer.words
    assert "电话联系过了" in answer.words
    assert "我也记一笔" in answer.text
    assert "我也记一笔" not in (await second.get("/cases/1")).words


async def test_two_orders_at_the_same_moment_are_one(stage: ConsoleStage) -> None:
    await stage.file_case()
    browsers = [await stage.enter("city") for _ in range(2)]
    for browser in browsers:
        await browser.get("/cases/1/note")
    version = re.search(r'name="version" value="(\d+)"', browsers[0].page)
    assert version
    fields = {"version": version[1], "reason": "同时", "confirmed": "1"}
    answers = await asyncio.gather(*(browser.post("/cases/1/note", fields) for browser in browsers))
    assert sorted(answer.status for answer in answers) == [200, 409]


async def test_a_call_is_taken_missed_made_and_counts_as_the_answer(stage: ConsoleStage) -> None:
    village = await with_mediator(stage)
    await stage.file_case()
    await stage.town.settle()
    await village.say("1")
    await village.say("1")
    async with stage.service.database.unit_of_work() as session:
        case = await kept_cases.get_case(session, 1)
        work = Work(session=session, service=stage.service, now=stage.clock())
        await ensure_respondent(work, case)
        assert case.respondent_id is not None
        facts = {"case_no": case.case_no, "type": "宅基地", "applicant": "王大爷", "mediator": "赵春生"}
        await inquiring.ask(
            work, case, person_id=case.respondent_id, side="respondent", kind="consent", facts=facts
        )
        await session.commit()
        task_id = await session.scalar(select(CallTaskRow.id).where(CallTaskRow.kind == "ask_consent"))
    first, second = await stage.enter("operator"), await stage.enter("operator")
    listed = await first.get("/calls")
    assert "代问：愿不愿意调解" in listed.words
    await first.get(f"/calls/{task_id}")
    await first.post(f"/calls/{task_id}/take", {})
    await second.get(f"/calls/{task_id}")
    late = await second.post(f"/calls/{task_id}/take", {})
    assert (late.status, "已经有同事在打" in late.words) == (409, True)
    missed = await first.post(f"/calls/{task_id}/missed", {"again": "soon", "words": "没人接"})
    assert "今天10:00再打" in missed.words
    await first.get(f"/calls/{task_id}")
    empty = await first.post(f"/calls/{task_id}/reached", {"words": "嗯"})
    assert "请选一个答复" in empty.words
    done = await first.post(f"/calls/{task_id}/reached", {"choice": "1", "words": "中，愿意调"})
    assert "记好了" in done.words
    assert await status_of(stage) == "mediating"
    assert "电话里说：中，愿意调" in (await first.get("/cases/1")).words
    again = await first.post(f"/calls/{task_id}/reached", {"choice": "1", "words": "再来"})
    assert (again.status, "已经办完了" in again.words) == (409, True)


async def test_the_delivery_log_tells_the_true_state(stage: ConsoleStage) -> None:
    await with_mediator(stage)
    await stage.file_case()
    browser = await stage.enter("operator")
    assert "还没送到" in (await browser.get("/delivery?state=pending")).words
    await stage.town.settle()
    sent = await browser.get("/delivery?state=sent")
    assert "客服消息" in sent.words
    stage.clock.turn(timedelta(hours=1))
    assert "没有这样的通知" in (await browser.get("/delivery?state=stuck")).words
    notice = re.search(r"/delivery/(\d+)", sent.text)
    assert notice
    assert "送到了" in (await browser.get(f"/delivery/{notice[1]}")).words


async def test_the_audit_names_who_saw_and_changed_and_shows_tampering(stage: ConsoleStage) -> None:
    await stage.file_case()
    browser = await stage.enter("city", login="city")
    await browser.get("/cases/1")
    await browser.get("/?q=王大爷")
    await browser.get("/cases/1/documents/rights/file")
    await order(browser, "note", reason="核对身份")
    auditor = await stage.enter("auditor")
    words = (await auditor.get(f"/audit?who=city&case={FIRST}")).words
    for line in ("看了 案件", "导出 文书", "改了 写备注"):
        assert line in words, line
    assert "查找" in (await auditor.get("/audit?who=city&verb=saw&day=2026-11-24")).words
    assert "没有这样的记录" in (await auditor.get("/audit?day=2026-11-23")).words
    whole = await auditor.post("/audit", {})
    assert "一条没有被改过" in whole.words
    async with stage.service.database.unit_of_work() as session:
        await session.execute(update(AccessRow).where(AccessRow.seq == 2).values(action="board"))
        await session.commit()
    assert "从第 2 条起对不上" in (await auditor.post("/audit", {})).words


async def test_open_boards_hear_of_news_and_only_signed_in_ones(stage: ConsoleStage) -> None:
    browser = await stage.enter("operator")
    async with browser.http.get(
        stage.base.with_path("/events"), headers={"Accept": "text/event-stream"}
    ) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readline() == b"retry: 3000\n"
        await stage.file_case()
        async with asyncio.timeout(15):
            while b"event: changed" not in await stream.content.readline():
                pass
    part = await browser.get("/", headers={"HX-Request": "true", "X-Background": "1"})
    assert "<html" not in part.text
    assert FIRST in part.words


async def test_when_redis_forgets_everybody_signs_in_again(stage: ConsoleStage) -> None:
    browser = await stage.enter("operator")
    await stage.running.redis.flushdb()
    assert (await browser.get("/")).path == "/login"
