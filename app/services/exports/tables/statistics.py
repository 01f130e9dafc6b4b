"""The exported tables of editions' summaries and shares."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import select

from app.db.queries import EditionScope, RowQuery
from app.db.statistics import EditionShareRow, EditionSummaryRow
from app.db.tables import EditionRow, PublicationRow
from app.services.exports.schema import (
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
from app.services.exports.tables.editions import EDITION
from models.recipe import Recipe
from models.vocabulary import Focus
from pipelines.statistics.measure import STRATA, Zone

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
        integer("pages", "pages that it has", unit="pages"),
        integer("pages_seen", "pages that were analysed", unit="pages"),
        integer("photos", "photographic frames", unit="photos"),
        number("photo_area", "printed area of the photos", unit=PAGES_OF_PRINT),
        share("largest_photo", "share of its page that the largest photo takes"),
        Column("page_types", ColumnType.OBJECT, "number of pages of each type"),
        integer("leader_photos", "photos that surely show a leader", unit="photos"),
        integer("leader_unsure", "photos that may show a leader", unit="photos"),
        share("leader_area", "leader's mean share of the photo's area", nullable=True),
        share("leader_centrality", "leader's mean centrality", nullable=True),
        integer("together_photos", "photos with two figures or more", unit="photos"),
        one_of("front_lead_focus", Focus, "focus of the largest front-page photo", nullable=True),
        integer("front_lead_photo_id", "that photo", low=1, nullable=True),
        RECIPE,
    ),
    _summaries,
)

_SHARES = ("n", "decided", "expected", "variance", "low", "high", "area", "area_decided",
    "area_expected", "area_variance", "area_low", "area_high",
    "n0", "n1", "n2", "n3", "a0", "a1", "a2", "a3")  # fmt: skip


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


def _strata() -> tuple[Column, ...]:
    bounds = (0, *STRATA, 1)
    texts = [f"with probability {low} to {high}" for low, high in pairwise(bounds)]
    return (
        *(integer(f"n{i}", f"photos {t}", unit="photos") for i, t in enumerate(texts)),
        *(number(f"a{i}", f"their area, {t}", unit=PAGES_OF_PRINT) for i, t in enumerate(texts)),
    )


EDITION_SHARES = TableSpec(
    "edition_share",
    "The parts of a share of an edition: of the n photos of a zone, those that show a measure.",
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
        number("variance", "of the true number", unit="photos squared"),
        share("low", "lower bound of the share"),
        share("high", "upper bound of the share"),
        number("area", "printed area of the n photos", unit=PAGES_OF_PRINT),
        number("area_decided", "of those decided to show it", unit=PAGES_OF_PRINT),
        number("area_expected", "sum of the probabilities by area", unit=PAGES_OF_PRINT),
        number("area_variance", "of the true area", unit="pages squared"),
        share("area_low", "lower bound of the share by area"),
        share("area_high", "upper bound of the share by area"),
        *_strata(),
        RECIPE,
    ),
    _shares,
)
