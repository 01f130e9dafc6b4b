"""Canvases of libraries have sizes, by which annotations are placed on them."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; the sizes of canvases that are there are not known."""
    op.add_column("page_canvas", sa.Column("width", sa.Double()))
    op.add_column("page_canvas", sa.Column("height", sa.Double()))
