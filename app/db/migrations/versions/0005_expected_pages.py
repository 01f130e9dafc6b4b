"""Expected pages of editions, page 1 as the front page, and figures that were not looked for.

Summaries with zeros for what nobody looked for go with the next revision, and are made again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PAGE = sa.table("page", sa.column("number"), sa.column("is_front"))
_COUNTS = ("leader_photos", "leader_unsure", "together_photos")
_SUMMARY = sa.table("edition_summary", *(sa.column(name) for name in _COUNTS))


def upgrade() -> None:
    """Add the columns; editions without page 1 lose their front page."""
    with op.batch_alter_table("edition") as table:
        table.add_column(sa.Column("pages_expected", sa.Integer(), nullable=True))
        table.add_column(sa.Column("page_numbers", sa.JSON(), nullable=True))
    with op.batch_alter_table("edition_summary") as table:
        for name in _COUNTS:
            table.alter_column(name, existing_type=sa.Integer(), nullable=True)
    op.execute(_PAGE.update().where(_PAGE.c.number != 1).values(is_front=sa.false()))


def downgrade() -> None:
    """Put zeros in the place of what is not known, and drop the columns."""
    for name in _COUNTS:
        column = _SUMMARY.c[name]
        op.execute(_SUMMARY.update().where(column.is_(None)).values({name: 0}))
    with op.batch_alter_table("edition_summary") as table:
        for name in _COUNTS:
            table.alter_column(name, existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("edition") as table:
        table.drop_column("page_numbers")
        table.drop_column("pages_expected")
