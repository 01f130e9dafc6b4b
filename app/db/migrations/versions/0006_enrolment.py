"""References keep what was seen of their faces; faces on pages may be confirmed as references."""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLES = ("leader", "heir", "official", "other")
CORNERS = ("x0", "y0", "x1", "y1")
OLD_KEY, OLD_COLUMNS = "uq_reference_figure_id_sha256", ["figure_id", "sha256"]
KEY = "uq_reference_figure_id_sha256_frame_x0_y0_x1_y1"
CHECK = "status IN ('done', 'empty', 'rejected', 'failed')"

reference = sa.table(
    "reference",
    *(sa.column(name) for name in ("observation_id", "status", "reason", "detail", "x1")),
)
figure = sa.table("figure", sa.column("role"))


def upgrade() -> None:
    """Go forward."""
    op.add_column("face", sa.Column("sharpness", sa.Double(), nullable=True))
    with _reference_table() as batch:
        batch.drop_constraint(OLD_KEY, type_="unique")
        batch.drop_column("embedding")
        batch.add_column(sa.Column("frame", sa.Integer(), nullable=False, server_default="0"))
        for name in CORNERS:
            batch.add_column(sa.Column(name, sa.Double(), nullable=False, server_default="0"))
        batch.create_unique_constraint(KEY, [*OLD_COLUMNS, "frame", *CORNERS])
    _look_again()
    op.execute(figure.update().where(figure.c.role.not_in(ROLES)).values(role="other"))
    op.create_table(
        "reference_face",
        sa.Column(
            "reference_id",
            sa.Integer(),
            sa.ForeignKey("reference.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.Double(), nullable=False) for name in (*CORNERS, "score", "child")),
        sa.Column("landmarks", sa.JSON(), nullable=False),
        sa.Column("sharpness", sa.Double(), nullable=True),
        sa.Column("embedding", sa.LargeBinary(), nullable=True),
    )
    op.create_table(
        "discarded_file",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("discarded_file")
    op.drop_table("reference_face")
    op.execute(reference.delete().where(reference.c.x1 > 0))
    with _reference_table() as batch:
        batch.drop_constraint(KEY, type_="unique")
        for name in ("frame", *CORNERS):
            batch.drop_column(name)
        batch.add_column(sa.Column("embedding", sa.LargeBinary(), nullable=True))
        batch.create_unique_constraint(OLD_KEY, OLD_COLUMNS)
    _look_again()
    op.drop_column("face", "sharpness")


def _reference_table() -> AbstractContextManager[BatchOperations]:
    # Checks are not read from SQLite when it copies a table: they are named here.
    check = sa.CheckConstraint(CHECK, name=op.f("ck_reference_status"))
    return op.batch_alter_table("reference", table_args=(check,))


def _look_again() -> None:
    """Let references wait to be looked at: what they keep of their faces has changed."""
    columns = ("observation_id", "status", "reason", "detail")
    op.execute(reference.update().values(dict.fromkeys(columns, None)))
