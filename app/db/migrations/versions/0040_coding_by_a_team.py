"""Invitations of coders, and flags."""

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
    """Make the tables."""
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
