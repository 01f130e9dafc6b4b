"""The tables of summaries: one row an edition, and one for each of its shares.

Both are made out of interpretations by ``app.services.analysis.summarise`` once an edition is
complete under a recipe, so that statistics over thousands of editions read thousands of rows and
not hundreds of thousands. Reviews are not in them: they are laid over when a statistic is asked
for.
"""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.columns import NAME, SHA, Table, choice
from models.vocabulary import Focus
from pipelines.statistics.measure import Zone


class EditionSummaryRow(Table):
    """The plain numbers of a complete edition under a recipe.

    ``gallery`` and ``label_set`` name the figures and labels it was made with; when one is not
    today's, it is made again. Areas are in pages: the share of its page that a photo takes.
    """

    __tablename__ = "edition_summary"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    gallery: Mapped[str] = mapped_column(SHA)
    label_set: Mapped[str] = mapped_column(SHA)
    pages: Mapped[int]
    pages_seen: Mapped[int]
    photos: Mapped[int]
    photo_area: Mapped[float]
    largest_photo: Mapped[float]
    page_types: Mapped[dict[str, int]] = mapped_column(JSON)
    leader_photos: Mapped[int]
    leader_unsure: Mapped[int]
    leader_area: Mapped[float | None]
    leader_centrality: Mapped[float | None]
    together_photos: Mapped[int]
    front_lead_focus: Mapped[Focus | None] = mapped_column(choice(Focus, "front_lead_focus"))
    front_lead_photo_id: Mapped[int | None]


class EditionShareRow(Table):
    """The sums behind a share of an edition: a measure, in a zone, by count and by printed area.

    A row stands for the ``n`` photos of the zone that were read for the measure, ``area`` pages in
    all. ``expected`` is the sum of their probabilities, ``variance`` that of the true number, with
    the drift of the calibration; ``low`` and ``high`` bound the share. Those that begin with
    ``area_`` weigh each photo by its area. ``n0`` to ``n3`` and ``a0`` to ``a3`` are the photos and
    their area by stratum of probability. Zones without photos have no row.
    """

    __tablename__ = "edition_share"
    __table_args__ = (
        Index("ix_edition_share_edition_id", "edition_id", "recipe_id"),
        {"sqlite_with_rowid": False},
    )

    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    zone: Mapped[Zone] = mapped_column(choice(Zone, "zone"), primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    n: Mapped[int]
    decided: Mapped[int]
    expected: Mapped[float]
    variance: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    area: Mapped[float]
    area_decided: Mapped[float]
    area_expected: Mapped[float]
    area_variance: Mapped[float]
    area_low: Mapped[float]
    area_high: Mapped[float]
    n0: Mapped[int]
    n1: Mapped[int]
    n2: Mapped[int]
    n3: Mapped[int]
    a0: Mapped[float]
    a1: Mapped[float]
    a2: Mapped[float]
    a3: Mapped[float]
