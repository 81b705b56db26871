"""The SQL tables: people, cases, what is due and what must be said."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from storage.sealing import SealedJSON, SealedText


class AwareTime(TypeDecorator[datetime]):
    """An aware UTC time on every database (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: Id,
        datetime: AwareTime,
        date: Date,
        list[str]: JSON,
    }


class RegionRow(Base):
    """A region of the statistical table (行政区划)."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(10))
    parent: Mapped[str | None] = mapped_column(String(12), index=True)


class CommitteeRow(Base):
    """A people's mediation committee (人民调解委员会)."""

    __tablename__ = "committee"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    region: Mapped[str] = mapped_column(String(12), index=True)
    sectors: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(String(80), default="")
    filing_number: Mapped[str] = mapped_column(String(40), default="", server_default="")
    filed_on: Mapped[date | None]
    elected_on: Mapped[date | None]


class PersonRow(Base):
    """A person who writes to us: resident, mediator or both."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str | None] = mapped_column(SealedText)
    phone: Mapped[str | None] = mapped_column(SealedText)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    short_sentences: Mapped[bool] = mapped_column(default=False)
    no_education: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class AccountRow(Base):
    """A person's account on one channel, and what the platform lets us say there now."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("channel", "address"),
        CheckConstraint("window_remaining >= 0", name="window_remaining"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(128))
    reachable: Mapped[bool] = mapped_column(default=True)
    window_remaining: Mapped[int] = mapped_column(default=0)
    window_until: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime | None]
    code_failures: Mapped[int] = mapped_column(default=0)
    code_failed_at: Mapped[datetime | None]


class MediatorRow(Base):
    """A mediator (调解员) of one committee, or somebody who helps there (专家、法律顾问…), by `role`.

    Bound once the person has sent the code.
    """

    __tablename__ = "mediator"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="mediator", server_default="mediator")
    name: Mapped[str] = mapped_column(SealedText)
    phone: Mapped[str | None] = mapped_column(SealedText)
    specialities: Mapped[list[str]] = mapped_column(default=list)
    sex: Mapped[str] = mapped_column(String(8), default="", server_default="")
    full_time: Mapped[bool] = mapped_column(default=False, server_default=false())
    on_duty: Mapped[bool] = mapped_column(default=True)
    left_at: Mapped[datetime | None]
    last_offered_at: Mapped[datetime | None]


class BindingCodeRow(Base):
    """A one-time code that binds an account to a mediator."""

    __tablename__ = "binding_code"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    mediator_id: Mapped[int] = mapped_column(ForeignKey("mediator.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ConversationRow(Base):
    """The unfinished dialogue of one account."""

    __tablename__ = "conversation"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    state: Mapped[Any] = mapped_column(SealedJSON)
    updated_at: Mapped[datetime]


class InboxRow(Base):
    """Every message that ever arrived, with what was answered."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "message_key"),
        Index("ix_inbox_account_id_received_at", "account_id", "received_at"),
        CheckConstraint("state IN ('handled', 'failed', 'given_up')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    message_key: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    received_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))
    body: Mapped[Any] = mapped_column(SealedJSON)
    state: Mapped[str] = mapped_column(String(12), default="handled")
    attempts: Mapped[int] = mapped_column(default=1)
    error: Mapped[str] = mapped_column(String(120), default="")
    reply: Mapped[str | None] = mapped_column(SealedText)


class CaseRow(Base):
    """A case (案件): what stands now; how it came about stands in its timeline."""

    __tablename__ = "mediation_case"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_no: Mapped[str] = mapped_column(String(32), unique=True)
    status: Mapped[str] = mapped_column(String(16), index=True)
    dispute_type: Mapped[str] = mapped_column(String(24), index=True)
    subtype: Mapped[str | None] = mapped_column(String(24))
    place: Mapped[str | None] = mapped_column(String(12), index=True)
    place_words: Mapped[str | None] = mapped_column(SealedText)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    source: Mapped[str] = mapped_column(String(16), default="requested", server_default="requested")
    referred_by: Mapped[str] = mapped_column(String(16), default="", server_default="")
    applicant_name: Mapped[str | None] = mapped_column(SealedText)
    applicant_phone: Mapped[str | None] = mapped_column(SealedText)
    respondent: Mapped[str | None] = mapped_column(SealedText)
    summary: Mapped[str] = mapped_column(SealedText)
    grade: Mapped[str] = mapped_column(String(8))
    risk: Mapped[list[str]] = mapped_column(default=list)
    groups: Mapped[list[str]] = mapped_column(default=list)
    amount: Mapped[float | None] = mapped_column(Numeric(16, 2, asdecimal=False))
    people: Mapped[int | None]
    since_on: Mapped[date | None]
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"), index=True)
    mediator_id: Mapped[int | None] = mapped_column(ForeignKey("mediator.id"), index=True)
    filed_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    contact_due_at: Mapped[datetime | None]
    urged_at: Mapped[datetime | None]
    respondent_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    respondent_name: Mapped[str | None] = mapped_column(SealedText)
    respondent_phone: Mapped[str | None] = mapped_column(SealedText)
    applicant_details: Mapped[Any] = mapped_column(SealedJSON, nullable=True)
    respondent_details: Mapped[Any] = mapped_column(SealedJSON, nullable=True)
    details_asked: Mapped[bool] = mapped_column(default=False, server_default=false())
    consent: Mapped[str] = mapped_column(String(12), default="none", server_default="none")
    name_hidden: Mapped[bool] = mapped_column(default=False, server_default=false())
    rooms: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    paused_at: Mapped[datetime | None]
    extended: Mapped[int] = mapped_column(default=0, server_default="0")
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    end_reason: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class TimelineRow(Base):
    """One step of a case; never changed. The chain runs over the digest, so content can be erased."""

    __tablename__ = "timeline"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    seq: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(32))
    audience: Mapped[list[str]]
    content: Mapped[Any] = mapped_column(SealedJSON)
    digest: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AttachmentRow(Base):
    """A picture, voice or file that a person sent, kept with the platform's media id."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_fetch_after", "fetch_after"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    media_id: Mapped[str] = mapped_column(String(255))
    file_name: Mapped[str | None] = mapped_column(String(80))
    content_type: Mapped[str | None] = mapped_column(String(80))
    attempts: Mapped[int] = mapped_column(default=0)
    fetch_after: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(40), default="")
    received_at: Mapped[datetime]


class OfferRow(Base):
    """A case offered to one mediator (派单)."""

    __tablename__ = "offer"
    __table_args__ = (
        Index(
            "uq_offer_open_case",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    mediator_id: Mapped[int] = mapped_column(ForeignKey("mediator.id"), index=True)
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"))
    state: Mapped[str] = mapped_column(String(12), default="open")
    offered_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(SealedText)


class DeadlineRow(Base):
    """Something that is due at a time (期限)."""

    __tablename__ = "deadline"
    __table_args__ = (
        Index("ix_deadline_state_due_at", "state", "due_at"),
        Index("ix_deadline_kind_subject", "kind", "subject_id"),
        CheckConstraint("state IN ('waiting', 'done', 'cancelled', 'failed')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int] = mapped_column(Id)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(120), default="")


class OutboxRow(Base):
    """Something that must be said to a person; `brief` is its template form."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_next_attempt_at", "state", "next_attempt_at"),
        Index("ix_outbox_account_state", "account_id", "state"),
        CheckConstraint("state IN ('pending', 'sent', 'called', 'dropped')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(80), unique=True)
    text: Mapped[str] = mapped_column(SealedText)
    brief: Mapped[Any] = mapped_column(SealedJSON, nullable=True)
    state: Mapped[str] = mapped_column(String(12), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    rung: Mapped[str] = mapped_column(String(20), default="")


class DeliveryAttemptRow(Base):
    """What truly happened to one attempt to deliver."""

    __tablename__ = "delivery_attempt"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]
    rung: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40))


class CallTaskRow(Base):
    """A call that an operator must make because a chat message cannot do it."""

    __tablename__ = "call_task"
    __table_args__ = (CheckConstraint("state IN ('open', 'done')", name="state"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(80), unique=True)
    grade: Mapped[str] = mapped_column(String(8), default="none")
    text: Mapped[str] = mapped_column(SealedText)
    state: Mapped[str] = mapped_column(String(8), default="open")
    created_at: Mapped[datetime]
    inquiry_id: Mapped[int | None] = mapped_column(ForeignKey("inquiry.id"), index=True)
    outcome: Mapped[str | None] = mapped_column(SealedText)
    done_at: Mapped[datetime | None]


class InvitationRow(Base):
    """A one-time code by which the other side joins its case (邀请码)."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class InquiryRow(Base):
    """A question put to one person about a case; everybody has at most one open question at a time."""

    __tablename__ = "inquiry"
    __table_args__ = (
        Index(
            "uq_inquiry_open_person",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("state IN ('queued', 'open', 'answered', 'silent', 'cancelled')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    side: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[int | None] = mapped_column(Id)
    facts: Mapped[Any] = mapped_column(SealedJSON)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(24), default="")
    words: Mapped[str | None] = mapped_column(SealedText)


class MeetingRow(Base):
    """A session (调解会) that was set."""

    __tablename__ = "meeting"
    __table_args__ = (CheckConstraint("state IN ('set', 'cancelled', 'held')", name="state"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    at: Mapped[datetime]
    all_day: Mapped[bool] = mapped_column(default=False)
    place: Mapped[str] = mapped_column(SealedText)
    sides: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(12), default="set")
    absent: Mapped[list[str]] = mapped_column(default=list)


class AgreementRow(Base):
    """One version of a mediation agreement (调解协议)."""

    __tablename__ = "agreement"
    __table_args__ = (
        Index(
            "uq_agreement_live_case",
            "case_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'confirming', 'effective')"),
            postgresql_where=text("state IN ('draft', 'confirming', 'effective')"),
        ),
        CheckConstraint("state IN ('draft', 'confirming', 'effective', 'dropped')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    form: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(SealedText)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    warnings: Mapped[list[str]] = mapped_column(default=list)
    drafted_at: Mapped[datetime]
    applicant_confirmed_at: Mapped[datetime | None]
    applicant_confirmed_how: Mapped[str] = mapped_column(String(8), default="")
    respondent_confirmed_at: Mapped[datetime | None]
    respondent_confirmed_how: Mapped[str] = mapped_column(String(8), default="")
    effective_at: Mapped[datetime | None]
    court_result: Mapped[str] = mapped_column(String(12), default="")
    court_at: Mapped[datetime | None]


class ObligationRow(Base):
    """One obligation (履行义务) of an agreement and how far it is performed."""

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("agreement_id", "seq"),
        CheckConstraint("state IN ('due', 'performed', 'defaulted', 'void')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    debtor: Mapped[str | None] = mapped_column(String(12))
    creditor: Mapped[str | None] = mapped_column(String(12))
    amount: Mapped[float | None] = mapped_column(Numeric(16, 2, asdecimal=False))
    act: Mapped[str] = mapped_column(SealedText, default="")
    due_on: Mapped[date | None] = mapped_column(index=True)
    immediate: Mapped[bool] = mapped_column(default=False)
    instalment: Mapped[int | None]
    instalments: Mapped[int | None]
    condition: Mapped[str] = mapped_column(SealedText, default="")
    paid: Mapped[float] = mapped_column(Numeric(16, 2, asdecimal=False), default=0)
    state: Mapped[str] = mapped_column(String(12), default="due")
    performed_at: Mapped[datetime | None]
    performed_how: Mapped[str] = mapped_column(String(12), default="")


class TipRow(Base):
    """A tip (线索) about a dispute or danger, left for the screening list."""

    __tablename__ = "tip"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    place: Mapped[str | None] = mapped_column(String(12), index=True)
    dispute_type: Mapped[str | None] = mapped_column(String(24))
    grade: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(SealedText)
    created_at: Mapped[datetime]


class CounterRow(Base):
    """A running number, one row per series."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
