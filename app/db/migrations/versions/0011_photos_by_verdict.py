"""Verdicts are counted out of their index alone: it names the photos."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "ix_interpretation_verdict"


def upgrade() -> None:
    """Add the photo to the index of verdicts."""
    op.drop_index(NAME, "interpretation")
    op.create_index(NAME, "interpretation", ["recipe_id", "verdict", "photo_id"])


def downgrade() -> None:
    """Take the photo out of the index again."""
    op.drop_index(NAME, "interpretation")
    op.create_index(NAME, "interpretation", ["recipe_id", "verdict"])
