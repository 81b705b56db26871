"""The SQL tables of the desk's own work: the call that is being taken, typical cases, law education."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
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


class EducationArticleRow(Base):
    """A law-education article (普法文章) for people who had disputes of these types in these places.

    `area` is where its author works ("" for the whole city): who works elsewhere does not see it. An article
    is pushed once and can be changed until then; after `ends_at` nobody gets it any more.
    """

    __tablename__ = "education_article"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"), index=True)
    area: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    types: Mapped[list[str]] = mapped_column(default=list)
    places: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    pushed_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]


class EducationReaderRow(Base):
    """Somebody whom an article is for; once `queued` the outbox tells what became of it."""

    __tablename__ = "education_reader"
    __table_args__ = (
        UniqueConstraint("article_id", "person_id"),
        Index("ix_education_reader_person_id_queued_at", "person_id", "queued_at"),
        CheckConstraint("state IN ('waiting', 'queued', 'missed')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("education_article.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    queued_at: Mapped[datetime | None]
