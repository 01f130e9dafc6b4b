"""Whether the photos of a page are in black and white alone, and whether it was photographed."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of pages that were observed before it is not known."""
    for name in ("bitonal", "photographed"):
        op.add_column("outcome", sa.Column(name, sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for name in ("bitonal", "photographed"):
        op.drop_column("outcome", name)
