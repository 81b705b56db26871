"""What the subsidy ledger (以案定补) looks at: cases of a time, of the same people, and how they ended."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.registry import MEDIATOR
from storage.tables import (
    AgreementRow,
    CaseRow,
    CommitteeRow,
    InquiryRow,
    MediatorRow,
    ObligationRow,
    PersonRow,
    TimelineRow,
)

AT_ONCE = 500
"""Ids in one statement: SQLite takes some thousand, and plans stay small."""


def _portions(ids: Iterable[int | str]) -> Iterator[Sequence[int | str]]:
    distinct = sorted(set(ids), key=str)
    for start in range(0, len(distinct), AT_ONCE):
        yield distinct[start : start + AT_ONCE]


async def list_cases_between(session: AsyncSession, *, since: datetime, until: datetime) -> list[CaseRow]:
    """Return the cases that ended, or had an agreement drafted, from `since` up to `until`, oldest first."""
    drafted = (
        select(AgreementRow.id)
        .where(
            AgreementRow.case_id == CaseRow.id,
            AgreementRow.drafted_at >= since,
            AgreementRow.drafted_at < until,
        )
        .exists()
    )
    ended = and_(CaseRow.ended_at >= since, CaseRow.ended_at < until)
    statement = select(CaseRow).where(or_(ended, drafted)).order_by(CaseRow.id)
    return list(await session.scalars(statement))


async def list_cases_of_people(session: AsyncSession, people: Iterable[int]) -> list[CaseRow]:
    """Return every case in which one of the people is a party."""
    found: dict[int, CaseRow] = {}
    for ids in _portions(people):
        statement = select(CaseRow).where(or_(CaseRow.applicant_id.in_(ids), CaseRow.respondent_id.in_(ids)))
        found |= {case.id: case for case in await session.scalars(statement)}
    return [found[case_id] for case_id in sorted(found)]


async def list_phone_hashes(session: AsyncSession, people: Iterable[int]) -> dict[int, str]:
    """Return the keyed hash of each person's phone, of those who left one."""
    found: dict[int, str] = {}
    for ids in _portions(people):
        rows = await session.execute(
            select(PersonRow.id, PersonRow.phone_hash).where(
                PersonRow.id.in_(ids), PersonRow.phone_hash.is_not(None)
            )
        )
        found |= {person_id: phone_hash for person_id, phone_hash in rows.all() if phone_hash}
    return found


async def list_people_with(session: AsyncSession, phone_hashes: Iterable[str]) -> set[int]:
    """Return everybody who left one of the phones."""
    found: set[int] = set()
    for hashes in _portions(phone_hashes):
        found |= set(await session.scalars(select(PersonRow.id).where(PersonRow.phone_hash.in_(hashes))))
    return found


async def list_agreements_of(
    session: AsyncSession, case_ids: Iterable[int]
) -> dict[int, tuple[AgreementRow, ...]]:
    """Return all versions of each case's agreement, oldest first."""
    found: defaultdict[int, list[AgreementRow]] = defaultdict(list)
    for ids in _portions(case_ids):
        statement = select(AgreementRow).where(AgreementRow.case_id.in_(ids)).order_by(AgreementRow.id)
        for row in await session.scalars(statement):
            found[row.case_id].append(row)
    return {case_id: tuple(rows) for case_id, rows in found.items()}


async def list_performance(
    session: AsyncSession, agreement_ids: Iterable[int]
) -> dict[int, tuple[tuple[str, float | None], ...]]:
    """Return (how it was found performed, sum in yuan) of each obligation, "" for not performed."""
    found: defaultdict[int, list[tuple[str, float | None]]] = defaultdict(list)
    for ids in _portions(agreement_ids):
        rows = await session.execute(
            select(
                ObligationRow.agreement_id,
                ObligationRow.state,
                ObligationRow.performed_how,
                ObligationRow.amount,
            )
            .where(ObligationRow.agreement_id.in_(ids))
            .order_by(ObligationRow.agreement_id, ObligationRow.seq)
        )
        for agreement_id, state, how, amount in rows.all():
            found[agreement_id].append((how if state == "performed" else "", amount))
    return {agreement_id: tuple(rows) for agreement_id, rows in found.items()}


async def list_silent_sides(
    session: AsyncSession, agreement_ids: Iterable[int]
) -> dict[int, tuple[str, ...]]:
    """Return the sides that were asked to confirm each agreement and did not answer."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for ids in _portions(agreement_ids):
        rows = await session.execute(
            select(InquiryRow.subject_id, InquiryRow.side)
            .where(
                InquiryRow.kind == "confirmation",
                InquiryRow.state == "silent",
                InquiryRow.subject_id.in_(ids),
            )
            .order_by(InquiryRow.id)
        )
        for agreement_id, side in rows.all():
            found[agreement_id or 0].append(side)
    return {agreement_id: tuple(sides) for agreement_id, sides in found.items()}


async def list_steps_of(
    session: AsyncSession, case_ids: Iterable[int], *, events: Sequence[str]
) -> dict[int, tuple[tuple[str, datetime], ...]]:
    """Return (event, time) of the steps of some kinds of each case, in their order."""
    found: defaultdict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for ids in _portions(case_ids):
        rows = await session.execute(
            select(TimelineRow.case_id, TimelineRow.event, TimelineRow.at)
            .where(TimelineRow.case_id.in_(ids), TimelineRow.event.in_(events))
            .order_by(TimelineRow.case_id, TimelineRow.seq)
        )
        for case_id, event, at in rows.all():
            found[case_id].append((event, at))
    return {case_id: tuple(steps) for case_id, steps in found.items()}


async def list_committees_by_id(
    session: AsyncSession, committee_ids: Iterable[int]
) -> dict[int, CommitteeRow]:
    """Return committees by their id."""
    found: dict[int, CommitteeRow] = {}
    for ids in _portions(committee_ids):
        rows = await session.scalars(select(CommitteeRow).where(CommitteeRow.id.in_(ids)))
        found |= {row.id: row for row in rows}
    return found


async def list_mediators_of(session: AsyncSession, committee_ids: Iterable[int]) -> list[MediatorRow]:
    """Return everybody who serves or served the committees as a mediator."""
    found: list[MediatorRow] = []
    for ids in _portions(committee_ids):
        statement = select(MediatorRow).where(MediatorRow.committee_id.in_(ids), MediatorRow.role == MEDIATOR)
        found += await session.scalars(statement)
    return found


async def list_mediator_names(session: AsyncSession, mediator_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of mediators by their id."""
    found: dict[int, str] = {}
    for ids in _portions(mediator_ids):
        rows = await session.execute(select(MediatorRow.id, MediatorRow.name).where(MediatorRow.id.in_(ids)))
        for mediator_id, name in rows.all():
            found[mediator_id] = name
    return found
