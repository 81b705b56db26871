"""Delivers the outbox: which rung of the ladder works for this person now, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.mediating import inquiring
from handlers.mediating.work import Work
from handlers.notifying import ask_operator
from handlers.outcomes import Outcome, OutcomeKind
from handlers.service import Service
from storage import deadlines, outbox, people
from storage.tables import AccountRow, OutboxRow, PersonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message on its way: what a channel needs to send it."""

    outbox_id: int
    account_id: int
    channel: str
    address: str
    text: str
    brief: Mapping[str, str] | None
    attempts: int
    window_open: bool
    reachable: bool


async def claim_parcel(service: Service, *, now: datetime) -> Parcel | None:
    """Lease the next message that is due; None when nothing is.

    What could only ring by a short form that rang lately, unread, joins it: both are shown in full later.
    """
    rules = service.rules.delivery
    while True:
        async with service.database.unit_of_work() as session:
            claimed = await outbox.claim_next(session, now=now, lease=timedelta(seconds=rules.lease_seconds))
            if claimed is None:
                return None
            row, account = claimed
            parcel = _parcel(row, account, now=now)
            since = now - timedelta(hours=rules.rings_again_after_hours)
            joins = not parcel.window_open and await outbox.rang_lately(session, row, since=since)
            if joins:
                row.state, row.sent_at, row.rung, row.leased_until = "sent", now, "template", None
            await session.commit()
        if not joins:
            return parcel


def _parcel(row: OutboxRow, account: AccountRow, *, now: datetime) -> Parcel:
    return Parcel(
        outbox_id=row.id,
        account_id=account.id,
        channel=account.channel,
        address=account.address,
        text=row.text,
        brief=row.brief,
        attempts=row.attempts,
        window_open=bool(
            account.window_remaining > 0 and account.window_until and account.window_until > now
        ),
        reachable=account.reachable,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt on one rung, and its outcome."""

    rung: str
    outcome: Outcome


async def settle_parcel(service: Service, parcel: Parcel, attempts: list[Attempt], *, now: datetime) -> None:
    """Write down what became of a message: sent, tried again later, or handed to an operator."""
    async with service.database.unit_of_work() as session:
        row = await outbox.get_outbound(session, parcel.outbox_id)
        row.leased_until = None
        for attempt in attempts:
            outbox.note_attempt(
                session,
                outbox_id=row.id,
                at=now,
                rung=attempt.rung,
                outcome=attempt.outcome.kind.value,
                code=attempt.outcome.code,
            )
            if attempt.outcome.kind is OutcomeKind.UNREACHABLE:
                await people.mark_unreachable(session, parcel.account_id)
            if attempt.outcome.kind is OutcomeKind.WINDOW_CLOSED and attempt.outcome.code:
                await people.close_window(session, parcel.account_id)
        last = attempts[-1]
        retry_after = _retry_after(service, parcel, last.outcome)
        if last.outcome.kind is OutcomeKind.SENT:
            row.state, row.sent_at, row.rung = "sent", now, last.rung
            if last.rung == "service":
                await people.spend_window(session, parcel.account_id)
        elif row.dedupe_key.startswith(outbox.NEVER_URGENT):
            row.state, row.rung = "dropped", "none"
        elif retry_after is not None:
            row.next_attempt_at = now + retry_after
        else:
            row.state, row.rung = "called", "call_task"
            await _pass_on_offer(session, row, now=now)
            if await _have_it_asked(session, service, row, now=now):
                await session.commit()
                return
            account = await session.get_one(AccountRow, parcel.account_id)
            person = await session.get_one(PersonRow, account.person_id)
            text = service.rules.phrases.text
            await ask_operator(
                session,
                service,
                "operator.undelivered",
                kind=outbox.TOLD,
                key=row.dedupe_key,
                now=now,
                person_id=person.id,
                case_id=row.case_id,
                facts={
                    "name": person.name or text("words.name_unknown"),
                    "phone": person.phone or text("words.phone_unknown"),
                    "text": row.text,
                },
            )
        await session.commit()


async def _pass_on_offer(session: AsyncSession, row: OutboxRow, *, now: datetime) -> None:
    """An offer that reaches nobody need not wait for its answer: the next mediator is asked at once."""
    kind, _, rest = row.dedupe_key.partition(":")
    if kind == "offer":
        offer_id = int(rest.partition(":")[0])
        deadlines.add_deadline(session, kind="offer_expiry", subject_id=offer_id, due_at=now)


async def _have_it_asked(session: AsyncSession, service: Service, row: OutboxRow, *, now: datetime) -> bool:
    """A question that does not get through is asked by phone, so that its answer counts; else False."""
    kind, _, rest = row.dedupe_key.partition(":")
    if kind not in inquiring.ASKING_KEYS:
        return False
    work = Work(session=session, service=service, now=now)
    await inquiring.not_delivered(work, int(rest.partition(":")[0]))
    return True


def _retry_after(service: Service, parcel: Parcel, outcome: Outcome) -> timedelta | None:
    if outcome.kind is not OutcomeKind.RETRY:
        return None
    planned = service.rules.delivery.retry_after(parcel.attempts)
    if planned is None:
        return None
    return max(planned, outcome.retry_after) if outcome.retry_after else planned
