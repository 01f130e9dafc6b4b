"""Training of the whitening and of the matcher of enrolled figures.

The leader is enrolled from photos in which his face is large, on other days than the photo that is
scored. The other faces of the same photos, and those of photos without him, are impostors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training.faces.specimens import OTHER, Specimen, strangers
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.models.faces.evidence import LIKENESS, likeness, setting
from presslens.models.faces.gallery import LEADER, EnrolledFigure
from presslens.models.faces.matcher import Matcher
from presslens.models.faces.whitening import Whitening
from presslens.models.vocabulary import Face, Vector

AXES = 512
"""Dimensions of whitened embeddings."""

LEAST = 8.0
"""Faces lower than this, in pixels, are too poor to fit the whitening."""

ENROLLED = (1, 2, 3, 5, 8)
"""Reference photos of a figure: training draws from these, since people enrol few or many."""

MEASURED = 5
"""Reference photos of the leader when the matcher is measured."""

FOLDS = 5

PRINT_WEIGHT = 0.3
"""What a face in print weighs in the matcher's training, beside 1 of a face as it is. The more it
weighs, the more faces of 85 lines an inch are recognised, and the more strangers are taken for him
everywhere."""

TAUGHT = (AS_IS, PRINTED)
"""The ways in which photos teach the whitening and the matcher."""

_Seen: TypeAlias = tuple[Specimen, tuple[Face, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A photo and the leader as enrolled from photos of other days.

    Attributes:
        specimen: The photo.
        faces: Its faces, embedded.
        figure: The leader as he was enrolled.
    """

    specimen: Specimen
    faces: tuple[Face, ...]
    figure: EnrolledFigure


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFoldMatching:
    """The out-of-fold probability of each face of a photo.

    ``by_face`` marks the faces that their likeness alone identifies.
    """

    specimen: Specimen
    probability: NDArray[np.float64]
    by_face: NDArray[np.bool_]


def train_whitening(specimens: Sequence[Specimen], out: Path) -> dict[str, float | int]:
    """Fit the whitening on the strangers of all photos, write it, and return their number.

    Args:
        specimens: From ``FaceReader.read``.
        out: The skops file to write.
    """
    whitened(specimens).save(out)
    return {"n_strangers": sum(1 for _ in strangers(specimens, least=LEAST))}


def train_matching(
    specimens: Sequence[Specimen], out: Path, *, whitening: Whitening
) -> dict[str, float | int]:
    """Fit the matcher on all photos, write it, and return the number of training faces.

    ``models.training.faces.evaluate`` measures its accuracy.

    Args:
        specimens: From ``FaceReader.read``.
        out: The skops file to write.
        whitening: Whitens the embeddings.
    """
    fit([(s, s.seen(whitening)) for s in specimens]).save(out)
    sizes = [s.sizes[i] for s in specimens for i in s.embedded]
    own = sum(size != OTHER for size in sizes)
    return {"n_photos": len(specimens), "n_leader": own, "n_others": len(sizes) - own}


def whitened(specimens: Sequence[Specimen]) -> Whitening:
    """Return the whitening fitted on the strangers of some photos."""
    return Whitening.fit(np.array(list(strangers(specimens, least=LEAST))), axes=AXES)


def fit(seen: Sequence[_Seen], *, seed: int = 0) -> Matcher:
    """Return a matcher fitted on some photos.

    Raises:
        ValueError: The leader's face is large on no two days.
    """
    rng = np.random.default_rng(seed)
    drawn = [t for k in ENROLLED for t in trials(seen, seen, rng, enrolled=k)]
    used = [trial for trial in drawn if len(trial.figure.embeddings)]
    rows = [_rows(trial) for trial in used]
    if len({group for group, _ in references(seen)}) < 2:
        raise ValueError("the leader's face is large on no two days: he can't be enrolled")
    X = np.concatenate([evidence for evidence, _ in rows])
    y = np.concatenate([truth for _, truth in rows])
    each = [1.0 if trial.specimen.shown == AS_IS else PRINT_WEIGHT for trial in used]
    weight = np.repeat(each, [len(truth) for _, truth in rows]) / len(ENROLLED)
    return Matcher(_model(X[:, : len(LIKENESS)], y, weight), _model(X, y, weight))


def _model(X: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64]) -> Pipeline:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=3000))
    return model.fit(X, y, logisticregression__sample_weight=weight)


def _rows(trial: Trial) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    embedded = list(trial.specimen.embedded)
    faces = [trial.faces[i] for i in embedded]
    compared = trial.figure.compare(np.array([face.embedding for face in faces]))
    place = setting(trial.faces, trial.specimen.frame)[embedded]
    truth = np.array([trial.specimen.sizes[i] != OTHER for i in embedded])
    return np.hstack([likeness(faces, *compared), place]), truth


def trials(
    judged: Sequence[_Seen], sources: Sequence[_Seen], rng: np.random.Generator, *, enrolled: int
) -> Iterator[Trial]:
    """Yield a trial of each photo: the leader is enrolled from large faces of other days.

    Args:
        judged: The photos; photos without an embedded face are omitted.
        sources: The photos that references are drawn from.
        rng: Draws the references, separately for each day of state media.
        enrolled: Number of references, if there are so many.
    """
    large = list(references(sources))
    groups = {s.group if s.domain else "": None for s, _ in judged}
    for group in sorted(groups):
        others = [vector for day, vector in large if day != group]
        chosen = rng.permutation(len(others))[:enrolled]
        figure = EnrolledFigure("leader", LEADER, np.array([others[i] for i in chosen]))
        for specimen, faces in judged:
            if (specimen.group if specimen.domain else "") == group and specimen.embedded:
                yield Trial(specimen, faces, figure)


def references(seen: Sequence[_Seen]) -> Iterator[tuple[str, Vector]]:
    """Yield the day and the embedding of each large face of the leader in photos as they are."""
    for specimen, faces in seen:
        for size, face in zip(specimen.sizes, faces, strict=True):
            if specimen.shown == AS_IS and size == "L" and face.embedding is not None:
                yield specimen.group, face.embedding


def cross_validated(
    specimens: Sequence[Specimen], *, context: float, draws: int = 4, seed: int = 1
) -> list[OutOfFoldMatching]:
    """Return the predictions for each photo by a model and references of other days.

    Every photo is predicted ``draws`` times, each time with other references.

    Args:
        specimens: From ``FaceReader.read``.
        context: Highest probability of a face that its likeness alone would not identify, 0–1.
        draws: Predictions of each photo.
        seed: Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    groups = np.array([s.group for s in specimens])
    judged: list[OutOfFoldMatching] = []
    for fitted, left_out in GroupKFold(FOLDS).split(groups, groups=groups):
        learned = [specimens[i] for i in fitted if specimens[i].shown in TAUGHT]
        whitening = whitened(learned)
        training = [(s, s.seen(whitening)) for s in learned]
        testing = [(s, s.seen(whitening)) for s in (specimens[i] for i in left_out)]
        matcher = fit(training, seed=seed)
        for _ in range(draws):
            for trial in trials(testing, training, rng, enrolled=MEASURED):
                judgement = matcher.judge(
                    trial.faces, trial.specimen.frame, trial.figure, context=context
                )
                judged.append(
                    OutOfFoldMatching(trial.specimen, judgement.probability, judgement.by_face)
                )
            judged += [_unseen(specimen) for specimen, _ in testing if not specimen.embedded]
    return judged


def _unseen(specimen: Specimen) -> OutOfFoldMatching:
    count = len(specimen.faces)
    return OutOfFoldMatching(specimen, np.zeros(count), np.zeros(count, bool))
