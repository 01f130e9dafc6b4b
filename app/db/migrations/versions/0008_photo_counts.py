"""What counts of photos need: what was found on each page, and what people say of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column of found photos, and the tables of page reviews.

    Workers make the summaries without that column again.
    """
    with op.batch_alter_table("edition_summary") as table:
        table.add_column(sa.Column("found_pages", sa.JSON(), nullable=True))
    op.create_table(
        "page_review",
        _column("id", sa.Integer()),
        _column("scan_id", sa.Integer()),
        _column("coder", sa.String(255)),
        _column("codebook", sa.String(255)),
        _column("checked", sa.Boolean()),
        _column("adjudicates", sa.Boolean()),
        _column("note", sa.Text(), nullable=True),
        _column("created_at", sa.DateTime(timezone=True)),
        _column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_page_review"),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name="fk_page_review_scan_id_scan"),
    )
    op.create_index("ix_page_review_scan_id", "page_review", ["scan_id"])
    op.create_table(
        "page_mark",
        _column("review_id", sa.Integer()),
        _column("position", sa.Integer(), autoincrement=False),
        *(_column(name, sa.Double()) for name in ("x0", "y0", "x1", "y1")),
        _column("photos", sa.Integer()),
        sa.PrimaryKeyConstraint("review_id", "position", name="pk_page_mark"),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["page_review.id"],
            name="fk_page_mark_review_id_page_review",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Drop the tables and the column."""
    op.drop_table("page_mark")
    op.drop_table("page_review")
    op.drop_column("edition_summary", "found_pages")


def _column(name: str, kind: Any, *, nullable: bool = False, **options: Any) -> Any:
    return sa.Column(name, kind, nullable=nullable, **options)
