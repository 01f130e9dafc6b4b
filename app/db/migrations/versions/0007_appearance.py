"""Where a photo draws the eye, and where and how figures are shown."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADDED: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "photo_features": {"attention": sa.LargeBinary(), "attention_rows": sa.Integer()},
    "sighting": {
        "body_x0": sa.Double(),
        "body_y0": sa.Double(),
        "body_x1": sa.Double(),
        "body_y1": sa.Double(),
        "body_found": sa.Boolean(),
        "area_share": sa.Double(),
        "face_share": sa.Double(),
        "centrality": sa.Double(),
        "size_rank": sa.Integer(),
        "people_beside": sa.Integer(),
    },
}
CHOICES = {
    "row": ("front", "middle", "back"),
    "shot_size": ("close", "medium", "long"),
    "facing": ("camera", "left", "right"),
}


def upgrade() -> None:
    """Go forward."""
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    # SQLite takes a check with its column only, and a batch would lose the table's other checks.
    for name, values in CHOICES.items():
        listed = ", ".join(f"'{value}'" for value in values)
        check = f'CONSTRAINT ck_sighting_{name} CHECK ("{name}" IN ({listed}))'
        op.execute(f'ALTER TABLE sighting ADD COLUMN "{name}" VARCHAR(16) {check}')


def downgrade() -> None:
    """Go back."""
    for name in CHOICES:
        op.execute(f'ALTER TABLE sighting DROP COLUMN "{name}"')
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
