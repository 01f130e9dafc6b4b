"""Summaries of editions, reviews, claims and events; who looks at what is called a lease."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SHA, NAME = sa.String(64), sa.String(255)


def choice(name: str, *values: str) -> sa.Enum:
    """Return a text column's type that holds these values only."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)


def upgrade() -> None:
    """Go forward."""
    # Leases last minutes: whoever is at work takes new ones.
    op.drop_table("claim")
    _leases("lease")
    op.create_table(
        "edition_summary",
        sa.Column("edition_id", sa.Integer, sa.ForeignKey("edition.id"), primary_key=True),
        sa.Column("recipe_id", SHA, sa.ForeignKey("recipe.id"), primary_key=True),
        sa.Column("gallery", SHA, nullable=False),
        sa.Column("label_set", SHA, nullable=False),
        *(sa.Column(n, sa.Integer, nullable=False) for n in ("pages", "pages_seen", "photos")),
        *(sa.Column(n, sa.Double, nullable=False) for n in ("photo_area", "largest_photo")),
        sa.Column("page_types", sa.JSON, nullable=False),
        *(sa.Column(n, sa.Integer, nullable=False) for n in ("leader_photos", "leader_unsure")),
        *(sa.Column(n, sa.Double) for n in ("leader_area", "leader_centrality")),
        sa.Column("together_photos", sa.Integer, nullable=False),
        sa.Column(
            "front_lead_focus",
            choice("front_lead_focus", "leader", "facility", "neither", "unsure"),
        ),
        sa.Column("front_lead_photo_id", sa.Integer),
    )
    counts = ("n", "decided", "n0", "n1", "n2", "n3")
    sums = ("expected", "variance", "low", "high")
    areas = ("area", "area_decided", *(f"area_{name}" for name in sums), "a0", "a1", "a2", "a3")
    op.create_table(
        "edition_share",
        sa.Column("recipe_id", SHA, sa.ForeignKey("recipe.id"), primary_key=True),
        sa.Column("measure", NAME, primary_key=True),
        sa.Column(
            "zone",
            choice("zone", "all", "front", "inside", "above_fold", "lead"),
            primary_key=True,
        ),
        sa.Column("edition_id", sa.Integer, sa.ForeignKey("edition.id"), primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in counts),
        *(sa.Column(name, sa.Double, nullable=False) for name in (*sums, *areas)),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_edition_share_edition_id", "edition_share", ["edition_id", "recipe_id"])
    _reviews()
    _claims()


def _leases(table: str) -> None:
    op.create_table(
        table,
        sa.Column("scan_id", sa.Integer, sa.ForeignKey("scan.id"), primary_key=True),
        sa.Column("observation_id", SHA, primary_key=True),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_index(f"ix_{table}_owner", table, ["owner"])


def _reviews() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scan_id", sa.Integer, sa.ForeignKey("scan.id"), nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("x0", "y0", "x1", "y1")),
        sa.Column("coder", NAME, nullable=False),
        sa.Column("codebook", NAME, nullable=False),
        sa.Column("drawn_for", NAME),
        sa.Column("drawn_from", sa.Text),
        sa.Column("adjudicates", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_review_scan_id", "review", ["scan_id"])
    op.create_table(
        "review_answer",
        sa.Column(
            "review_id",
            sa.Integer,
            sa.ForeignKey("review.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("measure", NAME, primary_key=True),
        sa.Column("shows", sa.Boolean),
    )
    op.create_table(
        "settled_answer",
        sa.Column(
            "photo_id", sa.Integer, sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("measure", NAME, primary_key=True),
        sa.Column("shows", sa.Boolean, nullable=False),
        sa.Column("drawn", sa.Boolean, nullable=False),
        sa.Column("drawn_from", sa.Text),
    )
    op.create_index("ix_settled_answer_measure", "settled_answer", ["measure"])


def _claims() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("statement", "rule")),
        sa.Column("publication", NAME, nullable=False),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("first_date", "last_date")),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("seeded", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("key", "version"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_date", sa.Date, nullable=False),
        sa.Column("title", NAME, nullable=False),
        sa.Column("place", NAME),
        sa.Column("leader_attended", sa.Boolean),
        sa.Column("publication_id", sa.Integer, sa.ForeignKey("publication.id")),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("seeded", sa.Boolean, nullable=False),
        sa.UniqueConstraint("event_date", "title"),
    )
    op.create_index("ix_event_event_date", "event", ["event_date"])


def downgrade() -> None:
    """Go back."""
    for table in (
        "event", "claim", "settled_answer", "review_answer", "review", "edition_share",
        "edition_summary", "lease",
    ):  # fmt: skip
        op.drop_table(table)
    _leases("claim")
