"""The tables of validation samples: what was drawn by chance, from which photos, and how.

A sample is drawn from a closed frame: named editions, under one recipe, at one time. Its items are
known by scan and box, as reviews are, so that they hold under a changed recipe.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.types import Moment
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import ItemStatus


class SampleKind(StrEnum):
    """What the items of a sample are."""

    PHOTOS = "photos"
    PAGES = "pages"


class SampleRow(Table):
    """A validation sample.

    ``publication``, ``first_date`` and ``last_date`` are as they were asked for; the editions of
    the frame are rows of their own. ``second_share`` of the items, by chance, is for a second
    coder. ``wished_width`` is the width that the sample was planned for, if it was. ``recipe_id``
    names the recipe whose probabilities made the strata; it refers to no row, as a restored
    snapshot holds one recipe only.
    """

    __tablename__ = "sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(NAME, unique=True)
    kind: Mapped[SampleKind] = mapped_column(choice(SampleKind, "kind"))
    zone: Mapped[Zone] = mapped_column(choice(Zone, "zone"))
    weight: Mapped[Weight] = mapped_column(choice(Weight, "weight"))
    publication: Mapped[str | None] = mapped_column(NAME)
    first_date: Mapped[date | None]
    last_date: Mapped[date | None]
    seed: Mapped[int]
    coders: Mapped[list[str]] = mapped_column(JSON)
    second_share: Mapped[float]
    wished_width: Mapped[float | None]
    recipe_id: Mapped[str] = mapped_column(SHA)
    codebook: Mapped[str] = mapped_column(NAME)
    created_at: Mapped[datetime] = mapped_column(Moment)

    measures: Mapped[list[SampleMeasureRow]] = relationship(
        order_by="SampleMeasureRow.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )
    strata: Mapped[list[SampleStratumRow]] = relationship(
        order_by="SampleStratumRow.stratum",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )


class SampleMeasureRow(Table):
    """A measure that coders are asked for about each item; the first one made the strata."""

    __tablename__ = "sample_measure"
    __table_args__ = (Index("ix_sample_measure_measure", "measure"),)

    sample_id: Mapped[int] = mapped_column(
        ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True
    )
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    position: Mapped[int]


class SampleStratumRow(Table):
    """A part of the frame in which every photo or page had the same chance: ``drawn / size``."""

    __tablename__ = "sample_stratum"

    sample_id: Mapped[int] = mapped_column(
        ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True
    )
    stratum: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    definition: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    drawn: Mapped[int]


class SampleEditionRow(Table):
    """An edition of the closed frame, and how many of its photos or pages each stratum has.

    ``sizes`` is a list in the order of the strata; what two editions print counts in both.
    """

    __tablename__ = "sample_edition"
    __table_args__ = (Index("ix_sample_edition_edition_id", "edition_id"),)

    sample_id: Mapped[int] = mapped_column(
        ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    sizes: Mapped[list[int]] = mapped_column(JSON)


class SampleItemRow(Table):
    """A photo or page that was drawn, at its ``place`` in the random order, from 0.

    The box is in shares of the page; that of a page is the whole of it. ``probability`` is the
    machine's at the time of the draw. ``coder`` NULL: anybody; ``second``: chance has chosen it
    for a second coder, named or anybody.
    """

    __tablename__ = "sample_item"
    __table_args__ = (
        UniqueConstraint("sample_id", "place"),
        Index("ix_sample_item_scan_id", "scan_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"))
    place: Mapped[int]
    stratum: Mapped[int]
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    probability: Mapped[float | None]
    coder: Mapped[str | None] = mapped_column(NAME)
    second: Mapped[bool] = mapped_column(default=False)
    second_coder: Mapped[str | None] = mapped_column(NAME)


class SampledPhotoRow(Table):
    """A photo that is an item of a sample, with the status of one of the sample's measures.

    Made from items and reviews, as settled answers are: updated for a photo in the transaction
    that draws it or that adds or withdraws a review of it, and for the photos of a page when it
    is observed under another recipe. ``coded_since`` tells whether a coder, not the second one, has
    answered after the draw, which tells how far coders have come in the order.
    """

    __tablename__ = "sampled_photo"
    __table_args__ = (
        Index("ix_sampled_photo_item_id", "item_id"),
        Index("ix_sampled_photo_measure", "measure"),
    )

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        ForeignKey("sample_item.id", ondelete="CASCADE"), primary_key=True
    )
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    status: Mapped[ItemStatus] = mapped_column(choice(ItemStatus, "status"))
    coded_since: Mapped[bool]
