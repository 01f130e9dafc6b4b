"""Failures have a category and a phase; earlier ones have none."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COLUMNS = ("category", "phase")


def upgrade() -> None:
    """Add the columns."""
    for name in COLUMNS:
        op.add_column("outcome", sa.Column(name, sa.String(255), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for name in reversed(COLUMNS):
        op.drop_column("outcome", name)
