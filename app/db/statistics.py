"""The tables of summaries: one row an edition, one for each measure, and one for each share.

What is unusual in an edition among those before is stored beside them.

All are made out of interpretations by ``app.services.analysis.summarise`` once an edition is
complete under a recipe, so that statistics over thousands of editions read thousands of rows and
not hundreds of thousands. Reviews are not in them: they are laid over when a statistic is asked
for.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.types import Moment
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import Zone


def new_version() -> int:
    """Return a number that no other content of a summary has, 1 to 2^63 - 1."""
    return secrets.randbits(63) or 1


class EditionSummaryRow(Table):
    """The plain numbers of a complete edition under a recipe.

    ``gallery`` and ``label_set`` name the figures and labels it was made with; when one is not
    today's, it is made again. ``pages`` are all that the edition is known to have had, uploaded or
    not. What was not looked for is NULL. Areas are in pages: the share of its page that a photo
    takes. ``photo_ids``, ``photo_areas`` and ``photo_zones`` are of its photos, in reading order;
    the bits of a zone are those of ``Zone`` in its order. Areas and probabilities have six digits
    after the point. ``found_pages`` is what was found on each analysed page, see
    ``pipelines.statistics.photo_counts``; NULL in summaries of before there was such a column.
    ``version`` is another one whenever the summary, or what the machine says of its photos, is
    written anew: what was read under a version is still true while the row has it.
    ``outdated``: the photos of the edition have changed since, so that it is made again.
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
    leader_photos: Mapped[int | None]
    leader_unsure: Mapped[int | None]
    leader_area: Mapped[float | None]
    leader_centrality: Mapped[float | None]
    together_photos: Mapped[int | None]
    front_lead_focus: Mapped[Focus | None] = mapped_column(choice(Focus, "front_lead_focus"))
    front_lead_photo_id: Mapped[int | None]
    photo_ids: Mapped[list[int]] = mapped_column(JSON)
    photo_areas: Mapped[list[float]] = mapped_column(JSON)
    photo_zones: Mapped[list[int]] = mapped_column(JSON)
    found_pages: Mapped[list[list[int]] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(
        BigInteger, default=new_version, onupdate=new_version, server_default="0"
    )
    outdated: Mapped[bool] = mapped_column(default=False, server_default=false())


class EditionMeasureRow(Table):
    """What the machine says of a measure of the photos of an edition.

    ``probabilities`` are of the photos of ``EditionSummaryRow``, in their order; null for a photo
    that was not read for the measure. ``decided``: 1 for photos that are decided to show it.
    """

    __tablename__ = "edition_measure"
    __table_args__ = (
        Index("ix_edition_measure_edition_id", "edition_id", "recipe_id"),
        {"sqlite_with_rowid": False},
    )

    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    probabilities: Mapped[list[float | None]] = mapped_column(JSON)
    decided: Mapped[list[int]] = mapped_column(JSON)


class EditionShareRow(Table):
    """The machine's sums for a share of an edition: a measure, in a zone, by count and by area.

    A row stands for the ``n`` photos of the zone that were read for the measure, ``area`` pages in
    all. ``expected`` is the sum of their probabilities, and ``area_expected`` that of their areas
    times their probabilities; ``decided`` are those that are decided to show it. They serve
    queries by SQL and exports; estimates are made of ``EditionMeasureRow``. Zones without photos
    have no row, and measures that no photo was looked at for have none.
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
    area: Mapped[float]
    area_decided: Mapped[float]
    area_expected: Mapped[float]


class EditionFlagsRow(Table):
    """What is unusual in an edition under a recipe: the flags of its baseline.

    ``flags`` are objects with ``metric``, ``kind``, ``reason`` (see ``models.message``), ``value``
    and ``usual``; none for a usual edition. An edition that was not compared has no row.
    """

    __tablename__ = "edition_flags"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class NewspaperFlagsRow(Table):
    """How far the flags of the editions of a newspaper are true.

    ``made_of`` is the hash of all that they were made of, and ``known`` what it was when somebody
    last looked, at ``revision``: where both are the same the flags are true. ``due_at`` is when
    they are made again at the latest, though other work waits.
    """

    __tablename__ = "newspaper_flags"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    made_of: Mapped[str | None] = mapped_column(SHA)
    known: Mapped[str] = mapped_column(SHA)
    revision: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Moment)
