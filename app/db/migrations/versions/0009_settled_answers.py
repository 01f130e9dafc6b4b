"""Settled answers no longer say that their photo was drawn: samples do."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the columns of the draw; the old draws stand in the notes of reviews."""
    op.drop_column("settled_answer", "drawn")
    op.drop_column("settled_answer", "drawn_from")


def downgrade() -> None:
    """Add the columns again; all answers count as picked."""
    op.add_column(
        "settled_answer",
        sa.Column("drawn", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("settled_answer", sa.Column("drawn_from", sa.Text(), nullable=True))
