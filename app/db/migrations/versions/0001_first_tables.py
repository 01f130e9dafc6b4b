"""First tables. Constraints are named by the convention of ``app.db.tables``."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATUS = ("done", "empty", "rejected", "failed")
VERDICT = ("leader", "facility", "neither", "unsure")
SUBJECT = ("people", "crowd", "children", "fireworks", "buildings")
TABLES = (
    "figure", "publication", "recipe", "scan", "claim", "edition", "outcome", "reference",
    "inbox_folder", "page", "photo", "upload_file", "detection", "face", "interpretation",
    "photo_features", "sighting", "subject_reading",
)  # fmt: skip


def upgrade() -> None:
    """Go forward."""
    _what_comes_in()
    _who_is_looked_for()
    _what_was_seen()
    _what_it_means()


def downgrade() -> None:
    """Go back."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def _int(name: str, *more: sa.ForeignKey, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), *more, nullable=null, primary_key=key)


def _text(name: str, *more: sa.ForeignKey, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(255), *more, nullable=null, primary_key=key)


def _hash(name: str, *more: sa.ForeignKey, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), *more, nullable=null, primary_key=key)


def _prose(name: str, *, null: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=null)


def _moment(name: str, *, null: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _vector(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _word(
    name: str, words: tuple[str, ...], *, null: bool = False, key: bool = False
) -> sa.Column[str]:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
    return sa.Column(name, kind, nullable=null, primary_key=key)


def _box() -> list[sa.Column[float]]:
    return [_number(name) for name in ("x0", "y0", "x1", "y1")]


def _refusal(*, null: bool) -> list[sa.Column[str]]:
    return [_word("status", STATUS, null=null), _text("reason", null=True), _prose("detail")]


def _what_comes_in() -> None:
    op.create_table(
        "publication", _id(), _text("name"), _int("usual_pages", null=True),
        sa.UniqueConstraint("name"),
    )  # fmt: skip
    op.create_table(
        "edition",
        _id(),
        _int("publication_id", sa.ForeignKey("publication.id")),
        sa.Column("edition_date", sa.Date(), nullable=False),
        _hash("content_key"),
        _moment("created_at"),
        _moment("unpacked_at", null=True),
        _text("claimed_by", null=True),
        _moment("claimed_until_at", null=True),
        _int("attempts"),
        sa.UniqueConstraint("publication_id", "edition_date", "content_key"),
    )
    op.create_index("ix_edition_edition_date", "edition", ["edition_date"])
    op.create_index("ix_edition_unpacked_at", "edition", ["unpacked_at"])
    op.create_table(
        "upload_file",
        _int("edition_id", sa.ForeignKey("edition.id"), key=True),
        _int("position", key=True),
        _hash("sha256"),
        _int("size"),
        _text("name"),
    )
    op.create_table(
        "inbox_folder",
        _text("name", key=True),
        _hash("fingerprint"),
        _int("edition_id", sa.ForeignKey("edition.id")),
    )
    op.create_index("ix_inbox_folder_edition_id", "inbox_folder", ["edition_id"])
    op.create_table(
        "scan", _id(), _hash("sha256"), _int("frame"), sa.UniqueConstraint("sha256", "frame")
    )
    op.create_table(
        "page",
        _id(),
        _int("edition_id", sa.ForeignKey("edition.id")),
        _int("number"),
        _text("source"),
        _int("scan_id", sa.ForeignKey("scan.id"), null=True),
        *_refusal(null=True),
        sa.UniqueConstraint("edition_id", "number"),
        sa.CheckConstraint("(scan_id IS NULL) = (status IS NOT NULL)", name="scan_or_status"),
    )
    op.create_index("ix_page_scan_id", "page", ["scan_id"])


def _who_is_looked_for() -> None:
    op.create_table(
        "figure", _id(), _text("name"), _text("role"), _moment("created_at"),
        sa.UniqueConstraint("name"),
    )  # fmt: skip
    op.create_table(
        "reference",
        _id(),
        _int("figure_id", sa.ForeignKey("figure.id")),
        _hash("sha256"),
        _text("name"),
        _moment("created_at"),
        _hash("observation_id", null=True),
        *_refusal(null=True),
        _vector("embedding", null=True),
        sa.UniqueConstraint("figure_id", "sha256"),
    )


def _what_was_seen() -> None:
    op.create_table(
        "recipe",
        _hash("id", key=True),
        _hash("observation_id"),
        _text("name"),
        _prose("canonical", null=False),
        _moment("created_at"),
    )
    op.create_index("ix_recipe_observation_id", "recipe", ["observation_id"])
    op.create_table(
        "claim",
        _int("scan_id", sa.ForeignKey("scan.id"), key=True),
        _hash("observation_id", key=True),
        _text("owner"),
        _moment("until_at"),
        _int("attempts"),
        _int("failures"),
    )
    op.create_index("ix_claim_owner", "claim", ["owner"])
    op.create_table(
        "outcome",
        _id(),
        _int("scan_id", sa.ForeignKey("scan.id")),
        _hash("observation_id"),
        *_refusal(null=False),
        _int("width", null=True),
        _int("height", null=True),
        _moment("seen_at"),
        sa.UniqueConstraint("scan_id", "observation_id"),
    )
    op.create_table(
        "photo",
        _id(),
        _int("outcome_id", sa.ForeignKey("outcome.id", ondelete="CASCADE")),
        _int("position"),
        _number("score"),
        *_box(),
        sa.UniqueConstraint("outcome_id", "position"),
    )
    op.create_table("photo_features", _of_photo(), _vector("vector"))
    op.create_table(
        "detection",
        _of_photo(),
        _int("position", key=True),
        _text("label"),
        _number("score"),
        _number("child", null=True),
        *_box(),
    )
    op.create_table(
        "face",
        _of_photo(),
        _int("position", key=True),
        _number("score"),
        sa.Column("landmarks", sa.JSON(), nullable=False),
        _number("child"),
        _vector("embedding", null=True),
        *_box(),
    )


def _what_it_means() -> None:
    op.create_table(
        "interpretation",
        _of_photo(),
        _hash("recipe_id", sa.ForeignKey("recipe.id"), key=True),
        _hash("gallery"),
        _word("verdict", VERDICT),
        _number("leader"),
        _number("facility"),
        sa.Column("reasons", sa.JSON(), nullable=False),
    )
    op.create_index("ix_interpretation_verdict", "interpretation", ["recipe_id", "verdict"])
    op.create_table(
        "subject_reading",
        _int("photo_id", key=True),
        _hash("recipe_id", key=True),
        _word("subject", SUBJECT, key=True),
        _number("probability"),
        _int("count", null=True),
        _of_interpretation(),
    )
    op.create_index(
        "ix_subject_reading_subject", "subject_reading", ["recipe_id", "subject", "probability"]
    )
    op.create_table(
        "sighting",
        _int("photo_id", key=True),
        _hash("recipe_id", key=True),
        _int("figure_id", sa.ForeignKey("figure.id"), key=True),
        _number("probability"),
        *_box(),
        _of_interpretation(),
    )
    op.create_index("ix_sighting_figure_id", "sighting", ["figure_id"])


def _of_photo() -> sa.Column[int]:
    return _int("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), key=True)


def _of_interpretation() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["photo_id", "recipe_id"],
        ["interpretation.photo_id", "interpretation.recipe_id"],
        ondelete="CASCADE",
    )
