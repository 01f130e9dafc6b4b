"""What pages say of themselves: the day, page number and newspaper at their head."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; pages that were observed before have no row."""
    op.create_table(
        "folio",
        sa.Column("outcome_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("day_confidence", sa.Double(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("number_confidence", sa.Double(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_confidence", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("outcome_id", name="pk_folio"),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["outcome.id"], name="fk_folio_outcome_id_outcome", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("folio")
