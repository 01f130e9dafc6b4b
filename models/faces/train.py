"""Trains the matcher: how likely a face is an enrolled figure's, from its distance and size.

The leader is enrolled from photos in which his face is large, on other days than the face that
is judged. The other faces of the same photos, and those of photos without him, are impostors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.faces.gallery import LEADER, EnrolledFigure
from models.faces.matcher import Matcher, evidence
from models.faces.specimens import Specimen, read_specimens
from models.instruments import FaceDetector, FaceEmbedder

SMALLEST = 10.0
MOST = 150
"""More faces than are embedded in use: impostors are what is short."""

ENROLLED = (1, 2, 3, 5, 8)
"""Reference photos of a figure: training draws from these, since people enrol few or many."""

MEASURED = 5
"""Reference photos of the leader when the matcher is measured."""

FOLDS = 5
DECISION = 0.5


@dataclass(frozen=True, slots=True)
class Trial:
    """A face that was compared with the enrolled leader."""

    specimen: Specimen
    distance: float


def train(
    data: Path, out: Path, *, detector: FaceDetector, embedder: FaceEmbedder
) -> dict[str, float | int]:
    """Fit the matcher on all labelled faces, write it, and return its cross-validated figures.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        detector: Finds the faces.
        embedder: Embeds them.
    """
    specimens = read_specimens(data, detector, embedder, smallest=SMALLEST, most=MOST)
    skops.io.dump(fit(specimens), out)
    return figures(specimens, cross_validated(specimens))


def fit(specimens: Sequence[Specimen], *, seed: int = 0) -> Pipeline:
    """Return the classifier over ``evidence``, fitted on some specimens."""
    rng = np.random.default_rng(seed)
    drawn = [t for k in ENROLLED for t in trials(specimens, specimens, rng, enrolled=k)]
    X = evidence(np.array([t.distance for t in drawn]), np.array([t.specimen.side for t in drawn]))
    y = np.array([t.specimen.leader for t in drawn])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    weight = np.full(len(y), 1 / len(ENROLLED))
    return model.fit(X, y, logisticregression__sample_weight=weight)


def trials(
    judged: Sequence[Specimen],
    known: Sequence[Specimen],
    rng: np.random.Generator,
    *,
    enrolled: int,
) -> list[Trial]:
    """Compare faces with the leader as enrolled from large faces of other days.

    Args:
        judged: The faces; those that were not found are left out.
        known: Where the references come from.
        rng: Draws the references, for each day anew.
        enrolled: How many references, if there are so many.
    """
    done: list[Trial] = []
    for group in sorted({s.group for s in judged}):
        large = [
            s.embedding
            for s in known
            if s.size == "L" and s.embedding is not None and s.group != group
        ]
        chosen = rng.permutation(len(large))[:enrolled]
        figure = EnrolledFigure("leader", LEADER, np.array([large[i] for i in chosen]))
        done.extend(
            Trial(s, figure.distance(s.embedding))
            for s in judged
            if s.group == group and s.embedding is not None
        )
    return done


def cross_validated(
    specimens: Sequence[Specimen], *, draws: int = 4, seed: int = 1
) -> list[tuple[Specimen, float]]:
    """Return each face with its probability when its day was neither trained on nor enrolled.

    Every face comes ``draws`` times, each with other references; one not found has 0.
    """
    rng = np.random.default_rng(seed)
    groups = np.array([s.group for s in specimens])
    judged: list[tuple[Specimen, float]] = []
    for known, kept in GroupKFold(FOLDS).split(groups, groups=groups):
        training = [specimens[i] for i in known]
        testing = [specimens[i] for i in kept]
        matcher = Matcher(fit(training, seed=seed))
        for _ in range(draws):
            done = trials(testing, training, rng, enrolled=MEASURED)
            p = matcher.probabilities(*_columns(done))
            judged += [(t.specimen, float(v)) for t, v in zip(done, p, strict=True)]
            judged += [(s, 0.0) for s in testing if s.embedding is None]
    return judged


def _columns(done: Sequence[Trial]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([t.distance for t in done]), np.array([t.specimen.side for t in done])


def figures(
    specimens: Sequence[Specimen], judged: Sequence[tuple[Specimen, float]]
) -> dict[str, float | int]:
    """Return the recall by size of face and the rate of false accepts, with their n."""
    found: dict[str, float | int] = {}
    for size in "LMST-":
        p = np.array([value for s, value in judged if s.size == size])
        name = "false_accept" if size == "-" else f"recall_{size}"
        found[f"n_{name}"] = sum(s.size == size for s in specimens)
        found[name] = float((p >= DECISION).mean()) if len(p) else float("nan")
    return found
