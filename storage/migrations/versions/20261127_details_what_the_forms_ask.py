"""what the official forms ask about each side, and who referred a case

Revision: 20261127_details
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261127_details"
down_revision: str | None = "20261127_education"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


TABLE = "mediation_case"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("applicant_details", sa.LargeBinary(), nullable=True))
    op.add_column(TABLE, sa.Column("respondent_details", sa.LargeBinary(), nullable=True))
    op.add_column(TABLE, sa.Column("details_asked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(TABLE, sa.Column("referred_by", sa.String(length=16), server_default="", nullable=False))
    # the made-up quarter had its own word for it
    op.execute("UPDATE mediation_case SET source = 'own_initiative' WHERE source = 'initiative'")


def downgrade() -> None:
    for column in ("referred_by", "details_asked", "respondent_details", "applicant_details"):
        op.drop_column(TABLE, column)
