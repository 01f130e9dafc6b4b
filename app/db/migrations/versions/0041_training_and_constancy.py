"""Training rounds, and what coders say of photos that they are shown again."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_NAME = sa.String(255)


def upgrade() -> None:
    """Make the tables; no sample that was drawn before shows an item again."""
    op.add_column(
        "sample", sa.Column("repeat_share", sa.Double(), server_default="0", nullable=False)
    )
    op.create_table(
        "repeated_answer",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("coder", _NAME, nullable=False),
        sa.Column("measure", _NAME, nullable=False),
        sa.Column("first", sa.Boolean()),
        sa.Column("again", sa.Boolean()),
        sa.Column("codebook", _NAME, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["sample_item.id"],
            name="fk_repeated_answer_item_id_sample_item",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", "coder", "measure", name="pk_repeated_answer"),
    )
    op.create_index("ix_repeated_answer_client_id", "repeated_answer", ["coder", "client_id"])
    op.create_table(
        "training_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("coder", _NAME, nullable=False),
        sa.Column("made_by", _NAME, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["sample.id"],
            name="fk_training_round_sample_id_sample",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_round"),
    )
    op.create_index("ix_training_round_sample_id", "training_round", ["sample_id"])
    op.create_table(
        "training_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("training_round_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("question", _NAME, nullable=False),
        sa.Column("known", _NAME, nullable=False),
        sa.Column("answer", _NAME),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("scan_id", sa.Integer(), nullable=False),
        *(sa.Column(side, sa.Double(), nullable=False) for side in ("x0", "y0", "x1", "y1")),
        sa.ForeignKeyConstraint(
            ["training_round_id"],
            ["training_round.id"],
            name="fk_training_item_training_round_id_training_round",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_training_item_scan_id_scan", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_item"),
        sa.UniqueConstraint(
            "training_round_id", "place", name="uq_training_item_training_round_id_place"
        ),
    )
    op.create_index("ix_training_item_scan_id", "training_item", ["scan_id"])
