"""Fits readers to people's answers with a user's image encoder beside ours, and compares both.

They are fitted to what people answered, what ours say, and what an encoder saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.among import among
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.rows import photo_observation
from presslens.app.db.tables import (
    EditionRow,
    LabelRow,
    OutcomeRow,
    PageRow,
    PhotoEncodingRow,
    PhotoRow,
)
from presslens.app.installation import Installation
from presslens.app.services.analysis.encode import stored_encodings
from presslens.app.services.labels.teaching import LEAST, pictures_of_photos
from presslens.models.encoders.own import add_readers
from presslens.models.encoders.readers import (
    BESIDE,
    EncodedReader,
    EncodedReaders,
    Standard,
    log_odds,
)
from presslens.models.encoders.stacking import AnsweredPhotos, EncodedComparison, compare, fit
from presslens.models.errors import InvalidEncoder
from presslens.models.labels.classifier import load_built_in
from presslens.models.labels.training import folds_of_pictures, learn
from presslens.models.message import Message
from presslens.models.recipe import EncoderRules, Recipe
from presslens.models.reprints.linkage import linked
from presslens.models.subjects.readers import SubjectReaders
from presslens.models.vocabulary import PhotoObservation, Subject, Vector
from presslens.pipelines.progress import OnStep
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import LABEL

CHUNK = 200
"""Photos whose observations are loaded at a time."""

MOST_FOR_STANDARD = 20_000
"""Photos of the archive by which encodings are standardised, evenly over it."""

Key = tuple[int, str]
"""A photo and a measure."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedAnswers:
    """The photos that people have answered for and an encoder has seen, in one order."""

    answers: dict[str, dict[int, bool]]  # by measure: whether each photo shows it, by its index
    ours: dict[str, dict[int, float]]  # by measure that ships: probability of each, by its index
    features: NDArray[np.float32]  # of ours, shape (photos, 1280)
    encodings: NDArray[np.float64]  # standardised, shape (photos, n)
    edition: NDArray[np.int64]  # photos of one edition, or of one picture, have one number
    newspaper: NDArray[np.int64]  # the same for newspapers
    standard: Standard
    versions: dict[str, str] = field(default_factory=dict)  # of the user's own labels, by measure


def encoded_answers(home: Installation, recipe: Recipe) -> EncodedAnswers | None:
    """Return people's answers on encoded photos; None where there are none.

    Args:
        recipe: It has the encoder.

    Raises:
        ModelUnavailable: Weights of ours are missing.
    """
    encoder = recipe.encoding_id
    with home.database.read() as session:
        answers = _answers(session, recipe)
        photo_ids = sorted({photo_id for photo_id, _ in answers})
        encodings = stored_encodings(session, encoder or "", photo_ids)
        photo_ids = [i for i in photo_ids if i in encodings and encodings[i].vector.size]
        if not photo_ids:
            return None
        standard = Standard.of(_sampled_vectors(session, encoder or ""))
        editions, newspapers = _places(session, photo_ids)
        pictures = pictures_of_photos(session, photo_ids)
        own = session.execute(select(LabelRow.name, LabelRow.version).filter_by(failure=None))
        versions = {f"{LABEL}{name}": version for name, version in own}
    index = {photo_id: i for i, photo_id in enumerate(photo_ids)}
    by_measure: dict[str, dict[int, bool]] = defaultdict(dict)
    for (photo_id, measure), shows in answers.items():
        if photo_id in index:
            by_measure[measure][index[photo_id]] = shows
    ours, features = _read(home, recipe, photo_ids)
    vectors = np.stack([encodings[i].vector for i in photo_ids])
    return EncodedAnswers(
        dict(by_measure),
        ours,
        features,
        standard.scaled(vectors),
        _grouped(editions, pictures),
        _grouped(newspapers, pictures),
        standard,
        versions,
    )


def _answers(session: Session, recipe: Recipe) -> dict[Key, bool]:
    """Return people's settled answers about subjects and labels."""
    row = SettledAnswerRow
    subjects = [subject.value for subject in Subject]
    query = (
        select(row.photo_id, row.measure, row.shows)
        .join(PhotoRow, PhotoRow.id == row.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            row.measure.in_(subjects) | row.measure.startswith(LABEL),
        )
    )
    return {(photo_id, measure): shows for photo_id, measure, shows in session.execute(query)}


def _sampled_vectors(session: Session, encoder: str) -> NDArray[np.float32]:
    """Return encodings of photos of the archive, evenly over it, shape (photos, n)."""
    row = PhotoEncodingRow
    count = session.scalar(select(func.count()).where(row.encoder == encoder)) or 0
    each = -(-count // MOST_FOR_STANDARD) or 1
    query = select(row.vector).where(row.encoder == encoder).order_by(row.photo_id)
    vectors = (v for i, v in enumerate(session.scalars(query.execution_options(yield_per=1000)))
               if i % each == 0)  # fmt: skip
    return np.stack([vector for vector in vectors if vector.size])


def _places(session: Session, photo_ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the first edition that prints each photo, and its newspaper."""
    query = (
        select(PhotoRow.id, func.min(PageRow.edition_id))
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .where(among(session, PhotoRow.id, photo_ids))
        .group_by(PhotoRow.id)
    )
    edition: dict[int, int] = dict(session.execute(query).all())
    newspapers = select(EditionRow.id, EditionRow.publication_id).where(
        among(session, EditionRow.id, sorted(set(edition.values())))
    )
    newspaper: dict[int, int] = dict(session.execute(newspapers).all())
    # A photo whose edition was deleted meanwhile is a group of its own.
    editions = [edition.get(i, -i) for i in photo_ids]
    return editions, [newspaper.get(e, e) for e in editions]


def _grouped(places: Sequence[int], pictures: Sequence[int]) -> NDArray[np.int64]:
    """Return a number for each photo, one for photos of one place or of one picture."""
    first: dict[tuple[str, int], int] = {}
    keys = zip((("at", one) for one in places), (("of", one) for one in pictures), strict=True)
    pairs = [(first.setdefault(key, i), i) for i, both in enumerate(keys) for key in both]
    return linked(len(places), pairs)


def _read(
    home: Installation, recipe: Recipe, photo_ids: Sequence[int]
) -> tuple[dict[str, dict[int, float]], NDArray[np.float32]]:
    """Return what ours, as they ship, say of photos, and our image features of them."""
    registry = home.settings.load_registry()
    subjects = SubjectReaders.load(registry.path("subjects"))
    labels = load_built_in(registry.path("labels"))
    ours: dict[str, dict[int, float]] = defaultdict(dict)
    features: list[Vector] = []
    for i, photo in enumerate(_observations(home, photo_ids)):
        features.append(photo.features)
        shows = subjects.probabilities(photo, recipe.interpret.person_score)
        for subject, p in shows.items():
            ours[subject.value][i] = p
        for label in labels:
            ours[f"{LABEL}{label.name}"][i] = label.probability(photo.features)
    return dict(ours), np.stack(features)


def _observations(home: Installation, photo_ids: Sequence[int]) -> Iterator[PhotoObservation]:
    """Yield what was observed in photos, in the order of their ids."""
    loads = [selectinload(one) for one in (PhotoRow.features, PhotoRow.detections, PhotoRow.faces)]
    for start in range(0, len(photo_ids), CHUNK):
        chosen = photo_ids[start : start + CHUNK]
        query = select(PhotoRow).where(PhotoRow.id.in_(chosen)).order_by(PhotoRow.id)
        with home.database.read() as session:
            seen = [photo_observation(row) for row in session.scalars(query.options(*loads))]
        yield from seen


TOO_FEW = Message(
    "answer for more photos: %(least)s with it and %(least)s without it, in three editions or more",
    least=LEAST,
)
NO_BETTER = Message("no better on left-out editions than what ships")
WORSE_ELSEWHERE = Message("better on left-out editions, but not on left-out newspapers")


@dataclass(frozen=True, slots=True)
class FittedMeasure(Served):
    """A measure, and how well photos are told without an encoder and with it."""

    measure: str  # a subject, or ``label:`` with a name
    photos: int  # photos that people have answered for, and the encoder has seen
    positive: int  # how many of them show it
    by_edition: EncodedComparison | None  # editions left out; None where they are too few
    by_newspaper: EncodedComparison | None  # newspapers left out; None where they are too few
    used: bool  # the new readers read it with the encoder
    reason: str | None  # why not; None if they do


@dataclass(frozen=True, slots=True)
class FittedEncoder(Served):
    """What came of fitting readers with an encoder."""

    encoder: str  # name of its weight file
    readers: str | None  # name of the readers' file; None where the encoder helps with no measure
    measures: tuple[FittedMeasure, ...]

    @property
    def helps(self) -> list[str]:
        """The measures that are read with the encoder."""
        return [one.measure for one in self.measures if one.used]


def fit_encoder(
    home: Installation,
    rules: EncoderRules,
    recipe: Recipe,
    *,
    progress: OnStep = lambda _measure: None,
) -> tuple[FittedEncoder, EncoderRules]:
    """Fit readers, store those that help, and return the result and the rules with them.

    Args:
        recipe: The recipe with the encoder.
        progress: Called with each measure before it is fitted.

    Raises:
        InvalidEncoder: Nobody has answered for a photo that the encoder has seen.
        ModelUnavailable: Weights of ours are missing.
    """
    answers = encoded_answers(home, recipe)
    if answers is None:
        raise InvalidEncoder(
            "nobody has answered for photos of the archive yet: readers are fitted to people's"
            " answers, see `presslens samples draw`"
        )
    readers: list[EncodedReader] = []
    measures = []
    for measure, photos, counts in _measures(answers):
        progress(measure)
        fitted, reader = _fitted(measure, photos, counts, answers)
        measures.append(fitted)
        readers += [] if reader is None else [reader]
    if not readers:
        return FittedEncoder(rules.network, None, tuple(measures)), rules
    ours = {name: recipe.hashes[name] for name in BESIDE}
    content = EncodedReaders(recipe.encoding_id or "", ours, answers.standard, readers).to_bytes()
    number = len({i for shows in answers.answers.values() for i in shows})
    origin = f"Fitted here with {rules.network} to people's answers on {number} photos"
    stored = add_readers(home.settings.encoders_dir, rules, content, origin)
    return FittedEncoder(rules.network, stored.readers, tuple(measures)), stored


@dataclass(frozen=True, slots=True, eq=False)
class _Grouped:
    """Photos with answers, left out by editions and by newspapers."""

    by_edition: AnsweredPhotos
    newspaper: NDArray[np.int64]


def _measures(
    answers: EncodedAnswers,
) -> Iterator[tuple[str, _Grouped | None, tuple[int, int]]]:
    """Yield measures with their photos, None where they are too few, and their numbers."""
    for measure, shows in sorted(answers.answers.items()):
        at = np.array(sorted(shows))
        y = np.array([shows[i] for i in at], np.bool_)
        counts = len(y), int(y.sum())
        edition = answers.edition[at]
        enough = min(counts[1], len(y) - counts[1]) >= LEAST and len(set(edition)) > 2
        odds = _odds(measure, at, y, edition, answers) if enough else None
        if odds is None:
            yield measure, None, counts
            continue
        photos = AnsweredPhotos(odds, answers.encodings[at], y, edition)
        yield measure, _Grouped(photos, answers.newspaper[at]), counts


def _odds(
    measure: str,
    at: NDArray[np.int64],
    y: NDArray[np.bool_],
    group: NDArray[np.int64],
    answers: EncodedAnswers,
) -> NDArray[np.float64] | None:
    """Return the log odds of ours, by readers that never saw the photos; None without any.

    The user's own labels are learnt from these answers: here, from those of other editions.
    """
    if measure in answers.ours:
        return log_odds(np.array([answers.ours[measure][i] for i in at]))
    fold = folds_of_pictures(y, group)
    if measure not in answers.versions or fold is None:
        return None
    return log_odds(learn(answers.features[at].astype(np.float64), y, fold).probability)


def _fitted(
    measure: str, photos: _Grouped | None, counts: tuple[int, int], answers: EncodedAnswers
) -> tuple[FittedMeasure, EncodedReader | None]:
    """Return how a measure fares with the encoder, and its reader if the encoder helps."""
    by_edition = None if photos is None else compare(photos.by_edition)
    if photos is None or by_edition is None:
        return FittedMeasure(measure, *counts, None, None, False, TOO_FEW), None
    of = photos.by_edition
    elsewhere = compare(AnsweredPhotos(of.ours, of.encodings, of.shows, photos.newspaper))
    reason = None
    if not by_edition.is_better:
        reason = NO_BETTER
    elif elsewhere is not None and elsewhere.gain <= 0:
        reason = WORSE_ELSEWHERE
    result = FittedMeasure(measure, *counts, by_edition, elsewhere, reason is None, reason)
    if reason is not None:
        return result, None
    return result, fit(measure, of, version=answers.versions.get(measure, ""))
