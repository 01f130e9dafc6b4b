"""The exported tables of editions and pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, case, func, null, select

from presslens.app.db.columns import Status
from presslens.app.db.folios import FolioRow
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import (
    EditionRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
)
from presslens.app.services.exports.schema import (
    RECIPE,
    Column,
    ColumnType,
    TableSpec,
    as_text,
    boolean,
    digest,
    integer,
    number,
    one_of,
    share,
    string,
)
from presslens.app.services.exports.tables.publications import PUBLICATION
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.layout import BLANK, PageType

EDITION = integer(
    "edition_id", "the edition: joins with editions", low=1, joins=("editions", "edition_id")
)


def _editions(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            EditionRow.id,
            PublicationRow.name,
            EditionRow.edition_date,
            EditionRow.content_key,
            EditionRow.created_at,
            select(func.count(PageRow.id))
            .where(PageRow.edition_id == EditionRow.id)
            .correlate(EditionRow)
            .scalar_subquery(),
            EditionRow.pages_expected,
            EditionRow.issue,
            EditionRow.id.in_(superseded_editions(recipe)),
        )
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
        .order_by(EditionRow.id)
    )


EDITIONS = TableSpec(
    "editions",
    "One issue of a newspaper.",
    ("edition_id",),
    (
        EDITION,
        replace(PUBLICATION, joins=("publications", "publication")),
        Column("date", ColumnType.DATE, "the day that the edition is of"),
        digest("content_key", "hash of its files"),
        Column(
            "received_at",
            ColumnType.DATETIME,
            "when its files were uploaded or imported",
            unit="UTC",
        ),
        integer("pages", "pages that were uploaded, analysed or not", unit="pages"),
        integer(
            "pages_expected", "pages that its uploader says it had", unit="pages", nullable=True
        ),
        integer("issue", "tells the editions of one day apart, from 1", low=1),
        boolean(
            "superseded",
            "a later upload of its day stands in for it: statistics and lists of photos leave it"
            " out",
        ),
    ),
    _editions,
)


def _photo_areas() -> Any:
    area = (PhotoRow.x1 - PhotoRow.x0) * (PhotoRow.y1 - PhotoRow.y0)
    return (
        select(
            PhotoRow.outcome_id,
            func.count().label("photos"),
            func.sum(area).label("area"),
            func.max(area).label("largest"),
        )
        .group_by(PhotoRow.outcome_id)
        .subquery()
    )


def _page_type(areas: Any, recipe: Recipe) -> ColumnElement[str | None]:
    """Return what a page is made of, as ``pipelines.statistics.layout.page_type`` has it."""
    rules, page = recipe.aggregate, OutcomeRow.width * OutcomeRow.height * 1.0
    return case(
        (OutcomeRow.width.is_(None), null()),
        (areas.c.largest / page >= rules.full_page, PageType.FULL_PAGE.value),
        (areas.c.area / page >= rules.photo_page, PageType.PHOTOS.value),
        (areas.c.photos > 0, PageType.MIXED.value),
        (OutcomeRow.ink_share < BLANK, PageType.BLANK.value),
        else_=PageType.TEXT.value,
    )


def pages_of(scope: EditionScope, recipe: Recipe, *columns: Any) -> RowQuery:
    """Return the query of some columns of all pages, analysed or not, in the order of their ids."""
    of_scan = (OutcomeRow.scan_id == PageRow.scan_id) & (
        OutcomeRow.observation_id == recipe.observation_id
    )
    return (
        select(*columns)
        .select_from(PageRow)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .outerjoin(ScanRow, ScanRow.id == PageRow.scan_id)
        .outerjoin(OutcomeRow, of_scan)
        .where(*scope.conditions())
        .order_by(PageRow.id)
    )


def _pages(scope: EditionScope, recipe: Recipe) -> RowQuery:
    areas = _photo_areas()
    return (
        pages_of(
            scope,
            recipe,
            PageRow.id,
            PageRow.edition_id,
            PageRow.number,
            PageRow.source,
            ScanRow.sha256,
            ScanRow.frame,
            func.coalesce(as_text(PageRow.status), as_text(OutcomeRow.status)),
            func.coalesce(PageRow.reason, OutcomeRow.reason),
            func.coalesce(PageRow.detail, OutcomeRow.detail),
            OutcomeRow.seen_at,
            OutcomeRow.width,
            OutcomeRow.height,
            _page_type(areas, recipe),
            OutcomeRow.skew,
            OutcomeRow.dpi,
            OutcomeRow.colour,
            OutcomeRow.halftone,
            OutcomeRow.bitonal,
            OutcomeRow.photographed,
            OutcomeRow.brightness,
            OutcomeRow.ink_share,
            OutcomeRow.text_share,
            OutcomeRow.column_width,
            FolioRow.text.is_not(None) & FolioRow.outcome_id.is_not(None),
            func.nullif(FolioRow.text, ""),
            FolioRow.day,
            FolioRow.day_confidence,
            FolioRow.number,
            FolioRow.number_confidence,
            FolioRow.name,
            FolioRow.name_confidence,
        )
        .outerjoin(areas, areas.c.outcome_id == OutcomeRow.id)
        .outerjoin(FolioRow, FolioRow.outcome_id == OutcomeRow.id)
    )


POSITION = integer("position", "place in its list, from 0")
PAGE = integer("page_id", "the page: joins with pages", low=1, joins=("pages", "page_id"))
PAGES = TableSpec(
    "pages",
    "One page of an edition, and its traits. Pages that were not analysed have no size.",
    ("page_id",),
    (
        PAGE,
        EDITION,
        integer("number", "page number in the edition, from 1", low=1),
        string("source", "name of the file that the page came from", free_text=True),
        digest("scan_sha256", "hash of the scan's bytes", nullable=True),
        integer("scan_frame", "which image of that file, from 0", nullable=True),
        one_of("outcome", Status, "outcome of its analysis; missing: it waits", nullable=True),
        string("reason", "why it was rejected or failed", nullable=True, free_text=True),
        string("detail", "the same in words", nullable=True, free_text=True),
        Column("seen_at", ColumnType.DATETIME, "when it was analysed", unit="UTC", nullable=True),
        integer("width", "of the page", low=1, unit="pixels", nullable=True),
        integer("height", "of the page", low=1, unit="pixels", nullable=True),
        one_of("type", PageType, "what the page is made of", nullable=True),
        number("skew", "how far it is turned clockwise", None, unit="degrees", nullable=True),
        integer("dpi", "estimated resolution", unit="dots per inch", nullable=True),
        boolean("colour", "it is in colour", nullable=True),
        boolean("halftone", "its photos are printed in visible dots", nullable=True),
        boolean("bitonal", "its photos are in black and white alone", nullable=True),
        boolean(
            "photographed",
            "it is a sheet with something around it: shares and resolution are of the picture",
            nullable=True,
        ),
        share("brightness", "mean lightness, 0 black", nullable=True),
        share("ink_share", "share of the page that is printed", nullable=True),
        share("text_share", "share of the page printed outside of photos", nullable=True),
        number("column_width", "distance of text columns", unit="pixels", nullable=True),
        boolean("folio_read", "its head and foot were read"),
        string(
            "folio_text",
            "what they say; missing: not read, or nothing made out",
            nullable=True,
            free_text=True,
        ),
        Column("folio_date", ColumnType.DATE, "the day that it prints", nullable=True),
        share("folio_date_confidence", "how sure the reader is of it", nullable=True),
        integer("folio_number", "the page number that it prints", low=1, nullable=True),
        share("folio_number_confidence", "how sure the reader is of it", nullable=True),
        string(
            "folio_name",
            "the words where newspapers have their name; may be a headline",
            nullable=True,
            free_text=True,
        ),
        share("folio_name_confidence", "how sure the reader is of them", nullable=True),
        RECIPE,
    ),
    _pages,
)
