"""Answers of models have a table, apart from people's."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "model_answer",
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(255), nullable=False),
        sa.Column("coder", sa.String(255), nullable=False),
        sa.Column("shows", sa.Boolean()),
        sa.Column("confidence", sa.Double()),
        sa.Column("reason", sa.Text()),
        sa.Column("codebook", sa.String(255), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name="fk_model_answer_photo_id_photo", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", "measure", "coder", name="pk_model_answer"),
    )
    op.create_index("ix_model_answer_coder", "model_answer", ["coder"])
