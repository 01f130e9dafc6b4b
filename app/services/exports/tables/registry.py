"""All exported tables, those first that others refer to."""

from __future__ import annotations

from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.schema import TableSpec
from presslens.app.services.exports.tables import (
    claims,
    editions,
    edits,
    figures,
    headlines,
    labels,
    page_reviews,
    photos,
    publications,
    recipes,
    reprints,
    reviews,
    samples,
    statistics,
)

TABLES: tuple[TableSpec, ...] = (
    recipes.RECIPES,
    publications.PUBLICATIONS,
    publications.PUBLICATION_ALIASES,
    figures.FIGURES,
    labels.OWN_LABELS,
    editions.EDITIONS,
    editions.PAGES,
    headlines.HEADLINES,
    headlines.HEADLINE_PHOTOS,
    photos.PHOTOS,
    photos.REMOVED_PHOTOS,
    photos.CAPTIONS,
    photos.SUBJECTS,
    photos.LABELS,
    photos.SIGHTINGS,
    photos.DETECTIONS,
    reprints.REPRINTS,
    statistics.EDITION_SUMMARIES,
    statistics.EDITION_MEASURES,
    statistics.EDITION_SHARES,
    edits.EDITS,
    reviews.REVIEWS,
    reviews.REVIEW_ANSWERS,
    reviews.SETTLED_ANSWERS,
    samples.SAMPLES,
    samples.SAMPLE_MEASURES,
    samples.SAMPLE_STRATA,
    samples.SAMPLE_EDITIONS,
    samples.SAMPLE_ITEMS,
    samples.SAMPLED_PHOTOS,
    page_reviews.PAGE_REVIEWS,
    page_reviews.PAGE_MARKS,
    claims.CLAIMS,
    claims.CLAIM_REGISTRATIONS,
    claims.CLAIM_LOOKS,
    claims.EVENTS,
)


def table_named(name: str) -> TableSpec:
    """Return a table.

    Raises:
        InvalidRequest: There is none of this name.
    """
    for spec in TABLES:
        if spec.name == name:
            return spec
    names = ", ".join(spec.name for spec in TABLES)
    raise InvalidRequest(f"there is no table {name!r}; the tables are: {names}")
