"""Pages say when a person has settled that they can't be read."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time; no page is settled yet."""
    op.add_column("page", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop the time."""
    op.drop_column("page", "settled_at")
