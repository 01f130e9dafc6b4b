"""The tables of frozen claims, and of the looks at them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

VERDICTS = ("true", "false", "undecided")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "claim_registration",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("scans", sa.Integer(), nullable=False),
        sa.Column("first_scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("claim_id", name="pk_claim_registration"),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name="fk_claim_registration_claim_id_claim"
        ),
    )
    op.create_table(
        "claim_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipe_id", sa.String(64), nullable=False),
        sa.Column("editions", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                *VERDICTS, name="verdict", native_enum=False, create_constraint=True, length=16
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_claim_look"),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name="fk_claim_look_claim_id_claim"),
    )
    op.create_index("ix_claim_look_claim_id", "claim_look", ["claim_id"])


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("claim_look")
    op.drop_table("claim_registration")
