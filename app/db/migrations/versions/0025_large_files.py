"""Files may be larger than 2 GiB on PostgreSQL, as they may on SQLite."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the column; an integer of SQLite has 64 bits already."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("upload_file", "size", type_=sa.BigInteger())


def downgrade() -> None:
    """Narrow it; it fails where a file is larger."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("upload_file", "size", type_=sa.Integer())
