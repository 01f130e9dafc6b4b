"""Editions of a backfill, whose pages are looked at when no others wait."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index; what is there is no backfill."""
    op.add_column(
        "edition", sa.Column("backfill", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_index("ix_edition_backfill", "edition", ["backfill", "unpacked_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_edition_backfill", "edition")
    op.drop_column("edition", "backfill")
