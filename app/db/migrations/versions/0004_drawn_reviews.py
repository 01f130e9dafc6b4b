"""Reviews no longer say that their photo was drawn: samples do.

The frame of an old draw can't be made again: which photos were drawn and not answered was never
stored, so the chance of the answered ones is not known. Old drawn reviews become picks; what they
were drawn for stands in their note.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write the old draws into the notes, and drop their columns."""
    op.execute(
        "UPDATE review SET note = CASE WHEN note IS NULL THEN '' ELSE note || '; ' END"
        " || 'drawn for ' || drawn_for || ' from ' || coalesce(drawn_from, '{}')"
        " WHERE drawn_for IS NOT NULL"
    )
    op.drop_column("review", "drawn_for")
    op.drop_column("review", "drawn_from")


def downgrade() -> None:
    """Add the columns again; notes stay."""
    op.add_column("review", sa.Column("drawn_for", sa.String(255), nullable=True))
    op.add_column("review", sa.Column("drawn_from", sa.Text(), nullable=True))
