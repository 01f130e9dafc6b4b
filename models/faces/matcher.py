"""Matches faces with enrolled figures, with a calibrated probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators, save_estimators
from presslens.models.faces.cohort import Cohort
from presslens.models.faces.evidence import LIKENESS, SETTING, likeness, setting
from presslens.models.faces.gallery import LEADER, EnrolledFigure, Gallery
from presslens.models.geometry import Box
from presslens.models.recipe import Interpret
from presslens.models.regression import ScaledRegression
from presslens.models.vocabulary import Answer, Face, PhotoObservation, Sighting, SightingEvidence

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_DECIDED = 0.5
"""Probability by likeness alone from which the face decides."""

_LIKE = 0.002
"""Probability by likeness alone below which no place makes a face a leader's: most others who stand
in the middle of a group look less like the references."""

GROUP = 3
"""With fewer faces in a photo their place says nothing about who they are."""

LEAST_DOUBT = 0.005
"""Lower probabilities of figures without a sighting are left out: a share of photos is
served to four digits, and most faces of strangers are below."""

_PARTS = {
    "likeness": ("distance", "cosine", "size", "distance_by_size", "cosine_by_size"),
    "lead_over_others": ("distance_lead", "cosine_lead"),
    "turned": ("turned", "cosine_by_turn"),
    "place": SETTING,
}
"""The features whose contributions are added up into one reason."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceProbabilities:
    """The probability of each face of a photo to be a figure's."""

    probability: NDArray[np.float64]  # 0–1, shape (n,)
    # Whether the likeness alone decides, shape (n,); for all but leaders it always does.
    by_face: NDArray[np.bool_]
    evidence: NDArray[np.float64]  # what it was read from, shape (n, 9), or (n, 16) with the place


@dataclass(frozen=True, slots=True)
class Recognition:
    """The enrolled figures of a photo."""

    sightings: tuple[Sighting, ...] = ()  # the enrolled figures with a sighting, the surest first
    # (figure, probability) of those that are not, in the order of the gallery: that of the
    # likeliest face that is nobody else's, 0–1.
    doubts: tuple[tuple[str, float], ...] = ()


class Matcher:
    """Turns likeness and setting into probabilities, and those into sightings.

    Only enrolled figures are ever named: a face that is nobody's is dropped, and so is one
    without an embedding.
    """

    def __init__(self, face: Pipeline, placed: Pipeline, cohort: Cohort) -> None:
        """Take two classifiers whose class 1 is "the figure's face".

        Args:
            face: Over ``LIKENESS``.
            placed: Over ``LIKENESS`` and ``SETTING``, for leaders.
            cohort: Typical strangers.
        """
        self._parts = {"face": face, "placed": placed, "cohort": cohort.embeddings}
        self.cohort = cohort
        self._face = ScaledRegression.of(face)
        self._placed = ScaledRegression.of(placed)

    @classmethod
    def load(cls, path: Path) -> Matcher:
        """Read a matcher from a ``.skops`` file."""
        parts = load_estimators(path)
        return cls(parts["face"], parts["placed"], Cohort(parts["cohort"]))

    def save(self, path: Path) -> None:
        """Write the matcher to a ``.skops`` file."""
        save_estimators(self._parts, path)

    def judge(
        self, faces: Sequence[Face], frame: Box, figure: EnrolledFigure, *, context: float
    ) -> FaceProbabilities:
        """Compare the faces of a photo with a figure.

        Args:
            faces: All faces of the photo; those without an embedding get probability 0.
            frame: The photo's box, in the same pixels.
            figure: The figure to match; all get 0 without references that count.
            context: Highest probability of a face whose likeness alone doesn't decide, 0–1.
        """
        embedded = [i for i, face in enumerate(faces) if face.embedding is not None]
        placed = figure.role == LEADER and len(faces) >= GROUP
        probability, by_face = np.zeros(len(faces)), np.zeros(len(faces), bool)
        evidence = np.zeros((len(faces), len(LIKENESS) + (len(SETTING) if placed else 0)))
        if embedded and (figure.weights > 0).any():
            seen = [faces[i] for i in embedded]
            embeddings = np.array([face.embedding for face in seen])
            rows = compared(seen, embeddings, figure, self.cohort)
            alone = self._face.probabilities(rows)[:, 1]
            by_face[embedded] = (alone >= _DECIDED) | (not placed)
            if placed:
                rows = np.hstack([rows, setting(faces, frame)[embedded]])
                with_place = self._placed.probabilities(rows)[:, 1]
                capped = np.where(alone >= _LIKE, context, alone)
                capped[alone >= _DECIDED] = 1.0
                alone = np.minimum(with_place, capped)
            probability[embedded], evidence[embedded] = alone, rows
        return FaceProbabilities(probability, by_face, evidence)

    def match(self, photo: PhotoObservation, gallery: Gallery, rules: Interpret) -> Recognition:
        """Return the enrolled figures that one photo shows, and those that it may show.

        A figure is seen at most once, and a face is at most one figure's.

        Args:
            gallery: The figures to match.
            rules: The lowest probability of a sighting, and of a sure one.
        """
        scores = [
            self.judge(photo.faces, photo.frame.box, figure, context=rules.context)
            for figure in gallery.figures
        ]
        if not scores or not photo.faces:
            return Recognition()
        table = np.array([score.probability for score in scores])
        pairs = assign(table, threshold=rules.sighting)
        sightings = (
            self._sighting(gallery.figures[row], photo.faces[column], scores[row], column, rules)
            for row, column in pairs
        )
        left = doubts(table, pairs)
        return Recognition(
            tuple(sightings), tuple((gallery.figures[row].name, p) for row, p in left.items())
        )

    def sightings(
        self, photo: PhotoObservation, gallery: Gallery, rules: Interpret
    ) -> list[Sighting]:
        """Return the sightings of ``match`` alone."""
        return list(self.match(photo, gallery, rules).sightings)

    def _sighting(
        self,
        figure: EnrolledFigure,
        face: Face,
        scores: FaceProbabilities,
        index: int,
        rules: Interpret,
    ) -> Sighting:
        probability = float(scores.probability[index])
        return Sighting(
            figure.name,
            probability,
            face.box,
            answer=Answer.YES if probability >= rules.sure else Answer.UNSURE,
            told_by=SightingEvidence.FACE if scores.by_face[index] else SightingEvidence.CONTEXT,
            reasons=self._reasons(scores.evidence[index]),
        )

    def _reasons(self, row: NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
        """Return the evidence for (+) and against (-) a face in log odds, strongest first.

        A contribution counts from the average face of the training photos, nearly all of them
        strangers'.
        """
        names = (*LIKENESS, *SETTING)[: len(row)]
        regression = self._placed if len(row) > len(LIKENESS) else self._face
        values = regression.coefficients[0] * regression.scaled(row[None])[0]
        by_name = dict(zip(names, values.tolist(), strict=True))
        parts = {
            part: sum(by_name[name] for name in members if name in by_name)
            for part, members in _PARTS.items()
        }
        if len(row) == len(LIKENESS):
            del parts["place"]
        return tuple(sorted(parts.items(), key=lambda item: -abs(item[1])))


def compared(
    faces: Sequence[Face],
    embeddings: NDArray[np.float32],
    figure: EnrolledFigure,
    cohort: Cohort,
) -> NDArray[np.float64]:
    """Return a row of ``LIKENESS`` for each face of a photo, shape (n, 9).

    Args:
        faces: Those that are embedded.
        embeddings: Theirs, shape (n, 640).
        figure: A figure with references that count.
        cohort: Typical strangers.
    """
    typical = cohort.resemblance(figure.counting)
    return likeness(faces, figure.compare(embeddings), cohort.resemblance(embeddings), typical)


def assign(table: NDArray[np.float64], *, threshold: float) -> list[tuple[int, int]]:
    """Return (row, column) pairs, highest value first, no row and no column twice.

    Args:
        table: Probability of each figure (row) for each face (column), 0–1.
        threshold: Lower values are left out.
    """
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(-table, axis=None, kind="stable"):
        row, column = divmod(int(flat), table.shape[1])
        if table[row, column] < threshold:
            break
        if all(row != r and column != c for r, c in pairs):
            pairs.append((row, column))
    return pairs


def doubts(table: NDArray[np.float64], pairs: Sequence[tuple[int, int]]) -> dict[int, float]:
    """Return the probability of each figure without a sighting that a face is theirs, by its row.

    Args:
        table: Probability of each figure (row) for each face (column), 0–1.
        pairs: From ``assign``; a face that is one figure's is no other's.
    """
    seen, taken = {row for row, _ in pairs}, [column for _, column in pairs]
    best = np.delete(table, taken, axis=1).max(axis=1, initial=0.0)
    return {row: float(p) for row, p in enumerate(best) if row not in seen and p >= LEAST_DOUBT}
