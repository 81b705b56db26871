"""What the case page reads: a case with its bodies, notices and calls, and messages just made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from storage.console_places import case_or_nowhere_within, place_of_case, region_within
from storage.console_tables import CallHandlingRow
from storage.outbox import is_to_person
from storage.tables import (
    AccountRow,
    AttachmentRow,
    CallTaskRow,
    CaseRow,
    CommitteeRow,
    DeliveryAttemptRow,
    InquiryRow,
    MediatorRow,
    OfferRow,
    OutboxRow,
    PersonRow,
    TimelineRow,
)

MOST_NOTICES = 200
MOST_COMMITTEES = 60
CHAT, CALL = "chat", "call"


@dataclass(frozen=True, slots=True)
class Marks:
    """The newest message and call before something is done."""

    outbox_id: int
    call_task_id: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was made: for whom, by chat or by call."""

    name: str
    how: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A case that goes by a number, and where it lies."""

    case_id: int
    place: str


async def find_case(session: AsyncSession, case_id: int) -> CaseRow | None:
    """Return a case without locking it."""
    return await session.get(CaseRow, case_id)


async def find_case_by_number(session: AsyncSession, case_no: str) -> Found | None:
    """Return which case a number names, None when none."""
    case_id = await session.scalar(select(CaseRow.id).where(CaseRow.case_no == case_no))
    if case_id is None:
        return None
    return Found(case_id, await place_of_case(session, case_id) or "")


async def last_entry(session: AsyncSession, case_id: int) -> TimelineRow | None:
    """Return the latest step of a case."""
    statement = (
        select(TimelineRow).where(TimelineRow.case_id == case_id).order_by(TimelineRow.seq.desc()).limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


async def message_marks(session: AsyncSession) -> Marks:
    """Return the marks behind which everything is new."""
    outbox_id = await session.scalar(select(func.max(OutboxRow.id))) or 0
    return Marks(outbox_id, await session.scalar(select(func.max(CallTaskRow.id))) or 0)


async def list_messages_since(session: AsyncSession, case_id: int, marks: Marks) -> list[Message]:
    """Return the messages and calls of a case made after the marks, in their order."""
    notices = await session.execute(
        select(PersonRow.name, OutboxRow.text)
        .join(AccountRow, AccountRow.id == OutboxRow.account_id)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(OutboxRow.id > marks.outbox_id, OutboxRow.case_id == case_id)
        .order_by(OutboxRow.id)
    )
    calls = await session.execute(
        select(PersonRow.name, CallTaskRow.text)
        .outerjoin(PersonRow, PersonRow.id == CallTaskRow.person_id)
        .where(CallTaskRow.id > marks.call_task_id, CallTaskRow.case_id == case_id)
        .order_by(CallTaskRow.id)
    )
    return [Message(name or "", CHAT, text) for name, text in notices] + [
        Message(name or "", CALL, text) for name, text in calls
    ]


async def find_committee(session: AsyncSession, committee_id: int) -> CommitteeRow | None:
    """Return one committee."""
    return await session.get(CommitteeRow, committee_id)


async def list_committees_within_reach(
    session: AsyncSession, *, regions: Sequence[str], area: str, words: str
) -> list[CommitteeRow]:
    """Return committees that a case may be sent to, the nearest or closest to `words` first.

    `regions` are the case's place and every wider region, `area` the operator's; `words` is a part of the
    name, "" for those of the case's regions only.
    """
    statement = select(CommitteeRow).limit(MOST_COMMITTEES)
    if words:
        statement = statement.order_by(func.length(CommitteeRow.name), CommitteeRow.id)
        statement = statement.where(CommitteeRow.name.contains(words, autoescape=True))
        if area:
            above = [area[:length] for length in (2, 4, 6, 9) if length < len(area)]
            statement = statement.where(
                or_(region_within(CommitteeRow.region, area), CommitteeRow.region.in_(above))
            )
    else:
        statement = statement.where(CommitteeRow.region.in_(regions)).order_by(
            func.length(CommitteeRow.region).desc(), CommitteeRow.id
        )
    return list(await session.scalars(statement))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice with its last attempt."""

    row: OutboxRow
    name: str | None
    channel: str
    last: DeliveryAttemptRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call task, who has it, and of whose case."""

    row: CallTaskRow
    handling: CallHandlingRow | None
    name: str | None
    phone: str | None
    case_no: str | None
    inquiry: InquiryRow | None


async def list_notices(session: AsyncSession, *conditions: object, limit: int = MOST_NOTICES) -> list[Notice]:
    """Return notices newest first with what became of them."""
    statement = (
        select(OutboxRow, PersonRow.name, AccountRow.channel)
        .join(AccountRow, AccountRow.id == OutboxRow.account_id)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(OutboxRow.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(statement)).all()
    last = await _last_attempts(session, [row.id for row, _, _ in rows])
    return [Notice(row=row, name=name, channel=channel, last=last.get(row.id)) for row, name, channel in rows]


async def _last_attempts(session: AsyncSession, notice_ids: list[int]) -> dict[int, DeliveryAttemptRow]:
    newest = (
        select(func.max(DeliveryAttemptRow.id))
        .where(DeliveryAttemptRow.outbox_id.in_(notice_ids))
        .group_by(DeliveryAttemptRow.outbox_id)
    )
    rows = await session.scalars(select(DeliveryAttemptRow).where(DeliveryAttemptRow.id.in_(newest)))
    return {row.outbox_id: row for row in rows}


async def list_notices_of_case(session: AsyncSession, case_id: int) -> list[Notice]:
    """Return a case's notices, newest first."""
    return await list_notices(session, OutboxRow.case_id == case_id)


async def list_calls(
    session: AsyncSession, *conditions: object, limit: int, urgent_first: bool
) -> list[Call]:
    """Return call tasks with who has them and what is asked."""
    statement = (
        select(CallTaskRow, CallHandlingRow, PersonRow.name, PersonRow.phone, CaseRow.case_no, InquiryRow)
        .outerjoin(CallHandlingRow, CallHandlingRow.call_task_id == CallTaskRow.id)
        .outerjoin(PersonRow, PersonRow.id == CallTaskRow.person_id)
        .outerjoin(CaseRow, CaseRow.id == CallTaskRow.case_id)
        .outerjoin(InquiryRow, InquiryRow.id == CallTaskRow.inquiry_id)
        .where(*conditions)  # type: ignore[arg-type]
        .limit(limit)
    )
    if urgent_first:
        urgency = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
        statement = statement.order_by(urgency("red orange yellow none", CallTaskRow.grade), CallTaskRow.id)
    else:
        statement = statement.order_by(CallTaskRow.done_at.desc(), CallTaskRow.id.desc())
    return [
        Call(row=row, handling=handling, name=name, phone=phone, case_no=case_no, inquiry=inquiry)
        for row, handling, name, phone, case_no, inquiry in (await session.execute(statement)).all()
    ]


def opens_call(area: str) -> ColumnElement[bool]:
    """Return the condition that a call task is the first of what its person is told and asked in one call."""
    earlier = aliased(CallTaskRow)
    return ~(
        select(earlier.id)
        .where(
            earlier.state == "open",
            earlier.person_id == CallTaskRow.person_id,
            earlier.id < CallTaskRow.id,
            is_to_person(earlier),
            is_to_person(CallTaskRow),
            *case_or_nowhere_within(earlier.case_id, area),
        )
        .exists()
    )


async def count_open_calls(session: AsyncSession, *, area: str) -> int:
    """Return how many calls are to be made in an area: as many as the list of somebody there has."""
    statement = (
        select(func.count())
        .select_from(CallTaskRow)
        .where(
            CallTaskRow.state == "open",
            opens_call(area),
            *case_or_nowhere_within(CallTaskRow.case_id, area),
        )
    )
    return await session.scalar(statement) or 0


async def case_numbers(session: AsyncSession, case_ids: Iterable[int]) -> dict[int, str]:
    """Return the numbers of cases by their ids."""
    statement = select(CaseRow.id, CaseRow.case_no).where(CaseRow.id.in_(set(case_ids)))
    return {row.id: row.case_no for row in await session.execute(statement)}


async def list_attachments(session: AsyncSession, case_id: int) -> list[AttachmentRow]:
    """Return what was sent for a case, oldest first."""
    statement = select(AttachmentRow).where(AttachmentRow.case_id == case_id).order_by(AttachmentRow.id)
    return list(await session.scalars(statement))


async def find_attachment(session: AsyncSession, case_id: int, attachment_id: int) -> AttachmentRow | None:
    """Return something that was sent for this very case."""
    row = await session.get(AttachmentRow, attachment_id)
    return row if row is not None and row.case_id == case_id else None


async def list_offers(session: AsyncSession, case_id: int) -> list[tuple[OfferRow, str]]:
    """Return a case's offers with the mediators' names, oldest first."""
    statement = (
        select(OfferRow, MediatorRow.name)
        .join(MediatorRow, MediatorRow.id == OfferRow.mediator_id)
        .where(OfferRow.case_id == case_id)
        .order_by(OfferRow.id)
    )
    return [(offer, name) for offer, name in (await session.execute(statement)).all()]


async def list_attempts(session: AsyncSession, notice_id: int) -> list[DeliveryAttemptRow]:
    """Return every attempt to deliver a notice, oldest first."""
    statement = (
        select(DeliveryAttemptRow)
        .where(DeliveryAttemptRow.outbox_id == notice_id)
        .order_by(DeliveryAttemptRow.id)
    )
    return list(await session.scalars(statement))


async def actor_names(session: AsyncSession, entries: Sequence[TimelineRow]) -> dict[str, str]:
    """Return the names behind `mediator:ID` and `person:ID` of some timeline entries."""
    by_kind: dict[str, set[int]] = {"mediator": set(), "person": set()}
    for entry in entries:
        kind, _, number = entry.actor.partition(":")
        if kind in by_kind and number.isdigit():
            by_kind[kind].add(int(number))
    names = {}
    mediators = await session.scalars(select(MediatorRow).where(MediatorRow.id.in_(by_kind["mediator"])))
    persons = await session.scalars(select(PersonRow).where(PersonRow.id.in_(by_kind["person"])))
    for mediator in mediators:
        names[f"mediator:{mediator.id}"] = mediator.name
    for person in persons:
        names[f"person:{person.id}"] = person.name or ""
    return names


async def handling_of(session: AsyncSession, task_id: int) -> CallHandlingRow:
    """Return who has a call task, made at the first taking, locked."""
    row = await session.get(CallHandlingRow, task_id, with_for_update=True)
    if row is None:
        row = CallHandlingRow(call_task_id=task_id)
        session.add(row)
        await session.flush()
    return row


def stuck_since(at: datetime) -> tuple[object, ...]:
    """Return the conditions on a notice that waits since before a time, or went by a call."""
    return (
        OutboxRow.state.in_(("pending", "called")),
        or_(OutboxRow.state == "called", OutboxRow.created_at < at),
    )
