"""Printed texts say in which languages they were read, by whom, and why they were not."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nothing is known of the texts that are there."""
    op.add_column("outcome", sa.Column("languages", sa.JSON(none_as_null=True)))
    op.add_column("caption", sa.Column("not_read", sa.String(16)))
    op.add_column("headline", sa.Column("source", sa.String(16)))
    op.add_column("headline", sa.Column("confidence", sa.Double()))
    op.add_column("headline", sa.Column("not_read", sa.String(16)))
