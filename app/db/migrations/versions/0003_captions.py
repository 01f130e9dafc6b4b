"""Captions of photos, and headlines above groups of them. Pages seen before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PLACE = ("below", "above", "beside", "inside")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "caption",
        _key("photo_id", "photo.id"),
        sa.Column(
            "place",
            sa.Enum(*PLACE, name="place", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=True),
        *_box(),
    )
    op.create_table(
        "headline",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "outcome_id",
            sa.Integer(),
            sa.ForeignKey("outcome.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        *_box(),
        sa.UniqueConstraint("outcome_id", "position"),
    )
    op.create_table(
        "headline_photo",
        _key("headline_id", "headline.id"),
        sa.Column("photo_position", sa.Integer(), primary_key=True),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("headline_photo", "headline", "caption"):
        op.drop_table(table)


def _key(name: str, target: str) -> sa.Column[int]:
    reference = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(name, sa.Integer(), reference, primary_key=True)


def _box() -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double(), nullable=False) for name in ("x0", "y0", "x1", "y1")]
