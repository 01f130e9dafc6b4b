"""Nights are on record, and what came in through an inbox."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "nightly_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("machine", sa.String(255), nullable=False),
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_nightly_run"),
    )
    op.create_index("ix_nightly_run_began_at", "nightly_run", ["began_at"])
    op.create_table(
        "inbox_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("publication", sa.String(255), nullable=False),
        sa.Column("edition_date", sa.Date(), nullable=False),
        sa.Column("content_key", sa.String(64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("mode", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_import"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["nightly_run.id"], name="fk_inbox_import_run_id_nightly_run"
        ),
        sa.CheckConstraint("decision IN ('imported', 'added', 'known')", name="decision"),
    )
    for column in ("run_id", "content_key", "edition_id"):
        op.create_index(f"ix_inbox_import_{column}", "inbox_import", [column])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("inbox_import")
    op.drop_table("nightly_run")
