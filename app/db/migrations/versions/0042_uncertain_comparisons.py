"""The interval of what a look compares with."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns; what earlier looks compared with keeps no interval."""
    for end in ("against_low", "against_high"):
        op.add_column("claim_look", sa.Column(end, sa.Double()))
