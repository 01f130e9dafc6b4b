"""Loads the photos of summaries as arrays, and caches them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.statistics.selection import StatEdition
from presslens.pipelines.statistics.photo_table import Mask, Numbers

OVERHEAD = 2000
"""Bytes that the objects of a summary take beside the numbers of its photos."""

FEW = 500
"""Up to so many editions are named in a query; of more, all between the first and the last come."""


@dataclass(slots=True, eq=False)
class SummaryPhotos:
    """The n photos of a summary, in reading order."""

    ids: NDArray[np.int64]  # their ids, shape (n,)
    areas: Numbers  # printed area of each, in pages, shape (n,)
    zones: NDArray[np.uint8]  # zones of each, as bits, shape (n,)
    # By measure the machine's probabilities, NaN for a photo that was not read, and whether each
    # photo is decided to show it, shape (n,) each; those that were loaded.
    measures: dict[str, tuple[Numbers, Mask]] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        read = sum(one.nbytes + mask.nbytes for one, mask in self.measures.values())
        return OVERHEAD + read + self.ids.nbytes + self.areas.nbytes + self.zones.nbytes


def summary_photos(
    session: Session, editions: Sequence[StatEdition], measures: Iterable[str], recipe: Provenance
) -> list[SummaryPhotos]:
    """Return the photos of the summaries of editions, with some measures.

    What was loaded of a version of a summary is not loaded again.

    Args:
        editions: From ``select_editions``.
        measures: The measures; no photo is read for one that a summary hasn't.
        recipe: The recipe of the summaries.
    """
    cache, recipe_id = archive_view(session).cache, recipe.id
    versions = {edition.id: edition.version for edition in editions}
    photos: dict[int, SummaryPhotos] = {}
    for id_, version in versions.items():
        if (one := cache.get(("summary", recipe_id, id_), version)) is not None:
            photos[id_] = one
    fresh = [id_ for id_ in versions if id_ not in photos]
    if fresh:
        photos |= _printed(session, fresh, recipe)
    lacking: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for measure in measures:
        if ids := tuple(id_ for id_ in versions if measure not in photos[id_].measures):
            lacking[ids].append(measure)
    for ids, names in lacking.items():
        _read(session, ids, names, photos, recipe)
    for id_ in {*fresh, *(id_ for ids in lacking for id_ in ids)}:
        cache.put(("summary", recipe_id, id_), versions[id_], photos[id_])
    return [photos[edition.id] for edition in editions]


def _printed(session: Session, ids: Sequence[int], recipe: Provenance) -> dict[int, SummaryPhotos]:
    columns = ("photo_ids", "photo_areas", "photo_zones")
    query = select(
        EditionSummaryRow.edition_id, *(getattr(EditionSummaryRow, name) for name in columns)
    ).where(EditionSummaryRow.recipe_id == recipe.id, _among(EditionSummaryRow, ids))
    rows = {row[0]: row[1:] for row in session.connection().execute(query)}
    return {
        id_: SummaryPhotos(
            np.array(numbers, np.int64), np.array(areas, float), np.array(zones, np.uint8)
        )
        for id_ in ids
        for numbers, areas, zones in [rows.get(id_, ([], [], []))]
    }


def _read(
    session: Session,
    ids: Sequence[int],
    names: Sequence[str],
    photos: dict[int, SummaryPhotos],
    recipe: Provenance,
) -> None:
    """Load what the machine says of measures into the photos of summaries."""
    query = select(
        EditionMeasureRow.measure,
        EditionMeasureRow.edition_id,
        EditionMeasureRow.probabilities,
        EditionMeasureRow.decided,
    ).where(
        EditionMeasureRow.recipe_id == recipe.id,
        EditionMeasureRow.measure.in_(names),
        _among(EditionMeasureRow, ids),
    )
    chosen = set(ids)
    for measure, id_, probabilities, decided in session.connection().execute(query):
        if id_ in chosen:
            read = np.array(probabilities, float), np.array(decided, bool)
            photos[id_].measures[measure] = read
    for id_ in ids:
        n = len(photos[id_].ids)
        for name in names:
            if name not in photos[id_].measures:
                photos[id_].measures[name] = np.full(n, np.nan), np.zeros(n, bool)


def _among(
    table: type[EditionSummaryRow | EditionMeasureRow], ids: Sequence[int]
) -> ColumnElement[bool]:
    if len(ids) <= FEW:
        return table.edition_id.in_(ids)
    return table.edition_id.between(min(ids), max(ids))
