"""Loads the photos of summaries as arrays, and keeps those of each summary in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.statistics.selection import StatEdition
from presslens.pipelines.statistics.photo_table import Mask, Numbers

MOST_KEPT = 10_000
"""Summaries whose photos are kept in memory: with 50 photos and 20 measures each takes 15 kB."""

FEW = 500
"""Up to so many editions are named in a query; of more, all between the first and the last come."""


@dataclass(slots=True, eq=False)
class SummaryPhotos:
    """The n photos of a summary, in reading order.

    Attributes:
        ids: Their ids, shape (n,).
        areas: Printed area of each, in pages, shape (n,).
        zones: Zones of each, as bits, shape (n,).
        measures: By measure the machine's probabilities, NaN for a photo that was not read, and
            whether each photo is decided to show it, shape (n,) each; those that were loaded.
    """

    ids: NDArray[np.int64]
    areas: Numbers
    zones: NDArray[np.uint8]
    measures: dict[str, tuple[Numbers, Mask]] = field(default_factory=dict)


_Key = tuple[str, int, int]
_KEPT: WeakKeyDictionary[Engine, LRUCache[_Key, SummaryPhotos]] = WeakKeyDictionary()
_LOCK = Lock()


def summary_photos(
    session: Session, editions: Sequence[StatEdition], measures: Iterable[str], recipe: Provenance
) -> list[SummaryPhotos]:
    """Return the photos of the summaries of editions, with some measures.

    What was loaded of a version of a summary is not loaded again.

    Args:
        session: An open transaction.
        editions: From ``select_editions``.
        measures: The measures; no photo is read for one that a summary hasn't.
        recipe: The recipe of the summaries.
    """
    recipe_id = recipe.id  # a hash that is computed each time
    keys = [(recipe_id, edition.id, edition.version) for edition in editions]
    engine = session.connection().engine
    with _LOCK:
        kept = _KEPT.setdefault(engine, LRUCache(MOST_KEPT))
        found = {key[1]: kept.get(key) for key in keys}
    photos = {id_: one for id_, one in found.items() if one is not None}
    if len(photos) < len(found):
        photos |= _printed(session, [id_ for id_ in found if id_ not in photos], recipe)
    lacking: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for measure in measures:
        if ids := tuple(id_ for id_ in found if measure not in photos[id_].measures):
            lacking[ids].append(measure)
    for ids, names in lacking.items():
        _read(session, ids, names, photos, recipe)
    with _LOCK:
        kept.update((key, photos[key[1]]) for key in keys)
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
    wanted = set(ids)
    for measure, id_, probabilities, decided in session.connection().execute(query):
        if id_ in wanted:
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
