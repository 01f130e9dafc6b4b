"""Reads a photo's subjects from its observation.

Each subject has a small calibrated logistic regression over the photo's image features, its
objects, and numbers about persons, children and maps. Counts come from ``counting``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.encoders.readers import EncodedReaders
from presslens.models.estimators import load_estimators, save_estimators
from presslens.models.faces.gate import LEAST
from presslens.models.geometry import Box
from presslens.models.regression import ScaledRegression
from presslens.models.subjects import counting, maps
from presslens.models.subjects.counting import PeopleCounter, bodiless
from presslens.models.subjects.features import LENGTH
from presslens.models.subjects.maps import MAPPED, named
from presslens.models.subjects.objects import BUILDING, BUILT, CHILDREN, CLASSES, object_scores
from presslens.models.subjects.persons import FAINT, PERSON
from presslens.models.vocabulary import Detection, Face, PhotoObservation, Subject, SubjectReading

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FACES = (
    "youngest_face",
    "largest_face",
    "young_faces",
    "young_share",
    "grown_faces",
    "youngest_head",
    "heads",
)
"""What ``describe`` says of children by the faces."""

NUMBERS = (
    "best_person",
    "best_face",
    "people",
    "possible_people",
    "faces",
    "person_height",
    "best_child",
    "any_child",
    "children",
    "child_share",
    "child_object",
    *FACES,
    "building_object",
    "building_cover",
    *named(),
    *counting.NUMBERS,
)
"""The last features of ``describe``: scores as log odds, counts as logarithms."""

OBJECTS = slice(LENGTH, LENGTH + len(CLASSES))
"""Where the objects stand in a description."""

POSSIBLE = 0.15
"""Score from which a detection is a possible person."""

FACE_SCORE = 0.5
"""Score from which a face that lies in no person's box is one more person."""

SHOWN = 0.5
"""Probability from which counts and boxes take it that a photo shows a subject."""

_UNSEEN = 0.1
"""Stands for the probability of a child where there is no face."""

_CHILD, _BUILT = ([CLASSES.index(name) for name in names] for names in (CHILDREN, BUILT))


class SubjectReaders:
    """One classifier a subject, and a counter of people.

    Args:
        heads: A fitted classifier over ``describe`` for each subject.
        counter: Counts people.
    """

    def __init__(self, heads: Mapping[Subject, Pipeline], counter: PeopleCounter) -> None:
        self._heads = heads
        self._regressions = {s: ScaledRegression.of(head) for s, head in heads.items()}
        self._counter = counter

    @classmethod
    def load(cls, path: Path) -> SubjectReaders:
        """Read the classifiers from a ``.skops`` file."""
        stored = load_estimators(path)
        counter = PeopleCounter.restored(stored["counter"])
        return cls({subject: stored[subject.value] for subject in Subject}, counter)

    def save(self, path: Path) -> None:
        """Write the classifiers to a ``.skops`` file."""
        stored = {subject.value: self._heads[subject] for subject in Subject}
        stored["counter"] = self._counter.state()
        save_estimators(stored, path, compressed=True)

    def probabilities(self, photo: PhotoObservation, person_score: float) -> dict[Subject, float]:
        """Return how likely a photo shows each subject, 0–1."""
        row = describe(photo, person_score=person_score)[None]
        return {
            subject: float(regression.probabilities(row)[0, 1])
            for subject, regression in self._regressions.items()
        }

    def read(
        self,
        photo: PhotoObservation,
        *,
        person_score: float,
        encoded: EncodedReaders | None = None,
    ) -> tuple[SubjectReading, ...]:
        """Return what a photo shows, in the order of ``Subject``.

        Args:
            person_score: Detections below aren't counted, 0–1.
            encoded: Readers of a user's image encoder, which correct some of the subjects.
        """
        probability = self.probabilities(photo, person_score)
        if encoded is not None:
            probability = {
                subject: encoded.corrected(subject.value, p, photo.encoding)
                for subject, p in probability.items()
            }
        shown = {subject for subject, p in probability.items() if p >= SHOWN}
        counts = self._counts(photo, person_score, shown)
        readings = []
        for subject in Subject:
            count, interval = counts.get(subject, (None, None))
            where = _where(photo, subject, person_score) if subject in shown else ()
            readings.append(SubjectReading(subject, probability[subject], count, interval, where))
        return tuple(readings)

    def _counts(
        self, photo: PhotoObservation, person_score: float, shown: set[Subject]
    ) -> dict[Subject, tuple[int, tuple[int, int]]]:
        """Return how many people and children a photo shows, and between what numbers."""
        people, (low, high) = self._counter.count(photo, crowd=Subject.CROWD in shown)
        if Subject.PEOPLE in shown:
            people, high = max(1, people), max(1, high)
        probabilities = child_probabilities(photo, person_score)
        share = float(probabilities.mean()) if len(probabilities) else 0.0
        children = {n: round(share * n) for n in (people, low, high)}
        if Subject.CHILDREN in shown:
            # A photo that is taken to show children shows one at least, and otherwise none.
            young = (max(1, children[people]), (max(1, children[low]), max(1, children[high])))
        else:
            young = (0, (0, children[high]))
        counted = (people, (low, high))
        return {Subject.PEOPLE: counted, Subject.CROWD: counted, Subject.CHILDREN: young}


def counted(photo: PhotoObservation, person_score: float) -> tuple[list[Detection], list[Face]]:
    """Return the persons of a photo, and the faces that are in nobody's box: one person each.

    Args:
        person_score: Lowest score of a person, 0–1.
    """
    persons = [d for d in photo.detections if d.label == PERSON and d.score >= person_score]
    return persons, bodiless(photo.faces, persons, FACE_SCORE, person_score=person_score)


def describe(photo: PhotoObservation, *, person_score: float) -> NDArray[np.float64]:
    """Return the image features, the objects, and ``NUMBERS``.

    Args:
        person_score: Detections below aren't counted, 0–1.
    """
    persons, faces = counted(photo, person_score)
    children = child_probabilities(photo, person_score)
    scores = [d.score for d in photo.detections if d.label == PERSON and d.score >= FAINT]
    heights = [person.box.height for person in persons] or [0.0]
    expected = float(children.sum())
    objects = object_scores(photo)
    numbers = (
        _log_odds(max(scores, default=0.0)),
        _log_odds(max((face.score for face in photo.faces), default=0.0)),
        np.log1p(len(persons) + len(faces)),
        np.log1p(sum(score >= POSSIBLE for score in scores)),
        np.log1p(sum(face.score >= FACE_SCORE for face in photo.faces)),
        np.log(max(float(np.median(heights)) / max(photo.frame.box.height, 1.0), 0.01)),
        _log_odds(float(children.max(initial=0.0))),
        _log_odds(1.0 - float(np.prod(1.0 - children))),
        np.log1p(expected),
        expected / max(len(children), 1),
        float(objects[_CHILD].max()),
        *_of_faces(photo.faces),
        float(objects[_BUILT].max()),
        _cover(photo),
        *(n for k in range(len(MAPPED)) for n in maps.summary(photo.maps[k])),
        *counting.numbers(photo),
    )
    return np.concatenate([photo.features, objects, numbers]).astype(np.float64)


def child_probabilities(photo: PhotoObservation, person_score: float) -> NDArray[np.float64]:
    """Return the child probability of each counted person.

    Faces without a body are left out: theirs says whether they may be embedded.
    """
    persons, _ = counted(photo, person_score)
    return np.array([person.child or 0.0 for person in persons])


def _of_faces(faces: Sequence[Face]) -> tuple[float, ...]:
    """Return ``FACES`` of a photo.

    Heads are the faces that the gate tells by more than what stands around them.
    """
    child = np.array([face.child for face in faces])
    heads = [face.child for face in faces if face.box.height >= LEAST]
    largest = max(faces, key=lambda face: face.box.height, default=None)
    return (
        _log_odds(float(max(child, default=_UNSEEN))),
        _log_odds(_UNSEEN if largest is None else largest.child),
        float(np.log1p(child.sum())),
        float(child.mean()) if len(child) else 0.0,
        float(np.log1p((1.0 - child).sum())),
        _log_odds(max(heads, default=_UNSEEN)),
        float(np.log1p(len(heads))),
    )


def _where(photo: PhotoObservation, subject: Subject, person_score: float) -> tuple[Box, ...]:
    """Return boxes around a subject that a photo is taken to show, in page pixels."""
    frame = photo.frame.box
    if subject in (Subject.FIREWORKS, Subject.CROWD):
        return places(photo.maps[MAPPED.index(subject)], frame)
    if subject is Subject.BUILDINGS:
        drawn = tuple(d.box for d in photo.detections if d.label == BUILDING and d.score >= 0.25)
        return drawn or places(photo.maps[MAPPED.index(subject)], frame)
    if subject is Subject.CHILDREN:
        persons, _ = counted(photo, person_score)
        return tuple(p.box for p in persons if (p.child or 0.0) >= SHOWN)
    return ()


def _cover(photo: PhotoObservation) -> float:
    """Return the largest building's share of a photo, weighted by its score, 0–1."""
    area = max(photo.frame.box.area, 1.0)
    buildings = (d for d in photo.detections if d.label == BUILDING)
    return max((d.score * d.box.area / area for d in buildings), default=0.0)


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, 0.01), 0.99)
    return float(np.log(clipped / (1 - clipped)))


def places(odds: NDArray[np.float32], frame: Box, *, least: float = 0.0) -> tuple[Box, ...]:
    """Return boxes around the connected places of a map, in the frame's pixels, largest first.

    Args:
        odds: Log odds, shape (rows, columns).
        frame: What the map covers.
        least: Places from these log odds on count; the best place always does.
    """
    if not odds.size:
        return ()
    rows, columns = odds.shape
    shown = (odds >= min(least, float(odds.max()))).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(shown, connectivity=8)
    width, height = frame.width / columns, frame.height / rows
    boxes = [
        Box(x * width, y * height, (x + w) * width, (y + h) * height).moved(frame.x0, frame.y0)
        for x, y, w, h, _ in stats[1:].tolist()
    ]
    return tuple(sorted(boxes, key=lambda box: -box.area))
