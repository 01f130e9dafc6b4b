"""Loads the photos behind shares, and caches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.samples.answers import SampleAnswers, answered_measures, load_answers
from presslens.app.services.samples.coder_accuracy import measured_labels
from presslens.app.services.shares.selection import (
    EditionCriteria,
    StatEdition,
    select_editions,
)
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.shares.summary_photos import SummaryPhotos, summary_photos
from presslens.pipelines.statistics.estimator import VERSION
from presslens.pipelines.statistics.measure import Zone, in_zone, one_question
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable


def load_shares(
    session: Session, metrics: Sequence[Metric], selected: Sequence[StatEdition], recipe: Provenance
) -> list[SharePhotos]:
    """Return the photos behind shares of editions.

    All editions of the same newspapers inform an estimate, and those of a validation sample: an
    estimate is then the same whatever else is asked for with it.

    Args:
        metrics: Shares.
        selected: From ``select_editions``.
        recipe: The recipe of their summaries.
    """
    if not metrics:
        return []
    if not selected:
        return [_nothing(metric, recipe) for metric in metrics]
    names = frozenset(edition.publication for edition in selected)
    editions, state = _newspapers(session, names, recipe)
    if not {edition.id for edition in selected} <= state.ids:
        # An edition is asked for by its number that another upload has superseded.
        every = {one.id: one for one in (*editions, *selected)}
        editions = sorted(every.values(), key=lambda one: (one.date, one.id))
        loaded = _load(session, metrics, editions, recipe)
        return [one.about(metric, selected) for one, metric in zip(loaded, metrics, strict=True)]
    cache, recipe_id = archive_view(session).cache, recipe.id
    questions = [("share", recipe_id, names, one.name, one.zone) for one in metrics]
    cached = {question: cache.get(question, state) for question in questions}
    missing = {
        question: metric
        for question, metric in zip(questions, metrics, strict=True)
        if cached[question] is None
    }
    for metric in list(missing.values()):
        for name in one_question(metric.name):
            question = ("share", recipe_id, names, name, metric.zone)
            missing.setdefault(question, replace(metric, name=name))
    if missing:
        fresh = _load(session, list(missing.values()), editions, recipe)
        for question, photos in zip(missing, fresh, strict=True):
            cached[question] = photos
            cache.put(question, state, photos)
    pairs = zip(questions, metrics, strict=True)
    return [cached[question].about(metric, selected) for question, metric in pairs]


@dataclass(frozen=True, slots=True)
class _State:
    """What photos of newspapers are made of: as long as it is the same, they are."""

    answers: int  # the number that changes with what people say; see ``RevisionRow``
    summaries: tuple[tuple[int, int, date], ...]  # id, version and day of each edition
    ids: frozenset[int]  # the ids alone


def _newspapers(
    session: Session, names: frozenset[str], recipe: Provenance
) -> tuple[list[StatEdition], _State]:
    """Return all complete editions of some newspapers by time, and their state."""
    view = archive_view(session)

    def read() -> tuple[list[StatEdition], _State]:
        editions = [
            edition
            for name in sorted(names)
            for edition in select_editions(session, EditionCriteria(name), recipe).editions
        ]
        editions.sort(key=lambda edition: (edition.date, edition.id))
        summaries = tuple((one.id, one.version, one.date) for one in editions)
        return editions, _State(view.answers, summaries, frozenset(one.id for one in editions))

    return view.once(("newspapers", recipe.id, names), read)


def newspaper_editions(session: Session, name: str, recipe: Provenance) -> list[StatEdition]:
    """Return all complete editions of a newspaper by time.

    Args:
        name: The newspaper's name, which is no alias.
        recipe: The recipe of their summaries.
    """
    return _newspapers(session, frozenset({name}), recipe)[0]


def newspaper_state(session: Session, name: str, recipe: Provenance) -> str:
    """Return a hash of all that estimates of the editions of a newspaper are made of.

    Args:
        name: The newspaper.
        recipe: The recipe of the summaries.
    """
    _, state = _newspapers(session, frozenset({name}), recipe)
    every = VERSION, recipe.id, state.answers, state.summaries
    return sha256(repr(every).encode()).hexdigest()


def _load(
    session: Session,
    metrics: Sequence[Metric],
    editions: Sequence[StatEdition],
    recipe: Provenance,
) -> list[SharePhotos]:
    answered = answered_measures(session)
    every = dict.fromkeys(
        replace(one, name=name) for one in metrics for name in one_question(one.name)
    )
    named = [one for one in every if one.name in answered]
    questions = {(one.name, zone) for one in named for zone in (one.zone, Zone.ALL)}
    answers = load_answers(session, recipe, questions, [edition.id for edition in editions])
    coders = {name: measured_labels(session, name) for name, _ in questions}
    photos = summary_photos(session, editions, {metric.name for metric in every}, recipe)
    printed = _Printed.of(editions, photos)
    alone = {
        metric: _share_photos(
            metric,
            printed,
            [one.measures[metric.name] for one in photos],
            _answers_of(answers, metric),
            recipe,
            coders.get(metric.name),
        )
        for metric in every
    }
    return [
        alone[one].beside(
            [alone[replace(one, name=n)] for n in one_question(one.name) if n != one.name]
        )
        for one in metrics
    ]


def _answers_of(
    answers: Mapping[tuple[str, Zone], SampleAnswers], metric: Metric
) -> SampleAnswers | None:
    """Return the answers to a share: of all pages, so that zones add up, or of its own zone.

    Those of its zone alone are taken where a sample was drawn from it alone.
    """
    own = answers.get((metric.name, metric.zone))
    if own is not None and own.zone is metric.zone:
        return own
    return answers.get((metric.name, Zone.ALL))


def _nothing(metric: Metric, recipe: Provenance) -> SharePhotos:
    """Return the photos of no editions."""
    return _share_photos(metric, _Printed.of([], []), [], None, recipe)


@dataclass(frozen=True, slots=True, eq=False)
class _Printed:
    """All n photos of e editions, one after the other."""

    editions: Sequence[StatEdition]
    keys: list[str]  # the key of each, in tables
    periods: list[tuple[str, ...]]  # the calendar cells of each
    edition: NDArray[np.int64]  # place of the edition of each photo, shape (n,)
    ids: NDArray[np.int64]  # its id, shape (n,)
    areas: Numbers  # its printed area, in pages, shape (n,)
    zones: NDArray[np.uint8]  # its zones, as bits, shape (n,)

    @classmethod
    def of(cls, editions: Sequence[StatEdition], photos: Sequence[SummaryPhotos]) -> _Printed:
        """Put the photos of editions one after the other."""
        return cls(
            editions,
            [str(one.id) for one in editions],
            [(one.publication, f"{one.date:%Y}", f"{one.date:%Y-%m}") for one in editions],
            np.repeat(np.arange(len(editions)), [len(one.ids) for one in photos]),
            np.concatenate([np.zeros(0, np.int64), *(one.ids for one in photos)]),
            np.concatenate([np.zeros(0), *(one.areas for one in photos)]),
            np.concatenate([np.zeros(0, np.uint8), *(one.zones for one in photos)]),
        )


def _share_photos(
    metric: Metric,
    printed: _Printed,
    measured: Sequence[tuple[Numbers, Mask]],
    answers: SampleAnswers | None,
    recipe: Provenance,
    coders: CoderAccuracy | None = None,
) -> SharePhotos:
    editions, edition = printed.editions, printed.edition
    probability = np.concatenate([np.zeros(0), *(one for one, _ in measured)])
    verdicts = np.concatenate([np.zeros(0, bool), *(one for _, one in measured)])
    label, inclusion = np.full(len(edition), np.nan), np.full(len(edition), np.nan)
    framed = np.zeros(len(edition), bool)
    if answers is not None:
        ids = np.array([e.id for e in editions], np.int64)
        at = _places(ids[edition], printed.ids, answers)
        label[at[at >= 0]] = answers.label[at >= 0]
        inclusion[at[at >= 0]] = answers.inclusion[at >= 0]
        framed = np.isin(ids, list(answers.frame))[edition] & in_zone(printed.zones, answers.zone)
    table = PhotoTable(
        edition=edition,
        probability=probability,
        weight=np.ones(len(edition)),
        label=label,
        inclusion=inclusion,
        framed=framed,
        editions=printed.keys,
        periods=printed.periods,
        days=[one.date.toordinal() for one in editions],
        pages=[one.pages for one in editions],
        zones=printed.zones,
    )
    areas, zones, place = printed.areas, printed.zones, edition
    read = ~np.isnan(probability)
    if not read.all():
        table = table.at(read)
        areas, zones, verdicts, place = (part[read] for part in (areas, zones, verdicts, place))
    return SharePhotos(
        metric=metric,
        selected=editions,
        table=table,
        areas=areas,
        zones=zones,
        verdicts=verdicts,
        place=place,
        calibration=recipe.aggregate.calibration_of(metric.name),
        confidence=recipe.aggregate.confidence,
        decision=recipe.aggregate.decision,
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
    keys, answer_keys = editions * width + photos, answers.edition * width + answers.photo
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], answer_keys), len(keys) - 1)
    places = order[at]
    return np.where(keys[places] == answer_keys, places, -1)
