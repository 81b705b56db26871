"""The registry's statements: committees with their staff counted, mediators, experts and those who help."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.console_places import region_within
from storage.registry import MEDIATOR
from storage.tables import AccountRow, CommitteeRow, MediatorRow, PersonRow, RegionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """How many mediators serve a committee; `reachable` are on duty and can be written to."""

    members: int = 0
    full_time: int = 0
    women: int = 0
    unknown_sex: int = 0
    reachable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A committee and its staff."""

    committee: CommitteeRow
    staff: Staff


def _within(area: str) -> list[ColumnElement[bool]]:
    return [region_within(CommitteeRow.region, area)] if area else []


def _committees(*, area: str, kind: str, words: str) -> Select[CommitteeRow]:
    statement = select(CommitteeRow).where(*_within(area)).order_by(CommitteeRow.code)
    if kind:
        statement = statement.where(CommitteeRow.kind == kind)
    if words:
        statement = statement.where(
            CommitteeRow.name.contains(words, autoescape=True)
            | CommitteeRow.code.startswith(words, autoescape=True)
            | CommitteeRow.filing_number.contains(words, autoescape=True)
        )
    return statement


async def list_committees(
    session: AsyncSession, *, area: str, kind: str = "", words: str = ""
) -> list[Listed]:
    """Return the committees of an area by code, with their staff."""
    rows = list(await session.scalars(_committees(area=area, kind=kind, words=words)))
    staff = await count_staff(session, area=area)
    return [Listed(committee=row, staff=staff.get(row.id, Staff())) for row in rows]


async def count_staff(session: AsyncSession, *, area: str) -> dict[int, Staff]:
    """Return the staff of every committee of an area that has any, by the committee's id."""
    account = exists(
        select(literal(1)).where(
            AccountRow.person_id == MediatorRow.person_id, AccountRow.reachable.is_(True)
        )
    )
    able = MediatorRow.on_duty.is_(True) & account
    statement = (
        select(
            MediatorRow.committee_id,
            func.count(),
            func.count().filter(MediatorRow.full_time.is_(True)),
            func.count().filter(MediatorRow.sex == "female"),
            func.count().filter(MediatorRow.sex == ""),
            func.count().filter(able),
        )
        .join(CommitteeRow, CommitteeRow.id == MediatorRow.committee_id)
        .where(MediatorRow.left_at.is_(None), MediatorRow.role == MEDIATOR, *_within(area))
        .group_by(MediatorRow.committee_id)
    )
    return {
        committee_id: Staff(
            members=members, full_time=full, women=women, unknown_sex=unknown, reachable=reachable
        )
        for committee_id, members, full, women, unknown, reachable in (await session.execute(statement)).all()
    }


async def find_committee(session: AsyncSession, committee_id: int, *, area: str) -> CommitteeRow | None:
    """Return a committee of an area."""
    statement = select(CommitteeRow).where(CommitteeRow.id == committee_id, *_within(area))
    return (await session.scalars(statement)).one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A mediator or helper with the committee; `bound` says that an account was bound with the code."""

    mediator: MediatorRow
    committee: CommitteeRow
    bound: bool
    reachable: bool


async def list_people(
    session: AsyncSession,
    *,
    area: str,
    role: str = "",
    committee_id: int | None = None,
    gone: bool = False,
    after: int = 0,
    limit: int | None = None,
) -> list[Person]:
    """Return who serves the committees of an area, by number; those who left only when asked for."""
    reachable = exists(
        select(literal(1)).where(
            AccountRow.person_id == MediatorRow.person_id, AccountRow.reachable.is_(True)
        )
    )
    statement = (
        select(MediatorRow, CommitteeRow, reachable)
        .join(CommitteeRow, CommitteeRow.id == MediatorRow.committee_id)
        .where(MediatorRow.id > after, *_within(area))
        .order_by(MediatorRow.id)
    )
    if role:
        statement = statement.where(MediatorRow.role == role)
    if committee_id is not None:
        statement = statement.where(MediatorRow.committee_id == committee_id)
    if not gone:
        statement = statement.where(MediatorRow.left_at.is_(None))
    if limit is not None:
        statement = statement.limit(limit)
    rows = (await session.execute(statement)).all()
    return [
        Person(
            mediator=mediator,
            committee=committee,
            bound=mediator.person_id is not None,
            reachable=bool(can_be_told),
        )
        for mediator, committee, can_be_told in rows
    ]


async def find_mediator(session: AsyncSession, mediator_id: int, *, area: str) -> MediatorRow | None:
    """Return a mediator or helper of an area, locked."""
    statement = (
        select(MediatorRow)
        .join(CommitteeRow, CommitteeRow.id == MediatorRow.committee_id)
        .where(MediatorRow.id == mediator_id, *_within(area))
        .with_for_update(of=MediatorRow)
    )
    return (await session.scalars(statement)).one_or_none()


async def list_children(session: AsyncSession, parent: str) -> list[RegionRow]:
    """Return the regions directly below one, by code."""
    statement = select(RegionRow).where(RegionRow.parent == parent).order_by(RegionRow.code)
    return list(await session.scalars(statement))


async def find_region(session: AsyncSession, code: str) -> RegionRow | None:
    """Return a region."""
    return await session.get(RegionRow, code)


async def count_children(session: AsyncSession, parents: Sequence[str]) -> dict[str, int]:
    """Return how many regions lie directly below each of some."""
    statement = (
        select(RegionRow.parent, func.count()).where(RegionRow.parent.in_(parents)).group_by(RegionRow.parent)
    )
    return {parent: count for parent, count in (await session.execute(statement)).all() if parent}


async def name_of_person(session: AsyncSession, person_id: int) -> str | None:
    """Return a person's own name."""
    row = await session.get(PersonRow, person_id)
    return row.name if row else None
