"""Photos of one frame share an address; those that are there already have one each."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the index by which an address finds its photos."""
    op.add_column("photo", sa.Column("earlier_id", sa.Integer(), nullable=True))
    op.create_index("ix_photo_earlier_id", "photo", ["earlier_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_photo_earlier_id", "photo")
    op.drop_column("photo", "earlier_id")
