"""The console's SQL tables: operators, who saw and changed what, search words, and the board's indexes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.sealing import SealedJSON, SealedText
from storage.tables import Base, CallTaskRow, CaseRow, Id, OutboxRow

ROLES = "('operator', 'office', 'county', 'city', 'auditor', 'administrator')"


class OperatorRow(Base):
    """Somebody who works at the console. `area` is a region code, "" for everywhere.

    `version` goes up whenever sessions that stand must end: a new password, another role, disabled.
    """

    __tablename__ = "operator"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("failures >= 0", name="failures"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(SealedText)
    role: Mapped[str] = mapped_column(String(16))
    area: Mapped[str] = mapped_column(String(12), default="")
    password_hash: Mapped[str] = mapped_column(String(160))
    must_change: Mapped[bool] = mapped_column(default=True)
    totp_secret: Mapped[str | None] = mapped_column(SealedText)
    totp_step: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class AccessRow(Base):
    """One line of the access audit: who saw, changed or exported what; chained like a case's timeline.

    `seq` is taken from a counter without gaps, so an entry cut off at the end is missed too.
    """

    __tablename__ = "access"
    __table_args__ = (
        CheckConstraint("verb IN ('saw', 'changed', 'exported', 'signed')", name="verb"),
        Index("ix_access_operator_id_case_id", "operator_id", "case_id"),
    )

    seq: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(40))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_case.id"), index=True)
    verb: Mapped[str] = mapped_column(String(8))
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(48))
    content: Mapped[Any] = mapped_column(SealedJSON)
    digest: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class CallHandlingRow(Base):
    """Who has taken a call task, how often it was tried, and when it is tried again."""

    __tablename__ = "call_handling"

    call_task_id: Mapped[int] = mapped_column(
        ForeignKey("call_task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"), index=True)
    taken_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    again_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(SealedText, default="")


class SearchWordRow(Base):
    """One word by which a case can be found, as the first 63 bits of its keyed hash."""

    __tablename__ = "search_word"

    word: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(
        ForeignKey("mediation_case.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


WAITING = "status IN ('filed', 'offered', 'unassigned')"
TERM_RUNS = "status IN ('mediating', 'confirming')"
LIVE = "ended_at IS NULL"


def _partial(name: str, *columns: Any, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


# What the board asks for is found without reading what ended long ago.
Index("ix_mediation_case_filed_at_id", CaseRow.filed_at, CaseRow.id)
Index("ix_mediation_case_place_filed_at", CaseRow.place, CaseRow.filed_at)
_partial("ix_mediation_case_waiting", CaseRow.filed_at, CaseRow.id, where=WAITING)
_partial("ix_mediation_case_inviting", CaseRow.filed_at, CaseRow.id, where="status = 'inviting'")
_partial("ix_mediation_case_red", CaseRow.filed_at, CaseRow.id, where=f"grade = 'red' AND {LIVE}")
_partial("ix_mediation_case_due", CaseRow.due_at, CaseRow.id, where=TERM_RUNS)
_partial("ix_mediation_case_live_committee", CaseRow.committee_id, CaseRow.filed_at, where=LIVE)
_partial("ix_mediation_case_live_place", CaseRow.place, CaseRow.id, where=LIVE)
_partial("ix_call_task_open", CallTaskRow.grade, CallTaskRow.id, where="state = 'open'")
_partial("ix_outbox_stuck", OutboxRow.id, where="state IN ('pending', 'called')")
