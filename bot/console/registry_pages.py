"""The registry (名册): regions, committees with what they lack, mediators and helpers."""

import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action, sees
from bot.console.gate import RefusedError
from bot.console.routing import Page
from bot.console.visit import Visit
from handlers.assigning import offer_waiting_cases
from handlers.registry_work import (
    DATE,
    ROLES,
    count_gaps,
    gaps_of,
    is_name,
    role_name,
)
from mediation.calendar import CHINA_TIME
from mediation.staffing import Gap
from mediation.vocabulary import CommitteeKind, DisputeType
from storage import cases, registry, registry_pages
from storage.registry import BUSY_STATUSES, MEDIATOR
from storage.tables import CommitteeRow, MediatorRow

REGISTRY = "/registry"
SHOWN = 100
SHOWN_PEOPLE = 100
NUMBERED = r"{person_id:\d{1,18}}"


def _named(visit: Visit) -> dict[str, Any]:
    """What the registry's templates need for words."""
    rules = visit.service.rules
    return {
        "role_name": lambda role: role_name(role, rules=rules),
        "kinds": [(one.value, rules.phrases.text(f"words.kind_of_{one}")) for one in CommitteeKind],
        "types": [(one.value, rules.type_name(one)) for one in DisputeType],
        "roles": [(role, role_name(role, rules=rules)) for role in ROLES],
        "norm": rules.staffing.full_time,
    }


def _code(text: str) -> str:
    """Return a region code of an address, "" for anything else."""
    return text if text.isascii() and text.isdigit() and len(text) <= 12 else ""


def _place(visit: Visit) -> str:
    """Return the narrower area that the address asks for, "" for none of the operator's."""
    place = _code(visit.query.get("place", ""))
    return place if sees(visit.area, place) else ""


async def list_committees(visit: Visit) -> web.StreamResponse:
    """Show the committees of an area and what they lack."""
    place = _place(visit)
    area = place or visit.area
    kind = visit.query.get("kind", "")
    wanted = visit.query.get("gap", "")
    words = visit.query.get("q", "").strip()[:40]
    today = visit.now.astimezone(CHINA_TIME).date()
    async with visit.service.database.unit_of_work() as session:
        listed = await registry_pages.list_committees(
            session, area=area, kind=kind if kind in set(CommitteeKind) else "", words=words
        )
    gaps = {one.committee.id: gaps_of(one, rules=visit.service.rules, today=today) for one in listed}
    counted = list(count_gaps(list(gaps.values())))
    shown = [one for one in listed if not wanted or wanted in gaps[one.committee.id]]
    return await visit.render(
        "registry.html",
        shown=shown[:SHOWN],
        count=len(shown),
        total=len(listed),
        gaps=gaps,
        counted=counted,
        wanted=wanted if wanted in set(Gap) else "",
        query={"place": place, "kind": kind, "q": words},
        **_named(visit),
    )


async def _committee(session: AsyncSession, visit: Visit) -> CommitteeRow:
    found = await registry_pages.find_committee(session, visit.number("committee_id"), area=visit.area)
    if found is None:
        raise RefusedError(404, "not_found")
    return found


async def show_committee(visit: Visit, *, code: str = "", status: int = 200) -> web.StreamResponse:
    """Show one committee: filing, staff, what it lacks."""
    today = visit.now.astimezone(CHINA_TIME).date()
    async with visit.service.database.unit_of_work() as session:
        committee = await _committee(session, visit)
        people = await registry_pages.list_people(
            session, area=visit.area, committee_id=committee.id, gone=True
        )
        staff = (await registry_pages.count_staff(session, area=committee.region)).get(
            committee.id, registry_pages.Staff()
        )
    listed = registry_pages.Listed(committee=committee, staff=staff)
    return await visit.render(
        "registry_committee.html",
        listed=listed,
        gaps=gaps_of(listed, rules=visit.service.rules, today=today),
        people=people,
        code=code,
        status=status,
        **_named(visit),
    )


async def change_committee(visit: Visit) -> web.StreamResponse:
    """Write down filing and election."""
    today = visit.now.astimezone(CHINA_TIME).date()
    days = {}
    for name in ("filed_on", "elected_on"):
        given = visit.given(name, most=10)
        read = DATE.fullmatch(given)
        try:
            day = today.replace(year=int(read[1]), month=1, day=1) if read else None
            day = day.replace(month=int(read[2]), day=int(read[3])) if day and read else None
        except ValueError:
            day = None
        if given and (day is None or day > today):
            return await show_committee(visit, code="bad_form", status=422)
        days[name] = day
    async with visit.service.database.unit_of_work() as session:
        row = await _committee(session, visit)
        row.filing_number, row.note = visit.given("filing_number", most=40), visit.given("note", most=80)
        row.filed_on, row.elected_on = days["filed_on"], days["elected_on"]
        await visit.note(session, "changed", "committee", subject=f"committee:{row.id}")
        await session.commit()
    return await visit.go(f"{REGISTRY}/{row.id}", say=_say(visit, "console_registry.saved"))


def _say(visit: Visit, key: str, **facts: object) -> str:
    return visit.service.rules.phrases.text(key, **facts)


async def add_person(visit: Visit) -> web.StreamResponse:
    """Add a mediator or helper to a committee; the code is made afterwards."""
    name, role, sex = visit.given("name", most=40), visit.given("role"), visit.given("sex")
    if not is_name(name):
        return await show_committee(visit, code="bad_name", status=422)
    if role not in ROLES or sex not in {"", "male", "female"}:
        return await show_committee(visit, code="bad_form", status=422)
    async with visit.service.database.unit_of_work() as session:
        committee = await _committee(session, visit)
        row = await registry.add_mediator(session, committee_id=committee.id, name=name, role=role)
        row.sex, row.full_time = sex, bool(visit.given("full_time"))
        type_code = visit.given("speciality")
        row.specialities = [type_code] if type_code in set(DisputeType) else []
        await visit.note(session, "changed", "person_added", subject=f"mediator:{row.id}")
        await session.commit()
    return await visit.go(f"{REGISTRY}/{committee.id}", say=_say(visit, "console_registry.added", name=name))


async def list_people(visit: Visit) -> web.StreamResponse:
    """Show mediators, experts, legal advisers and others by role."""
    role = visit.query.get("role", "")
    given = visit.query.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    place = _place(visit)
    area = place or visit.area
    async with visit.service.database.unit_of_work() as session:
        people = await registry_pages.list_people(
            session,
            area=area,
            role=role if role in ROLES else "",
            after=after,
            limit=SHOWN_PEOPLE + 1,
        )
    shown = people[:SHOWN_PEOPLE]
    return await visit.render(
        "registry_people.html",
        people=shown,
        role=role,
        place=place,
        after=shown[-1].mediator.id if len(people) > SHOWN_PEOPLE else 0,
        **_named(visit),
    )


async def _person(session: AsyncSession, visit: Visit) -> MediatorRow:
    found = await registry_pages.find_mediator(session, visit.number("person_id"), area=visit.area)
    if found is None:
        raise RefusedError(404, "not_found")
    return found


async def invite(visit: Visit) -> web.StreamResponse:
    """Make a fresh binding code and show it once; earlier codes are void."""
    rules = visit.service.rules.rulebook
    async with visit.service.database.unit_of_work() as session:
        row = await _person(session, visit)
        if row.person_id is not None or row.left_at is not None:
            raise RefusedError(404, "not_found")
        code = f"{secrets.randbelow(10**8):08d}"
        until = rules.calendar.after(visit.now, rules.deadlines.binding_code.valid)
        await registry.add_binding_code(session, mediator_id=row.id, code=code, expires_at=until)
        committee = await registry.get_committee(session, row.committee_id)
        await visit.note(session, "changed", "person_invited", subject=f"mediator:{row.id}")
        await session.commit()
    return await visit.render(
        "registry_code.html", person=row, committee=committee, code=code, until=until, **_named(visit)
    )


async def change_duty(visit: Visit) -> web.StreamResponse:
    """On duty or off; who comes on duty is offered what waits."""
    async with visit.service.database.unit_of_work() as session:
        row = await _person(session, visit)
        row.on_duty = not row.on_duty
        await session.flush()
        if row.on_duty and row.role == MEDIATOR and row.left_at is None:
            await offer_waiting_cases(session, visit.service, row, now=visit.now)
        await visit.note(session, "changed", "person_duty", subject=f"mediator:{row.id}")
        await session.commit()
    visit.service.wake_delivery()
    key = "console_registry.duty_on" if row.on_duty else "console_registry.duty_off"
    return await visit.go(f"{REGISTRY}/{row.committee_id}", say=_say(visit, key, name=row.name))


async def change_leaving(visit: Visit) -> web.StreamResponse:
    """Somebody leaves (refused while cases are in hand), or comes back."""
    async with visit.service.database.unit_of_work() as session:
        row = await _person(session, visit)
        busy = await cases.list_cases_of_mediator(session, row.id, statuses=BUSY_STATUSES)
        if row.left_at is None and busy:
            say = _say(visit, "console_registry.left_busy", name=row.name, count=len(busy))
            return await visit.go(f"{REGISTRY}/{row.committee_id}", say=say)
        row.left_at = visit.now if row.left_at is None else None
        row.on_duty = row.left_at is None
        await visit.note(session, "changed", "person_left", subject=f"mediator:{row.id}")
        await session.commit()
    key = "console_registry.left" if row.left_at else "console_registry.back"
    return await visit.go(f"{REGISTRY}/{row.committee_id}", say=_say(visit, key, name=row.name))


async def list_regions(visit: Visit) -> web.StreamResponse:
    """Show a region and those directly below it."""
    city = visit.service.rules.rulebook.service.city_region
    top = visit.area or city
    wanted = _code(visit.query.get("code", "")) or top
    if not sees(top, wanted):
        raise RefusedError(404, "not_found")
    async with visit.service.database.unit_of_work() as session:
        region = await registry_pages.find_region(session, wanted)
        if region is None:
            raise RefusedError(404, "not_found")
        below = await registry_pages.list_children(session, wanted)
        counts = await registry_pages.count_children(session, [one.code for one in below])
        committees = await registry_pages.list_committees(session, area=wanted) if len(wanted) > 4 else []
    return await visit.render(
        "registry_regions.html",
        region=region,
        below=below,
        counts=counts,
        own=[one for one in committees if one.committee.region == wanted],
        top=top,
        **_named(visit),
    )


def _page(method: Any, path: str, action: Action, view: Callable[[Visit], Any]) -> Page:
    return Page(method=method, path=f"{REGISTRY}{path}", action=action, view=view)


PAGES = (
    _page("GET", "", Action.SEE_REGISTRY, list_committees),
    _page("GET", "/people", Action.SEE_REGISTRY, list_people),
    _page("GET", "/regions", Action.SEE_REGISTRY, list_regions),
    _page("GET", r"/{committee_id:\d{1,18}}", Action.SEE_REGISTRY, show_committee),
    _page("POST", r"/{committee_id:\d{1,18}}", Action.EDIT_REGISTRY, change_committee),
    _page("POST", r"/{committee_id:\d{1,18}}/people", Action.EDIT_REGISTRY, add_person),
    _page("POST", f"/people/{NUMBERED}/invite", Action.EDIT_REGISTRY, invite),
    _page("POST", f"/people/{NUMBERED}/duty", Action.EDIT_REGISTRY, change_duty),
    _page("POST", f"/people/{NUMBERED}/left", Action.EDIT_REGISTRY, change_leaving),
)
