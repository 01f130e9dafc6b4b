"""Whether the photos of a page are in black and white alone."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of pages that were observed before it is not known."""
    op.add_column("outcome", sa.Column("bitonal", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("outcome", "bitonal")
