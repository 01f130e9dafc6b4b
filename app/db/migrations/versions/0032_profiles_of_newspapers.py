"""Newspapers have languages, a country and a kind."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nothing is known of the newspapers that are there."""
    op.add_column("publication", sa.Column("languages", sa.JSON(none_as_null=True)))
    op.add_column("publication", sa.Column("country", sa.String(2)))
    op.add_column("publication", sa.Column("kind", sa.String(16)))
