"""Versions of summaries, and a number for what people change: what was read of either is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a summary keeps version 0 until it is written anew."""
    with op.batch_alter_table("edition_summary") as table:
        table.add_column(sa.Column("version", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("revision") as table:
        table.add_column(sa.Column("answers", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("revision", "answers")
    op.drop_column("edition_summary", "version")
