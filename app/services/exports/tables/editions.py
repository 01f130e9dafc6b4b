"""The exported tables of recipes, publications, figures, labels, editions and pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, case, func, null, select

from app.db.columns import Status
from app.db.figures import FigureRow
from app.db.queries import EditionScope, RowQuery
from app.db.tables import (
    EditionRow,
    HeadlinePhotoRow,
    HeadlineRow,
    LabelRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    RecipeRow,
    ScanRow,
)
from app.services.exports.schema import (
    RECIPE,
    Column,
    ColumnType,
    TableSpec,
    as_text,
    boolean,
    box,
    digest,
    integer,
    number,
    one_of,
    share,
    string,
)
from models.faces.gallery import Role
from models.recipe import Recipe
from pipelines.layout import BLANK, PageType

EDITION = integer(
    "edition_id", "the edition: joins with editions", low=1, joins=("editions", "edition_id")
)
PUBLICATION = string("publication", "name of the newspaper", free_text=True)


def _publications(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(PublicationRow.name, PublicationRow.usual_pages)
        .distinct()
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(*scope.conditions())
        .order_by(PublicationRow.name)
    )


PUBLICATIONS = TableSpec(
    "publications",
    "A newspaper with at least one edition among those that are exported.",
    ("publication",),
    (
        PUBLICATION,
        integer("usual_pages", "pages that an edition usually has", unit="pages", nullable=True),
    ),
    _publications,
)


def _editions(scope: EditionScope, _: Recipe) -> RowQuery:
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
        integer("pages", "pages that it has, analysed or not", unit="pages"),
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
    """Return what a page is made of, as ``pipelines.layout.page_type`` has it."""
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
    return pages_of(
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
        OutcomeRow.brightness,
        OutcomeRow.ink_share,
        OutcomeRow.text_share,
        OutcomeRow.column_width,
    ).outerjoin(areas, areas.c.outcome_id == OutcomeRow.id)


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
        share("brightness", "mean lightness, 0 black", nullable=True),
        share("ink_share", "share of the page that is printed", nullable=True),
        share("text_share", "share of the page printed outside of photos", nullable=True),
        number("column_width", "distance of text columns", unit="pixels", nullable=True),
        RECIPE,
    ),
    _pages,
)


def _headlines(scope: EditionScope, recipe: Recipe) -> RowQuery:
    read = HeadlineRow.text.is_not(None)
    return (
        pages_of(
            scope,
            recipe,
            PageRow.id,
            HeadlineRow.position,
            read,
            func.nullif(HeadlineRow.text, ""),
            HeadlineRow.x0,
            HeadlineRow.y0,
            HeadlineRow.x1,
            HeadlineRow.y1,
        )
        .join(HeadlineRow, HeadlineRow.outcome_id == OutcomeRow.id)
        .order_by(HeadlineRow.position)
    )


POSITION = integer("position", "place in its list, from 0")
HEADLINES = TableSpec(
    "headlines",
    "A headline above photos of a page.",
    ("page_id", "position"),
    (
        PAGE,
        POSITION,
        boolean("read", "its text was read"),
        string("text", "what it says; missing: not read, or nothing made out", nullable=True,
            free_text=True),
        *box("the text"),
        RECIPE,
    ),
    _headlines,
)  # fmt: skip


def _headline_photos(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        pages_of(scope, recipe, PageRow.id, HeadlineRow.position, HeadlinePhotoRow.photo_position)
        .join(HeadlineRow, HeadlineRow.outcome_id == OutcomeRow.id)
        .join(HeadlinePhotoRow, HeadlinePhotoRow.headline_id == HeadlineRow.id)
        .order_by(HeadlineRow.position, HeadlinePhotoRow.photo_position)
    )


HEADLINE_PHOTOS = TableSpec(
    "headline_photos",
    "A photo that stands under a headline.",
    ("page_id", "position", "photo_position"),
    (
        PAGE,
        integer("position", "of the headline: joins with headlines"),
        integer("photo_position", "of the photo on its page: joins with photos"),
        RECIPE,
    ),
    _headline_photos,
)


def _recipes(_: EditionScope, recipe: Recipe) -> RowQuery:
    return select(
        RecipeRow.id, RecipeRow.observation_id, RecipeRow.name, RecipeRow.canonical
    ).where(RecipeRow.id == recipe.id)


RECIPES = TableSpec(
    "recipes",
    "The recipe that the rows were made by: all that can change a number.",
    ("recipe_id",),
    (
        digest("recipe_id", "hash of its rules"),
        digest("observation_id", "hash of the rules of observation"),
        string("name", "what it is called", free_text=True),
        Column("rules", ColumnType.OBJECT, "all of it as canonical JSON"),
    ),
    _recipes,
)


def _figures(_: EditionScope, __: Recipe) -> RowQuery:
    return select(FigureRow.id, FigureRow.name, FigureRow.role, FigureRow.created_at).order_by(
        FigureRow.id
    )


FIGURES = TableSpec(
    "figures",
    "A public person who was enrolled to be recognised. Nobody else has a name or a number.",
    ("figure_id",),
    (
        integer("figure_id", "the figure: joins with sightings", low=1),
        string("figure", "name of the figure", free_text=True),
        one_of("role", Role, "what the figure is to the newspaper"),
        Column("enrolled_at", ColumnType.DATETIME, "when the figure was enrolled", unit="UTC"),
    ),
    _figures,
)


def _own_labels(_: EditionScope, __: Recipe) -> RowQuery:
    return select(
        LabelRow.name,
        LabelRow.created_at,
        LabelRow.observation_id,
        LabelRow.version,
        LabelRow.failure,
        LabelRow.ap,
        LabelRow.f1,
        LabelRow.calibration_error,
        LabelRow.method,
        LabelRow.intercept,
        LabelRow.coefficients,
    ).order_by(LabelRow.id)


OWN_LABELS = TableSpec(
    "own_labels",
    "A label that a researcher added, and the accuracy of its classifier, cross-validated.",
    ("label",),
    (
        string("label", "what it is called: joins with labels"),
        Column("created_at", ColumnType.DATETIME, "when it was added", unit="UTC"),
        digest("observation_id", "hash of the rules of observation that it was learnt under"),
        digest("version", "hash of what was learnt"),
        string("failure", "why it is not used", nullable=True, free_text=True),
        share("average_precision", "of photos that its classifier never saw", nullable=True),
        share("f1", "at probability 0.5, of the same", nullable=True),
        share("calibration_error", "of its probabilities, of the same", nullable=True),
        string("method", "how that was measured", nullable=True, free_text=True),
        number("intercept", "of its logistic regression", None, nullable=True),
        Column("coefficients", ColumnType.ARRAY, "one for each image feature", nullable=True),
    ),
    _own_labels,
)
