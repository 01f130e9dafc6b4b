"""The tables of validation samples."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ZONES = ("all", "front", "inside", "above_fold", "lead")
STATUSES = ("open", "skipped", "cant_tell", "disagreement", "answered", "adjudicated")


def upgrade() -> None:
    """Create the tables of samples."""
    op.create_table(
        "sample",
        _column("id", sa.Integer()),
        _column("name", sa.String(255)),
        _choice("kind", ("photos", "pages")),
        _choice("zone", ZONES),
        _choice("weight", ("count", "area")),
        _column("publication", sa.String(255), nullable=True),
        _column("first_date", sa.Date(), nullable=True),
        _column("last_date", sa.Date(), nullable=True),
        _column("seed", sa.Integer()),
        _column("coders", sa.JSON()),
        _column("second_share", sa.Double()),
        _column("wished_width", sa.Double(), nullable=True),
        _column("recipe_id", sa.String(64)),
        _column("codebook", sa.String(255)),
        _column("created_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_sample"),
        sa.UniqueConstraint("name", name="uq_sample_name"),
    )
    op.create_table(
        "sample_measure",
        *_of_sample(),
        _column("measure", sa.String(255)),
        _column("position", sa.Integer()),
        sa.PrimaryKeyConstraint("sample_id", "measure", name="pk_sample_measure"),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["sample.id"],
            name="fk_sample_measure_sample_id_sample",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_sample_measure_measure", "sample_measure", ["measure"])
    op.create_table(
        "sample_stratum",
        *_of_sample(),
        _column("stratum", sa.Integer()),
        _column("definition", sa.Text()),
        _column("size", sa.Integer()),
        _column("drawn", sa.Integer()),
        sa.PrimaryKeyConstraint("sample_id", "stratum", name="pk_sample_stratum"),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["sample.id"],
            name="fk_sample_stratum_sample_id_sample",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "sample_edition",
        *_of_sample(),
        _column("edition_id", sa.Integer()),
        _column("sizes", sa.JSON()),
        sa.PrimaryKeyConstraint("sample_id", "edition_id", name="pk_sample_edition"),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["sample.id"],
            name="fk_sample_edition_sample_id_sample",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_sample_edition_edition_id_edition"
        ),
    )
    op.create_index("ix_sample_edition_edition_id", "sample_edition", ["edition_id"])
    op.create_table(
        "sample_item",
        _column("id", sa.Integer()),
        *_of_sample(),
        _column("place", sa.Integer()),
        _column("stratum", sa.Integer()),
        _column("scan_id", sa.Integer()),
        *(_column(name, sa.Double()) for name in ("x0", "y0", "x1", "y1")),
        _column("probability", sa.Double(), nullable=True),
        _column("coder", sa.String(255), nullable=True),
        _column("second", sa.Boolean()),
        _column("second_coder", sa.String(255), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sample_item"),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["sample.id"],
            name="fk_sample_item_sample_id_sample",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name="fk_sample_item_scan_id_scan"),
        sa.UniqueConstraint("sample_id", "place", name="uq_sample_item_sample_id_place"),
    )
    op.create_index("ix_sample_item_scan_id", "sample_item", ["scan_id"])
    op.create_table(
        "sampled_photo",
        _column("photo_id", sa.Integer()),
        _column("item_id", sa.Integer()),
        _column("measure", sa.String(255)),
        _choice("status", STATUSES),
        _column("coded_since", sa.Boolean()),
        sa.PrimaryKeyConstraint("photo_id", "item_id", "measure", name="pk_sampled_photo"),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name="fk_sampled_photo_photo_id_photo", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["sample_item.id"],
            name="fk_sampled_photo_item_id_sample_item",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_sampled_photo_item_id", "sampled_photo", ["item_id"])
    op.create_index("ix_sampled_photo_measure", "sampled_photo", ["measure"])


def downgrade() -> None:
    """Drop the tables of samples."""
    for table in (
        "sampled_photo",
        "sample_item",
        "sample_edition",
        "sample_stratum",
        "sample_measure",
        "sample",
    ):
        op.drop_table(table)


def _column(name: str, kind: Any, *, nullable: bool = False) -> Any:
    return sa.Column(name, kind, nullable=nullable)


def _of_sample() -> list[Any]:
    return [_column("sample_id", sa.Integer())]


def _choice(name: str, words: tuple[str, ...]) -> Any:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
    return _column(name, kind)
