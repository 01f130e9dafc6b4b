"""Loads the photos of summaries as arrays, and caches them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import StatEdition
from presslens.pipelines.mapped import mapped
from presslens.pipelines.statistics.photo_table import Mask, Numbers

OVERHEAD = 2000
"""Bytes that the objects of a summary take beside the numbers of its photos."""

ARRAYS = "ids", "areas", "zones", "probabilities", "decided"
"""The numbers of the photos of a summary."""

FEW = 500
"""Up to so many editions are named in a query; of more, all between the first and the last come."""


@dataclass(frozen=True, slots=True, eq=False)
class SummaryPhotos:
    """The n photos of a summary, in reading order, with k measures: those that were loaded."""

    ids: NDArray[np.int64]  # their ids, shape (n,)
    areas: Numbers  # printed area of each, in pages, shape (n,)
    zones: NDArray[np.uint8]  # zones of each, as bits, shape (n,)
    version: int  # the version of the summary
    measures: tuple[str, ...]  # names of the measures
    probabilities: Numbers  # the machine's, NaN for a photo that was not read, shape (k, n)
    decided: Mask  # whether each photo is decided to show each measure, shape (k, n)

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        return OVERHEAD + int(sum(getattr(self, name).nbytes for name in ARRAYS))

    def shows(self, measure: str) -> tuple[Numbers, Mask]:
        """Return the probabilities of a measure, and what is decided, shape (n,) each."""
        at = self.measures.index(measure)
        return self.probabilities[at], self.decided[at]


def summary_photos(
    session: Session, editions: Sequence[StatEdition], measures: Iterable[str], recipe: Provenance
) -> list[SummaryPhotos]:
    """Return the photos of the summaries of editions, with some measures.

    What was loaded of a version of a summary is not loaded again. Of a summary that was made again,
    whose version does not count yet, everything is loaded, so that its measures are of one moment.

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
    names = list(measures)
    lacking: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for measure in names:
        if ids := tuple(id_ for id_ in versions if measure not in photos[id_].measures):
            lacking[ids].append(measure)
    remade = {i for ids, some in lacking.items() for i in _read(session, ids, some, photos, recipe)}
    if remade:
        photos |= _printed(session, sorted(remade), recipe)
        _read(session, sorted(remade), names, photos, recipe)
    loaded = {*fresh, *(id_ for ids in lacking for id_ in ids)}
    # Thousands of small arrays would take twice their size of the heap.
    arrays = mapped({(id_, name): getattr(photos[id_], name) for id_ in loaded for name in ARRAYS})
    for id_ in loaded:
        own: dict[str, Any] = {name: arrays[id_, name] for name in ARRAYS}
        photos[id_] = replace(photos[id_], **own)
        cache.put(("summary", recipe_id, id_), versions[id_], photos[id_])
    return [photos[edition.id] for edition in editions]


def _printed(session: Session, ids: Sequence[int], recipe: Provenance) -> dict[int, SummaryPhotos]:
    row = EditionSummaryRow
    query = select(row.edition_id, row.photo_ids, row.photo_areas, row.photo_zones, row.version)
    rows = session.connection().execute(query.where(row.recipe_id == recipe.id, _among(row, ids)))
    of_edition: dict[int, Sequence[Any]] = {id_: values for id_, *values in rows}
    return {
        id_: SummaryPhotos(
            np.array(numbers, np.int64),
            np.array(areas, float),
            np.array(zones, np.uint8),
            version,
            (),
            np.zeros((0, len(numbers))),
            np.zeros((0, len(numbers)), bool),
        )
        for id_ in ids
        for numbers, areas, zones, version in [of_edition.get(id_, ([], [], [], 0))]
    }


def _read(
    session: Session,
    ids: Sequence[int],
    names: Sequence[str],
    photos: dict[int, SummaryPhotos],
    recipe: Provenance,
) -> set[int]:
    """Add what the machine says of measures to the photos of summaries.

    Returns:
        The editions of which there is another summary than the one that the photos are of.
    """
    row, summary = EditionMeasureRow, EditionSummaryRow
    of_summary = (summary.edition_id == row.edition_id) & (summary.recipe_id == row.recipe_id)
    query = (
        select(row.measure, row.edition_id, row.probabilities, row.decided, summary.version)
        .join(summary, of_summary)
        .where(row.recipe_id == recipe.id, row.measure.in_(names), _among(row, ids))
    )
    read: dict[int, dict[str, tuple[Any, Any]]] = {id_: {} for id_ in ids}
    remade = set()
    for measure, id_, probabilities, decided, version in session.connection().execute(query):
        if id_ in read and version == photos[id_].version:
            read[id_][measure] = np.array(probabilities, float), np.array(decided, bool)
        elif id_ in read:
            remade.add(id_)
    for id_, added in read.items():
        one, n = photos[id_], len(photos[id_].ids)
        unread = np.full(n, np.nan), np.zeros(n, bool)
        both = [added.get(name, unread) for name in names]
        photos[id_] = replace(
            one,
            measures=(*one.measures, *names),
            probabilities=np.vstack([one.probabilities, *(numbers for numbers, _ in both)]),
            decided=np.vstack([one.decided, *(decided for _, decided in both)]),
        )
    return remade


def _among(
    table: type[EditionSummaryRow | EditionMeasureRow], ids: Sequence[int]
) -> ColumnElement[bool]:
    if len(ids) <= FEW:
        return table.edition_id.in_(ids)
    return table.edition_id.between(min(ids), max(ids))
