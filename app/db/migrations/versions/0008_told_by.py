"""Whether a sighting is sure, what told it, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHOICES = {"answer": ("yes", "unsure"), "told_by": ("face", "context")}


def upgrade() -> None:
    """Go forward."""
    for name, values in CHOICES.items():
        listed = ", ".join(f"'{value}'" for value in values)
        check = f'CONSTRAINT ck_sighting_{name} CHECK ("{name}" IN ({listed}))'
        default = f"DEFAULT '{values[0]}' NOT NULL"
        op.execute(f'ALTER TABLE sighting ADD COLUMN "{name}" VARCHAR(16) {default} {check}')
    op.add_column("sighting", sa.Column("reasons", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Go back."""
    for name in ("reasons", *CHOICES):
        op.drop_column("sighting", name)
