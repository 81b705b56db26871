"""The numbers of the start page: today, the trend, types, townships, acceptance, results, satisfaction."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from mediation.calendar import CHINA_TIME
from mediation.regions import Region
from mediation.vocabulary import CaseSource, Referrer
from storage import console_board, figures
from storage.figures import DROPPED_STATUSES, SETTLED_STATUSES, UNSETTLED_STATUSES, Chosen

SPANS = (7, 30, 92)
ORIGINS = (*(one.value for one in CaseSource), *(one.value for one in Referrer))
"""Where cases come from (案件来源): the sources, and of those handed over the bodies, as on the form."""
HEAT_LEVELS = 5


class Wait(StrEnum):
    """How long it took until a mediator accepted a case."""

    HOUR = "hour"
    HALF_DAY = "half_day"
    DAY = "day"
    THREE_DAYS = "three_days"
    LONGER = "longer"
    NOT_YET = "not_yet"


WAITS = {
    Wait.HOUR: timedelta(hours=1),
    Wait.HALF_DAY: timedelta(hours=4),
    Wait.DAY: timedelta(days=1),
    Wait.THREE_DAYS: timedelta(days=3),
}


class Result(StrEnum):
    """What came of cases so far."""

    SETTLED = "settled"
    UNSETTLED = "unsettled"
    DROPPED = "dropped"
    GOING = "going"


@dataclass(frozen=True, slots=True, kw_only=True)
class Township:
    """One field of the heat grid; `level` 0 for none, 1 to 5 for ever more."""

    region: Region
    count: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything the start page shows. `days` are (day, filed); shares are None where nothing counts yet."""

    today: int
    yesterday: int
    total: int
    days: tuple[tuple[date, int], ...]
    types: tuple[tuple[str, int], ...]
    origins: tuple[tuple[str, int], ...]
    grades: dict[str, int]
    counties: tuple[tuple[Region, tuple[Township, ...]], ...]
    waits: tuple[tuple[Wait, int], ...]
    median_wait: timedelta | None
    results: dict[Result, int]
    settled_share: float | None
    ratings: tuple[tuple[int, int], ...]
    satisfaction: float | None


def local_day(day: date) -> datetime:
    """Return the first moment of a local day."""
    return datetime.combine(day, time(), tzinfo=CHINA_TIME).astimezone(UTC)


def period(now: datetime, *, days: int, area: str) -> Chosen:
    """Return the last days up to and with today."""
    today = now.astimezone(CHINA_TIME).date()
    return Chosen(
        area=area,
        since=local_day(today - timedelta(days=days - 1)),
        until=local_day(today + timedelta(days=1)),
    )


async def count_figures(session: AsyncSession, *, now: datetime, days: int, area: str) -> Figures:
    """Count everything of the last days for an area ("" = everywhere)."""
    chosen = period(now, days=days, area=area)
    today = now.astimezone(CHINA_TIME).date()
    dates = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    edges = [local_day(day) for day in (*dates, today + timedelta(days=1))]
    filed = await figures.count_by_day(session, chosen, edges)
    types = await figures.count_by_type(session, chosen)
    origins = await figures.count_by_origin(session, chosen)
    statuses = await figures.count_by_status(session, chosen)
    waits, median = _waits(await figures.list_acceptances(session, chosen))
    ratings = Counter(int(answer) for _, answer in await _ratings(session, chosen))
    results = _results(statuses)
    decided = results[Result.SETTLED] + results[Result.UNSETTLED]
    return Figures(
        today=filed[-1],
        yesterday=filed[-2],
        total=sum(filed),
        days=tuple(zip(dates, filed, strict=True)),
        types=tuple(sorted(types.items(), key=lambda one: (-one[1], one[0]))),
        origins=tuple((one, origins[one]) for one in ORIGINS if origins.get(one)),
        grades=await figures.count_by_grade(session, chosen),
        counties=await _heat(session, chosen),
        waits=waits,
        median_wait=median,
        results=results,
        settled_share=results[Result.SETTLED] / decided if decided else None,
        ratings=tuple((rating, ratings[rating]) for rating in (5, 4, 3, 2, 1)),
        satisfaction=sum(rating * count for rating, count in ratings.items()) / ratings.total()
        if ratings
        else None,
    )


async def _ratings(session: AsyncSession, chosen: Chosen) -> list[tuple[int, str]]:
    return [one for one in await figures.list_ratings(session, chosen) if one[1] in set("12345")]


def _results(statuses: dict[str, int]) -> dict[Result, int]:
    counted = {
        Result.SETTLED: sum(statuses.get(one, 0) for one in SETTLED_STATUSES),
        Result.UNSETTLED: sum(statuses.get(one, 0) for one in UNSETTLED_STATUSES),
        Result.DROPPED: sum(statuses.get(one, 0) for one in DROPPED_STATUSES),
    }
    return {**counted, Result.GOING: sum(statuses.values()) - sum(counted.values())}


def wait_of(filed: datetime, accepted: datetime | None) -> Wait:
    """Return how long one case waited."""
    if accepted is None:
        return Wait.NOT_YET
    return next((wait for wait, most in WAITS.items() if accepted - filed <= most), Wait.LONGER)


def _waits(
    found: list[tuple[int, datetime, datetime | None]],
) -> tuple[tuple[tuple[Wait, int], ...], timedelta | None]:
    counted = Counter(wait_of(filed, accepted) for _, filed, accepted in found)
    spans = sorted(accepted - filed for _, filed, accepted in found if accepted is not None)
    return tuple((wait, counted[wait]) for wait in Wait), spans[len(spans) // 2] if spans else None


async def _heat(session: AsyncSession, chosen: Chosen) -> tuple[tuple[Region, tuple[Township, ...]], ...]:
    """Every township of the area, none left out, with how it compares with the busiest."""
    counts = await figures.count_by_township(session, chosen)
    most = max(counts.values(), default=0)
    areas = await console_board.list_areas(session, chosen.area)
    counties: list[tuple[Region, list[Township]]] = []
    for region in areas:
        if len(region.code) < figures.TOWNSHIP_LENGTH:
            counties.append((region, []))
            continue
        count = counts.get(region.code, 0)
        level = -(-count * HEAT_LEVELS // most) if most else 0
        if not counties or not region.code.startswith(counties[-1][0].code):
            counties.append((region, []))
        counties[-1][1].append(Township(region=region, count=count, level=level))
    return tuple((county, tuple(townships)) for county, townships in counties)


async def list_waiting(session: AsyncSession, chosen: Chosen, wait: Wait) -> tuple[int, ...]:
    """Return the ids of the cases that waited that long."""
    found = await figures.list_acceptances(session, chosen)
    return tuple(case_id for case_id, filed, accepted in found if wait_of(filed, accepted) is wait)


async def list_rated(session: AsyncSession, chosen: Chosen, rating: str) -> tuple[int, ...]:
    """Return the ids of the cases that a party rated so ("all": at all), each once."""
    found = await _ratings(session, chosen)
    return tuple(dict.fromkeys(case_id for case_id, answer in found if rating in {answer, "all"}))
