"""The role of a figure is by newspaper: it stays for the newspapers that have editions now."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each figure its role in every newspaper with an edition, kept or in the trash."""
    op.create_table(
        "figure_role",
        sa.Column(
            "figure_id",
            sa.Integer,
            sa.ForeignKey("figure.id", name="fk_figure_role_figure_id_figure", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "publication_id",
            sa.Integer,
            sa.ForeignKey(
                "publication.id",
                name="fk_figure_role_publication_id_publication",
                ondelete="CASCADE",
            ),
            nullable=False,
        ),
        sa.Column("role", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("figure_id", "publication_id", name="pk_figure_role"),
    )
    op.create_index("ix_figure_role_publication_id", "figure_role", ["publication_id"])
    op.execute(
        "INSERT INTO figure_role (figure_id, publication_id, role)"
        " SELECT figure.id, paper.publication_id, figure.role FROM figure, ("
        "SELECT publication_id FROM edition UNION SELECT publication_id FROM trashed_edition"
        ") AS paper WHERE figure.role <> 'other'"
    )
    op.drop_column("figure", "role")
