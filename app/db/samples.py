"""The tables of validation samples: what was drawn by chance, from which photos, and how.

A sample is drawn from a closed frame: named editions, under one recipe, at one time. Its items are
known by scan and box, as reviews are, so that they hold under a changed recipe.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, MappedColumn, relationship

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.exported import (
    EDITION,
    MEASURE,
    OPEN_SHARE,
    PHOTO,
    SHARE,
    Exported,
    exported,
    exported_key,
)
from presslens.app.db.types import Moment
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import ItemStatus


class SampleKind(StrEnum):
    """What the items of a sample are."""

    PHOTOS = "photos"
    PAGES = "pages"


class SampleRow(Table):
    """A validation sample.

    The editions of the frame are rows of their own. ``recipe_id`` refers to no row, as a restored
    snapshot holds one recipe only.
    """

    __export__ = Exported(
        "samples",
        "A validation sample: photos, or pages for counting, that were drawn by chance from a"
        " closed frame. What was drawn can be drawn again from the frame with the seed.",
        ("sample_id",),
    )
    __tablename__ = "sample"

    id: Mapped[int] = exported("the sample", primary_key=True)
    name: Mapped[str] = exported("its name", NAME, name="sample", unique=True)
    kind: Mapped[SampleKind] = exported("what was drawn", choice(SampleKind, "kind"))
    zone: Mapped[Zone] = exported(
        "the part of each edition that it was drawn from", choice(Zone, "zone"), name="page"
    )
    weight: Mapped[Weight] = exported(
        "how a photo counts in the share that it was planned for", choice(Weight, "weight")
    )
    publication: Mapped[str | None] = exported("the newspaper asked for; missing: all", NAME)
    first_date: Mapped[date | None] = exported("the first day asked for")
    last_date: Mapped[date | None] = exported("the last day asked for")
    seed: Mapped[int] = exported("decides the random order")
    coders: Mapped[list[str]] = exported(
        "the coders that items are assigned to in turn", JSON, shape=list[str]
    )
    second_share: Mapped[float] = exported(
        "share of the items that a second coder is to code too", says=SHARE
    )
    repeat_share: Mapped[float] = exported(
        "share of the items that each coder is shown again, for the coder's own constancy",
        says=SHARE,
        server_default="0",
    )
    wished_width: Mapped[float | None] = exported(
        "the width of the interval that it was planned for; missing: none", says=SHARE
    )
    recipe_id: Mapped[str] = exported(
        "the recipe whose probabilities made the strata", SHA, name="drawn_under"
    )
    codebook: Mapped[str] = exported("the codebook of that time", NAME)
    created_at: Mapped[datetime] = exported("when it was drawn", Moment)

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


def _sample() -> MappedColumn[int]:
    return exported(
        "the sample: joins with samples",
        ForeignKey("sample.id", ondelete="CASCADE"),
        primary_key=True,
    )


class SampleMeasureRow(Table):
    """A measure that coders are asked for about each item; the first one made the strata."""

    __export__ = Exported(
        "sample_measures",
        "A measure that coders are asked for about each item; none for a sample of pages.",
        ("sample_id", "position"),
    )
    __tablename__ = "sample_measure"
    __table_args__ = (Index("ix_sample_measure_measure", "measure"),)

    sample_id: Mapped[int] = _sample()
    position: Mapped[int] = exported("the first one, 0, made the strata")
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)


class SampleStratumRow(Table):
    """A part of the frame in which every photo or page had the same chance: ``drawn / size``."""

    __export__ = Exported(
        "sample_strata",
        "A stratum of a sample's frame. Each of its photos or pages had the chance drawn / size.",
        ("sample_id", "stratum"),
    )
    __tablename__ = "sample_stratum"

    sample_id: Mapped[int] = _sample()
    stratum: Mapped[int] = exported("which one, from 0", primary_key=True, autoincrement=False)
    definition: Mapped[str] = exported("what belongs to it", Text)
    size: Mapped[int] = exported("photos or pages of the frame in it")
    drawn: Mapped[int] = exported("how many of them were drawn")


class SampleEditionRow(Table):
    """An edition of the closed frame, and how many of its photos or pages each stratum has.

    ``sizes`` is a list in the order of the strata; what two editions print counts in both.
    """

    __export__ = Exported(
        "sample_editions",
        "An edition of the closed frame of a sample; editions that came later are none of it.",
        ("sample_id", "edition_id"),
    )
    __tablename__ = "sample_edition"
    __table_args__ = (Index("ix_sample_edition_edition_id", "edition_id"),)

    sample_id: Mapped[int] = _sample()
    edition_id: Mapped[int] = exported(EDITION, ForeignKey("edition.id"), primary_key=True)
    sizes: Mapped[list[int]] = exported(
        "how many of its photos or pages each stratum has", JSON, shape=list[int]
    )


class SampleItemRow(Table):
    """A photo or page that was drawn, at its ``place`` in the random order, from 0.

    The box of a page is the whole of it.
    """

    __export__ = Exported(
        "sample_items",
        "A photo or page that was drawn, by its scan and place on it. All items are here, answered"
        " or not; how far coders came, and what they answered, is in sampled_photos.",
        ("sample_id", "place"),
        within=("sample_id",),
    )
    __tablename__ = "sample_item"
    __table_args__ = (
        UniqueConstraint("sample_id", "place"),
        Index("ix_sample_item_scan_id", "scan_id"),
    )

    sample_id: Mapped[int] = exported(
        "the sample: joins with samples", ForeignKey("sample.id", ondelete="CASCADE")
    )
    place: Mapped[int] = exported("its place in the random order, from 0")
    id: Mapped[int] = exported("the item", name="item_id", primary_key=True)
    stratum: Mapped[int] = exported("its stratum, in sample_strata")
    scan_id: Mapped[int] = exported_key(ForeignKey("scan.id"), adds=True)
    x0: Mapped[float] = exported("left edge, share of the page's width", says=OPEN_SHARE)
    y0: Mapped[float] = exported("upper edge, share of the page's height", says=OPEN_SHARE)
    x1: Mapped[float] = exported("right edge, share of the page's width", says=OPEN_SHARE)
    y1: Mapped[float] = exported("lower edge, share of the page's height", says=OPEN_SHARE)
    probability: Mapped[float | None] = exported(
        "the machine's when it was drawn; missing for a page", says=SHARE
    )
    coder: Mapped[str | None] = exported("whom it is assigned to; missing: anybody", NAME)
    second: Mapped[bool] = exported("chance has chosen it for a second coder", default=False)
    second_coder: Mapped[str | None] = exported("the second coder; missing: anybody else", NAME)


IN_STRATUM = and_(
    SampleStratumRow.sample_id == SampleItemRow.sample_id,
    SampleStratumRow.stratum == SampleItemRow.stratum,
)
"""Joins an item to its stratum."""


class SampledPhotoRow(Table):
    """A photo that is an item of a sample, with the status of one of the sample's measures.

    Made from items and reviews, as settled answers are: updated for a photo in the transaction
    that draws it or that adds or withdraws a review of it, and for the photos of a page when it
    is observed under another recipe. ``coded_since`` tells how far coders have come in the order.
    """

    __export__ = Exported(
        "sampled_photos",
        "The photo of an item under the recipe, and what coders made of it for a measure: its"
        " answer is in settled_answers. Open items before the last one coded since are"
        " non-response.",
        ("photo_id", "item_id", "measure"),
        of_recipe=True,
        within=("photo_id",),
    )
    __tablename__ = "sampled_photo"
    __table_args__ = (
        Index("ix_sampled_photo_item_id", "item_id"),
        Index("ix_sampled_photo_measure", "measure"),
    )

    photo_id: Mapped[int] = exported(
        PHOTO, ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = exported(
        "the item, in sample_items",
        ForeignKey("sample_item.id", ondelete="CASCADE"),
        says={"joins": None},
        primary_key=True,
    )
    measure: Mapped[str] = exported(MEASURE, NAME, primary_key=True)
    status: Mapped[ItemStatus] = exported(
        "open, or what coders made of it", choice(ItemStatus, "status")
    )
    coded_since: Mapped[bool] = exported("a coder, not the second one, has answered after the draw")
