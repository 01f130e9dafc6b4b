"""What libraries say of editions is kept whole, and newspapers have identifiers."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TEXTS = ("rights_address", "holder", "edition_label", "source", "homepage")


def upgrade() -> None:
    """Make the tables and columns; of what was imported before, nothing more is known."""
    for name in _TEXTS:
        column = sa.Column(name, sa.Text(), server_default="", nullable=False)
        op.add_column("edition_description", column)
    op.add_column("edition_description", sa.Column("languages", sa.JSON(none_as_null=True)))
    op.create_table(
        "edition_identifier",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("of_newspaper", sa.Boolean(), nullable=False),
        sa.Column("scheme", sa.String(16), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_edition_identifier_edition_id_edition"
        ),
        sa.PrimaryKeyConstraint(
            "edition_id", "of_newspaper", "scheme", "value", name="pk_edition_identifier"
        ),
    )
    op.create_table(
        "publication_identifier",
        sa.Column("scheme", sa.String(16), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name="fk_publication_identifier_publication_id_publication",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("scheme", "value", name="pk_publication_identifier"),
    )
    op.create_index(
        "ix_publication_identifier_publication_id", "publication_identifier", ["publication_id"]
    )
    op.create_table(
        "page_canvas",
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("canvas", sa.Text(), nullable=False),
        sa.Column("image_service", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_page_canvas_scan_id_scan", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scan_id", name="pk_page_canvas"),
    )
