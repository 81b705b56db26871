"""the call taken and typical cases

Revision: 20261124_desk
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261124_desk"
down_revision: str | None = "20261124_console"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "intake_draft",
        sa.Column(
            "operator_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["operator.id"],
            name=op.f("fk_intake_draft_operator_id_operator"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operator_id", name=op.f("pk_intake_draft")),
    )
    op.create_table(
        "typical_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("sections", sa.LargeBinary(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["mediation_case.id"],
            name=op.f("fk_typical_case_case_id_mediation_case"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_typical_case_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_typical_case")),
        sa.UniqueConstraint("case_id", name=op.f("uq_typical_case_case_id")),
    )
    with op.batch_alter_table("typical_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_typical_case_operator_id"), ["operator_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("typical_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_typical_case_operator_id"))

    op.drop_table("typical_case")
    op.drop_table("intake_draft")
