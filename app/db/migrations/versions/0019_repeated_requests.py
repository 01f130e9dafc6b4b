"""Requests with a key have one effect; names are composed as Unicode's form NFC has them."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NAMES = {
    "publication": ("name",),
    "publication_alias": ("name",),
    "inbox_folder": ("name",),
    "trashed_edition": ("deleted_by",),
    "edit": ("coder", "undone_by"),
    "figure": ("name",),
    "label": ("name",),
    "sample": ("name", "publication"),
    "sample_item": ("coder", "second_coder"),
    "review": ("coder",),
    "sample_measure": ("measure",),
    "review_answer": ("measure",),
    "settled_answer": ("measure",),
    "edition_measure": ("measure",),
    "edition_share": ("measure",),
    "label_reading": ("label",),
}
"""The names that people give, and those that measures have from them, by table."""


def upgrade() -> None:
    """Add the table, and compose names; one that exists in both forms keeps the other one."""
    op.create_table(
        "repeated_request",
        sa.Column("person", sa.String(255), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("person", "key", name="pk_repeated_request"),
    )
    op.create_index("ix_repeated_request_begun_at", "repeated_request", ["begun_at"])
    for table, columns in NAMES.items():
        for column in columns:
            _compose(table, column)


def _compose(table: str, column: str) -> None:
    """Compose the names in a column; where that would make two rows one, they stay apart."""
    connection = op.get_bind()
    name: sa.ColumnClause[str] = sa.column(column)
    named = sa.table(table, name)
    for given in connection.scalars(sa.select(name).distinct().select_from(named)).all():
        composed = unicodedata.normalize("NFC", given or "")
        if composed == (given or ""):
            continue
        for wish in (composed, f"{composed} (2)"):
            try:
                with connection.begin_nested():
                    change = sa.update(named).where(name == given).values({column: wish})
                    connection.execute(change)
            except sa.exc.IntegrityError:
                continue
            break


def downgrade() -> None:
    """Drop the table; names stay as they are."""
    op.drop_index("ix_repeated_request_begun_at", "repeated_request")
    op.drop_table("repeated_request")
