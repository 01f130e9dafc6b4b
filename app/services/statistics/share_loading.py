"""Loads the photos behind shares, and keeps them in memory until something changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from app.db.revision import RevisionRow
from app.db.statistics import EditionMeasureRow, EditionSummaryRow
from app.services.recipes.recipes import Provenance
from app.services.samples.answers import SampleAnswers, answered_measures, load_answers
from app.services.samples.coder_accuracy import label_accuracy
from app.services.statistics.selection import EditionCriteria, StatEdition, select_editions
from app.services.statistics.share_photos import SharePhotos
from pipelines.statistics.edition_photos import in_zone
from pipelines.statistics.measure import Zone
from pipelines.statistics.metrics import Metric
from pipelines.statistics.misclassification import CoderAccuracy
from pipelines.statistics.photo_table import Numbers, PhotoTable


def load_shares(
    session: Session, metrics: Sequence[Metric], asked: Sequence[StatEdition], recipe: Provenance
) -> list[SharePhotos]:
    """Return the photos behind shares of editions.

    All editions of the same newspapers inform an estimate, and those of a validation sample: an
    estimate is then the same whatever else is asked for with it.

    Args:
        session: An open transaction.
        metrics: Shares.
        asked: From ``select_editions``.
        recipe: The recipe of their summaries.
    """
    if not metrics:
        return []
    if not asked:
        return [_nothing(metric, recipe) for metric in metrics]
    known = _known(session)
    names = frozenset(edition.publication for edition in asked)
    keys = [(recipe.id, names, metric.name, metric.zone) for metric in metrics]
    with _LOCK:
        held = {key: known[key] for key in keys if key in known}
    missing = {key: one for key, one in zip(keys, metrics, strict=True) if key not in held}
    if missing:
        editions = _newspapers(session, names, recipe)
        held |= zip(missing, _load(session, list(missing.values()), editions, recipe), strict=True)
        with _LOCK:
            known.update(held)
    ids = {edition.id for edition in asked}
    if not all(ids <= held[key].ids for key in keys):
        # An edition is asked for by its number that another upload has superseded.
        every = {one.id: one for one in (*_newspapers(session, names, recipe), *asked)}
        editions = sorted(every.values(), key=lambda one: (one.date, one.id))
        held = dict(zip(keys, _load(session, metrics, editions, recipe), strict=True))
    return [held[key].about(metric, asked) for key, metric in zip(keys, metrics, strict=True)]


_Key = tuple[str, frozenset[str], str, Zone]
_KNOWN: WeakKeyDictionary[Engine, tuple[int, LRUCache[_Key, SharePhotos]]] = WeakKeyDictionary()
_LOCK = Lock()

MOST_KNOWN = 64
"""Shares whose photos are kept in memory, as long as nothing changes that statistics are made of:
a share of 2,000 editions takes about 6 MB."""


def _known(session: Session) -> LRUCache[_Key, SharePhotos]:
    """Return the photos of shares that were loaded since anything last changed."""
    engine = session.connection().engine
    revision = session.scalar(select(RevisionRow.number)) or 0
    with _LOCK:
        before, known = _KNOWN.get(engine, (None, None))
        if known is None or before != revision:
            known = LRUCache(MOST_KNOWN)
            _KNOWN[engine] = revision, known
        return known


def _load(
    session: Session,
    metrics: Sequence[Metric],
    editions: Sequence[StatEdition],
    recipe: Provenance,
) -> list[SharePhotos]:
    answered = answered_measures(session)
    answers: dict[Metric, SampleAnswers] = {}
    coders: dict[str, CoderAccuracy] = {}
    for metric in metrics:
        if metric.name in answered:
            ids = [edition.id for edition in editions]
            answers[metric] = load_answers(session, recipe, metric.name, metric.zone, ids)
            if metric.name not in coders:
                coders[metric.name] = label_accuracy(session, metric.name)
    printed = _printed(session, editions, recipe)
    by_measure = _measures(session, {metric.name for metric in metrics}, editions, recipe)
    return [
        _share_photos(
            metric,
            editions,
            printed,
            by_measure[metric.name],
            answers.get(metric),
            recipe,
            coders.get(metric.name),
        )
        for metric in metrics
    ]


def _nothing(metric: Metric, recipe: Provenance) -> SharePhotos:
    """Return the photos of no editions."""
    empty = _Printed(
        np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.uint8)
    )
    return _share_photos(metric, (), empty, {}, None, recipe)


def _newspapers(session: Session, names: frozenset[str], recipe: Provenance) -> list[StatEdition]:
    """Return all complete editions of some newspapers, in the order of time."""
    least = recipe.aggregate.min_coverage
    editions = [
        edition
        for name in sorted(names)
        for edition in select_editions(
            session, EditionCriteria(name), recipe.id, min_coverage=least
        ).editions
    ]
    return sorted(editions, key=lambda edition: (edition.date, edition.id))


@dataclass(frozen=True, slots=True, eq=False)
class _Printed:
    """All photos of e editions, one after the other; ``first`` of shape (e + 1,)."""

    first: NDArray[np.int64]
    ids: NDArray[np.int64]
    areas: Numbers
    zones: NDArray[np.uint8]

    @property
    def edition(self) -> NDArray[np.int64]:
        """Place of the edition of each photo."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def _printed(session: Session, editions: Sequence[StatEdition], recipe: Provenance) -> _Printed:
    columns = ("photo_ids", "photo_areas", "photo_zones")
    query = select(
        EditionSummaryRow.edition_id, *(getattr(EditionSummaryRow, name) for name in columns)
    ).where(EditionSummaryRow.recipe_id == recipe.id, *_between(EditionSummaryRow, editions))
    rows = {row[0]: row[1:] for row in session.connection().execute(query)}
    parts = [rows.get(edition.id, _NOTHING) for edition in editions]
    ids, areas, zones = (list(chain.from_iterable(part)) for part in zip(*parts, strict=True))
    return _Printed(
        np.cumsum([0, *(len(part[0]) for part in parts)]),
        np.array(ids, np.int64),
        np.array(areas, float),
        np.array(zones, np.uint8),
    )


_NOTHING: tuple[list[int], list[float], list[int]] = ([], [], [])

Measured = Mapping[int, tuple[list[float | None], list[int]]]
"""Probabilities and decisions of the photos of editions, by id of the edition."""


def _measures(
    session: Session, names: set[str], editions: Sequence[StatEdition], recipe: Provenance
) -> Mapping[str, Measured]:
    """Return probabilities and decisions by measure and edition."""
    query = select(
        EditionMeasureRow.measure,
        EditionMeasureRow.edition_id,
        EditionMeasureRow.probabilities,
        EditionMeasureRow.decided,
    ).where(
        EditionMeasureRow.recipe_id == recipe.id,
        EditionMeasureRow.measure.in_(names),
        *_between(EditionMeasureRow, editions),
    )
    stored: dict[str, dict[int, tuple[list[float | None], list[int]]]] = {
        name: {} for name in names
    }
    for measure, edition_id, probabilities, decided in session.connection().execute(query):
        stored[measure][edition_id] = probabilities, decided
    return stored


def _between(
    table: type[EditionSummaryRow | EditionMeasureRow], editions: Sequence[StatEdition]
) -> list[ColumnElement[bool]]:
    # A range, as the tables are in this order: a baseline reads its sixty rows and not all.
    ids = [edition.id for edition in editions] or [0]
    return [table.edition_id.between(min(ids), max(ids))]


def _share_photos(
    metric: Metric,
    editions: Sequence[StatEdition],
    printed: _Printed,
    measured: Measured,
    answers: SampleAnswers | None,
    recipe: Provenance,
    coders: CoderAccuracy | None = None,
) -> SharePhotos:
    probabilities: list[float | None] = []
    decisions: list[int] = []
    for one, size in zip(editions, np.diff(printed.first).tolist(), strict=True):
        own, of_own = measured.get(one.id, ([None] * size, [0] * size))
        probabilities += own
        decisions += of_own
    probability = np.array(probabilities, np.float64)
    decided = np.array(decisions, np.bool_)
    edition = printed.edition
    label, inclusion = np.full(len(edition), np.nan), np.full(len(edition), np.nan)
    framed = np.zeros(len(edition), bool)
    if answers is not None:
        ids = np.array([e.id for e in editions], np.int64)
        at = _places(ids[edition], printed.ids, answers)
        label[at[at >= 0]] = answers.label[at >= 0]
        inclusion[at[at >= 0]] = answers.inclusion[at >= 0]
        framed = np.isin(ids, list(answers.frame))[edition] & in_zone(printed.zones, metric.zone)
    table = PhotoTable(
        edition=edition,
        probability=probability,
        weight=np.ones(len(edition)),
        label=label,
        inclusion=inclusion,
        framed=framed,
        editions=[str(one.id) for one in editions],
        periods=[(one.publication, f"{one.date:%Y}", f"{one.date:%Y-%m}") for one in editions],
    )
    read = ~np.isnan(probability)
    return SharePhotos(
        metric=metric,
        asked=editions,
        table=table.at(read),
        areas=printed.areas[read],
        zones=printed.zones[read],
        decided=decided[read],
        place=edition[read],
        calibration=recipe.aggregate.calibration_of(metric.name),
        confidence=recipe.aggregate.confidence,
        sample=answers.sample if answers else None,
        seed=answers.seed if answers else None,
        frame=answers.frame if answers else frozenset(),
        lost=answers.lost if answers else 0,
        coders=coders,
    )


def _places(
    editions: NDArray[np.int64], photos: NDArray[np.int64], answers: SampleAnswers
) -> NDArray[np.int64]:
    """Return the place of each answered photo among the printed ones; -1 if it is not there."""
    if not len(photos):
        return np.full(len(answers.photo), -1, np.int64)
    width = int(max(photos.max(), answers.photo.max(initial=0))) + 1
    keys, wanted = editions * width + photos, answers.edition * width + answers.photo
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    places = order[at]
    return np.where(keys[places] == wanted, places, -1)
