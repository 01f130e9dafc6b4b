"""Invitations of coders, flags, own constancy, and training rounds."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_NAME = sa.String(255)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _place(table: str) -> list[sa.schema.SchemaItem]:
    """Return the columns of a photo's place, and what refers to its scan."""
    return [
        sa.Column("scan_id", sa.Integer(), nullable=False),
        *(sa.Column(side, sa.Double(), nullable=False) for side in ("x0", "y0", "x1", "y1")),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name=f"fk_{table}_scan_id_scan", ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    """Make the tables; no sample that was drawn before shows an item again."""
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("made_by", _NAME, nullable=False),
        _moment("created_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("accepted_at"),
        _moment("revoked_at"),
        sa.CheckConstraint("role IN ('reader', 'reviewer', 'editor', 'admin')", name="role"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
    )
    op.add_column(
        "sample", sa.Column("repeat_share", sa.Double(), server_default="0", nullable=False)
    )
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question", _NAME),
        sa.Column("coder", _NAME, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("settled_at"),
        sa.Column("settled_by", _NAME),
        *_place("flag"),
        sa.PrimaryKeyConstraint("id", name="pk_flag"),
    )
    op.create_index("ix_flag_scan_id", "flag", ["scan_id"])
    op.create_table(
        "flag_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("coder", _NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("created_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["flag_id"], ["flag.id"], name="fk_flag_answer_flag_id_flag", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flag_answer"),
    )
    op.create_index("ix_flag_answer_flag_id", "flag_answer", ["flag_id"])
    op.create_table(
        "repeated_answer",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("coder", _NAME, nullable=False),
        sa.Column("measure", _NAME, nullable=False),
        sa.Column("first", sa.Boolean()),
        sa.Column("again", sa.Boolean()),
        sa.Column("codebook", _NAME, nullable=False),
        _moment("created_at", nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
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
        sa.Column("coder", _NAME, nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        _moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_round"),
    )
    op.create_table(
        "training_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("training_round_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("question", _NAME, nullable=False),
        sa.Column("known", _NAME, nullable=False),
        sa.Column("answer", _NAME),
        _moment("answered_at"),
        *_place("training_item"),
        sa.ForeignKeyConstraint(
            ["training_round_id"],
            ["training_round.id"],
            name="fk_training_item_training_round_id_training_round",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_item"),
        sa.UniqueConstraint(
            "training_round_id", "place", name="uq_training_item_training_round_id_place"
        ),
    )
    op.create_index("ix_training_item_scan_id", "training_item", ["scan_id"])
