"""Labels beyond the subjects, and those of researchers. Photos are interpreted again for them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    # Not in a batch: that copies the table on SQLite, and the readings below it would go.
    op.add_column("interpretation", sa.Column("label_set", sa.String(64), nullable=True))
    op.create_table(
        "label",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observation_id", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("coefficients", sa.LargeBinary(), nullable=True),
        *(
            sa.Column(name, sa.Double(), nullable=True)
            for name in ("intercept", "ap", "f1", "calibration_error")
        ),
        sa.Column("method", sa.String(255), nullable=True),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "label_example",
        sa.Column(
            "label_id",
            sa.Integer(),
            sa.ForeignKey("label.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("shows", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("features", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "label_reading",
        sa.Column("photo_id", sa.Integer(), primary_key=True),
        sa.Column("recipe_id", sa.String(64), primary_key=True),
        sa.Column("label", sa.String(255), primary_key=True),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id", "recipe_id"],
            ["interpretation.photo_id", "interpretation.recipe_id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_label_reading_label", "label_reading", ["recipe_id", "label", "probability"]
    )


def downgrade() -> None:
    """Go back."""
    for table in ("label_reading", "label_example", "label"):
        op.drop_table(table)
    op.drop_column("interpretation", "label_set")
