"""Reviews know the id that a coder's device has given them: what is sent again is stored once."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the id; reviews from before have none."""
    op.add_column("review", sa.Column("client_id", sa.String(64), nullable=True))
    op.create_index("ix_review_client_id", "review", ["coder", "client_id"], unique=True)


def downgrade() -> None:
    """Drop the id."""
    op.drop_index("ix_review_client_id", "review")
    op.drop_column("review", "client_id")
