"""The tables of photos, of what was seen in them, and of the texts that are printed with them."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column, relationship

from presslens.app.db.columns import (
    BEHIND_BOX,
    NAME,
    SHA,
    BoxColumns,
    FaceColumns,
    ReadColumns,
    Table,
    choice,
)
from presslens.app.db.exported import FIXED, PHOTO, SHARE, Exported, exported
from presslens.app.db.reprints import FingerprintRow
from presslens.app.db.types import Floats
from presslens.models.vocabulary import CaptionPlace, Vector
from presslens.pipelines.statistics.layout import Quadrant


class PhotoRow(BoxColumns, Table):
    """A photo on a page.

    ``area_share``, ``above_fold``, ``quadrant`` and ``is_lead`` follow from the boxes of the page's
    photos; ``app.db.placement.placements`` computes them when the page is recorded or a person
    changes them.

    A photo with ``by_hand`` was drawn by a person, at a position behind those that were found; its
    features, detections and faces are missing until a worker has looked at it. A photo that a
    person has said to be none, or replaced by others, is off its page: ``outcome_id`` is NULL, so
    that nothing lists or counts it, and ``removed_from_id`` keeps where it was.

    Photos of one frame, as found under several recipes or with its box moved by people, have one
    address, the ``frame_id``: ``earlier_id`` of all but the first. No id that has an ``earlier_id``
    is an address of its own, and no two photos on one page under one recipe have the same. The id
    of a photo that was deleted is not given again.
    """

    __export__ = Exported(
        "photos",
        "A photo on a page, as people have corrected what was found. One that is printed on two"
        " pages is there twice, with the same photo_id.",
        ("photo_id", "page_id"),
        of_recipe=True,
        box="the photo",
    )
    __tablename__ = "photo"
    __table_args__ = (
        UniqueConstraint("outcome_id", "position"),
        CheckConstraint(
            "(outcome_id IS NULL) = (removed_from_id IS NOT NULL)", name="on_page_or_removed"
        ),
        Index("ix_photo_area_share", "area_share", "id"),
        Index(
            "ix_photo_lead",
            "outcome_id",
            sqlite_where=text("is_lead"),
            postgresql_where=text("is_lead"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = exported("the photo: joins the tables of one export", primary_key=True)
    outcome_id: Mapped[int | None] = mapped_column(ForeignKey("outcome.id", ondelete="CASCADE"))
    removed_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("outcome.id", ondelete="CASCADE"), index=True
    )
    earlier_id: Mapped[int | None] = mapped_column(index=True)
    position: Mapped[int] = exported("place in the reading order of its page, from 0")
    score: Mapped[float] = exported(
        "how sure it is that this is a photo", says=SHARE, sort_order=BEHIND_BOX
    )
    area_share: Mapped[float] = exported(
        "share of the page's area that it takes", says=SHARE, sort_order=BEHIND_BOX
    )
    above_fold: Mapped[bool] = exported(
        "its middle lies in the upper half of the page", sort_order=BEHIND_BOX
    )
    quadrant: Mapped[Quadrant] = exported(
        "quarter of the page that its middle lies in",
        choice(Quadrant, "quadrant"),
        sort_order=BEHIND_BOX,
    )
    is_lead: Mapped[bool] = exported(
        "it is the largest photo of its page, the first of equals",
        name="lead",
        sort_order=BEHIND_BOX,
    )
    by_hand: Mapped[bool] = exported(
        "a person has drawn it", default=False, server_default=false(), sort_order=BEHIND_BOX
    )

    features: Mapped[PhotoFeaturesRow | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    encodings: Mapped[list[PhotoEncodingRow]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    fingerprint: Mapped[FingerprintRow | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    detections: Mapped[list[DetectionRow]] = relationship(
        order_by="DetectionRow.position", cascade="all, delete-orphan", passive_deletes=True
    )
    faces: Mapped[list[FaceRow]] = relationship(
        order_by="FaceRow.position", cascade="all, delete-orphan", passive_deletes=True
    )
    caption: Mapped[CaptionRow | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )

    @hybrid_property
    def frame_id(self) -> int:
        """The address of the frame: the id of its first photo."""
        return self.earlier_id or self.id

    @frame_id.inplace.expression
    @classmethod
    def _frame_id(cls) -> ColumnElement[int]:
        return func.coalesce(cls.earlier_id, cls.id)


class PhotoFeaturesRow(Table):
    """The image features of a photo, apart from it because they are large.

    Photos that came with a snapshot have none, and are never interpreted again.

    ``objects``, ``maps`` and ``attention`` are missing from photos that were observed before there
    were any; the grids are stored flat, with their number of rows.
    """

    __tablename__ = "photo_features"

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    vector: Mapped[Vector] = mapped_column(Floats)
    objects: Mapped[Vector | None] = mapped_column(Floats)
    maps: Mapped[Vector | None] = mapped_column(Floats)
    map_rows: Mapped[int | None]
    attention: Mapped[Vector | None] = mapped_column(Floats)
    attention_rows: Mapped[int | None]


class PhotoEncodingRow(Table):
    """What a user's image encoder makes of a photo; an empty vector where it can't be had."""

    __tablename__ = "photo_encoding"

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    encoder: Mapped[str] = mapped_column(SHA, primary_key=True, index=True)
    vector: Mapped[Vector] = mapped_column(Floats)


def _photo() -> MappedColumn[int]:
    return exported(PHOTO, ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)


class DetectionRow(BoxColumns, Table):
    """A person or thing seen in a photo; best first."""

    __export__ = Exported(
        "detections",
        "A detection of a person or a thing in a photo. Persons have no name here, and no age.",
        ("photo_id", "position"),
        of_recipe=True,
        box="it",
    )
    __tablename__ = "detection"

    photo_id: Mapped[int] = _photo()
    position: Mapped[int] = exported("place in its list, from 0", primary_key=True)
    label: Mapped[str] = exported("class of the detection, person for instance", NAME, says=FIXED)
    score: Mapped[float] = exported("the detector's own confidence", says=SHARE)
    child: Mapped[float | None]


class FaceRow(FaceColumns, Table):
    """A face seen in a photo; largest first."""

    __tablename__ = "face"

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)


class CaptionRow(ReadColumns, BoxColumns, Table):
    """The caption of a photo."""

    __export__ = Exported(
        "captions", "The caption of a photo.", ("photo_id",), of_recipe=True, box="the text"
    )
    __tablename__ = "caption"

    photo_id: Mapped[int] = _photo()
    place: Mapped[CaptionPlace] = exported("where it stands", choice(CaptionPlace, "place"))


class HeadlineRow(ReadColumns, BoxColumns, Table):
    """A headline above photos of a page."""

    __export__ = Exported(
        "headlines",
        "A headline above photos of a page.",
        ("page_id", "position"),
        of_recipe=True,
        box="the text",
    )
    __tablename__ = "headline"
    __table_args__ = (UniqueConstraint("outcome_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id", ondelete="CASCADE"))
    position: Mapped[int] = exported("place in its list, from 0")

    under: Mapped[list[HeadlinePhotoRow]] = relationship(
        order_by="HeadlinePhotoRow.photo_position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )


class HeadlinePhotoRow(Table):
    """A photo that stands under a headline: its position among the photos of the page."""

    __export__ = Exported(
        "headline_photos",
        "A photo that stands under a headline.",
        ("page_id", "position", "photo_position"),
        of_recipe=True,
    )
    __tablename__ = "headline_photo"

    headline_id: Mapped[int] = mapped_column(
        ForeignKey("headline.id", ondelete="CASCADE"), primary_key=True
    )
    photo_position: Mapped[int] = exported(
        "of the photo on its page: joins with photos", primary_key=True
    )
