"""All exported tables, those first that others refer to."""

from __future__ import annotations

from app.errors import InvalidRequest
from app.services.exports.schema import TableSpec
from app.services.exports.tables import editions as archive
from app.services.exports.tables import photos as photo
from app.services.exports.tables import reviews as said
from app.services.exports.tables import statistics as statistic

TABLES: tuple[TableSpec, ...] = (
    archive.RECIPES,
    archive.PUBLICATIONS,
    archive.FIGURES,
    archive.OWN_LABELS,
    archive.EDITIONS,
    archive.PAGES,
    archive.HEADLINES,
    archive.HEADLINE_PHOTOS,
    photo.PHOTOS,
    photo.CAPTIONS,
    photo.SUBJECTS,
    photo.LABELS,
    photo.SIGHTINGS,
    photo.DETECTIONS,
    statistic.EDITION_SUMMARIES,
    statistic.EDITION_SHARES,
    said.REVIEWS,
    said.REVIEW_ANSWERS,
    said.SETTLED_ANSWERS,
    said.CLAIMS,
    said.EVENTS,
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
