"""What pages are like as a whole: pages seen before have no such traits."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TRAITS: dict[str, sa.types.TypeEngine[Any]] = {
    "skew": sa.Double(),
    "dpi": sa.Integer(),
    "colour": sa.Boolean(),
    "halftone": sa.Boolean(),
    "brightness": sa.Double(),
    "ink_share": sa.Double(),
    "text_share": sa.Double(),
    "column_width": sa.Double(),
}


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("outcome") as outcome:
        for name, kind in TRAITS.items():
            outcome.add_column(sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("outcome") as outcome:
        for name in TRAITS:
            outcome.drop_column(name)
