"""Taking a call (接听登记): what the caller's words mean appears while they are typed."""

from time import perf_counter
from typing import Any

from aiohttp import web
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action, sees
from bot.console.routing import Page
from bot.console.visit import Visit
from handlers import casework, intake_filing
from handlers.intake import ORIGINS, Call, Heard, is_chat_of, listen, read_call
from handlers.intake_filing import NotReadyError
from handlers.ruleset import RuleSet
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import ENDED
from mediation.vocabulary import CaseSource, DisputeType, Referrer
from storage import console_places
from storage import intake as desk

INTAKE = "/intake"
LONGEST_TEXT = 4000
LONGEST_FIELD = 80
SHOWN_FILED = 5
LARGEST = 64 * 1024


def read_form(visit: Visit, kept: Call) -> Call:
    """Return the call as the form has it; what was passed on already is taken from what is kept.

    A choice that equals what the words gave when the page was drawn is no correction.
    """

    def chosen(name: str) -> str:
        given, before = visit.given(name, most=40), visit.given(f"{name}_heard", most=40)
        return "" if given in {before, "auto"} else given

    def field(name: str) -> str:
        return visit.given(name, most=LONGEST_FIELD)

    return Call(
        text=visit.given("text", most=LONGEST_TEXT),
        phone=field("phone"),
        name=field("name"),
        respondent=field("respondent"),
        place_words=field("place_words"),
        type=chosen("type"),
        place=chosen("place") if field("place_words") == visit.given("place_words_heard") else "",
        amount=field("amount"),
        people=field("people"),
        to_chat=bool(visit.given("to_chat")) or not visit.given("to_chat_shown"),
        insists=bool(visit.given("insists")),
        origin=visit.given("origin") if visit.given("origin") in ORIGINS else "",
        alarmed=kept.alarmed,
    )


async def _kept(session: AsyncSession, visit: Visit) -> Call:
    return read_call(await desk.load_draft(session, visit.operator.id))


async def _keep(session: AsyncSession, visit: Visit, call: Call) -> None:
    state = None if call.is_empty else call.model_dump(mode="json", exclude_defaults=True)
    await desk.save_draft(session, visit.operator.id, state, now=visit.now)


def _facts(visit: Visit, heard: Heard) -> dict[str, Any]:
    rules = visit.service.rules
    return {
        "heard": heard,
        "others": [
            (one.value, rules.type_name(one))
            for one in DisputeType
            if one not in heard.best and one is not heard.draft.type
        ],
        "place_of": lambda case: casework.place_of(case, rules=rules),
        "is_open": lambda case: case.status not in ENDED,
        "origins": [(one, _origin_words(rules, one)) for one in ORIGINS],
        "own_chat": heard.known.in_chat is not None and is_chat_of(heard.known.in_chat, heard.draft.name),
        "calendar_open": rules.rulebook.calendar.is_open(visit.now),
    }


def _origin_words(rules: RuleSet, origin: str) -> str:
    if origin in set(Referrer):
        return rules.phrases.text(f"words.referrer_{origin}")
    return rules.phrases.text(f"words.source_{origin or CaseSource.REQUESTED}")


async def show_intake(visit: Visit) -> web.StreamResponse:
    """Show the page with the unfinished call, if there is one; `?phone=` comes from the telephone system."""
    async with visit.service.database.unit_of_work() as session:
        call = await _kept(session, visit)
        if call.is_empty and visit.query.get("phone"):
            call = Call(phone=visit.query["phone"][:LONGEST_FIELD])
        heard = await listen(session, visit.service, call, area=visit.area, now=visit.now)
        today = visit.now.astimezone(CHINA_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        filed = await desk.list_filed_by(session, visit.operator.id, since=today, limit=SHOWN_FILED)
        return await visit.render(
            "intake.html",
            call=call,
            filed=[one for one in filed if sees(visit.area, one.place or "")],
            code="",
            **_facts(visit, heard),
        )


async def hear(visit: Visit) -> web.StreamResponse:
    """Keep the call as it stands and show what it means; `Server-Timing` says how long it took."""
    began = perf_counter()
    async with visit.service.database.unit_of_work() as session:
        call = read_form(visit, await _kept(session, visit))
        heard = await listen(session, visit.service, call, area=visit.area, now=visit.now)
        await _keep(session, visit, call)
        await session.commit()
    response = await visit.render("intake_part.html", **_facts(visit, heard))
    response.headers["Server-Timing"] = f"hear;dur={(perf_counter() - began) * 1000:.1f}"
    return response


async def _not_ready(visit: Visit, session: AsyncSession, call: Call, code: str) -> web.StreamResponse:
    """Show the page again with what is missing; the draft is kept."""
    heard = await listen(session, visit.service, call, area=visit.area, now=visit.now)
    await _keep(session, visit, call)
    await session.commit()
    return await visit.render(
        "intake.html", call=call, filed=[], code=code, status=422, **_facts(visit, heard)
    )


async def file(visit: Visit) -> web.StreamResponse:
    """File the call as a case and say what is to be read out."""
    text = visit.service.rules.phrases.text
    async with visit.service.database.unit_of_work() as session:
        call = read_form(visit, await _kept(session, visit))
        try:
            filed = await intake_filing.file_call(visit.work(session), call, area=visit.area)
        except NotReadyError as error:
            return await _not_ready(visit, session, call, error.code)
        committee = await intake_filing.committee_name(visit.work(session), filed.case)
        await desk.save_draft(session, visit.operator.id, None, now=visit.now)
        await visit.note(session, "changed", "intake", subject=f"case:{filed.case.id}", case_id=filed.case.id)
        await session.commit()
    visit.service.wake_delivery()
    said = [
        text(
            "console_intake.filed",
            case_no=filed.case.case_no,
            committee=committee,
            read_out=filed.read_out,
        ),
        text("console_intake.filed_in_chat" if filed.in_chat else "console_intake.filed_by_call"),
    ]
    if filed.was_red:
        said.append(
            text("console_intake.filed_alarmed", who=filed.alarmed)
            if filed.alarmed
            else text("console_intake.filed_alarm_none")
        )
    return await visit.go(INTAKE, say="\n".join(said))


async def alarm(visit: Visit) -> web.StreamResponse:
    """Danger: pass it on at once, before anything is filed; the call goes on."""
    async with visit.service.database.unit_of_work() as session:
        call = read_form(visit, await _kept(session, visit))
        heard = await listen(session, visit.service, call, area=visit.area, now=visit.now)
        if not heard.draft.story:
            return await _not_ready(visit, session, call, "nothing_told")
        told = await intake_filing.pass_on_danger(visit.work(session), heard)
        await _keep(session, visit, call.model_copy(update={"alarmed": call.alarmed | heard.draft.risk}))
        await visit.note(session, "changed", "intake_alarm", subject="intake")
        await session.commit()
    visit.service.wake_delivery()
    text = visit.service.rules.phrases.text
    say = text("console_intake.alarmed", who=told) if told else text("console_intake.alarmed_none")
    return await visit.go(INTAKE, say=say)


async def add_to_case(visit: Visit) -> web.StreamResponse:
    """The caller has a case already: add the words to it."""
    text = visit.service.rules.phrases.text
    async with visit.service.database.unit_of_work() as session:
        call = read_form(visit, await _kept(session, visit))
        given = visit.given("case_id")
        case_id = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
        place = await console_places.place_of_case(session, case_id)
        if place is None or not sees(visit.area, place):
            return await _not_ready(visit, session, call, "not_found")
        work = visit.work(session)
        try:
            case = await intake_filing.find_case(work, case_id)
            mediator = await intake_filing.add_to_case(work, case, call, area=visit.area)
        except NoResultFound:
            return await _not_ready(visit, session, call, "not_found")
        except NotReadyError as error:
            return await _not_ready(visit, session, call, error.code)
        await desk.save_draft(session, visit.operator.id, None, now=visit.now)
        await visit.note(session, "changed", "intake_added", subject=f"case:{case.id}", case_id=case.id)
        await session.commit()
    visit.service.wake_delivery()
    key = "console_intake.added" if mediator else "console_intake.added_nobody"
    return await visit.go(INTAKE, say=text(key, case_no=case.case_no, mediator=mediator))


async def leave_tip(visit: Visit) -> web.StreamResponse:
    """Keep the call as a tip, without the caller."""
    text = visit.service.rules.phrases.text
    async with visit.service.database.unit_of_work() as session:
        call = read_form(visit, await _kept(session, visit))
        try:
            told = await intake_filing.leave_tip(visit.work(session), call, area=visit.area)
        except NotReadyError as error:
            return await _not_ready(visit, session, call, error.code)
        await desk.save_draft(session, visit.operator.id, None, now=visit.now)
        await visit.note(session, "changed", "intake_tip", subject="tip")
        await session.commit()
    visit.service.wake_delivery()
    say = text("console_intake.tipped", committee=told) if told else text("console_intake.tipped_nobody")
    return await visit.go(INTAKE, say=say)


async def drop(visit: Visit) -> web.StreamResponse:
    """Nothing is to be filed: forget the call."""
    async with visit.service.database.unit_of_work() as session:
        await desk.save_draft(session, visit.operator.id, None, now=visit.now)
        await session.commit()
    return await visit.go(INTAKE, say=visit.service.rules.phrases.text("console_intake.dropped"))


PAGES = (
    Page(method="GET", path=INTAKE, action=Action.INTAKE, view=show_intake),
    Page(method="POST", path=f"{INTAKE}/hear", action=Action.INTAKE, view=hear, largest_body=LARGEST),
    Page(method="POST", path=f"{INTAKE}/file", action=Action.INTAKE, view=file, largest_body=LARGEST),
    Page(method="POST", path=f"{INTAKE}/alarm", action=Action.INTAKE, view=alarm, largest_body=LARGEST),
    Page(method="POST", path=f"{INTAKE}/add", action=Action.INTAKE, view=add_to_case, largest_body=LARGEST),
    Page(method="POST", path=f"{INTAKE}/tip", action=Action.INTAKE, view=leave_tip, largest_body=LARGEST),
    Page(method="POST", path=f"{INTAKE}/drop", action=Action.INTAKE, view=drop),
)
