"""The SQL tables of the desk's own work: the call that is being taken, the typical cases."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.sealing import SealedJSON, SealedText
from storage.tables import Base, Id


class IntakeDraftRow(Base):
    """The unfinished call of one operator: what was typed survives a reload."""

    __tablename__ = "intake_draft"

    operator_id: Mapped[int] = mapped_column(
        ForeignKey("operator.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[Any] = mapped_column(SealedJSON)
    updated_at: Mapped[datetime]


class TypicalCaseRow(Base):
    """A typical case (典型案例) from a closed case; `checked_at` once a human looked at every mask."""

    __tablename__ = "typical_case"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("mediation_case.id", ondelete="CASCADE"), unique=True)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"), index=True)
    title: Mapped[str] = mapped_column(SealedText)
    sections: Mapped[Any] = mapped_column(SealedJSON)
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
