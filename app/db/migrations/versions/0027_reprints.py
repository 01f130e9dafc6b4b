"""Fingerprints of photos, and the reprints that are found by them."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def _photo(table: str, column: str = "photo_id") -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_photo"
    return sa.ForeignKeyConstraint([column], ["photo.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Add the tables; photos that were observed before have no fingerprints."""
    op.create_table(
        "photo_fingerprint",
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("compared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("photo_id", name="pk_photo_fingerprint"),
        _photo("photo_fingerprint"),
    )
    op.create_index(
        "ix_photo_fingerprint_waiting",
        "photo_fingerprint",
        ["photo_id"],
        sqlite_where=sa.text("NOT compared"),
        postgresql_where=sa.text("NOT compared"),
    )
    op.create_table(
        "fingerprint_word",
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("photo_id", "word", name="pk_fingerprint_word"),
        _photo("fingerprint_word"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_fingerprint_word_word", "fingerprint_word", ["word"])
    op.create_table(
        "reprint",
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("likeness", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("photo_id", "other_id", name="pk_reprint"),
        _photo("reprint"),
        _photo("reprint", "other_id"),
    )
    op.create_index("ix_reprint_other_id", "reprint", ["other_id"])
    op.add_column("label_example", sa.Column("fingerprint", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("label_example", "fingerprint")
    op.drop_table("reprint")
    op.drop_table("fingerprint_word")
    op.drop_table("photo_fingerprint")
