"""The tables of scans, observations and interpretations; other modules hold the rest.

Ingested            publication ─ edition ─ upload_file, page ─ scan
                    publication ─ publication_alias, trashed_edition
                    scan ─ replaced_scan, unprinted_scan
Observed            outcome ─ photo ─ photo_features, detection, face   (scan × observation_id)
                    photo ─ photo_encoding                      (photo × a user's image encoder)
Printed             outcome ─ headline ─ headline_photo; photo ─ caption; outcome ─ folio
Printed again       photo ─ photo_fingerprint, fingerprint_word, reprint
Of libraries        edition ─ edition_description, edition_identifier; scan ─ page_text, page_canvas
                    publication ─ publication_identifier
Interpreted         interpretation ─ subject_reading, label_reading, sighting  (photo × recipe)
Enrolled            figure ─ reference ─ reference_face
Learnt              label ─ label_example                               (a researcher's own)
Summarised          edition_summary, edition_measure, edition_share     (edition × recipe)
Compared            edition_flags, newspaper_flags              (edition, publication × recipe)
Reviewed            review ─ review_answer; photo ─ settled_answer; claim; event
Drawn by chance     sample ─ sample_measure, sample_stratum, sample_edition
                    sample ─ sample_item ─ sampled_photo ─ photo; sample_item ─ repeated_answer
Of coders           flag ─ flag_answer; sample ─ training_round ─ training_item
Claimed by workers  lease; worker
Taken in at night   nightly_run ─ inbox_import; inbox_folder
Changed by people   edit
Who may do what     account ─ api_key, login; invitation; share_link; audit
To be deleted       discarded_file
Encrypted           embedding_key
Sent twice          repeated_request

A page without an outcome under the recipe's ``observation_id`` is work: the tables are the queue.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from presslens.app.db.accounts import AccountRow as AccountRow
from presslens.app.db.cipher import EmbeddingKeyRow as EmbeddingKeyRow
from presslens.app.db.columns import BYTES, NAME, SHA, Status, Table, choice
from presslens.app.db.descriptions import PageTextRow as PageTextRow
from presslens.app.db.edits import EditRow as EditRow
from presslens.app.db.exported import (
    EDITION,
    SHARE,
    ColumnType,
    Exported,
    NamedByKey,
    PartOf,
    exported,
    exported_key,
)
from presslens.app.db.figures import FigureRoleRow as FigureRoleRow
from presslens.app.db.figures import FigureRow as FigureRow
from presslens.app.db.folios import FolioRow as FolioRow
from presslens.app.db.interpretations import InterpretationRow as InterpretationRow
from presslens.app.db.interpretations import LabelReadingRow as LabelReadingRow
from presslens.app.db.interpretations import SightingRow as SightingRow
from presslens.app.db.interpretations import SubjectReadingRow as SubjectReadingRow
from presslens.app.db.labels import LabelExampleRow as LabelExampleRow
from presslens.app.db.labels import LabelRow as LabelRow
from presslens.app.db.leases import LeaseRow as LeaseRow
from presslens.app.db.nightly import NightlyRunRow as NightlyRunRow
from presslens.app.db.photos import CaptionRow as CaptionRow
from presslens.app.db.photos import DetectionRow as DetectionRow
from presslens.app.db.photos import FaceRow as FaceRow
from presslens.app.db.photos import HeadlinePhotoRow as HeadlinePhotoRow
from presslens.app.db.photos import HeadlineRow as HeadlineRow
from presslens.app.db.photos import PhotoEncodingRow as PhotoEncodingRow
from presslens.app.db.photos import PhotoFeaturesRow as PhotoFeaturesRow
from presslens.app.db.photos import PhotoRow as PhotoRow
from presslens.app.db.publications import PublicationRow as PublicationRow
from presslens.app.db.repeated_requests import RepeatedRequestRow as RepeatedRequestRow
from presslens.app.db.types import Moment
from presslens.app.db.workers import WorkerRow as WorkerRow
from presslens.pipelines.statistics.page import FRONT_PAGE


class EditionRow(Table):
    """One issue of a newspaper. The same bytes under the same date are the same edition.

    ``page_numbers`` are the numbers of the pages that were uploaded, in page order; NULL where
    nobody said. Of several editions of one ``issue``, the latest that is usable counts.
    ``backfill``: its pages are looked at when no others wait.
    The id of a deleted edition is not given again.
    """

    __export__ = Exported("editions", "One issue of a newspaper.", ("edition_id",))
    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("publication_id", "edition_date", "content_key"),
        Index(None, "edition_date"),
        Index("ix_edition_unpacked_at", "unpacked_at"),
        Index("ix_edition_backfill", "backfill", "unpacked_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = exported(EDITION, primary_key=True)
    publication_id: Mapped[int] = exported_key(ForeignKey("publication.id"))
    edition_date: Mapped[date] = exported("the day that the edition is of", name="date")
    content_key: Mapped[str] = exported("hash of its files", SHA)
    created_at: Mapped[datetime] = exported(
        "when its files were uploaded or imported", Moment, name="received_at"
    )
    unpacked_at: Mapped[datetime | None] = mapped_column(Moment)
    pages_expected: Mapped[int | None] = exported(
        "pages that its uploader says it had", says={"unit": "pages"}
    )
    page_numbers: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    issue: Mapped[int] = exported(
        "tells the editions of one day apart, from 1",
        says={"low": 1},
        default=1,
        server_default="1",
    )
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

    __export__ = NamedByKey(("scan_sha256", "scan_frame"))
    __tablename__ = "scan"
    __table_args__ = (UniqueConstraint("sha256", "frame"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = exported("hash of the scan's bytes", SHA, name="scan_sha256")
    frame: Mapped[int] = exported("which image of that file, from 0", name="scan_frame")


def _is_front(context: DefaultExecutionContext) -> bool:
    return bool(context.get_current_parameters()["number"] == FRONT_PAGE)  # type: ignore[no-untyped-call]


class PageRow(Table):
    """One page of an edition, numbered from 1; without a scan when its file was not readable.

    ``is_front`` marks page 1; an edition whose page 1 was not uploaded has no front page.
    ``settled_at`` is when a person accepted that it can't be read. ``edit_id`` is the edit that
    added it to its edition; NULL for the pages of the files that came first.
    """

    __export__ = Exported(
        "pages",
        "One page of an edition, and its traits. Pages that were not analysed have no size.",
        ("page_id",),
        of_recipe=True,
    )
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

    id: Mapped[int] = exported("the page: joins with pages", primary_key=True)
    edition_id: Mapped[int] = exported(EDITION, ForeignKey("edition.id"))
    number: Mapped[int] = exported("page number in the edition, from 1", says={"low": 1})
    is_front: Mapped[bool] = mapped_column(default=_is_front)
    source: Mapped[str] = exported("name of the file that the page came from", NAME)
    scan_id: Mapped[int | None] = exported_key(ForeignKey("scan.id"), adds=True, index=True)
    status: Mapped[Status | None] = mapped_column(choice(Status, "status"))
    reason: Mapped[str | None] = mapped_column(NAME)
    detail: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    edit_id: Mapped[int | None]

    edition: Mapped[EditionRow] = relationship(back_populates="pages")
    scan: Mapped[ScanRow | None] = relationship()


class RecipeRow(Table):
    """A recipe under which pages were observed or photos interpreted."""

    __export__ = Exported(
        "recipes",
        "The recipe that the rows were made by: all that can change a number.",
        ("recipe_id",),
    )
    __tablename__ = "recipe"

    id: Mapped[str] = exported("hash of its rules", SHA, primary_key=True)
    observation_id: Mapped[str] = exported("hash of the rules of observation", SHA, index=True)
    name: Mapped[str] = exported("what it is called", NAME)
    canonical: Mapped[str] = exported(
        "all of it as canonical JSON",
        Text,
        name="rules",
        says={"type": ColumnType.OBJECT, "free_text": False},
    )
    created_at: Mapped[datetime] = mapped_column(Moment)


class OutcomeRow(Table):
    """The outcome of observing a scan; ``phase`` is that of a failure."""

    __export__ = PartOf("pages")
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
    seen_at: Mapped[datetime] = exported("when it was analysed", Moment)
    width: Mapped[int | None] = exported("of the page", says={"low": 1, "unit": "pixels"})
    height: Mapped[int | None] = exported("of the page", says={"low": 1, "unit": "pixels"})
    skew: Mapped[float | None] = exported(
        "how far it is turned clockwise", says={"low": None, "unit": "degrees"}
    )
    dpi: Mapped[int | None] = exported("estimated resolution", says={"unit": "dots per inch"})
    colour: Mapped[bool | None] = exported("it is in colour")
    halftone: Mapped[bool | None] = exported("its photos are printed in visible dots")
    bitonal: Mapped[bool | None] = exported("its photos are in black and white alone")
    photographed: Mapped[bool | None] = exported(
        "it is a sheet with something around it: shares and resolution are of the picture"
    )
    brightness: Mapped[float | None] = exported("mean lightness, 0 black", says=SHARE)
    ink_share: Mapped[float | None] = exported("share of the page that is printed", says=SHARE)
    text_share: Mapped[float | None] = exported(
        "share of the page printed outside of photos", says=SHARE
    )
    column_width: Mapped[float | None] = exported(
        "distance of text columns", says={"unit": "pixels"}
    )
    languages: Mapped[list[str] | None] = exported(
        "languages in which Tesseract read its texts, BCP 47 codes; missing: nobody said them",
        JSON(none_as_null=True),
        name="text_languages",
        shape=list[Annotated[str, Field(min_length=2, max_length=35)]],
    )

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

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the page, in pixels."""
        return self.width or 1, self.height or 1


METADATA = Table.metadata
"""All tables above, for migrations."""
