"""The tables of scans, observations and interpretations; other modules hold the rest.

Ingested            publication ─ edition ─ upload_file, page ─ scan
                    publication ─ publication_alias, trashed_edition
                    scan ─ replaced_scan, unprinted_scan
Observed            outcome ─ photo ─ photo_features, detection, face   (scan × observation_id)
Printed             outcome ─ headline ─ headline_photo; photo ─ caption; outcome ─ folio
Printed again       photo ─ photo_fingerprint, fingerprint_word, reprint
Of libraries        edition ─ edition_description; scan ─ page_text
Interpreted         interpretation ─ subject_reading, label_reading, sighting  (photo × recipe)
Enrolled            figure ─ reference ─ reference_face
Learnt              label ─ label_example                               (a researcher's own)
Summarised          edition_summary, edition_measure, edition_share     (edition × recipe)
Compared            edition_flags, newspaper_flags              (edition, publication × recipe)
Reviewed            review ─ review_answer; photo ─ settled_answer; claim; event
Drawn by chance     sample ─ sample_measure, sample_stratum, sample_edition
                    sample ─ sample_item ─ sampled_photo ─ photo
Claimed by workers  lease; worker
Taken in at night   nightly_run ─ inbox_import; inbox_folder
Changed by people   edit
Who may do what     account ─ api_key, login; share_link; audit
To be deleted       discarded_file
Encrypted           embedding_key
Sent twice          repeated_request

A page without an outcome under the recipe's ``observation_id`` is work: the tables are the queue.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.accounts import AccountRow as AccountRow
from presslens.app.db.cipher import EmbeddingKeyRow as EmbeddingKeyRow
from presslens.app.db.columns import (
    BYTES,
    NAME,
    SHA,
    AppearanceColumns,
    BoxColumns,
    FaceColumns,
    ReadColumns,
    Status,
    Table,
    choice,
)
from presslens.app.db.descriptions import PageTextRow as PageTextRow
from presslens.app.db.edits import EditRow as EditRow
from presslens.app.db.figures import FigureRow
from presslens.app.db.folios import FolioRow as FolioRow
from presslens.app.db.labels import LabelExampleRow as LabelExampleRow
from presslens.app.db.labels import LabelRow as LabelRow
from presslens.app.db.leases import LeaseRow as LeaseRow
from presslens.app.db.nightly import NightlyRunRow as NightlyRunRow
from presslens.app.db.publications import PublicationRow as PublicationRow
from presslens.app.db.repeated_requests import RepeatedRequestRow as RepeatedRequestRow
from presslens.app.db.reprints import FingerprintRow
from presslens.app.db.types import Floats, Moment
from presslens.app.db.workers import WorkerRow as WorkerRow
from presslens.models.vocabulary import (
    Answer,
    CaptionPlace,
    Focus,
    SightingEvidence,
    Subject,
    Vector,
)
from presslens.pipelines.statistics.layout import Quadrant
from presslens.pipelines.statistics.page import FRONT_PAGE


class EditionRow(Table):
    """One issue of a newspaper. The same bytes under the same date are the same edition.

    ``pages_expected`` is the number of pages that it is said to have, ``page_numbers`` the numbers
    of those that were uploaded, in page order; NULL where nobody said. ``issue`` tells the issues
    of one day apart, from 1: of several editions of one issue, the latest that is usable counts.
    ``backfill``: its pages are looked at when no others wait.
    The id of a deleted edition is not given again.
    """

    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("publication_id", "edition_date", "content_key"),
        Index(None, "edition_date"),
        Index("ix_edition_unpacked_at", "unpacked_at"),
        Index("ix_edition_backfill", "backfill", "unpacked_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    edition_date: Mapped[date]
    content_key: Mapped[str] = mapped_column(SHA)
    created_at: Mapped[datetime] = mapped_column(Moment)
    unpacked_at: Mapped[datetime | None] = mapped_column(Moment)
    pages_expected: Mapped[int | None]
    page_numbers: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    issue: Mapped[int] = mapped_column(default=1, server_default="1")
    backfill: Mapped[bool] = mapped_column(default=False, server_default=false())

    publication: Mapped[PublicationRow] = relationship(lazy="joined", innerjoin=True)
    files: Mapped[list[UploadFileRow]] = relationship(order_by="UploadFileRow.position")
    pages: Mapped[list[PageRow]] = relationship(order_by="PageRow.number")


class UploadFileRow(Table):
    """A file as it was given, in page order from 0.

    ``edit_id`` is the edit that added it to the edition; NULL for those that came first.
    ``unpacked``: its pages were found.
    """

    __tablename__ = "upload_file"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA)
    size: Mapped[int] = mapped_column(BYTES)
    name: Mapped[str] = mapped_column(NAME)
    edit_id: Mapped[int | None]
    unpacked: Mapped[bool] = mapped_column(default=False, server_default=false())


class ScanRow(Table):
    """One page image: a frame of the bytes with this sha256."""

    __tablename__ = "scan"
    __table_args__ = (UniqueConstraint("sha256", "frame"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA)
    frame: Mapped[int]


def _is_front(context: DefaultExecutionContext) -> bool:
    return bool(context.get_current_parameters()["number"] == FRONT_PAGE)  # type: ignore[no-untyped-call]


class PageRow(Table):
    """One page of an edition, numbered from 1; without a scan when its file was not readable.

    ``is_front`` marks page 1; an edition whose page 1 was not uploaded has no front page.
    ``settled_at`` is when a person accepted that it can't be read. ``edit_id`` is the edit that
    added it to its edition; NULL for the pages of the files that came first.
    """

    __tablename__ = "page"
    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        CheckConstraint("(scan_id IS NULL) = (status IS NOT NULL)", name="scan_or_status"),
        Index(
            "ix_page_front",
            "scan_id",
            sqlite_where=text("is_front"),
            postgresql_where=text("is_front"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    number: Mapped[int]
    is_front: Mapped[bool] = mapped_column(default=_is_front)
    source: Mapped[str] = mapped_column(NAME)
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("scan.id"), index=True)
    status: Mapped[Status | None] = mapped_column(choice(Status, "status"))
    reason: Mapped[str | None] = mapped_column(NAME)
    detail: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    edit_id: Mapped[int | None]

    edition: Mapped[EditionRow] = relationship(back_populates="pages")
    scan: Mapped[ScanRow | None] = relationship()


class RecipeRow(Table):
    """A recipe under which pages were observed or photos interpreted."""

    __tablename__ = "recipe"

    id: Mapped[str] = mapped_column(SHA, primary_key=True)
    observation_id: Mapped[str] = mapped_column(SHA, index=True)
    name: Mapped[str] = mapped_column(NAME)
    canonical: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)


class OutcomeRow(Table):
    """The outcome of observing a scan; lengths are pixels of the page, ``phase`` of a failure."""

    __tablename__ = "outcome"
    __table_args__ = (UniqueConstraint("scan_id", "observation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    observation_id: Mapped[str] = mapped_column(SHA)
    status: Mapped[Status] = mapped_column(choice(Status, "status"))
    reason: Mapped[str | None] = mapped_column(NAME)
    detail: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(NAME)
    phase: Mapped[str | None] = mapped_column(NAME)
    width: Mapped[int | None]
    height: Mapped[int | None]
    skew: Mapped[float | None]
    dpi: Mapped[int | None]
    colour: Mapped[bool | None]
    halftone: Mapped[bool | None]
    bitonal: Mapped[bool | None]
    photographed: Mapped[bool | None]
    brightness: Mapped[float | None]
    ink_share: Mapped[float | None]
    text_share: Mapped[float | None]
    column_width: Mapped[float | None]
    seen_at: Mapped[datetime] = mapped_column(Moment)

    scan: Mapped[ScanRow] = relationship()
    photos: Mapped[list[PhotoRow]] = relationship(
        order_by="PhotoRow.position",
        foreign_keys="PhotoRow.outcome_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    headlines: Mapped[list[HeadlineRow]] = relationship(
        order_by="HeadlineRow.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )
    folio: Mapped[FolioRow | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )


class PhotoRow(BoxColumns, Table):
    """A photo on a page, in reading order from 0.

    ``area_share`` (of the page's area, 0–1), ``above_fold``, ``quadrant`` and ``is_lead`` follow
    from the boxes of the page's photos; ``app.db.placement.placements`` computes them when the
    page is recorded or a person changes them.

    A photo with ``by_hand`` was drawn by a person, at a position behind those that were found; its
    features, detections and faces are missing until a worker has looked at it. A photo that a
    person has said to be none, or replaced by others, is off its page: ``outcome_id`` is NULL, so
    that nothing lists or counts it, and ``removed_from_id`` keeps where it was.

    Photos of one frame, as found under several recipes or with its box moved by people, have one
    address, the ``frame_id``: ``earlier_id`` of all but the first. No id that has an ``earlier_id``
    is an address of its own, and no two photos on one page under one recipe have the same. The id
    of a photo that was deleted is not given again.
    """

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

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome_id: Mapped[int | None] = mapped_column(ForeignKey("outcome.id", ondelete="CASCADE"))
    removed_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("outcome.id", ondelete="CASCADE"), index=True
    )
    earlier_id: Mapped[int | None] = mapped_column(index=True)
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    position: Mapped[int]
    score: Mapped[float]
    area_share: Mapped[float]
    above_fold: Mapped[bool]
    quadrant: Mapped[Quadrant] = mapped_column(choice(Quadrant, "quadrant"))
    is_lead: Mapped[bool]

    features: Mapped[PhotoFeaturesRow | None] = relationship(
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


class DetectionRow(BoxColumns, Table):
    """A person or thing seen in a photo; best first."""

    __tablename__ = "detection"

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(NAME)
    score: Mapped[float]
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

    __tablename__ = "caption"

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[CaptionPlace] = mapped_column(choice(CaptionPlace, "place"))


class HeadlineRow(BoxColumns, Table):
    """A headline above photos of a page; ``text`` as with captions."""

    __tablename__ = "headline"
    __table_args__ = (UniqueConstraint("outcome_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str | None] = mapped_column(Text)

    under: Mapped[list[HeadlinePhotoRow]] = relationship(
        order_by="HeadlinePhotoRow.photo_position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )


class HeadlinePhotoRow(Table):
    """A photo that stands under a headline: its position among the photos of the page."""

    __tablename__ = "headline_photo"

    headline_id: Mapped[int] = mapped_column(
        ForeignKey("headline.id", ondelete="CASCADE"), primary_key=True
    )
    photo_position: Mapped[int] = mapped_column(primary_key=True)


class InterpretationRow(Table):
    """The interpretation of a photo under a recipe, with these figures and own labels.

    ``gallery`` names the enrolled figures and references, ``label_set`` the labels that
    researchers had added; when one is not today's, the photo is interpreted again. ``reasons``
    are [feature, contribution, level]; rows that were written before there were levels have pairs.
    ``doubts`` are [figure, probability] of figures without a sighting; no row of ``figure`` keeps a
    name there, so whoever removes a figure has to take it out.
    """

    __tablename__ = "interpretation"
    __table_args__ = (Index("ix_interpretation_verdict", "recipe_id", "verdict", "photo_id"),)

    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    recipe_id: Mapped[str] = mapped_column(ForeignKey("recipe.id"), primary_key=True)
    gallery: Mapped[str] = mapped_column(SHA)
    label_set: Mapped[str | None] = mapped_column(SHA)
    verdict: Mapped[Focus] = mapped_column(choice(Focus, "verdict"))
    leader: Mapped[float]
    facility: Mapped[float]
    reasons: Mapped[list[list[Any]]] = mapped_column(JSON)
    doubts: Mapped[list[list[Any]]] = mapped_column(JSON, server_default="[]")

    readings: Mapped[list[SubjectReadingRow]] = relationship(cascade="all, delete-orphan")
    labels: Mapped[list[LabelReadingRow]] = relationship(cascade="all, delete-orphan")
    sightings: Mapped[list[SightingRow]] = relationship(cascade="all, delete-orphan")


def _of_interpretation() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["photo_id", "recipe_id"],
        ["interpretation.photo_id", "interpretation.recipe_id"],
        ondelete="CASCADE",
    )


class SubjectReadingRow(Table):
    """Whether a photo shows a subject."""

    __tablename__ = "subject_reading"
    __table_args__ = (
        _of_interpretation(),
        Index("ix_subject_reading_subject", "recipe_id", "subject", "probability"),
    )

    photo_id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[str] = mapped_column(SHA, primary_key=True)
    subject: Mapped[Subject] = mapped_column(choice(Subject, "subject"), primary_key=True)
    probability: Mapped[float]
    count: Mapped[int | None]
    count_low: Mapped[int | None]
    count_high: Mapped[int | None]
    places: Mapped[list[list[float]] | None] = mapped_column(JSON)


class LabelReadingRow(Table):
    """Whether a photo shows what a label stands for, a built-in or a researcher's own one."""

    __tablename__ = "label_reading"
    __table_args__ = (
        _of_interpretation(),
        Index("ix_label_reading_label", "recipe_id", "label", "probability"),
    )

    photo_id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[str] = mapped_column(SHA, primary_key=True)
    label: Mapped[str] = mapped_column(NAME, primary_key=True)
    probability: Mapped[float]


class SightingRow(BoxColumns, AppearanceColumns, Table):
    """A figure seen in a photo, and how he is shown; the box is the face."""

    __tablename__ = "sighting"
    __table_args__ = (_of_interpretation(),)

    photo_id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[str] = mapped_column(SHA, primary_key=True)
    figure_id: Mapped[int] = mapped_column(ForeignKey("figure.id"), primary_key=True, index=True)
    probability: Mapped[float]
    answer: Mapped[Answer] = mapped_column(choice(Answer, "answer"), server_default="yes")
    told_by: Mapped[SightingEvidence] = mapped_column(
        choice(SightingEvidence, "told_by"), server_default="face"
    )
    reasons: Mapped[list[list[Any]]] = mapped_column(JSON, server_default="[]")

    figure: Mapped[FigureRow] = relationship(lazy="joined", innerjoin=True)


METADATA = Table.metadata
"""All tables above, for migrations."""
