"""Call tasks: one call for all that one person is told and asked, each answered for itself."""

from datetime import timedelta

from sqlalchemy import select

from bot.simulator.fake_wechat import Endpoint, Fault
from storage.outbox import list_open_call_tasks
from storage.tables import CallTaskRow
from tests.consoles import Browser, ConsoleStage
from tests.phones import Phone

LI = "13900009999"


async def begin(stage: ConsoleStage, openid: str, name: str, *, story: str | None = None) -> Phone:
    """A case against 李大柱, who has no phone app and agreed by word of mouth; returns the mediator."""
    jia = stage.town.phone("jia")
    if not jia.seen:
        await stage.town.bind("北徐庄村人民调解委员会", "赵甲", "jia")
    case_no = await stage.file_case(openid=openid, name=name, **({"story": story} if story else {}))
    await stage.town.settle()
    for text in ("1", f"{case_no[-6:]} 对方叫李大柱", f"对方电话{LI}", "对方同意"):
        await jia.say(text)
    await stage.town.settle()
    return jia


async def open_tasks(stage: ConsoleStage) -> list[CallTaskRow]:
    async with stage.service.database.unit_of_work() as session:
        return await list_open_call_tasks(session)


async def rows(browser: Browser) -> int:
    return (await browser.get("/calls")).text.count("data-row=")


async def test_one_call_tells_and_asks_everything_and_each_answer_is_recorded(stage: ConsoleStage) -> None:
    jia = await begin(stage, "wang", "王大爷")
    for text in ("明天上午9点村委会", "对", "鉴定：量宅基地", "鉴定完了"):
        await jia.say(text)
    asked, *told = sorted(await open_tasks(stage), key=lambda task: task.kind)
    assert (asked.kind, [task.kind for task in told]) == ("ask_meeting", ["undelivered"] * 2)
    browser = await stage.enter("operator")
    listed = await browser.get("/calls")
    assert (listed.text.count("data-row="), "共3件，一个电话说完" in listed.words) == (1, True)
    assert "1 电话任务" in (await browser.get("/")).words
    page = await browser.get(f"/calls/{asked.id}")
    assert page.text.count("请打电话") == 3
    nothing = await browser.post(f"/calls/{asked.id}/reached", {})
    assert "请选一个答复" in nothing.words
    fields = {"choice": "1", "words": "能来", f"choice_{told[0].id}": "told"}
    left = await browser.post(f"/calls/{asked.id}/reached", fields)
    assert "还有没答复的，任务留着" in left.words
    await stage.town.settle()
    assert any("对方说能来" in text for text in jia.seen)
    assert [task.id for task in await open_tasks(stage)] == [told[1].id]
    await browser.get(f"/calls/{told[1].id}")
    done = await browser.post(f"/calls/{told[1].id}/reached", {"choice": "told", "words": "知道了"})
    assert "记好了。" in done.words
    assert (await open_tasks(stage), await rows(browser)) == ([], 0)
    assert "告诉他了" in (await browser.get(f"/calls/{told[0].id}")).words


async def test_who_is_in_two_cases_is_called_once_and_the_next_question_follows(stage: ConsoleStage) -> None:
    jia = await begin(stage, "wang", "王大爷")
    await begin(
        stage, "liu", "刘强", story="我是杜曲镇北徐庄的，西边邻居李大柱家的狗咬了我家的羊，电话13700001111"
    )
    for text in ("000001 明天上午9点村委会", "对", "000002 后天上午9点村委会", "对"):
        await jia.say(text)
    first = (await open_tasks(stage))[0]
    assert first.kind == "ask_meeting"
    browser = await stage.enter("operator")
    assert await rows(browser) == 1
    await browser.get(f"/calls/{first.id}")
    following = await browser.post(f"/calls/{first.id}/reached", {"choice": "1", "words": "能去"})
    assert ("先别挂" in following.words, "漯调2026-000002" in following.words) == (True, True)
    assert "王大爷" not in following.words, "one case is not spoken of in the other"
    second = (await open_tasks(stage))[0]
    assert second.person_id == first.person_id
    assert "后天" in second.text or "11月26日" in second.text


async def test_a_call_that_is_not_reached_is_called_again_as_a_whole(stage: ConsoleStage) -> None:
    jia = await begin(stage, "wang", "王大爷")
    for text in ("明天上午9点村委会", "对", "鉴定：量宅基地"):
        await jia.say(text)
    tasks = await open_tasks(stage)
    first, second = await stage.enter("operator"), await stage.enter("operator")
    await first.get(f"/calls/{tasks[0].id}")
    missed = await first.post(f"/calls/{tasks[0].id}/missed", {"again": "later", "words": "没人接"})
    assert "再打" in missed.words
    for task in tasks:
        assert "没人接" in (await second.get(f"/calls/{task.id}")).words
    taken = await second.post(f"/calls/{tasks[1].id}/reached", {"choice": "told"})
    assert (taken.status, "已经有同事在打" in taken.words) == (409, True)


async def test_nobody_is_called_about_what_is_over(stage: ConsoleStage) -> None:
    jia = await begin(stage, "wang", "王大爷")
    for text in ("明天上午9点村委会", "对"):
        await jia.say(text)
    await stage.town.pass_time(timedelta(hours=22))
    assert any("提醒" in task.text for task in await open_tasks(stage))
    await jia.say("取消见面")
    assert [("提醒" in task.text, "取消" in task.text) for task in await open_tasks(stage)] == [(False, True)]


async def test_a_question_that_does_not_get_through_is_asked_by_phone_without_its_code(
    stage: ConsoleStage,
) -> None:
    jia = await begin(stage, "wang", "王大爷")
    stage.town.control.inject(Endpoint.CUSTOM, Fault(errcode=48001), times=1)
    stage.town.control.inject(Endpoint.TEMPLATE, Fault(errcode=48001), times=1)
    for text in ("协议：李大柱2026年11月30日前付王大爷2000元", "3"):
        await jia.say(text)
    await stage.town.settle()
    async with stage.service.database.unit_of_work() as session:
        statement = select(CallTaskRow).where(CallTaskRow.kind == "ask_confirmation")
        tasks = list(await session.scalars(statement))
    assert [("王大爷" in task.text, "验证码：" in task.text) for task in tasks].count((True, True)) == 0
    ours = next(task for task in tasks if "13800001234" in task.text)
    assert "电话里不用码" in ours.text
    browser = await stage.enter("operator")
    await browser.get(f"/calls/{ours.id}")
    await browser.post(f"/calls/{ours.id}/reached", {"choice": "1", "words": "同意"})
    assert "还有人没确认：李大柱" in await jia.say("确认达成")
