"""Settled answers name the codebook that they follow.

Which reviews settled an answer is not stored: each gets the codebook of its page's latest review.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LATEST = """
UPDATE settled_answer SET codebook = coalesce((
    SELECT review.codebook FROM review
    JOIN outcome ON outcome.scan_id = review.scan_id
    JOIN photo ON photo.outcome_id = outcome.id
    WHERE photo.id = settled_answer.photo_id AND review.withdrawn_at IS NULL
    ORDER BY review.id DESC LIMIT 1
), '')
"""


def upgrade() -> None:
    """Add the column, and fill it."""
    column = sa.Column("codebook", sa.String(255), nullable=False, server_default="")
    with op.batch_alter_table("settled_answer") as table:
        table.add_column(column)
    op.execute(LATEST)


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("settled_answer") as table:
        table.drop_column("codebook")
