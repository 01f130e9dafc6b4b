"""How probable it is that a figure that is not seen in a photo is there all the same."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    column = sa.Column("doubts", sa.JSON(), server_default="[]", nullable=False)
    op.add_column("interpretation", column)


def downgrade() -> None:
    """Go back."""
    op.drop_column("interpretation", "doubts")
