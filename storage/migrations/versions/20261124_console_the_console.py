"""the console

Revision: 20261124_console
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261124_console"
down_revision: str | None = "20261124_mediating"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "operator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("password_hash", sa.String(length=160), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('operator', 'office', 'county', 'city', 'auditor', 'administrator')",
            name=op.f("ck_operator_role"),
        ),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_operator_failures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("login", name=op.f("uq_operator_login")),
    )
    op.create_table(
        "access",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verb", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=48), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("verb IN ('saw', 'changed', 'exported', 'signed')", name=op.f("ck_access_verb")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["mediation_case.id"], name=op.f("fk_access_case_id_mediation_case")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_access_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_access")),
    )
    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_access_operator_id_case_id", ["operator_id", "case_id"], unique=False)

    op.create_table(
        "search_word",
        sa.Column("word", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "case_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["mediation_case.id"],
            name=op.f("fk_search_word_case_id_mediation_case"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("word", "case_id", name=op.f("pk_search_word")),
    )
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_word_case_id"), ["case_id"], unique=False)

    op.create_table(
        "call_handling",
        sa.Column(
            "call_task_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_task_id"],
            ["call_task.id"],
            name=op.f("fk_call_handling_call_task_id_call_task"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_call_handling_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("call_task_id", name=op.f("pk_call_handling")),
    )
    with op.batch_alter_table("call_handling", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_handling_operator_id"), ["operator_id"], unique=False)

    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_call_task_open",
            ["grade", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    with op.batch_alter_table("mediation_case", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mediation_case_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("ix_mediation_case_filed_at_id", ["filed_at", "id"], unique=False)
        batch_op.create_index(
            "ix_mediation_case_inviting",
            ["filed_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'inviting'"),
            postgresql_where=sa.text("status = 'inviting'"),
        )
        batch_op.create_index(
            "ix_mediation_case_live_place",
            ["place", "id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("ix_mediation_case_place_filed_at", ["place", "filed_at"], unique=False)
        batch_op.create_index(
            "ix_mediation_case_red",
            ["filed_at", "id"],
            unique=False,
            sqlite_where=sa.text("grade = 'red' AND ended_at IS NULL"),
            postgresql_where=sa.text("grade = 'red' AND ended_at IS NULL"),
        )
        batch_op.create_index(
            "ix_mediation_case_waiting",
            ["filed_at", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('filed', 'offered', 'unassigned')"),
            postgresql_where=sa.text("status IN ('filed', 'offered', 'unassigned')"),
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_stuck",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'called')"),
            postgresql_where=sa.text("state IN ('pending', 'called')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_stuck",
            sqlite_where=sa.text("state IN ('pending', 'called')"),
            postgresql_where=sa.text("state IN ('pending', 'called')"),
        )

    with op.batch_alter_table("mediation_case", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_mediation_case_waiting",
            sqlite_where=sa.text("status IN ('filed', 'offered', 'unassigned')"),
            postgresql_where=sa.text("status IN ('filed', 'offered', 'unassigned')"),
        )
        batch_op.drop_index(
            "ix_mediation_case_red",
            sqlite_where=sa.text("grade = 'red' AND ended_at IS NULL"),
            postgresql_where=sa.text("grade = 'red' AND ended_at IS NULL"),
        )
        batch_op.drop_index("ix_mediation_case_place_filed_at")
        batch_op.drop_index(
            "ix_mediation_case_live_place",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_mediation_case_inviting",
            sqlite_where=sa.text("status = 'inviting'"),
            postgresql_where=sa.text("status = 'inviting'"),
        )
        batch_op.drop_index("ix_mediation_case_filed_at_id")
        batch_op.drop_index(
            "ix_mediation_case_due",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_call_task_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    with op.batch_alter_table("call_handling", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_handling_operator_id"))

    op.drop_table("call_handling")
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_word_case_id"))

    op.drop_table("search_word")
    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.drop_index("ix_access_operator_id_case_id")
        batch_op.drop_index(batch_op.f("ix_access_case_id"))
        batch_op.drop_index(batch_op.f("ix_access_at"))

    op.drop_table("access")
    op.drop_table("operator")
