"""The exported tables of editions' summaries and shares."""

from __future__ import annotations

from sqlalchemy import select

from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.statistics import EditionMeasureRow, EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.services.exports.schema import (
    RECIPE,
    Column,
    ColumnType,
    TableSpec,
    as_text,
    digest,
    integer,
    json_text,
    number,
    one_of,
    share,
    string,
)
from presslens.app.services.exports.tables.editions import EDITION
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import Zone

PAGES_OF_PRINT = "pages of print: the sum of the photos' shares of their pages"


def _summaries(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            EditionSummaryRow.edition_id,
            EditionSummaryRow.gallery,
            EditionSummaryRow.label_set,
            EditionSummaryRow.pages,
            EditionSummaryRow.pages_seen,
            EditionSummaryRow.photos,
            EditionSummaryRow.photo_area,
            EditionSummaryRow.largest_photo,
            json_text(EditionSummaryRow.page_types),
            EditionSummaryRow.leader_photos,
            EditionSummaryRow.leader_unsure,
            EditionSummaryRow.leader_area,
            EditionSummaryRow.leader_centrality,
            EditionSummaryRow.together_photos,
            as_text(EditionSummaryRow.front_lead_focus),
            EditionSummaryRow.front_lead_photo_id,
            json_text(EditionSummaryRow.photo_ids),
            json_text(EditionSummaryRow.photo_areas),
            json_text(EditionSummaryRow.photo_zones),
            json_text(EditionSummaryRow.found_pages),
        )
        .join(EditionRow, EditionRow.id == EditionSummaryRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(EditionSummaryRow.recipe_id == recipe.id, *scope.conditions())
        .order_by(EditionSummaryRow.edition_id)
    )


EDITION_SUMMARIES = TableSpec(
    "edition_summary",
    "The plain numbers of an edition that is complete; the machine's, without reviews.",
    ("edition_id",),
    (
        EDITION,
        digest("gallery", "hash of the enrolled figures that photos were searched for"),
        digest("label_set", "hash of the researcher's labels that photos were read for"),
        integer("pages", "pages that it had, uploaded or not", unit="pages"),
        integer("pages_seen", "pages that were analysed", unit="pages"),
        integer("photos", "photographic frames", unit="photos"),
        number("photo_area", "printed area of the photos", unit=PAGES_OF_PRINT),
        share("largest_photo", "share of its page that the largest photo takes"),
        Column("page_types", ColumnType.OBJECT, "number of pages of each type"),
        integer("leader_photos", "photos that surely show a leader", unit="photos", nullable=True),
        integer("leader_unsure", "photos that may show a leader", unit="photos", nullable=True),
        share("leader_area", "leader's mean share of the photo's area", nullable=True),
        share("leader_centrality", "leader's mean centrality", nullable=True),
        integer("together_photos", "photos with two figures or more", unit="photos", nullable=True),
        one_of("front_lead_focus", Focus, "focus of the largest front-page photo", nullable=True),
        integer("front_lead_photo_id", "that photo", low=1, nullable=True),
        Column("photo_ids", ColumnType.ARRAY, "its photos, in reading order"),
        Column("photo_areas", ColumnType.ARRAY, "share of its page that each takes, 0–1"),
        Column(
            "photo_zones",
            ColumnType.ARRAY,
            "1 all + 2 front + 4 inside + 8 above fold + 16 lead",
        ),
        Column(
            "found_pages",
            ColumnType.ARRAY,
            "of each analysed page: its number; its condition from 0 (colour, grey, screened,"
            " coarse, tilted, bitonal, photographed), -1 for an image that is itself a photo; its"
            " found photos by size (small, medium, large) and, in each, by score (low, middle,"
            " high)",
            nullable=True,
        ),
        RECIPE,
    ),
    _summaries,
)

_SHARES = ("n", "decided", "expected", "area", "area_decided", "area_expected")


def _measures(scope: EditionScope, recipe: Recipe) -> RowQuery:
    query = select(
        EditionMeasureRow.edition_id,
        EditionMeasureRow.measure,
        json_text(EditionMeasureRow.probabilities),
        json_text(EditionMeasureRow.decided),
    ).where(EditionMeasureRow.recipe_id == recipe.id)
    if not scope.whole:
        query = (
            query.join(EditionRow, EditionRow.id == EditionMeasureRow.edition_id)
            .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
            .where(*scope.conditions())
        )
    return query.order_by(EditionMeasureRow.measure, EditionMeasureRow.edition_id)


EDITION_MEASURES = TableSpec(
    "edition_measure",
    "What the machine says of the photos of an edition, in the order of its photo_ids.",
    ("measure", "edition_id"),
    (
        EDITION,
        string(
            "measure",
            "what is shown: a subject, a focus, figure:NAME or label:NAME",
            free_text=True,
        ),
        Column("probabilities", ColumnType.ARRAY, "of each photo, 0–1; null where it was not read"),
        Column("decided", ColumnType.ARRAY, "1 for each photo that is decided to show it, else 0"),
        RECIPE,
    ),
    _measures,
)


def _shares(scope: EditionScope, recipe: Recipe) -> RowQuery:
    query = select(
        EditionShareRow.edition_id,
        EditionShareRow.measure,
        as_text(EditionShareRow.zone),
        *(getattr(EditionShareRow, name) for name in _SHARES),
    ).where(EditionShareRow.recipe_id == recipe.id)
    if not scope.whole:
        query = (
            query.join(EditionRow, EditionRow.id == EditionShareRow.edition_id)
            .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
            .where(*scope.conditions())
        )
    return query.order_by(EditionShareRow.measure, EditionShareRow.zone, EditionShareRow.edition_id)


EDITION_SHARES = TableSpec(
    "edition_share",
    "The machine's sums for a share of an edition: of the n photos of a zone, those that show it.",
    ("measure", "zone", "edition_id"),
    (
        EDITION,
        string(
            "measure",
            "what is shown: a subject, a focus, figure:NAME or label:NAME",
            free_text=True,
        ),
        one_of("zone", Zone, "part of the edition"),
        integer("n", "photos that were read: the denominator", unit="photos"),
        integer("decided", "photos that are decided to show it", unit="photos"),
        number("expected", "sum of the probabilities", unit="photos"),
        number("area", "printed area of the n photos", unit=PAGES_OF_PRINT),
        number("area_decided", "of those decided to show it", unit=PAGES_OF_PRINT),
        number("area_expected", "sum of the probabilities by area", unit=PAGES_OF_PRINT),
        RECIPE,
    ),
    _shares,
)
