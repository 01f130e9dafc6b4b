"""The database knows the id of the key that its embeddings are encrypted with, if they are."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing is encrypted yet."""
    op.create_table(
        "embedding_key",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_embedding_key"),
    )


def downgrade() -> None:
    """Drop the table, unless embeddings are encrypted: an older version could not read them."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM embedding_key")).first() is not None:
        raise RuntimeError("embeddings are encrypted, which an older version can't read")
    op.drop_table("embedding_key")
