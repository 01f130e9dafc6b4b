"""Gathers what readers are fitted to: people's answers, what ours say, and what an encoder saw."""

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
from presslens.app.services.labels.teaching import pictures_of_photos
from presslens.models.encoders.readers import Standard
from presslens.models.labels.classifier import load_built_in
from presslens.models.recipe import Recipe
from presslens.models.reprints.linkage import linked
from presslens.models.subjects.readers import SubjectReaders
from presslens.models.vocabulary import PhotoObservation, Subject, Vector
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
