"""Questions are drafts of claims: they have plans of photos to look at, and scheduled looks."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; the claims and looks that are there are no questions'."""
    op.add_column(
        "claim", sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("claim", sa.Column("kept_after", sa.Integer()))
    for name in ("stage", "number", "answered"):
        op.add_column("claim_look", sa.Column(name, sa.Integer()))
    for name in ("risk", "value", "low", "high", "against"):
        op.add_column("claim_look", sa.Column(name, sa.Double()))
    op.create_table(
        "claim_plan",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("answered_before", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name="fk_claim_plan_claim_id_claim"),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["sample.id"], name="fk_claim_plan_sample_id_sample", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("claim_id", "stage", name="pk_claim_plan"),
    )
    op.create_index("ix_claim_plan_sample_id", "claim_plan", ["sample_id"])
