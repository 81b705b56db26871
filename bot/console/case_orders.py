"""Orders for a case: the reason first, then what everybody will be told, then done; nothing overwritten."""

from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.access import Action
from bot.console.gate import RefusedError
from bot.console.routing import Page, Subject
from bot.console.visit import Visit
from bot.console.wording import actor_words, event_words
from handlers import operating, searching
from handlers.operating import (
    END_REASONS,
    ChangedMeanwhileError,
    Instruction,
    Order,
    Outcome,
    RefusedOrderError,
)
from mediation.lifecycle import EndReason, NotNow
from mediation.regions import ancestry
from mediation.vocabulary import DisputeType
from storage import console_case, operators
from storage.tables import CaseRow, TimelineRow

ACTION_OF = {
    Order.NOTE: Action.NOTE,
    Order.REROUTE: Action.DISPATCH,
    Order.CHANGE_TYPE: Action.DISPATCH,
    Order.MERGE: Action.DISPATCH,
    Order.ESCALATE: Action.DISPATCH,
    Order.EXTEND: Action.DECIDE,
    Order.PAUSE: Action.DECIDE,
    Order.RESUME: Action.DECIDE,
    Order.END: Action.DECIDE,
    Order.REJECT: Action.DECIDE,
    Order.REOPEN: Action.DECIDE,
}
"""The right that each order needs."""

KEPT = ("reason", "committee", "type", "into", "end_reason")


async def show_order(visit: Visit, order: Order) -> web.StreamResponse:
    """Ask for what the order needs; for htmx only the committees that fit a name."""
    async with visit.service.database.unit_of_work() as session:
        case = await _case(session, visit)
        last = await console_case.last_entry(session, case.id)
        facts = await _choices(session, visit, case, order, words=visit.query.get("name", "")[:40])
    if visit.is_fragment:
        return await visit.render("committees.html", order=order, given={}, **facts)
    return await _form(visit, order, case, version=last.seq if last else 0, **facts)


async def give_order(visit: Visit, order: Order) -> web.StreamResponse:
    """Rehearse the order and show what follows; once confirmed, do it."""
    confirmed = visit.given("confirmed") == "1"
    async with visit.service.database.unit_of_work() as session:
        try:
            outcome = await operating.carry_out(
                visit.work(session), visit.number("case_id"), _instruction(visit, order)
            )
        except RefusedOrderError as refused:
            code, entry = refused.code, None
        except NotNow:
            code, entry = "not_now", None
        except ChangedMeanwhileError as changed:
            code, entry = "changed", changed.entry
        else:
            return await _accept(session, visit, order, outcome, confirmed=confirmed)
    return await _refuse(visit, order, code=code, entry=entry)


async def _accept(
    session: AsyncSession, visit: Visit, order: Order, outcome: Outcome, *, confirmed: bool
) -> web.StreamResponse:
    case = outcome.case
    if not confirmed:
        await session.rollback()
        return await visit.render(
            "order_check.html",
            order=order,
            case=await _case(session, visit),
            told=outcome.told,
            given={name: visit.given(name) for name in KEPT if visit.given(name)},
            version=visit.given("version"),
        )
    await searching.index_case(session, case, rules=visit.service.rules)
    await visit.note(
        session,
        "changed",
        order.value,
        subject=f"case:{case.id}",
        case_id=case.id,
        reason=visit.given("reason"),
    )
    await session.commit()
    visit.service.wake_delivery()
    name = visit.service.rules.phrases.text(f"console.order_{order}")
    said = visit.service.rules.phrases.text("console.order_done", order=name, told=len(outcome.told))
    return await visit.go(f"/cases/{case.id}", say=said)


async def _refuse(visit: Visit, order: Order, *, code: str, entry: TimelineRow | None) -> web.StreamResponse:
    async with visit.service.database.unit_of_work() as session:
        case = await _case(session, visit)
        last = await console_case.last_entry(session, case.id)
        facts = await _choices(session, visit, case, order, words="")
        meanwhile = await _meanwhile(session, visit, entry) if entry else ""
    return await _form(
        visit,
        order,
        case,
        version=last.seq if last else 0,
        code=code,
        meanwhile=meanwhile,
        status=409 if code in {"changed", "not_now"} else 422,
        **facts,
    )


async def _meanwhile(session: AsyncSession, visit: Visit, entry: TimelineRow) -> str:
    """Return who was first with what."""
    names = await console_case.actor_names(session, [entry])
    kind, _, number = entry.actor.partition(":")
    if kind == "operator":
        names |= {entry.actor: (await operators.names_of(session, [int(number)])).get(int(number), "")}
    rules = visit.service.rules
    return rules.phrases.text(
        "console.meanwhile",
        who=actor_words(entry.actor, names=names, rules=rules),
        when=visit.work(session).spoken(entry.at),
        what=event_words(entry, rules=rules),
    )


def _instruction(visit: Visit, order: Order) -> Instruction:
    """Read the posted fields; raises RefusedError for what no form of ours can send."""
    type_, _, subtype = visit.given("type").partition(".")
    version, committee, reason = visit.given("version"), visit.given("committee"), visit.given("end_reason")
    try:
        return Instruction(
            order=order,
            version=int(version),
            reason=visit.given("reason", most=2000),
            area=visit.area,
            committee_id=int(committee) if committee else None,
            dispute_type=DisputeType(type_) if type_ else None,
            subtype=_known_subtype(visit, type_, subtype),
            into=visit.given("into", most=40),
            end_reason=EndReason(reason) if reason else None,
        )
    except ValueError as error:
        raise RefusedError(400, "bad_form") from error


def _known_subtype(visit: Visit, type_: str, subtype: str) -> str | None:
    if not subtype:
        return None
    if subtype not in visit.service.rules.rulebook.types[DisputeType(type_)].subtypes:
        raise ValueError(subtype)
    return subtype


async def _case(session: AsyncSession, visit: Visit) -> CaseRow:
    case = await console_case.find_case(session, visit.number("case_id"))
    assert case is not None  # noqa: S101 - the gate has just found it
    return case


async def _choices(
    session: AsyncSession, visit: Visit, case: CaseRow, order: Order, *, words: str
) -> dict[str, Any]:
    """Return what the form of an order offers to choose from."""
    rules = visit.service.rules
    facts: dict[str, Any] = {"committees": [], "types": [], "end_reasons": []}
    if order is Order.REROUTE:
        regions = list(ancestry(case.place or rules.rulebook.service.city_region))
        facts["committees"] = [
            one
            for one in await console_case.list_committees_within_reach(
                session, regions=regions, area=visit.area, words=words.strip()
            )
            if one.id != case.committee_id
        ]
    if order is Order.CHANGE_TYPE:
        facts["types"] = [
            (
                entry.name,
                [(one.value, entry.name)]
                + [(f"{one}.{key}", f"{entry.name} · {name}") for key, name in entry.subtypes.items()],
            )
            for one, entry in rules.rulebook.types.items()
        ]
    if order is Order.END:
        facts["end_reasons"] = [(one.value, rules.phrases.text(f"words.end_{one}")) for one in END_REASONS]
    return facts


async def _form(
    visit: Visit,
    order: Order,
    case: CaseRow,
    *,
    version: int,
    code: str = "",
    meanwhile: str = "",
    status: int = 200,
    **facts: Any,
) -> web.StreamResponse:
    return await visit.render(
        "order.html",
        order=order,
        case=case,
        version=version,
        code=code,
        meanwhile=meanwhile,
        given={name: visit.given(name) for name in KEPT},
        status=status,
        **facts,
    )


def _pages(order: Order) -> tuple[Page, Page]:
    path, action = "/cases/{case_id:[0-9]{1,18}}/" + order.value, ACTION_OF[order]
    ask, give = partial(show_order, order=order), partial(give_order, order=order)
    return (
        Page(method="GET", path=path, action=action, view=ask, subject=Subject.CASE),
        Page(method="POST", path=path, action=action, view=give, subject=Subject.CASE),
    )


PAGES = tuple(page for order in Order for page in _pages(order))
