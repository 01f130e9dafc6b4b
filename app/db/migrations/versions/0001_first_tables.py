"""The tables of the first release, frozen: later migrations change them, this one stays."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def upgrade() -> None:
    """Create all tables, and the one row of ``revision``."""
    TABLES.create_all(op.get_bind(), checkfirst=False)
    op.bulk_insert(TABLES.tables["revision"], [{"id": 1, "number": 1}])


def downgrade() -> None:
    """Drop all tables."""
    TABLES.drop_all(op.get_bind(), checkfirst=False)


def _column(name: str, kind: Any, *more: Any, nullable: bool = False, **options: Any) -> Any:
    return sa.Column(name, kind, *more, nullable=nullable, **options)


def _integer(name: str, *more: Any, **options: Any) -> Any:
    return _column(name, sa.Integer(), *more, **options)


def _number(name: str, **options: Any) -> Any:
    return _column(name, sa.Double(), **options)


def _flag(name: str, **options: Any) -> Any:
    return _column(name, sa.Boolean(), **options)


def _name(name: str, *more: Any, **options: Any) -> Any:
    return _column(name, sa.String(255), *more, **options)


def _sha(name: str, *more: Any, **options: Any) -> Any:
    return _column(name, sa.String(64), *more, **options)


def _text(name: str, **options: Any) -> Any:
    return _column(name, sa.Text(), **options)


def _json(name: str, **options: Any) -> Any:
    return _column(name, sa.JSON(), **options)


def _vector(name: str, **options: Any) -> Any:
    return _column(name, sa.LargeBinary(), **options)


def _day(name: str, **options: Any) -> Any:
    return _column(name, sa.Date(), **options)


def _moment(name: str, **options: Any) -> Any:
    return _column(name, sa.DateTime(timezone=True), **options)


def _choice(name: str, words: tuple[str, ...], **options: Any) -> Any:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
    return _column(name, kind, **options)


def _all(make: Callable[..., Any], *names: str, **options: Any) -> list[Any]:
    return [make(name, **options) for name in names]


def _box() -> list[Any]:
    return _all(_number, "x0", "y0", "x1", "y1")


def _of_interpretation() -> Any:
    columns = ["photo_id", "recipe_id"]
    target = [f"interpretation.{column}" for column in columns]
    return sa.ForeignKeyConstraint(columns, target, ondelete="CASCADE")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


sa.Table(
    "claim",
    TABLES,
    _integer("id", primary_key=True),
    _name("key"),
    _integer("version"),
    *_all(_text, "statement", "rule"),
    _name("publication"),
    *_all(_day, "first_date", "last_date"),
    _text("source"),
    _text("note", nullable=True),
    _flag("seeded"),
    _moment("created_at"),
    sa.UniqueConstraint("key", "version"),
)
sa.Table(
    "discarded_file",
    TABLES,
    _sha("sha256", primary_key=True),
    _moment("discarded_at"),
)
sa.Table(
    "figure",
    TABLES,
    _integer("id", primary_key=True),
    *_all(_name, "name", "role"),
    _moment("created_at"),
    sa.UniqueConstraint("name"),
)
sa.Table(
    "label",
    TABLES,
    _integer("id", primary_key=True),
    _name("name"),
    _moment("created_at"),
    *_all(_sha, "observation_id", "version"),
    _text("failure", nullable=True),
    _vector("coefficients", nullable=True),
    *_all(_number, "intercept", "ap", "f1", "calibration_error", nullable=True),
    _name("method", nullable=True),
    sa.UniqueConstraint("name"),
)
sa.Table(
    "lease",
    TABLES,
    _column("kind", sa.String(16), primary_key=True),
    _integer("key", primary_key=True),
    _sha("version", primary_key=True),
    _name("owner"),
    _moment("until_at"),
    *_all(_integer, "attempts", "failures"),
    sa.Index("ix_lease_owner", "owner"),
)
sa.Table(
    "publication",
    TABLES,
    _integer("id", primary_key=True),
    _name("name"),
    _integer("usual_pages", nullable=True),
    sa.UniqueConstraint("name"),
)
sa.Table(
    "recipe",
    TABLES,
    _sha("id", primary_key=True),
    _sha("observation_id"),
    _name("name"),
    _text("canonical"),
    _moment("created_at"),
    sa.Index("ix_recipe_observation_id", "observation_id"),
)
sa.Table(
    "revision",
    TABLES,
    _integer("id", primary_key=True),
    _integer("number"),
)
sa.Table(
    "scan",
    TABLES,
    _integer("id", primary_key=True),
    _sha("sha256"),
    _integer("frame"),
    sa.UniqueConstraint("sha256", "frame"),
)
sa.Table(
    "edition",
    TABLES,
    _integer("id", primary_key=True),
    _integer("publication_id", sa.ForeignKey("publication.id")),
    _day("edition_date"),
    _sha("content_key"),
    _moment("created_at"),
    _moment("unpacked_at", nullable=True),
    sa.UniqueConstraint("publication_id", "edition_date", "content_key"),
    sa.Index("ix_edition_edition_date", "edition_date"),
    sa.Index("ix_edition_unpacked_at", "unpacked_at"),
)
sa.Table(
    "event",
    TABLES,
    _integer("id", primary_key=True),
    _day("event_date"),
    _name("title"),
    _name("place", nullable=True),
    _flag("leader_attended", nullable=True),
    _integer("publication_id", sa.ForeignKey("publication.id"), nullable=True),
    _text("source"),
    _flag("seeded"),
    sa.UniqueConstraint("event_date", "title"),
    sa.Index("ix_event_event_date", "event_date"),
)
sa.Table(
    "label_example",
    TABLES,
    _integer("label_id", sa.ForeignKey("label.id", ondelete="CASCADE"), primary_key=True),
    _sha("sha256", primary_key=True),
    _flag("shows"),
    _name("name"),
    _vector("features"),
)
sa.Table(
    "outcome",
    TABLES,
    _integer("id", primary_key=True),
    _integer("scan_id", sa.ForeignKey("scan.id")),
    _sha("observation_id"),
    _choice("status", ("done", "empty", "rejected", "failed")),
    _name("reason", nullable=True),
    _text("detail", nullable=True),
    *_all(_integer, "width", "height", nullable=True),
    _number("skew", nullable=True),
    _integer("dpi", nullable=True),
    *_all(_flag, "colour", "halftone", nullable=True),
    *_all(_number, "brightness", "ink_share", "text_share", "column_width", nullable=True),
    _moment("seen_at"),
    sa.UniqueConstraint("scan_id", "observation_id"),
)
sa.Table(
    "reference",
    TABLES,
    _integer("id", primary_key=True),
    _integer("figure_id", sa.ForeignKey("figure.id")),
    _sha("sha256"),
    _integer("frame"),
    *_box(),
    _name("name"),
    _moment("created_at"),
    _sha("observation_id", nullable=True),
    _choice("status", ("done", "empty", "rejected", "failed"), nullable=True),
    _name("reason", nullable=True),
    _text("detail", nullable=True),
    sa.UniqueConstraint("figure_id", "sha256", "frame", "x0", "y0", "x1", "y1"),
)
sa.Table(
    "review",
    TABLES,
    _integer("id", primary_key=True),
    _integer("scan_id", sa.ForeignKey("scan.id")),
    *_box(),
    *_all(_name, "coder", "codebook"),
    _name("drawn_for", nullable=True),
    _text("drawn_from", nullable=True),
    _flag("adjudicates"),
    _text("note", nullable=True),
    _moment("created_at"),
    _moment("withdrawn_at", nullable=True),
    sa.Index("ix_review_scan_id", "scan_id"),
)
sa.Table(
    "edition_share",
    TABLES,
    _sha("recipe_id", sa.ForeignKey("recipe.id"), primary_key=True),
    _name("measure", primary_key=True),
    _choice("zone", ("all", "front", "inside", "above_fold", "lead"), primary_key=True),
    _integer("edition_id", sa.ForeignKey("edition.id"), primary_key=True),
    *_all(_integer, "n", "decided"),
    *_all(_number, "expected", "variance", "low", "high", "area"),
    *(_number(f"area_{name}") for name in ("decided", "expected", "variance", "low", "high")),
    *_all(_integer, "n0", "n1", "n2", "n3"),
    *_all(_number, "a0", "a1", "a2", "a3"),
    sa.Index("ix_edition_share_edition_id", "edition_id", "recipe_id"),
    sqlite_with_rowid=False,
)
sa.Table(
    "edition_summary",
    TABLES,
    _integer("edition_id", sa.ForeignKey("edition.id"), primary_key=True),
    _sha("recipe_id", sa.ForeignKey("recipe.id"), primary_key=True),
    *_all(_sha, "gallery", "label_set"),
    *_all(_integer, "pages", "pages_seen", "photos"),
    *_all(_number, "photo_area", "largest_photo"),
    _json("page_types"),
    *_all(_integer, "leader_photos", "leader_unsure"),
    *_all(_number, "leader_area", "leader_centrality", nullable=True),
    _integer("together_photos"),
    _choice("front_lead_focus", ("leader", "facility", "neither", "unsure"), nullable=True),
    _integer("front_lead_photo_id", nullable=True),
)
sa.Table(
    "headline",
    TABLES,
    _integer("id", primary_key=True),
    _integer("outcome_id", sa.ForeignKey("outcome.id", ondelete="CASCADE")),
    _integer("position"),
    _text("text", nullable=True),
    *_box(),
    sa.UniqueConstraint("outcome_id", "position"),
)
sa.Table(
    "inbox_folder",
    TABLES,
    _name("name", primary_key=True),
    _sha("fingerprint"),
    _integer("edition_id", sa.ForeignKey("edition.id")),
    sa.Index("ix_inbox_folder_edition_id", "edition_id"),
)
sa.Table(
    "page",
    TABLES,
    _integer("id", primary_key=True),
    _integer("edition_id", sa.ForeignKey("edition.id")),
    _integer("number"),
    _flag("is_front"),
    _name("source"),
    _integer("scan_id", sa.ForeignKey("scan.id"), nullable=True),
    _choice("status", ("done", "empty", "rejected", "failed"), nullable=True),
    _name("reason", nullable=True),
    _text("detail", nullable=True),
    sa.UniqueConstraint("edition_id", "number"),
    sa.CheckConstraint("(scan_id IS NULL) = (status IS NOT NULL)", name="scan_or_status"),
    sa.Index("ix_page_front", "scan_id", **_where("is_front")),
    sa.Index("ix_page_scan_id", "scan_id"),
)
sa.Table(
    "photo",
    TABLES,
    _integer("id", primary_key=True),
    _integer("outcome_id", sa.ForeignKey("outcome.id", ondelete="CASCADE")),
    _integer("position"),
    *_all(_number, "score", "area_share"),
    _flag("above_fold"),
    _choice("quadrant", ("top left", "top right", "bottom left", "bottom right")),
    _flag("is_lead"),
    *_box(),
    sa.UniqueConstraint("outcome_id", "position"),
    sa.Index("ix_photo_area_share", "area_share", "id"),
    sa.Index("ix_photo_lead", "outcome_id", **_where("is_lead")),
)
sa.Table(
    "reference_face",
    TABLES,
    _integer("reference_id", sa.ForeignKey("reference.id", ondelete="CASCADE"), primary_key=True),
    _integer("position", primary_key=True),
    _number("score"),
    _json("landmarks"),
    _number("child"),
    _number("sharpness", nullable=True),
    _vector("embedding", nullable=True),
    *_box(),
)
sa.Table(
    "review_answer",
    TABLES,
    _integer("review_id", sa.ForeignKey("review.id", ondelete="CASCADE"), primary_key=True),
    _name("measure", primary_key=True),
    _flag("shows", nullable=True),
)
sa.Table(
    "upload_file",
    TABLES,
    _integer("edition_id", sa.ForeignKey("edition.id"), primary_key=True),
    _integer("position", primary_key=True),
    _sha("sha256"),
    _integer("size"),
    _name("name"),
)
sa.Table(
    "caption",
    TABLES,
    _integer("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    _choice("place", ("below", "above", "beside", "inside")),
    _text("text", nullable=True),
    *_box(),
)
sa.Table(
    "detection",
    TABLES,
    _integer("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    _integer("position", primary_key=True),
    _name("label"),
    _number("score"),
    _number("child", nullable=True),
    *_box(),
)
sa.Table(
    "face",
    TABLES,
    _integer("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    _integer("position", primary_key=True),
    _number("score"),
    _json("landmarks"),
    _number("child"),
    _number("sharpness", nullable=True),
    _vector("embedding", nullable=True),
    *_box(),
)
sa.Table(
    "headline_photo",
    TABLES,
    _integer("headline_id", sa.ForeignKey("headline.id", ondelete="CASCADE"), primary_key=True),
    _integer("photo_position", primary_key=True),
)
sa.Table(
    "interpretation",
    TABLES,
    _integer("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    _sha("recipe_id", sa.ForeignKey("recipe.id"), primary_key=True),
    _sha("gallery"),
    _sha("label_set", nullable=True),
    _choice("verdict", ("leader", "facility", "neither", "unsure")),
    *_all(_number, "leader", "facility"),
    _json("reasons"),
    _json("doubts", server_default="[]"),
    sa.Index("ix_interpretation_verdict", "recipe_id", "verdict"),
)
sa.Table(
    "photo_features",
    TABLES,
    _integer("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    _vector("vector"),
    *_all(_vector, "objects", "maps", nullable=True),
    _integer("map_rows", nullable=True),
    _vector("attention", nullable=True),
    _integer("attention_rows", nullable=True),
)
sa.Table(
    "settled_answer",
    TABLES,
    _integer("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    _name("measure", primary_key=True),
    *_all(_flag, "shows", "drawn"),
    _text("drawn_from", nullable=True),
    sa.Index("ix_settled_answer_measure", "measure"),
)
sa.Table(
    "label_reading",
    TABLES,
    _integer("photo_id", primary_key=True),
    _sha("recipe_id", primary_key=True),
    _name("label", primary_key=True),
    _number("probability"),
    _of_interpretation(),
    sa.Index("ix_label_reading_label", "recipe_id", "label", "probability"),
)
sa.Table(
    "sighting",
    TABLES,
    _integer("photo_id", primary_key=True),
    _sha("recipe_id", primary_key=True),
    _integer("figure_id", sa.ForeignKey("figure.id"), primary_key=True),
    _number("probability"),
    _choice("answer", ("yes", "unsure"), server_default="yes"),
    _choice("told_by", ("face", "context"), server_default="face"),
    _json("reasons", server_default="[]"),
    *_box(),
    *_all(_number, "body_x0", "body_y0", "body_x1", "body_y1", nullable=True),
    _flag("body_found", nullable=True),
    *_all(_number, "area_share", "face_share", "centrality", nullable=True),
    *_all(_integer, "size_rank", "people_beside", nullable=True),
    _choice("row", ("front", "middle", "back"), nullable=True),
    _choice("shot_size", ("close", "medium", "long"), nullable=True),
    _choice("facing", ("camera", "left", "right"), nullable=True),
    _of_interpretation(),
    sa.Index("ix_sighting_figure_id", "figure_id"),
)
sa.Table(
    "subject_reading",
    TABLES,
    _integer("photo_id", primary_key=True),
    _sha("recipe_id", primary_key=True),
    _choice("subject", ("people", "crowd", "children", "fireworks", "buildings"), primary_key=True),
    _number("probability"),
    *_all(_integer, "count", "count_low", "count_high", nullable=True),
    _json("places", nullable=True),
    _of_interpretation(),
    sa.Index("ix_subject_reading_subject", "recipe_id", "subject", "probability"),
)
