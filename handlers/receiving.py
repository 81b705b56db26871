"""One message, one transaction: kept, understood, answered; a repeat gets the stored reply."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.answering import bare
from handlers.caller import Caller
from handlers.conversation import load_state
from handlers.desk import mediators
from handlers.mediating.listening import hear_party
from handlers.messages import EventKind, InboundMessage, MessageKind
from handlers.notifying import ask_operator, tell_account, text_parts
from handlers.residents import Resident
from handlers.service import Service
from handlers.speaking import as_text, compose
from nlp.party_details import hide_numbers
from storage import deadlines, inbox, outbox, people, registry
from storage.tables import AccountRow, DeadlineRow, InboxRow, PersonRow

log = structlog.get_logger()

RETRY_AFTER = timedelta(seconds=20)
SPARE_TIME = timedelta(milliseconds=400)
INBOUND = TypeAdapter(InboundMessage)
SILENT_KINDS = {EventKind.UNSUBSCRIBE, EventKind.TEMPLATE_RESULT, EventKind.OTHER, EventKind.LOCATION}


class StorageOutageError(Exception):
    """The message could not be kept: the platform must send it again."""


class Receiving:
    """Receives messages of every channel; knows the tasks under way so that a stop can wait for them."""

    def __init__(self, service: Service, *, monotonic: Callable[[], float]) -> None:
        self._service = service
        self._monotonic = monotonic
        self._under_way: set[asyncio.Task[str | None]] = set()

    async def receive(self, message: InboundMessage, *, within: timedelta) -> str | None:
        """Handle one message once and return the passive reply; see handlers.messages.Receiver.

        Raises StorageOutageError when the message could not even be kept.
        """
        answer_by = self._monotonic() + (within - SPARE_TIME).total_seconds()
        race = _Race(answer_by, self._monotonic)
        task = asyncio.create_task(self._receive(message, race))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        done, _ = await asyncio.wait({task}, timeout=within.total_seconds())
        if done:
            return task.result()
        race.left = True
        task.add_done_callback(_note_late_failure)
        return None

    async def finish(self) -> None:
        """Wait for all messages under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _receive(self, message: InboundMessage, race: "_Race") -> str | None:
        try:
            return await self._handle_once(message, race)
        except Exception as error:  # the edge: whatever fails, the person is answered and nothing is lost
            log.exception("message failed", channel=message.channel, error=type(error).__name__)
            return await self._keep_failed(message, error, race)

    async def _handle_once(self, message: InboundMessage, race: "_Race") -> str | None:
        service = self._service
        now = service.now()
        async with service.database.unit_of_work() as session:
            account, person = await people.lock_account(
                session, channel=message.channel, address=message.sender, now=now
            )
            row = await inbox.add_message(
                session,
                channel=message.channel,
                key=message.key,
                account_id=account.id,
                kind=message.kind.value,
                body=dump_message(message),
                now=now,
            )
            if row is None:
                known = await inbox.find_message(session, channel=message.channel, key=message.key)
                return known.reply if known else None
            if await self._is_flood(session, account, now=now):
                reply = await self._put_off(session, row, now=now)
                await session.commit()
                return reply
            reply = await answer(session, service, message, account=account, person=person, now=now)
            _hide_identity(row, message)
            passive = await self._store_reply(session, row, account, reply, race=race, now=now)
            await session.commit()
        service.wake_delivery()
        if race.left and passive is not None:
            await self._send_late(row.id, passive)
            return None
        return passive

    async def _is_flood(self, session: AsyncSession, account: AccountRow, *, now: datetime) -> bool:
        flood = self._service.rules.delivery.flood
        since = now - timedelta(seconds=flood.seconds)
        return await inbox.count_since(session, account_id=account.id, since=since) > flood.messages

    async def _put_off(self, session: AsyncSession, row: InboxRow, *, now: datetime) -> str | None:
        """Too many messages of one person at once: kept, and handled when the flood is over."""
        flood = self._service.rules.delivery.flood
        row.state, row.error = "failed", "flood"
        if row.kind != MessageKind.EVENT:
            row.reply = self._service.rules.phrases.text("resident.busy")
        deadlines.add_deadline(
            session,
            kind="retry_message",
            subject_id=row.id,
            due_at=now + timedelta(seconds=flood.seconds),
        )
        return row.reply

    async def _store_reply(
        self,
        session: AsyncSession,
        row: InboxRow,
        account: AccountRow,
        reply: str | None,
        *,
        race: "_Race",
        now: datetime,
    ) -> str | None:
        """Keep the reply: the first part for the passive answer, the rest to be sent actively."""
        if not reply:
            return None
        first, *others = text_parts(self._service, account.channel, reply)
        if race.is_lost():
            others, first = [first, *others], ""
        row.reply = first or None
        if others:
            await tell_account(
                session, self._service, account, "\n".join(others), key=f"reply:{row.id}", now=now
            )
        return row.reply

    async def _send_late(self, message_id: int, passive: str) -> None:
        """The webhook stopped waiting after the reply was stored: send it actively, once."""
        now = self._service.now()
        async with self._service.database.unit_of_work() as session:
            row = await inbox.get_message(session, message_id)
            account = await session.get_one(AccountRow, row.account_id)
            await tell_account(session, self._service, account, passive, key=f"late:{row.id}", now=now)
            await session.commit()
        self._service.wake_delivery()

    async def _keep_failed(self, message: InboundMessage, error: Exception, race: "_Race") -> str | None:
        """Keep a message whose handling failed, say a word, and try again soon."""
        service = self._service
        now = service.now()
        reply = service.rules.phrases.text("resident.trouble")
        silent = message.kind is MessageKind.EVENT
        try:
            async with service.database.unit_of_work() as session:
                account, _ = await people.lock_account(
                    session, channel=message.channel, address=message.sender, now=now
                )
                row = await inbox.add_message(
                    session,
                    channel=message.channel,
                    key=message.key,
                    account_id=account.id,
                    kind=message.kind.value,
                    body=dump_message(message),
                    now=now,
                    state="failed",
                )
                if row is None:
                    known = await inbox.find_message(session, channel=message.channel, key=message.key)
                    return known.reply if known else None
                row.error = type(error).__name__
                row.reply = None if silent else reply
                deadlines.add_deadline(
                    session, kind="retry_message", subject_id=row.id, due_at=now + RETRY_AFTER
                )
                await session.commit()
        except (DBAPIError, OSError) as outage:
            raise StorageOutageError from outage
        return None if silent or race.left else reply


class _Race:
    """Whether the passive answer can still be given."""

    def __init__(self, answer_by: float, monotonic: Callable[[], float]) -> None:
        self._answer_by = answer_by
        self._monotonic = monotonic
        self.left = False

    def is_lost(self) -> bool:
        """Whether the answer must go as an active message."""
        return self.left or self._monotonic() >= self._answer_by


def _note_late_failure(task: asyncio.Task[str | None]) -> None:
    if not task.cancelled() and task.exception():
        log.error("message failed after its time", error=type(task.exception()).__name__)


def dump_message(message: InboundMessage) -> Any:
    """Return the message as JSON to keep."""
    return INBOUND.dump_python(message, mode="json")


def _hide_identity(row: InboxRow, message: InboundMessage) -> None:
    """An identity number is kept where it belongs, or nowhere: not among the messages, once handled."""
    hidden = hide_numbers(message.text)
    if hidden != message.text:
        row.body = dump_message(replace(message, text=hidden))


def load_message(body: Any) -> InboundMessage:
    """Return a kept message."""
    return INBOUND.validate_python(body)


async def answer(
    session: AsyncSession,
    service: Service,
    message: InboundMessage,
    *,
    account: AccountRow,
    person: PersonRow,
    now: datetime,
) -> str | None:
    """Understand one message within its transaction and return what is answered."""
    note_arrival(service, account, message, now=now)
    if message.event in SILENT_KINDS:
        return None
    unread = await outbox.send_in_full(session, account.id, now=now)
    if unread and bare(message.text) in service.rules.words.only_here:
        return outbox.show_now(unread, now=now)
    bound = await mediators.bind(session, service, account=account, person=person, text=message.text, now=now)
    if bound is not None:
        return as_text(bound)
    mediator = await registry.find_mediator_of_person(session, person.id)
    if mediator is not None:
        desk = mediators.Desk(session, service, account=account, mediator=mediator, now=now)
        taken, reply = await desk.hear(message)
        if taken:
            return as_text(reply) if reply else None
    caller = Caller(session=session, service=service, account=account, person=person, now=now)
    state = load_state(await people.load_conversation(session, account.id))
    heard_as_party = await hear_party(caller, message, state)
    if heard_as_party is not None:
        reply = compose(heard_as_party, rules=service.rules, short=person.short_sentences)
        return as_text(reply) if reply else None
    heard = await Resident(caller).hear(message, state)
    return as_text(heard) if heard else None


def note_arrival(service: Service, account: AccountRow, message: InboundMessage, *, now: datetime) -> None:
    """Note that the person is there, and what the platform lets us send now."""
    if message.event is EventKind.UNSUBSCRIBE:
        account.reachable = False
        return
    if message.event in {EventKind.TEMPLATE_RESULT, EventKind.OTHER}:
        return
    account.reachable = True
    account.last_inbound_at = now
    window = service.rules.delivery.window_after(message.kind.value, message.event)
    if window:
        people.open_window(account, now=now, messages=window.messages, span=window.span)


async def retry_message(session: AsyncSession, service: Service, due: DeadlineRow, now: datetime) -> None:
    """Handle a kept message again; the answer goes out as an active message."""
    row = await inbox.get_message(session, due.subject_id)
    if row.state != "failed":
        return
    account = await session.get_one(AccountRow, row.account_id, with_for_update=True)
    person = await session.get_one(PersonRow, account.person_id)
    message = load_message(row.body)
    reply = await answer(session, service, message, account=account, person=person, now=now)
    row.state = "handled"
    row.attempts += 1
    _hide_identity(row, message)
    if reply and not await inbox.has_later_unhandled(session, account_id=account.id, after_id=row.id):
        await tell_account(session, service, account, reply, key=f"retried:{row.id}", now=now)


async def give_up_message(
    session: AsyncSession, service: Service, due: DeadlineRow, *, error: str, now: datetime
) -> None:
    """A kept message failed again and again: an operator must look and call."""
    row = await inbox.get_message(session, due.subject_id)
    row.state, row.error = "given_up", error
    account = await session.get_one(AccountRow, row.account_id)
    person = await session.get_one(PersonRow, account.person_id)
    text = service.rules.phrases.text
    await ask_operator(
        session,
        service,
        "operator.failed_message",
        kind="failed_message",
        key=f"failed_message:{row.id}",
        now=now,
        person_id=person.id,
        facts={
            "error": error,
            "message_id": row.id,
            "name": person.name or text("words.name_unknown"),
            "phone": person.phone or text("words.phone_unknown"),
        },
    )
