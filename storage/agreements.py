"""Agreements, their obligations, and meetings."""

from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from mediation.agreement import Obligation
from storage.tables import AgreementRow, CaseRow, MeetingRow, ObligationRow

LIVE = ("draft", "confirming", "effective")


async def find_agreement(session: AsyncSession, case_id: int) -> AgreementRow | None:
    """Return the case's agreement that is drafted, waits for confirmation or is in effect, locked."""
    statement = (
        select(AgreementRow)
        .where(AgreementRow.case_id == case_id, AgreementRow.state.in_(LIVE))
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def get_agreement(session: AsyncSession, agreement_id: int) -> AgreementRow:
    """Return an agreement, locked for this transaction."""
    return await session.get_one(AgreementRow, agreement_id, with_for_update=True, populate_existing=True)


async def list_agreements(session: AsyncSession, case_id: int) -> list[AgreementRow]:
    """Return every version of a case's agreement, oldest first."""
    statement = select(AgreementRow).where(AgreementRow.case_id == case_id).order_by(AgreementRow.id)
    return list(await session.scalars(statement))


async def save_draft(
    session: AsyncSession, *, case_id: int, form: str, words: str, warnings: list[str], now: datetime
) -> AgreementRow:
    """Keep the words of an agreement as the case's one draft."""
    row = await find_agreement(session, case_id)
    if row is None:
        row = AgreementRow(case_id=case_id, form=form, words=words, warnings=warnings, drafted_at=now)
        session.add(row)
    else:
        row.form, row.words, row.warnings, row.drafted_at = form, words, warnings, now
    await session.flush()
    return row


async def replace_obligations(
    session: AsyncSession, agreement_id: int, obligations: tuple[Obligation, ...]
) -> None:
    """Write down what was promised, in its order."""
    await session.execute(delete(ObligationRow).where(ObligationRow.agreement_id == agreement_id))
    for seq, one in enumerate(obligations, start=1):
        which, of = one.instalment or (None, None)
        session.add(
            ObligationRow(
                agreement_id=agreement_id,
                seq=seq,
                kind=one.kind.value,
                debtor=one.debtor.value if one.debtor else None,
                creditor=one.creditor.value if one.creditor else None,
                amount=one.amount,
                act=one.act,
                due_on=one.due_on,
                immediate=one.immediate,
                instalment=which,
                instalments=of,
                condition=one.condition,
                paid=0,
            )
        )
    await session.flush()


async def list_obligations(session: AsyncSession, agreement_id: int) -> list[ObligationRow]:
    """Return an agreement's obligations in their order."""
    statement = (
        select(ObligationRow).where(ObligationRow.agreement_id == agreement_id).order_by(ObligationRow.seq)
    )
    return list(await session.scalars(statement))


async def get_obligation(session: AsyncSession, obligation_id: int) -> ObligationRow:
    """Return an obligation, locked for this transaction."""
    return await session.get_one(ObligationRow, obligation_id, with_for_update=True, populate_existing=True)


async def add_meeting(
    session: AsyncSession, *, case_id: int, at: datetime, all_day: bool, place: str, sides: list[str]
) -> MeetingRow:
    """Keep a meeting that was set."""
    row = MeetingRow(case_id=case_id, at=at, all_day=all_day, place=place, sides=sides, absent=[])
    session.add(row)
    await session.flush()
    return row


async def get_meeting(session: AsyncSession, meeting_id: int) -> MeetingRow:
    """Return a meeting, locked for this transaction."""
    return await session.get_one(MeetingRow, meeting_id, with_for_update=True, populate_existing=True)


async def list_set_meetings(session: AsyncSession, case_id: int) -> list[MeetingRow]:
    """Return the meetings that are set, locked, the next one first; sides may be met separately."""
    statement = (
        select(MeetingRow)
        .where(MeetingRow.case_id == case_id, MeetingRow.state == "set")
        .order_by(MeetingRow.at, MeetingRow.id)
        .with_for_update()
    )
    return list(await session.scalars(statement))


async def list_meetings(session: AsyncSession, case_id: int) -> list[MeetingRow]:
    """Return all meetings of a case, oldest first."""
    statement = select(MeetingRow).where(MeetingRow.case_id == case_id).order_by(MeetingRow.id)
    return list(await session.scalars(statement))


async def list_due_obligations(
    session: AsyncSession, *, mediator_id: int, until: date
) -> list[tuple[ObligationRow, CaseRow]]:
    """Return what is due by a day in a mediator's cases and not performed, earliest first."""
    statement = (
        select(ObligationRow, CaseRow)
        .join(AgreementRow, AgreementRow.id == ObligationRow.agreement_id)
        .join(CaseRow, CaseRow.id == AgreementRow.case_id)
        .where(
            AgreementRow.state == "effective",
            ObligationRow.state.in_(("due", "defaulted")),
            ObligationRow.due_on <= until,
            CaseRow.mediator_id == mediator_id,
        )
        .order_by(ObligationRow.due_on, ObligationRow.id)
    )
    rows = (await session.execute(statement)).all()
    return [(obligation, case) for obligation, case in rows]
