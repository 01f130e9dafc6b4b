"""What users' image encoders make of photos has a table."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "photo_encoding",
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photo.id"],
            name="fk_photo_encoding_photo_id_photo",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", "encoder", name="pk_photo_encoding"),
    )
    op.create_index("ix_photo_encoding_encoder", "photo_encoding", ["encoder"])
