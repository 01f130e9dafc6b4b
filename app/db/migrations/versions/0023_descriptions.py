"""What libraries say of editions and pages; captions know who has read them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; captions that are read were read by Tesseract."""
    op.create_table(
        "edition_description",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(255), nullable=False),
        sa.Column("document", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", name="pk_edition_description"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_edition_description_edition_id_edition"
        ),
    )
    op.create_table(
        "page_text",
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scan_id", name="pk_page_text"),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_page_text_scan_id_scan", ondelete="CASCADE"
        ),
    )
    op.add_column("caption", sa.Column("source", sa.String(16), nullable=True))
    op.add_column("caption", sa.Column("confidence", sa.Double(), nullable=True))
    op.execute("UPDATE caption SET source = 'tesseract' WHERE text IS NOT NULL")


def downgrade() -> None:
    """Drop them."""
    op.drop_column("caption", "confidence")
    op.drop_column("caption", "source")
    op.drop_table("page_text")
    op.drop_table("edition_description")
