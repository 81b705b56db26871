"""the mediation after acceptance

Revision: 20261124_mediating
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261124_mediating"
down_revision: str | None = "20261124_first"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applicant_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applicant_confirmed_how", sa.String(length=8), nullable=False),
        sa.Column("respondent_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("respondent_confirmed_how", sa.String(length=8), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("court_result", sa.String(length=12), nullable=False),
        sa.Column("court_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'confirming', 'effective', 'dropped')", name=op.f("ck_agreement_state")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["mediation_case.id"], name=op.f("fk_agreement_case_id_mediation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "uq_agreement_live_case",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'confirming', 'effective')"),
            postgresql_where=sa.text("state IN ('draft', 'confirming', 'effective')"),
        )

    op.create_table(
        "inquiry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=24), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'open', 'answered', 'silent', 'cancelled')", name=op.f("ck_inquiry_state")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["mediation_case.id"], name=op.f("fk_inquiry_case_id_mediation_case")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inquiry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiry_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_inquiry_open_person",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["mediation_case.id"], name=op.f("fk_invitation_case_id_mediation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitation_code_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_case_id"), ["case_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("sides", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("absent", sa.JSON(), nullable=False),
        sa.CheckConstraint("state IN ('set', 'cancelled', 'held')", name=op.f("ck_meeting_state")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["mediation_case.id"], name=op.f("fk_meeting_case_id_mediation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_case_id"), ["case_id"], unique=False)

    op.create_table(
        "obligation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("debtor", sa.String(length=12), nullable=True),
        sa.Column("creditor", sa.String(length=12), nullable=True),
        sa.Column("amount", sa.Numeric(precision=16, scale=2, asdecimal=False), nullable=True),
        sa.Column("act", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("immediate", sa.Boolean(), nullable=False),
        sa.Column("instalment", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("instalments", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("condition", sa.LargeBinary(), nullable=False),
        sa.Column("paid", sa.Numeric(precision=16, scale=2, asdecimal=False), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("performed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("performed_how", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "state IN ('due', 'performed', 'defaulted', 'void')", name=op.f("ck_obligation_state")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_obligation_agreement_id_agreement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint("agreement_id", "seq", name=op.f("uq_obligation_agreement_id_seq")),
    )
    with op.batch_alter_table("obligation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_obligation_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_obligation_due_on"), ["due_on"], unique=False)

    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("inquiry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("outcome", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_call_task_inquiry_id"), ["inquiry_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_call_task_inquiry_id_inquiry"), "inquiry", ["inquiry_id"], ["id"]
        )

    with op.batch_alter_table("mediation_case", schema=None) as batch_op:
        # a caller of the hotline may have no account
        batch_op.alter_column("account_id", existing_type=sa.BigInteger(), nullable=True)
        batch_op.add_column(
            sa.Column("source", sa.String(length=16), server_default="requested", nullable=False)
        )
        batch_op.add_column(
            sa.Column("respondent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("respondent_name", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("respondent_phone", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("consent", sa.String(length=12), server_default="none", nullable=False))
        batch_op.add_column(sa.Column("name_hidden", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("rooms", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "extended",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "reopened",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("end_reason", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_mediation_case_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mediation_case_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mediation_case_respondent_id"), ["respondent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_mediation_case_respondent_id_person"), "person", ["respondent_id"], ["id"]
        )

    with op.batch_alter_table("mediator", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("role", sa.String(length=20), server_default="mediator", nullable=False)
        )

        batch_op.add_column(sa.Column("phone", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("sex", sa.String(length=8), server_default="", nullable=False))
        batch_op.add_column(sa.Column("full_time", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("committee", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("filing_number", sa.String(length=40), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("filed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("elected_on", sa.Date(), nullable=True))

    # until now a case was "mediating" as soon as a mediator had it; now the other side is asked first
    op.execute("UPDATE mediation_case SET status = 'inviting' WHERE status = 'mediating'")


def downgrade() -> None:
    op.execute(
        "UPDATE mediation_case SET status = 'mediating' "
        "WHERE status IN ('inviting', 'paused', 'confirming', 'performing')"
    )
    op.execute(
        "UPDATE mediation_case SET status = 'withdrawn' WHERE status IN ('closed', 'terminated', 'rejected')"
    )
    with op.batch_alter_table("mediator", schema=None) as batch_op:
        batch_op.drop_column("role")
        batch_op.drop_column("phone")
        batch_op.drop_column("sex")
        batch_op.drop_column("full_time")

    with op.batch_alter_table("committee", schema=None) as batch_op:
        batch_op.drop_column("filing_number")
        batch_op.drop_column("filed_on")
        batch_op.drop_column("elected_on")

    with op.batch_alter_table("mediation_case", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_mediation_case_respondent_id_person"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_mediation_case_respondent_id"))
        batch_op.drop_index(batch_op.f("ix_mediation_case_ended_at"))
        batch_op.drop_index(batch_op.f("ix_mediation_case_due_at"))
        batch_op.drop_column("source")
        batch_op.drop_column("ended_at")
        batch_op.drop_column("end_reason")
        batch_op.drop_column("reopened")
        batch_op.drop_column("extended")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("due_at")
        batch_op.drop_column("rooms")
        batch_op.drop_column("name_hidden")
        batch_op.drop_column("consent")
        batch_op.drop_column("respondent_phone")
        batch_op.drop_column("respondent_name")
        batch_op.drop_column("respondent_id")

    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_call_task_inquiry_id_inquiry"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_call_task_inquiry_id"))
        batch_op.drop_column("done_at")
        batch_op.drop_column("outcome")
        batch_op.drop_column("inquiry_id")

    with op.batch_alter_table("obligation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_obligation_due_on"))
        batch_op.drop_index(batch_op.f("ix_obligation_agreement_id"))

    op.drop_table("obligation")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_case_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_case_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_inquiry_open_person",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_inquiry_person_id"))
        batch_op.drop_index(batch_op.f("ix_inquiry_case_id"))

    op.drop_table("inquiry")
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_agreement_live_case",
            sqlite_where=sa.text("state IN ('draft', 'confirming', 'effective')"),
            postgresql_where=sa.text("state IN ('draft', 'confirming', 'effective')"),
        )
        batch_op.drop_index(batch_op.f("ix_agreement_case_id"))

    op.drop_table("agreement")
