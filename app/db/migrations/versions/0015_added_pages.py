"""People add pages to editions, and delete editions and pages."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables and columns; the files of unpacked editions are unpacked."""
    op.add_column("upload_file", sa.Column("edit_id", sa.Integer(), nullable=True))
    op.add_column("upload_file", _unpacked())
    op.add_column("page", sa.Column("edit_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE upload_file SET unpacked = true WHERE EXISTS (SELECT 1 FROM edition"
        " WHERE edition.id = upload_file.edition_id AND edition.unpacked_at IS NOT NULL)"
    )
    with op.batch_alter_table("inbox_folder") as batch:
        batch.alter_column("edition_id", existing_type=sa.Integer(), nullable=True)
    op.add_column("trashed_edition", sa.Column("due_at", MOMENT, nullable=True))
    op.create_table(
        "unprinted_scan",
        sa.Column("scan_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_unprinted_scan_scan_id_scan", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scan_id", name="pk_unprinted_scan"),
    )


def downgrade() -> None:
    """Remove them; folders of deleted editions are forgotten."""
    op.drop_table("unprinted_scan")
    op.drop_column("trashed_edition", "due_at")
    op.execute("DELETE FROM inbox_folder WHERE edition_id IS NULL")
    with op.batch_alter_table("inbox_folder") as batch:
        batch.alter_column("edition_id", existing_type=sa.Integer(), nullable=False)
    op.drop_column("page", "edit_id")
    op.drop_column("upload_file", "unpacked")
    op.drop_column("upload_file", "edit_id")


def _unpacked() -> sa.Column[bool]:
    return sa.Column("unpacked", sa.Boolean(), server_default=sa.false(), nullable=False)
