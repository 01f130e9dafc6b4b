"""The exported columns that are computed, and the exported tables that join several stored ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Double, case, cast, func, literal, null, or_, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimRow
from presslens.app.db.columns import Status, Table
from presslens.app.db.edits import EditRow
from presslens.app.db.exported import (
    FRAME,
    Column,
    Exported,
    boolean,
    integer,
    number,
    one_of,
    share,
    string,
)
from presslens.app.db.exported_rows import as_text, declared, json_text, stored_cells
from presslens.app.db.figures import FigureRow
from presslens.app.db.folios import FolioRow
from presslens.app.db.queries import EditionScope, RowQuery, printed_photos
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.samples import IN_STRATUM, SampleItemRow, SampleStratumRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import (
    EditionRow,
    HeadlinePhotoRow,
    HeadlineRow,
    InterpretationRow,
    LabelRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.services.catalogue.reprints import earliest_print
from presslens.app.services.exports.batches import Batch, Finish
from presslens.app.services.exports.tables.selection import of_recipe
from presslens.app.services.shares.decisions import DecidedPhotos
from presslens.app.services.shares.validities import load_validities
from presslens.models.recipe import Recipe
from presslens.models.subjects.codebook import CODEBOOK
from presslens.pipelines.statistics.layout import BLANK, PageType
from presslens.pipelines.statistics.measure import FIGURE, LABEL
from presslens.pipelines.statistics.validity import LOOKED_AT_FIRST

BY_NAME = ("publication", "label", "claim")
"""Kinds of rows that get other ids in another installation: edits name them."""

PLACED = tuple(subject for subject, entry in CODEBOOK.items() if entry.placed)
"""Subjects whose places are exported: those that are no persons."""

Value = Callable[[EditionScope, Recipe], Any]
Source = Callable[..., RowQuery]
"""Gives the query of some columns, by scope and recipe."""


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """A column of an exported table that no stored column holds."""

    after: str  # the column behind which it stands; "": it is the first one
    column: Column  # what files say of it
    value: Value  # gives it in SQL


def _stored(value: Any) -> Value:
    """Return the value of a column that another joined table holds."""
    return lambda _scope, _recipe: value


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
        .outerjoin(FolioRow, FolioRow.outcome_id == OutcomeRow.id)
        .where(*scope.conditions())
        .order_by(PageRow.id)
    )


def _headlines(scope: EditionScope, recipe: Recipe, *columns: Any) -> RowQuery:
    query = pages_of(scope, recipe, *columns)
    joined = query.join(HeadlineRow, HeadlineRow.outcome_id == OutcomeRow.id)
    return joined.order_by(HeadlineRow.position)


def _headline_photos(scope: EditionScope, recipe: Recipe, *columns: Any) -> RowQuery:
    query = _headlines(scope, recipe, *columns)
    joined = query.join(HeadlinePhotoRow, HeadlinePhotoRow.headline_id == HeadlineRow.id)
    return joined.order_by(HeadlinePhotoRow.photo_position)


def _photos(scope: EditionScope, recipe: Recipe, *columns: Any) -> RowQuery:
    interpreted = (InterpretationRow.photo_id == PhotoRow.id) & of_recipe(
        InterpretationRow.recipe_id, recipe
    )
    return (
        printed_photos(recipe, *columns)
        .outerjoin(InterpretationRow, interpreted)
        .where(or_(InterpretationRow.photo_id.is_not(None), PhotoRow.by_hand), *scope.conditions())
        .order_by(PhotoRow.id, PageRow.id)
    )


def removed_photos(scope: EditionScope, recipe: Recipe, *columns: Any) -> RowQuery:
    """Return the query of what the machine has found, and people have taken off its page."""
    return (
        select(*columns)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.removed_from_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            ~PhotoRow.by_hand,
            *scope.conditions(),
        )
        .order_by(PhotoRow.id, PageRow.id)
    )


SOURCES: Mapping[str, Source] = {
    "pages": pages_of,
    "headlines": _headlines,
    "headline_photos": _headline_photos,
    "photos": _photos,
}
"""Queries of the exported tables whose columns stand in several stored ones."""


def _pages_of_edition(_scope: EditionScope, _recipe: Recipe) -> Any:
    pages = select(func.count(PageRow.id)).where(PageRow.edition_id == EditionRow.id)
    return pages.correlate(EditionRow).scalar_subquery()


def _is_superseded(_scope: EditionScope, recipe: Recipe) -> Any:
    return EditionRow.id.in_(superseded_editions(recipe))


def _page_type(_scope: EditionScope, recipe: Recipe) -> ColumnElement[str | None]:
    """Return what a page is made of, as ``pipelines.statistics.layout.page_type`` has it."""
    rules, page = recipe.aggregate, OutcomeRow.width * OutcomeRow.height * 1.0
    area = (PhotoRow.x1 - PhotoRow.x0) * (PhotoRow.y1 - PhotoRow.y0)

    def of_photos(value: Any) -> Any:
        query = select(value).where(PhotoRow.outcome_id == OutcomeRow.id)
        return query.correlate(OutcomeRow).scalar_subquery()

    return case(
        (OutcomeRow.width.is_(None), null()),
        (of_photos(func.max(area)) / page >= rules.full_page, PageType.FULL_PAGE.value),
        (of_photos(func.sum(area)) / page >= rules.photo_page, PageType.PHOTOS.value),
        (of_photos(func.count()) > 0, PageType.MIXED.value),
        (OutcomeRow.ink_share < BLANK, PageType.BLANK.value),
        else_=PageType.TEXT.value,
    )


def _fill_decided(prefix: str, session: Session, recipe: Recipe) -> Finish:
    """Return what fills in whether photos are taken to show what a row is of.

    The columns begin with the photo's id, what it may show, the probability of that, and this one.

    Args:
        prefix: Begins the measure that the second column names.
    """
    photos = DecidedPhotos(session, recipe)

    def fill(batch: Batch) -> Batch:
        ids, names, probabilities, _, *rest = batch
        measures = [f"{prefix}{name}" for name in names]
        return [ids, names, probabilities, photos.decided(measures, ids, probabilities), *rest]

    return fill


def fill_offered(session: Session, recipe: Recipe, *, whole: bool = False) -> Finish:
    """Return what fills in why shares of editions are not offered, and takes out their sums.

    Args:
        whole: The sums stay beside the reason.
    """
    query = select(EditionRow.id, PublicationRow.name).join(
        PublicationRow, PublicationRow.id == EditionRow.publication_id
    )
    papers = {row.id: row.name for row in session.connection().execute(query)}

    @cache
    def why_not(publication: str, measure: str) -> str | None:
        found = load_validities(session, publication, recipe, (measure,))[measure]
        return None if found.why_not is None else str(found.why_not)

    def fill(batch: Batch) -> Batch:
        ids, measures, zone, n, shown, expected, area, area_shown, area_expected, _ = batch
        reasons = [
            why_not(papers[edition], measure) if measure in LOOKED_AT_FIRST else None
            for edition, measure in zip(ids, measures, strict=True)
        ]

        def told(column: Sequence[Any]) -> Sequence[Any]:
            if whole:
                return column
            return [None if why else value for value, why in zip(column, reasons, strict=True)]

        of_area = area, told(area_shown), told(area_expected)
        return [ids, measures, zone, n, told(shown), told(expected), *of_area, reasons]

    return fill


def fill_focus(columns: Sequence[str], session: Session, recipe: Recipe) -> Finish:
    """Return what takes out the machine's verdicts about the focus that decide nothing.

    Args:
        columns: Names of the columns of the photos.
    """
    photos = DecidedPhotos(session, recipe)
    id_, verdict = columns.index("photo_id"), columns.index("focus")

    def fill(batch: Batch) -> Batch:
        deciding = photos.deciding(batch[id_], batch[verdict])
        return [*batch[:verdict], deciding, *batch[verdict + 1 :]]

    return fill


FINISHED: Mapping[str, Callable[[Session, Recipe], Finish]] = {
    "subjects": partial(_fill_decided, ""),
    "labels": partial(_fill_decided, LABEL),
    "edition_share": fill_offered,
}
"""What fills in columns that no query can compute, by the name of the exported table."""


def _figure_name(_scope: EditionScope, _recipe: Recipe) -> Any:
    name = select(FigureRow.name).where(FigureRow.id == SightingRow.figure_id)
    return name.correlate(SightingRow).scalar_subquery()


def _has_consensus(scope: EditionScope, recipe: Recipe) -> Any:
    measure = literal(FIGURE).concat(_figure_name(scope, recipe))
    answer = select(SettledAnswerRow.shows).where(
        SettledAnswerRow.photo_id == SightingRow.photo_id, SettledAnswerRow.measure == measure
    )
    return answer.correlate(SightingRow).scalar_subquery()


def _inclusion(_scope: EditionScope, _recipe: Recipe) -> Any:
    chance = select(cast(SampleStratumRow.drawn, Double) / SampleStratumRow.size).where(IN_STRATUM)
    return chance.correlate(SampleItemRow).scalar_subquery()


def _target_name(scope: EditionScope, _recipe: Recipe) -> ColumnElement[Any]:
    """Return the name of an exported newspaper, of a label or a claim; NULL for other rows."""
    newspaper = (
        select(PublicationRow.name)
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(PublicationRow.id == EditRow.target_id, *scope.conditions())
        .distinct()
        .correlate(EditRow)
    )
    label = select(LabelRow.name).where(LabelRow.id == EditRow.target_id).correlate(EditRow)
    claim = select(ClaimRow.key).where(ClaimRow.id == EditRow.target_id).correlate(EditRow)
    return case(
        (EditRow.target == "publication", newspaper.scalar_subquery()),
        (EditRow.target == "label", label.scalar_subquery()),
        (EditRow.target == "claim", claim.scalar_subquery()),
        else_=null(),
    )


def _joined(after: str, row: type[Table], attribute: str, name: str = "") -> Computed:
    """Return a column that another table of the query stores; an id refers to the rows of that."""
    (cells,) = (one for one in stored_cells(row) if one.attribute == attribute)
    (column,), (value,) = cells.columns, cells.expressions
    table = declared(row)
    if attribute == "id" and isinstance(table, Exported):
        column = replace(column, joins=(table.name, column.name))
    return Computed(after, replace(column, name=name or column.name), _stored(value))


PAGE = _joined("", PageRow, "id")
DECIDED = boolean(
    "decided",
    "the photo is taken to show it: as people have settled, or else as the newspaper's calibration"
    " decides, which is the recipe's probability where there is none",
)

COMPUTED: Mapping[str, tuple[Computed, ...]] = {
    "editions": (
        Computed(
            "received_at",
            integer("pages", "pages that were uploaded, analysed or not", unit="pages"),
            _pages_of_edition,
        ),
        Computed(
            "issue",
            boolean(
                "superseded",
                "a later upload of its day stands in for it: statistics and lists of photos leave"
                " it out",
            ),
            _is_superseded,
        ),
    ),
    "pages": (
        Computed(
            "scan_frame",
            one_of("outcome", Status, "outcome of its analysis; missing: it waits", nullable=True),
            _stored(func.coalesce(as_text(PageRow.status), as_text(OutcomeRow.status))),
        ),
        Computed(
            "outcome",
            string("reason", "why it was rejected or failed", nullable=True, free_text=True),
            _stored(func.coalesce(PageRow.reason, OutcomeRow.reason)),
        ),
        Computed(
            "reason",
            string("detail", "the same in words", nullable=True, free_text=True),
            _stored(func.coalesce(PageRow.detail, OutcomeRow.detail)),
        ),
        Computed(
            "height",
            one_of("type", PageType, "what the page is made of", nullable=True),
            _page_type,
        ),
    ),
    "headlines": (PAGE,),
    "headline_photos": (
        PAGE,
        Computed(
            "page_id",
            integer("position", "of the headline: joins with headlines"),
            _stored(HeadlineRow.position),
        ),
    ),
    "photos": (
        _joined("photo_id", PageRow, "id"),
        Computed("page_id", FRAME, _stored(PhotoRow.frame_id)),
        _joined("frame_id", EditionRow, "id"),
        _joined("edition_id", PublicationRow, "name"),
        _joined("publication", EditionRow, "edition_date"),
        _joined("date", PageRow, "number", "page_number"),
        Computed(
            "area_share",
            share("width_share", "share of the page's width that it takes"),
            _stored((PhotoRow.x1 - PhotoRow.x0) / OutcomeRow.width),
        ),
        Computed(
            "label_set",
            integer(
                "reprint_of",
                "the earliest exported photo that it is a reprint of; missing of a first print:"
                " rows without it are counts without reprints",
                low=1,
                nullable=True,
                joins=("photos", "photo_id"),
            ),
            lambda scope, recipe: earliest_print(recipe, scope, listed=True),
        ),
    ),
    "subjects": (
        Computed("probability", DECIDED, _stored(null())),
    ),
    "labels": (Computed("probability", DECIDED, _stored(null())),),
    "sightings": (
        Computed("figure_id", string("figure", "name of the figure", free_text=True), _figure_name),
        Computed(
            "reasons",
            boolean(
                "settled",
                "people say that it is the figure, or is not; missing: the machine's stands",
                nullable=True,
            ),
            _has_consensus,
        ),
    ),
    "edition_share": (
        Computed(
            "area_expected",
            string("reason", "why no share is offered; missing: it is", nullable=True),
            _stored(null()),
        ),
    ),
    "edits": (
        Computed(
            "target",
            integer("target_id", "the id of that; missing where it has a name", nullable=True),
            _stored(case((EditRow.target.in_(BY_NAME), null()), else_=EditRow.target_id)),
        ),
        Computed(
            "target_id",
            string(
                "target_name",
                "name of the newspaper, label or claim that it is about; missing for others, and"
                " where that is not exported",
                nullable=True,
                free_text=True,
            ),
            _target_name,
        ),
    ),
    "sample_items": (
        Computed(
            "stratum",
            number(
                "inclusion_probability",
                "the chance that it had to be drawn: drawn / size of its stratum",
                unit="0-1",
                high=1,
            ),
            _inclusion,
        ),
    ),
}  # fmt: skip
"""Computed columns by the name of the exported table."""

OTHERWISE: Mapping[tuple[str, str], Value] = {
    ("subjects", "places"): _stored(
        case(
            (SubjectReadingRow.subject.in_(PLACED), json_text(SubjectReadingRow.places)),
            else_=null(),
        )
    ),
}
"""What stands in an exported column in place of the stored value."""
