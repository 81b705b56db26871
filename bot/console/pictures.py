"""Pictures (统计图): the start page with numbers, charts and tables; every number leads to its list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from bot.console.access import Action, sees
from bot.console.routing import Page
from bot.console.visit import Visit
from bot.console.wording import status_kind
from handlers import casework
from handlers.figures import (
    ORIGINS,
    SPANS,
    Figures,
    Result,
    Wait,
    count_figures,
    list_rated,
    list_waiting,
    local_day,
    period,
)
from mediation.calendar import CHINA_TIME
from mediation.vocabulary import DisputeType, Referrer, RiskGrade
from storage import console_board, console_case, figures
from storage.console_board import Column, Wanted

TODAY = "/today"
LIST = "/figures/cases"
USUAL_SPAN = 30
PAGE_SIZE = 50
LIVE = (Column.WAITING, Column.DUE, Column.OVERDUE, Column.RED, Column.INVITING)
MOST_LINKED = 30_000
ALL_RATINGS = "all"
NARROWED = ("days", "on", "type", "place", "grade", "result", "origin", "wait", "rating")


def _days(visit: Visit) -> int:
    given = visit.query.get("days", "")
    return int(given) if given in {str(one) for one in SPANS} else USUAL_SPAN


def _spoken(visit: Visit, span: timedelta | None) -> str:
    """Return 3小时 and the like, "" for nothing."""
    if span is None:
        return ""
    text = visit.service.rules.phrases.text
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return text("console_pictures.span_minutes", minutes=minutes)
    if minutes < 48 * 60:
        return text("console_pictures.span_hours", hours=round(minutes / 60, 1))
    return text("console_pictures.span_days", days=round(minutes / 1440, 1))


def _charts(visit: Visit, found: Figures, *, days: int) -> dict[str, Any]:
    """What the script draws: names, values and where each leads."""
    rules = visit.service.rules
    text = rules.phrases.text

    def link(**query: object) -> str:
        parts = "&".join(f"{name}={value}" for name, value in {"days": days, **query}.items())
        return f"{LIST}?{parts}"

    return {
        "trend": {
            "kind": "line",
            "names": [f"{day:%m-%d}" for day, _ in found.days],
            "values": [count for _, count in found.days],
            "links": [link(on=day.isoformat()) for day, _ in found.days],
        },
        "types": {
            "kind": "bar",
            "names": [rules.type_name(code) for code, _ in found.types],
            "values": [count for _, count in found.types],
            "links": [link(type=code) for code, _ in found.types],
        },
        "origins": {
            "kind": "bar",
            "names": [_origin_words(text, origin) for origin, _ in found.origins],
            "values": [count for _, count in found.origins],
            "links": [link(origin=origin) for origin, _ in found.origins],
        },
        "waits": {
            "kind": "column",
            "names": [text(f"console_pictures.wait_{wait}") for wait, _ in found.waits],
            "values": [count for _, count in found.waits],
            "links": [link(wait=wait.value) for wait, _ in found.waits],
        },
        "results": {
            "kind": "pie",
            "names": [text(f"console_pictures.result_{result}") for result in Result],
            "values": [found.results[result] for result in Result],
            "links": [link(result=result.value) for result in Result],
        },
        "ratings": {
            "kind": "column",
            "names": [text("console_pictures.rating", rating=rating) for rating, _ in found.ratings],
            "values": [count for _, count in found.ratings],
            "links": [link(rating=rating) for rating, _ in found.ratings],
        },
    }


def _origin_words(text: Callable[[str], str], origin: str) -> str:
    kind = "referrer" if origin in set(Referrer) else "source"
    return text(f"words.{kind}_{origin}")


async def show_today(visit: Visit) -> web.StreamResponse:
    """Show today's numbers and the pictures of the last days."""
    days = _days(visit)
    async with visit.service.database.unit_of_work() as session:
        found = await count_figures(session, now=visit.now, days=days, area=visit.area)
        today = local_day(visit.now.astimezone(CHINA_TIME).date())
        wanted = Wanted(area=visit.area, now=visit.now, today=today, tomorrow=today + timedelta(days=1))
        live = await console_board.count_board(session, LIVE, wanted)
        calls = (
            await console_case.count_open_calls(session, area=visit.area) if visit.may(Action.CALLS) else 0
        )
    return await visit.render(
        "today.html",
        found=found,
        live=live,
        most=console_board.MOST_COUNTED,
        calls=calls,
        days=days,
        spans=SPANS,
        charts=_charts(visit, found, days=days),
        median=_spoken(visit, found.median_wait),
        grades=[
            (
                one.value,
                "" if one is RiskGrade.NONE else one.value,
                found.grades.get(one.value, 0),
            )
            for one in RiskGrade
        ],
    )


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def list_behind(visit: Visit) -> web.StreamResponse:
    """Show the cases behind a number: counted by the same conditions."""
    days, query = _days(visit), visit.query
    chosen = period(visit.now, days=days, area=visit.area)
    known = {"days": str(days)}
    day = _read_day(query.get("on", ""))
    if day is not None:
        known["on"] = day.isoformat()
        chosen = replace(chosen, since=local_day(day), until=local_day(day + timedelta(days=1)))
    for name, allowed in (
        ("type", set(DisputeType)),
        ("grade", set(RiskGrade)),
        ("result", set(Result)),
        ("origin", set(ORIGINS)),
    ):
        if query.get(name, "") in allowed:
            known[name] = query[name]
    chosen = replace(
        chosen,
        dispute_type=known.get("type", ""),
        grade=known.get("grade", ""),
        result=known.get("result", ""),
        origin=known.get("origin", ""),
    )
    place = query.get("place", "")
    if place.isascii() and place.isdigit() and len(place) <= 12 and sees(visit.area, place):
        known["place"] = place
        chosen = replace(chosen, place=place)
    given = query.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    async with visit.service.database.unit_of_work() as session:
        if query.get("wait", "") in set(Wait):
            known["wait"] = query["wait"]
            ids = await list_waiting(session, chosen, Wait(query["wait"]))
            chosen = replace(chosen, ids=tuple(sorted(ids, reverse=True)[:MOST_LINKED]))
        if query.get("rating", "") in {*"12345", ALL_RATINGS}:
            known["rating"] = query["rating"]
            ids = await list_rated(session, chosen, query["rating"])
            chosen = replace(
                chosen, ids=ids[:MOST_LINKED], since=local_day(date(2000, 1, 1)), until=chosen.until
            )
        rows = await figures.list_cases(session, chosen, after=after, limit=PAGE_SIZE + 1)
        count = await figures.count_cases(session, chosen)
    rules = visit.service.rules
    return await visit.render(
        "figures_cases.html",
        rows=rows[:PAGE_SIZE],
        count=count,
        more={**known, "after": rows[PAGE_SIZE - 1][0].id} if len(rows) > PAGE_SIZE else {},
        known={name: known.get(name, "") for name in NARROWED},
        origin_words=_origin_words(rules.phrases.text, known["origin"]) if "origin" in known else "",
        chosen=chosen,
        place_of=lambda case: casework.place_of(case, rules=rules),
        status_kind=status_kind,
    )


PAGES = (
    Page(method="GET", path=TODAY, action=Action.STATISTICS, view=show_today),
    Page(method="GET", path=LIST, action=Action.STATISTICS, view=list_behind, seen="figures"),
)
