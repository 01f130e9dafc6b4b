"""Loads the photos behind shares, and caches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.samples.answers import (
    SampleAnswers,
    UsedSample,
    answered_measures,
    load_answers,
)
from presslens.app.services.samples.coder_accuracy import measured_labels
from presslens.app.services.samples.frames import SampleFrames, StoredFrame, sample_frames
from presslens.app.services.shares.consensus_photos import consensus_by_measure
from presslens.app.services.shares.photo_places import places_of
from presslens.app.services.shares.selection import EditionCriteria, StatEdition, select_editions
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.shares.summary_photos import SummaryPhotos, summary_photos
from presslens.pipelines.mapped import mapped
from presslens.pipelines.statistics.consensus import DERIVED, held_by
from presslens.pipelines.statistics.estimator import VERSION
from presslens.pipelines.statistics.measure import one_question
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable, alike


def load_shares(
    session: Session, metrics: Sequence[Metric], selected: Sequence[StatEdition], recipe: Provenance
) -> list[SharePhotos]:
    """Return the photos behind shares of editions.

    All editions of a pool of newspapers inform an estimate (``samples.frames``): it is then the
    same whatever else is asked for with it.

    Args:
        metrics: Shares.
        selected: From ``select_editions``.
        recipe: The recipe of their summaries.
    """
    if not metrics:
        return []
    if not selected:
        return [_nothing(metric, recipe) for metric in metrics]
    papers = {edition.publication for edition in selected}
    frames, cache = sample_frames(session), archive_view(session).cache
    pools = {one: frames.closed(one_question(one.name), papers) for one in metrics}
    questions = [(metric.name, pool) for metric, of in pools.items() for pool in of]
    holders = _holders(frames, questions)
    asked = {pool for of in (questions, *holders.values()) for _, pool in of}
    every = {pool: _newspapers(session, pool, recipe) for pool in asked}
    # An edition is asked for by its number that another upload has superseded.
    ids = {id_ for _, state in every.values() for id_ in state.ids}
    if others := [edition for edition in selected if edition.id not in ids]:
        every = {pool: _beside(editions, others, pool) for pool, editions in every.items()}
    loaded = _Loader(session, every, holders, recipe).load(questions)
    found = []
    for metric, of in pools.items():
        parts = [loaded[metric.name, pool] for pool in of]
        whole = parts[0]
        if len(parts) > 1:
            whole = cache.find(
                ("shares", recipe.id, metric.name, *of),
                tuple(every[pool][1] for pool in of),
                partial(SharePhotos.together, parts),
            )
        found.append(whole.about(metric, selected))
    return found


_Question = tuple[str, frozenset[str]]
"""A measure, and the newspapers of a pool."""

_Holders = Mapping[_Question, Sequence[_Question]]
"""What holds a measure, in each of its pools."""


NO_PHOTOS = np.zeros(0, np.int64)
"""Ids of no photos."""


@dataclass(frozen=True, slots=True)
class _State:
    """What photos of newspapers are made of: as long as it is the same, they are."""

    answers: int  # the number that changes with what people say; see ``RevisionRow``
    summaries: tuple[tuple[int, int, date], ...]  # id, version and day of each edition
    ids: frozenset[int]  # the ids alone

    @classmethod
    def of(cls, answers: int, editions: Sequence[StatEdition]) -> _State:
        """Return the state of editions."""
        summaries = tuple((one.id, one.version, one.date) for one in editions)
        return cls(answers, summaries, frozenset(one.id for one in editions))


def _beside(
    known: tuple[list[StatEdition], _State], others: Sequence[StatEdition], pool: frozenset[str]
) -> tuple[list[StatEdition], _State]:
    """Return the editions of a pool and others of its newspapers by time, and their state."""
    editions, state = known
    own = [one for one in others if one.publication in pool]
    every = sorted([*editions, *own], key=lambda one: (one.date, one.id))
    return every, _State.of(state.answers, every)


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
        return editions, _State.of(view.answers, editions)

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
    pool = frozenset({name}).union(
        *(one.newspapers for one in sample_frames(session).frames if name in one.newspapers)
    )
    _, state = _newspapers(session, pool, recipe)
    every = VERSION, recipe.id, state.answers, state.summaries
    return sha256(repr(every).encode()).hexdigest()


def _holders(frames: SampleFrames, questions: Iterable[_Question]) -> _Holders:
    """Return what holds measures in pools, and what holds that, in each of its pools."""
    found: dict[_Question, list[_Question]] = {}
    asked = list(questions)
    while asked:
        measure, pool = asked.pop()
        for name in one_question(measure):
            for holder in held_by(name)[:1]:
                pools = frames.closed(one_question(holder), pool)
                found[name, pool] = [(holder, one) for one in pools]
                asked += found[name, pool]
    return found


@dataclass(frozen=True, slots=True)
class _Loader:
    """Loads the photos of measures in pools, unless they were loaded before."""

    session: Session
    pools: Mapping[frozenset[str], tuple[Sequence[StatEdition], _State]]
    holders: _Holders
    recipe: Provenance

    def load(self, questions: Iterable[_Question]) -> dict[_Question, SharePhotos]:
        """Return the photos of questions, and of what holds their measures."""
        cache = archive_view(self.session).cache
        loaded: dict[_Question, SharePhotos] = {}
        missing: dict[_Question, None] = {}
        every = dict.fromkeys(one for of in (questions, *self.holders.values()) for one in of)
        for name, pool in every:
            cached = cache.get(("share", self.recipe.id, name, pool), self._state(name, pool))
            if cached is None:
                missing |= dict.fromkeys((one, pool) for one in one_question(name))
            else:
                loaded[name, pool] = cached
        if missing:
            editions = {pool: self.pools[pool][0] for _, pool in missing}
            alone = _load(self.session, list(missing), editions, self.recipe)
            # What holds others comes before these.
            for name, pool in sorted(missing, key=lambda one: len(held_by(one[0]))):
                if holders := self.holders.get((name, pool)):
                    alone[name, pool] = alone[name, pool].within([loaded[one] for one in holders])
                if len(one_question(name)) == 1:
                    loaded[name, pool] = alone[name, pool]
            for name, pool in missing:
                others = [alone[n, pool] for n in one_question(name) if n != name]
                loaded[name, pool] = alone[name, pool].beside(others)
                key = ("share", self.recipe.id, name, pool)
                cache.put(key, self._state(name, pool), loaded[name, pool])
        return loaded

    def _state(self, name: str, pool: frozenset[str]) -> tuple[_State, ...]:
        """Return the state of the photos of a question, and of what holds its measures."""
        states = [self.pools[pool][1]]
        for one in one_question(name):
            for holder in self.holders.get((one, pool), ()):
                states += self._state(*holder)
        return tuple(states)


def _load(
    session: Session,
    questions: Sequence[_Question],
    pools: Mapping[frozenset[str], Sequence[StatEdition]],
    recipe: Provenance,
) -> dict[_Question, SharePhotos]:
    """Return the photos of measures in pools, each by itself."""
    names = list(dict.fromkeys(name for name, _ in questions))
    answered = answered_measures(session)
    named = [name for name in names if name in answered]
    editions = {one.id: one for of_pool in pools.values() for one in of_pool}
    answers = load_answers(session, recipe, named, editions)
    settled = consensus_by_measure(session)
    coders = {name: measured_labels(session, name) for name in named}
    photos = summary_photos(session, list(editions.values()), names, recipe)
    of_edition = dict(zip(editions, photos, strict=True))
    cache, printed = archive_view(session).cache, {}
    for pool, some in pools.items():
        own = [of_edition[one.id] for one in some]
        state = tuple((e.id, e.date, one.version) for e, one in zip(some, own, strict=True))
        made = partial(_Printed.of, some, own)
        printed[pool] = cache.find(("printed", recipe.id, pool), state, made)
    return {
        (name, pool): _share_photos(
            name,
            printed[pool],
            [of_edition[one.id].shows(name) for one in pools[pool]],
            answers.get(name),
            recipe,
            coders.get(name),
            settled.get(name),
            _implied(name, settled),
            _denied(name, settled),
        )
        for name, pool in questions
    }


def _implied(
    measure: str, settled: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> NDArray[np.int64]:
    """Return the photos that show a measure since people say that they show one that it holds."""
    of = [yes for name, (yes, _) in settled.items() if measure in held_by(name)]
    return np.concatenate([NO_PHOTOS, *of])


def _denied(
    measure: str, settled: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> NDArray[np.int64]:
    """Return the photos that don't show what holds a measure, nor were looked at for its parts."""
    nothing = NO_PHOTOS, NO_PHOTOS
    no = [settled.get(holder, nothing)[1] for holder in held_by(measure)[:1]]
    parts = ("buildings", "focus_facility") if measure == DERIVED else ()
    looked_at = [one for part in parts for one in settled.get(part, nothing)]
    return np.setdiff1d(np.concatenate([NO_PHOTOS, *no]), np.concatenate([NO_PHOTOS, *looked_at]))


def _nothing(metric: Metric, recipe: Provenance) -> SharePhotos:
    """Return the photos of no editions."""
    return _share_photos(metric.name, _Printed.of([], []), [], None, recipe).about(metric, [])


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
        arrays = {
            "edition": np.repeat(np.arange(len(editions)), [len(one.ids) for one in photos]),
            "ids": np.concatenate([np.zeros(0, np.int64), *(one.ids for one in photos)]),
            "areas": np.concatenate([np.zeros(0), *(one.areas for one in photos)]),
            "zones": np.concatenate([np.zeros(0, np.uint8), *(one.zones for one in photos)]),
        }
        return cls(
            editions,
            [str(one.id) for one in editions],
            [(one.publication, f"{one.date:%Y}", f"{one.date:%Y-%m}") for one in editions],
            **mapped(arrays),
        )


def _share_photos(
    name: str,
    printed: _Printed,
    measured: Sequence[tuple[Numbers, Mask]],
    answers: SampleAnswers | None,
    recipe: Provenance,
    coders: CoderAccuracy | None = None,
    settled: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    implied: NDArray[np.int64] = NO_PHOTOS,
    denied: NDArray[np.int64] = NO_PHOTOS,
) -> SharePhotos:
    editions, edition = printed.editions, printed.edition
    probability = np.concatenate([np.zeros(0), *(one for one, _ in measured)])
    verdicts = np.concatenate([np.zeros(0, bool), *(one for _, one in measured)])
    by_machine = verdicts.copy()
    for photos, shows in zip(settled or (), (True, False), strict=False):
        verdicts[np.isin(printed.ids, photos)] = shows
    said = (
        np.isin(printed.ids, np.concatenate(settled)) if settled else np.zeros(len(edition), bool)
    )
    label: Numbers = np.full(len(edition), np.nan)
    inclusion, framed = alike(np.nan, len(edition)), alike(False, len(edition))
    samples: tuple[UsedSample, ...] = ()
    apart: tuple[StoredFrame, ...] = ()
    if answers is not None:
        apart = answers.apart
        ids = np.array([e.id for e in editions], np.int64)
        at = places_of((ids[edition], printed.ids), (answers.edition, answers.photo))
        samples = answers.touching(ids.tolist())
        label[at[at >= 0]] = answers.label[at >= 0]
        inclusion = np.full(len(edition), np.nan)
        inclusion[at[at >= 0]] = answers.inclusion[at >= 0]
        framed = answers.framed(ids[edition], printed.zones)
    follows = np.isnan(label) & np.isin(printed.ids, implied)
    label[follows] = 1.0
    unasked = np.isnan(inclusion) & (label == 0.0) & np.isin(printed.ids, denied)
    table = PhotoTable(
        edition=edition,
        probability=probability,
        weight=alike(1.0, len(edition)),
        label=alike(np.nan, len(edition)) if np.isnan(label).all() else label,
        inclusion=inclusion,
        framed=framed,
        editions=printed.keys,
        periods=printed.periods,
        days=[one.date.toordinal() for one in editions],
        pages=[one.pages for one in editions],
        zones=printed.zones,
    )
    own: dict[str, Any] = {"settled": said, "implied": follows, "denied": unasked}
    own |= {"verdicts": verdicts, "machine_verdicts": by_machine}
    whole: dict[str, Any] = {
        "areas": printed.areas,
        "zones": printed.zones,
        "photo_ids": printed.ids,
    }
    if not (read := ~np.isnan(probability)).all():
        table = table.at(read)
        own = {key: values[read] for key, values in (own | whole).items()}
        whole = {}
    return SharePhotos(
        metric=Metric(name),
        selected=editions,
        table=table.compact(),
        calibration=recipe.aggregate.calibration_of(name),
        confidence=recipe.aggregate.confidence,
        nonresponse=recipe.aggregate.nonresponse,
        decision=recipe.aggregate.decision,
        samples=samples,
        apart=apart,
        coders=coders,
        **(whole | own),
    )
