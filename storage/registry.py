"""Regions, committees, mediators and their binding codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Exists, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from mediation.assignment import Candidate
from mediation.committees import Committee
from mediation.lifecycle import WITH_MEDIATOR
from mediation.regions import Region
from mediation.vocabulary import CommitteeKind, DisputeType, RegionLevel
from storage.sealing import current_sealer
from storage.tables import (
    AccountRow,
    BindingCodeRow,
    CaseRow,
    CommitteeRow,
    MediatorRow,
    OfferRow,
    RegionRow,
)

BUSY_STATUSES = tuple(status.value for status in WITH_MEDIATOR)
MEDIATOR = "mediator"


async def list_regions(session: AsyncSession) -> list[Region]:
    """Return all regions, widest first."""
    rows = await session.scalars(select(RegionRow).order_by(func.length(RegionRow.code), RegionRow.code))
    return [
        Region(code=row.code, name=row.name, level=RegionLevel(row.level), parent=row.parent) for row in rows
    ]


async def save_regions(session: AsyncSession, regions: Iterable[Region]) -> int:
    """Add regions and correct changed names; returns how many are new."""
    known = {row.code: row for row in await session.scalars(select(RegionRow))}
    new = 0
    for region in regions:
        row = known.get(region.code)
        if row is None:
            session.add(
                RegionRow(code=region.code, name=region.name, level=region.level.value, parent=region.parent)
            )
            new += 1
        else:
            row.name, row.level, row.parent = region.name, region.level.value, region.parent
    await session.flush()
    return new


async def save_committee(
    session: AsyncSession,
    *,
    code: str,
    name: str,
    kind: str,
    region: str,
    sectors: Sequence[str] = (),
    note: str = "",
) -> CommitteeRow:
    """Add a committee; one that exists keeps what officials changed."""
    row = await find_committee_by_code(session, code)
    if row is None:
        row = CommitteeRow(code=code, name=name, kind=kind, region=region, sectors=list(sectors), note=note)
        session.add(row)
    return row


async def list_committee_codes(session: AsyncSession) -> set[str]:
    """Return the codes of all committees."""
    return set(await session.scalars(select(CommitteeRow.code)))


async def find_committee_by_code(session: AsyncSession, code: str) -> CommitteeRow | None:
    """Return the committee with a code."""
    return (await session.scalars(select(CommitteeRow).where(CommitteeRow.code == code))).one_or_none()


async def list_committees_named(session: AsyncSession, words: str) -> list[CommitteeRow]:
    """Return committees by code, by whole name, or by a part of the name."""
    exact = list(
        await session.scalars(
            select(CommitteeRow).where(or_(CommitteeRow.code == words, CommitteeRow.name == words))
        )
    )
    if exact:
        return exact
    return list(
        await session.scalars(
            select(CommitteeRow)
            .where(CommitteeRow.name.contains(words, autoescape=True))
            .order_by(CommitteeRow.code)
        )
    )


async def list_all_committees(session: AsyncSession) -> list[CommitteeRow]:
    """Return all committees by code."""
    return list(await session.scalars(select(CommitteeRow).order_by(CommitteeRow.code)))


def _has_reachable_mediator() -> Exists:
    return (
        select(MediatorRow.id)
        .join(AccountRow, AccountRow.person_id == MediatorRow.person_id)
        .where(
            MediatorRow.committee_id == CommitteeRow.id,
            MediatorRow.left_at.is_(None),
            MediatorRow.role == MEDIATOR,
            MediatorRow.on_duty.is_(True),
            AccountRow.reachable.is_(True),
        )
        .exists()
    )


async def list_committees_of(session: AsyncSession, regions: Sequence[str]) -> list[Committee]:
    """Return all committees whose area is one of the regions, with whether anybody can be reached."""
    statement = select(CommitteeRow, _has_reachable_mediator()).where(CommitteeRow.region.in_(regions))
    rows = (await session.execute(statement)).all()
    return [as_committee(row, reachable=bool(reachable)) for row, reachable in rows]


def as_committee(row: CommitteeRow, *, reachable: bool) -> Committee:
    """Return the committee as the rules know it."""
    return Committee(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=CommitteeKind(row.kind),
        region=row.region,
        sectors=frozenset(DisputeType(sector) for sector in row.sectors),
        reachable=reachable,
    )


async def get_committee(session: AsyncSession, committee_id: int) -> CommitteeRow:
    """Return one committee."""
    return await session.get_one(CommitteeRow, committee_id)


async def get_mediator(session: AsyncSession, mediator_id: int) -> MediatorRow:
    """Return one mediator."""
    return await session.get_one(MediatorRow, mediator_id)


async def find_mediator_of_person(session: AsyncSession, person_id: int) -> MediatorRow | None:
    """Return the mediator that a person is."""
    statement = select(MediatorRow).where(MediatorRow.person_id == person_id, MediatorRow.left_at.is_(None))
    return (await session.scalars(statement)).first()


async def list_staff(session: AsyncSession, committee_id: int) -> list[MediatorRow]:
    """Return everybody who serves a committee: mediators and those who help them."""
    statement = (
        select(MediatorRow)
        .where(MediatorRow.committee_id == committee_id, MediatorRow.left_at.is_(None))
        .order_by(MediatorRow.id)
    )
    return list(await session.scalars(statement))


async def list_mediators(session: AsyncSession, committee_id: int) -> list[MediatorRow]:
    """Return the mediators who serve a committee."""
    return [one for one in await list_staff(session, committee_id) if one.role == MEDIATOR]


async def list_helpers(session: AsyncSession, *, role: str, regions: Sequence[str]) -> list[MediatorRow]:
    """Return those with a role who serve one of the regions and are bound, the nearest first."""
    statement = (
        select(MediatorRow)
        .join(CommitteeRow, CommitteeRow.id == MediatorRow.committee_id)
        .where(
            MediatorRow.role == role,
            MediatorRow.left_at.is_(None),
            MediatorRow.person_id.is_not(None),
            CommitteeRow.region.in_(regions),
        )
        .order_by(func.length(CommitteeRow.region).desc(), MediatorRow.id)
    )
    return list(await session.scalars(statement))


async def list_candidates(session: AsyncSession, committee_id: int) -> list[Candidate]:
    """Return a committee's mediators with duty, load and speciality, locked against a second choice."""
    mediators = await session.scalars(
        select(MediatorRow)
        .where(
            MediatorRow.committee_id == committee_id,
            MediatorRow.left_at.is_(None),
            MediatorRow.role == MEDIATOR,
        )
        .order_by(MediatorRow.id)
        .with_for_update()
    )
    candidates = []
    for row in mediators:
        reachable = row.person_id is not None and await session.scalar(
            select(AccountRow.id)
            .where(AccountRow.person_id == row.person_id, AccountRow.reachable.is_(True))
            .limit(1)
        )
        load = await session.scalar(
            select(func.count())
            .select_from(CaseRow)
            .where(CaseRow.mediator_id == row.id, CaseRow.status.in_(BUSY_STATUSES))
        )
        waiting = await session.scalar(
            select(func.count())
            .select_from(OfferRow)
            .where(OfferRow.mediator_id == row.id, OfferRow.state == "open")
        )
        candidates.append(
            Candidate(
                mediator_id=row.id,
                committee_id=row.committee_id,
                on_duty=row.on_duty,
                reachable=bool(reachable),
                open_cases=(load or 0) + (waiting or 0),
                specialities=frozenset(DisputeType(code) for code in row.specialities),
                last_offered_at=row.last_offered_at,
            )
        )
    return candidates


async def add_mediator(
    session: AsyncSession,
    *,
    committee_id: int,
    name: str,
    specialities: Sequence[str] = (),
    role: str = MEDIATOR,
) -> MediatorRow:
    """Add a mediator or helper who is not bound to an account yet."""
    row = MediatorRow(committee_id=committee_id, name=name, specialities=list(specialities), role=role)
    session.add(row)
    await session.flush()
    return row


async def add_binding_code(
    session: AsyncSession, *, mediator_id: int, code: str, expires_at: datetime
) -> None:
    """Keep the keyed hash of a one-time code; earlier codes that were not used are void."""
    await session.execute(
        delete(BindingCodeRow).where(
            BindingCodeRow.mediator_id == mediator_id, BindingCodeRow.used_at.is_(None)
        )
    )
    session.add(
        BindingCodeRow(
            mediator_id=mediator_id, code_hash=current_sealer().digest(f"code:{code}"), expires_at=expires_at
        )
    )


async def find_binding_code(session: AsyncSession, code: str) -> BindingCodeRow | None:
    """Return the code's row, locked, whatever its state."""
    statement = (
        select(BindingCodeRow)
        .where(BindingCodeRow.code_hash == current_sealer().digest(f"code:{code}"))
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()
