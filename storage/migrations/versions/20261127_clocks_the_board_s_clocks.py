"""the board's clocks: the term where it runs, live cases by committee

Revision: 20261127_clocks
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261127_clocks"
down_revision: str | None = "20261124_desk"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TERM_RUNS = sa.text("status IN ('mediating', 'confirming')")
LIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.drop_index("ix_mediation_case_due", "mediation_case")
    op.create_index(
        "ix_mediation_case_due",
        "mediation_case",
        ["due_at", "id"],
        sqlite_where=TERM_RUNS,
        postgresql_where=TERM_RUNS,
    )
    op.create_index(
        "ix_mediation_case_live_committee",
        "mediation_case",
        ["committee_id", "filed_at"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    op.drop_index("ix_mediation_case_live_committee", "mediation_case")
    op.drop_index("ix_mediation_case_due", "mediation_case")
    op.create_index(
        "ix_mediation_case_due", "mediation_case", ["due_at", "id"], sqlite_where=LIVE, postgresql_where=LIVE
    )
