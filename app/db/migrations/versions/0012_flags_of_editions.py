"""Tables of what is unusual in each edition; workers fill them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "edition_flags",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.String(64), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "recipe_id", name="pk_edition_flags"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_edition_flags_edition_id_edition"
        ),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name="fk_edition_flags_recipe_id_recipe"
        ),
    )
    op.create_table(
        "newspaper_flags",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.String(64), nullable=False),
        sa.Column("made_of", sa.String(64), nullable=True),
        sa.Column("known", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "recipe_id", name="pk_newspaper_flags"),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name="fk_newspaper_flags_publication_id_publication",
        ),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name="fk_newspaper_flags_recipe_id_recipe"
        ),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("newspaper_flags")
    op.drop_table("edition_flags")
