"""Cases put into a database without the dialogue that leads to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mediation.vocabulary import Audience
from storage.cases import add_entry, next_number
from storage.people import set_phone
from storage.tables import (
    AccountRow,
    AgreementRow,
    CaseRow,
    CommitteeRow,
    InquiryRow,
    MediatorRow,
    ObligationRow,
    PersonRow,
)
from tests.phones import START

VILLAGE = "411122102215"
STORY = "东边邻居盖房占了俺家宅基地半米，说了几回都不听，俺要求他退回来"


async def add_person(session: AsyncSession, *, phone: str = "", channel: bool = True) -> PersonRow:
    """Add somebody, with an account unless said otherwise."""
    person = PersonRow(created_at=START)
    if phone:
        set_phone(person, phone)
    session.add(person)
    await session.flush()
    if channel:
        session.add(AccountRow(person_id=person.id, channel="wechat", address=f"person-{person.id}"))
        await session.flush()
    return person


async def add_mediator(session: AsyncSession, name: str = "赵春生", *, phone: str = "") -> MediatorRow:
    """Add a mediator of the village."""
    committee = (await session.scalars(select(CommitteeRow).where(CommitteeRow.code == VILLAGE))).one()
    person = await add_person(session, phone=phone)
    row = MediatorRow(committee_id=committee.id, person_id=person.id, name=name, specialities=[])
    session.add(row)
    await session.flush()
    return row


@dataclass(kw_only=True)
class Told:
    """A case to be put into the database: settled, confirmed by both, performed, closed, unless changed."""

    mediator: MediatorRow
    applicant: PersonRow | None = None
    respondent: PersonRow | None = None
    filed_at: datetime = START
    took: timedelta = timedelta(days=3)
    status: str = "closed"
    end_reason: str | None = "settled"
    summary: str = STORY
    dispute_type: str = "homestead"
    grade: str = "none"
    people: int | None = None
    amount: float | None = None
    form: str = "written"
    agreement: str | None = "effective"
    words: str = "李大柱把多占的半米地还给王大爷，以后不再占"
    confirmed: tuple[str, str] = ("chat", "chat")
    performed: tuple[str, ...] = ("chat",)
    owed: float | None = None
    silent: tuple[str, ...] = ()
    steps: tuple[str, ...] = ("filed", "accepted", "settled", "closed")
    case: Mapping[str, Any] = field(default_factory=dict)


async def add_case(session: AsyncSession, told: Told) -> CaseRow:
    """Put a case with its agreement, obligations and timeline into the database."""
    applicant = told.applicant or await add_person(session)
    respondent = told.respondent or await add_person(session)
    account = (
        await session.scalars(select(AccountRow).where(AccountRow.person_id == applicant.id).limit(1))
    ).first()
    assert account is not None
    ended = told.status in {"closed", "terminated", "withdrawn", "rejected"}
    number = await next_number(session, "rows")
    case = CaseRow(
        case_no=f"漯调2026-{number:06d}",
        status=told.status,
        dispute_type=told.dispute_type,
        place=VILLAGE,
        applicant_id=applicant.id,
        respondent_id=respondent.id,
        account_id=account.id,
        applicant_name="王大爷",
        respondent_name="李大柱",
        summary=told.summary,
        grade=told.grade,
        risk=[],
        groups=[],
        rooms=[],
        people=told.people,
        amount=told.amount,
        committee_id=told.mediator.committee_id,
        mediator_id=told.mediator.id,
        filed_at=told.filed_at,
        accepted_at=told.filed_at,
        ended_at=told.filed_at + told.took if ended else None,
        end_reason=told.end_reason if ended else None,
        **told.case,
    )
    session.add(case)
    await session.flush()
    if told.agreement is not None:
        await _add_agreement(session, case, told)
    for position, event in enumerate(told.steps):
        await add_entry(
            session,
            case_id=case.id,
            at=told.filed_at + told.took * position / max(len(told.steps) - 1, 1),
            actor="system",
            event=event,
            audience=frozenset(Audience),
            content={"text": f"{event}的内容"},
        )
    return case


async def _add_agreement(session: AsyncSession, case: CaseRow, told: Told) -> None:
    row = AgreementRow(
        case_id=case.id,
        form=told.form,
        words=told.words,
        state=told.agreement,
        warnings=[],
        drafted_at=told.filed_at,
        applicant_confirmed_how=told.confirmed[0],
        respondent_confirmed_how=told.confirmed[1],
        effective_at=told.filed_at + told.took if told.agreement == "effective" else None,
    )
    session.add(row)
    await session.flush()
    for seq, how in enumerate(told.performed, start=1):
        session.add(
            ObligationRow(
                agreement_id=row.id,
                seq=seq,
                kind="pay" if told.owed else "act",
                amount=told.owed,
                act="" if told.owed else "把多占的半米地还给王大爷",
                condition="",
                paid=0,
                state="performed" if how else "due",
                performed_how=how,
            )
        )
    for side in told.silent:
        person_id = case.applicant_id if side == "applicant" else case.respondent_id
        session.add(
            InquiryRow(
                case_id=case.id,
                person_id=person_id,
                side=side,
                kind="confirmation",
                subject_id=row.id,
                facts={},
                state="silent",
                created_at=told.filed_at,
            )
        )
    await session.flush()
