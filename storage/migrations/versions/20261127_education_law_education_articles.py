"""law education: articles, their readers, and who does not want any

Revision: 20261127_education
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261127_education"
down_revision: str | None = "20261127_clocks"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("no_education", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
    op.create_table(
        "education_article",
        sa.Column("id", ID, nullable=False),
        sa.Column("operator_id", ID, nullable=True),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_education_article_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_education_article")),
    )
    op.create_index("ix_education_article_operator_id", "education_article", ["operator_id"])
    op.create_table(
        "education_reader",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'queued', 'missed')", name=op.f("ck_education_reader_state")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["education_article.id"],
            name=op.f("fk_education_reader_article_id_education_article"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
            name=op.f("fk_education_reader_outbox_id_outbox"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_education_reader_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_education_reader")),
        sa.UniqueConstraint("article_id", "person_id", name=op.f("uq_education_reader_article_id_person_id")),
    )
    op.create_index("ix_education_reader_outbox_id", "education_reader", ["outbox_id"])
    op.create_index("ix_education_reader_person_id_queued_at", "education_reader", ["person_id", "queued_at"])


def downgrade() -> None:
    op.drop_table("education_reader")
    op.drop_table("education_article")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("no_education")
