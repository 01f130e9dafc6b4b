"""Summaries keep what the machine says of each photo; sums keep no intervals.

Summaries are made of interpretations: those at hand are deleted, and the worker makes them again.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ARRAYS = ("photo_ids", "photo_areas", "photo_zones")
FLOATS = ("variance", "low", "high", "area_variance", "area_low", "area_high", "a0", "a1", "a2",
    "a3")  # fmt: skip
INTEGERS = ("n0", "n1", "n2", "n3")


def upgrade() -> None:
    """Delete the summaries, and change their tables."""
    _forget()
    with op.batch_alter_table("edition_summary") as table:
        for name in ARRAYS:
            table.add_column(sa.Column(name, sa.JSON(), nullable=False))
    _shares([])
    op.create_table(
        "edition_measure",
        sa.Column("recipe_id", sa.String(64), nullable=False),
        sa.Column("measure", sa.String(255), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.Column("decided", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("recipe_id", "measure", "edition_id", name="pk_edition_measure"),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name="fk_edition_measure_recipe_id_recipe"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_edition_measure_edition_id_edition"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_edition_measure_edition_id", "edition_measure", ["edition_id", "recipe_id"])


def downgrade() -> None:
    """Delete the summaries, and change their tables back."""
    _forget()
    op.drop_table("edition_measure")
    with op.batch_alter_table("edition_summary") as table:
        for name in ARRAYS:
            table.drop_column(name)
    _shares(
        [sa.Column(name, sa.Double(), nullable=False) for name in FLOATS]
        + [sa.Column(name, sa.Integer(), nullable=False) for name in INTEGERS]
    )


def _forget() -> None:
    op.execute("DELETE FROM edition_share")
    op.execute("DELETE FROM edition_summary")


def _shares(more: Sequence[Any]) -> None:
    """Make the empty table of shares anew: SQLite alters no table without row ids in place."""
    zones = sa.Enum(
        "all", "front", "inside", "above_fold", "lead",
        name="zone", native_enum=False, create_constraint=True, length=16,
    )  # fmt: skip
    op.drop_table("edition_share")
    op.create_table(
        "edition_share",
        sa.Column("recipe_id", sa.String(64), nullable=False),
        sa.Column("measure", sa.String(255), nullable=False),
        sa.Column("zone", zones, nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("area", sa.Double(), nullable=False),
        sa.Column("area_decided", sa.Double(), nullable=False),
        sa.Column("area_expected", sa.Double(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint(
            "recipe_id", "measure", "zone", "edition_id", name="pk_edition_share"
        ),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name="fk_edition_share_recipe_id_recipe"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_edition_share_edition_id_edition"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_edition_share_edition_id", "edition_share", ["edition_id", "recipe_id"])
