"""What a photo's subjects are read from, how sure their counts are, and where they are."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDED: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "photo_features": {
        "objects": sa.LargeBinary(),
        "maps": sa.LargeBinary(),
        "map_rows": sa.Integer(),
    },
    "subject_reading": {
        "count_low": sa.Integer(),
        "count_high": sa.Integer(),
        "places": sa.JSON(),
    },
}


def upgrade() -> None:
    """Go forward."""
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Go back."""
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.drop_column(name)
