"""Cases, offers, timeline, attachments and tips."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from mediation.vocabulary import Audience
from storage.sealing import current_sealer
from storage.tables import (
    AccountRow,
    AttachmentRow,
    CaseRow,
    CounterRow,
    InvitationRow,
    OfferRow,
    TimelineRow,
)

FIRST_HASH = "0" * 64
MOST_WAITING = 50
MOST_COMPARED = 300


async def next_number(session: AsyncSession, series: str) -> int:
    """Return the next running number of a series, starting with 1, without gaps between commits."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(CounterRow)
        .values(name=series, value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": CounterRow.value + 1})
        .returning(CounterRow.value)
    )
    number: int = (await session.execute(statement)).scalar_one()
    return number


async def get_case(session: AsyncSession, case_id: int) -> CaseRow:
    """Return a case, locked for this transaction."""
    return await session.get_one(CaseRow, case_id, with_for_update=True, populate_existing=True)


async def list_cases_of_party(session: AsyncSession, person_id: int) -> list[CaseRow]:
    """Return the cases in which a person is a party, newest first."""
    statement = (
        select(CaseRow)
        .where(or_(CaseRow.applicant_id == person_id, CaseRow.respondent_id == person_id))
        .order_by(CaseRow.id.desc())
    )
    return list(await session.scalars(statement))


async def add_invitation(session: AsyncSession, *, case_id: int, code: str, expires_at: datetime) -> None:
    """Keep the keyed hash of an invitation code; earlier codes of the case are void."""
    await session.execute(
        delete(InvitationRow).where(InvitationRow.case_id == case_id, InvitationRow.used_at.is_(None))
    )
    code_hash = current_sealer().digest(f"invitation:{code}")
    session.add(InvitationRow(case_id=case_id, code_hash=code_hash, expires_at=expires_at))
    await session.flush()


async def find_invitation(session: AsyncSession, code: str) -> InvitationRow | None:
    """Return the code's row, locked, whatever its state."""
    statement = (
        select(InvitationRow)
        .where(InvitationRow.code_hash == current_sealer().digest(f"invitation:{code}"))
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def list_attachments(session: AsyncSession, case_id: int) -> list[AttachmentRow]:
    """Return what was sent for a case, oldest first."""
    statement = select(AttachmentRow).where(AttachmentRow.case_id == case_id).order_by(AttachmentRow.id)
    return list(await session.scalars(statement))


async def list_cases_of_mediator(
    session: AsyncSession, mediator_id: int, *, statuses: tuple[str, ...] | None
) -> list[CaseRow]:
    """Return a mediator's cases in some statuses, or all of them, oldest first."""
    statement = select(CaseRow).where(CaseRow.mediator_id == mediator_id).order_by(CaseRow.id)
    if statuses is not None:
        statement = statement.where(CaseRow.status.in_(statuses))
    return list(await session.scalars(statement))


async def list_settled_like(session: AsyncSession, *, dispute_type: str, except_id: int) -> list[CaseRow]:
    """Return the latest closed cases of a type, newest first."""
    statement = (
        select(CaseRow)
        .where(CaseRow.dispute_type == dispute_type, CaseRow.status == "closed", CaseRow.id != except_id)
        .order_by(CaseRow.id.desc())
        .limit(MOST_COMPARED)
    )
    return list(await session.scalars(statement))


async def list_cases_waiting(
    session: AsyncSession, *, committee_id: int, area: str, status: str
) -> list[CaseRow]:
    """Return cases in one status that a committee or its area has, oldest first, locked."""
    statement = (
        select(CaseRow)
        .where(
            or_(CaseRow.committee_id == committee_id, CaseRow.place.startswith(area)),
            CaseRow.status == status,
        )
        .order_by(CaseRow.id)
        .limit(MOST_WAITING)
        .with_for_update()
    )
    return list(await session.scalars(statement))


async def count_cases(session: AsyncSession) -> dict[str, int]:
    """Return how many cases stand in each status."""
    rows = await session.execute(select(CaseRow.status, func.count()).group_by(CaseRow.status))
    return dict(rows.tuples().all())


async def add_entry(
    session: AsyncSession,
    *,
    case_id: int,
    at: datetime,
    actor: str,
    event: str,
    audience: frozenset[Audience],
    content: dict[str, Any],
) -> TimelineRow:
    """Append one step to a case's timeline and chain it to the one before.

    The chain is SHA-256 over the previous hash, the digest of the content and the facts of the step; the
    content may later be erased while the chain still holds.
    """
    last = (
        await session.scalars(
            select(TimelineRow)
            .where(TimelineRow.case_id == case_id)
            .order_by(TimelineRow.seq.desc())
            .limit(1)
        )
    ).one_or_none()
    seq = last.seq + 1 if last else 1
    previous = last.hash if last else FIRST_HASH
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    names = sorted(member.value for member in audience)
    row = TimelineRow(
        case_id=case_id,
        seq=seq,
        at=at,
        actor=actor,
        event=event,
        audience=names,
        content=content,
        digest=digest,
        previous_hash=previous,
        hash=chain_hash(
            previous=previous,
            digest=digest,
            case_id=case_id,
            seq=seq,
            at=at,
            actor=actor,
            event=event,
            audience=names,
        ),
    )
    session.add(row)
    await session.flush()
    return row


def chain_hash(
    *,
    previous: str,
    digest: str,
    case_id: int,
    seq: int,
    at: datetime,
    actor: str,
    event: str,
    audience: list[str],
) -> str:
    """Return the hash of one timeline entry, 64 hex characters."""
    facts = [previous, digest, case_id, seq, f"{at.timestamp():.6f}", actor, event, audience]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


async def list_timeline(session: AsyncSession, case_id: int) -> list[TimelineRow]:
    """Return the steps of a case, first to last."""
    statement = select(TimelineRow).where(TimelineRow.case_id == case_id).order_by(TimelineRow.seq)
    return list(await session.scalars(statement))


async def add_offer(
    session: AsyncSession,
    *,
    case_id: int,
    mediator_id: int,
    committee_id: int,
    offered_at: datetime,
    due_at: datetime,
) -> OfferRow:
    """Offer a case to a mediator; the database allows one open offer per case."""
    row = OfferRow(
        case_id=case_id,
        mediator_id=mediator_id,
        committee_id=committee_id,
        offered_at=offered_at,
        due_at=due_at,
    )
    session.add(row)
    await session.flush()
    return row


async def get_offer(session: AsyncSession, offer_id: int) -> OfferRow:
    """Return an offer, locked for this transaction."""
    return await session.get_one(OfferRow, offer_id, with_for_update=True, populate_existing=True)


async def find_open_offer(session: AsyncSession, case_id: int) -> OfferRow | None:
    """Return the case's open offer, locked."""
    statement = (
        select(OfferRow).where(OfferRow.case_id == case_id, OfferRow.state == "open").with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def list_open_offers(session: AsyncSession, mediator_id: int) -> list[OfferRow]:
    """Return a mediator's open offers, oldest first."""
    statement = (
        select(OfferRow)
        .where(OfferRow.mediator_id == mediator_id, OfferRow.state == "open")
        .order_by(OfferRow.id)
    )
    return list(await session.scalars(statement))


async def list_offered_mediators(
    session: AsyncSession, case_id: int, *, state: str | None = None
) -> frozenset[int]:
    """Return everybody who was already offered the case, or whose offer ended in one state."""
    statement = select(OfferRow.mediator_id).where(OfferRow.case_id == case_id)
    if state is not None:
        statement = statement.where(OfferRow.state == state)
    return frozenset(await session.scalars(statement))


def add_attachment(
    session: AsyncSession,
    *,
    account_id: int,
    case_id: int | None,
    kind: str,
    media_id: str,
    received_at: datetime,
) -> AttachmentRow:
    """Keep a reference to something sent; the file itself is fetched afterwards."""
    row = AttachmentRow(
        account_id=account_id,
        case_id=case_id,
        kind=kind,
        media_id=media_id,
        received_at=received_at,
        fetch_after=received_at,
    )
    session.add(row)
    return row


async def attach_to_case(session: AsyncSession, attachment_ids: Sequence[int], *, case_id: int) -> None:
    """Give attachments to a case."""
    await session.execute(
        update(AttachmentRow).where(AttachmentRow.id.in_(attachment_ids)).values(case_id=case_id)
    )


async def claim_attachment(
    session: AsyncSession, *, now: datetime, again_at: datetime
) -> tuple[AttachmentRow, AccountRow] | None:
    """Lease the next file that is to be fetched from its platform."""
    statement = (
        select(AttachmentRow)
        .where(AttachmentRow.fetch_after <= now)
        .order_by(AttachmentRow.fetch_after)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        return None
    row.fetch_after = again_at
    row.attempts += 1
    return row, await session.get_one(AccountRow, row.account_id)


async def get_attachment(session: AsyncSession, attachment_id: int) -> AttachmentRow:
    """Return one attachment, locked for this transaction."""
    return await session.get_one(AttachmentRow, attachment_id, with_for_update=True)
