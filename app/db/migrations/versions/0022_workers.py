"""Workers are rows, for those of other machines share no folder."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; workers enter themselves."""
    op.create_table(
        "worker",
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("version", sa.String(255), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("metrics", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_worker"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("worker")
