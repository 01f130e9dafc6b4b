"""Out-of-fold sightings of the leader in labelled photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from presslens.lab.training.datasets import LabelledPhoto, margin
from presslens.lab.training.faces.specimens import Specimen
from presslens.lab.training.faces.train import OutOfFoldMatching, cross_validated
from presslens.models.faces.appearance import appearance
from presslens.models.faces.gallery import LEADER
from presslens.models.faces.matcher import LEAST_DOUBT
from presslens.models.focus.features import PERSON
from presslens.models.recipe import Interpret
from presslens.models.vocabulary import Face, PhotoObservation, Sighting


class HeldOutLeader:
    """The sightings that the focus is trained and measured with.

    The matcher in use was trained on these photos: its answers would overstate how often leaders
    are recognised.
    """

    def __init__(self, specimens: Sequence[Specimen], rules: Interpret) -> None:
        """Match the leader by cross-validation.

        Args:
            specimens: From ``FaceReader.read``.
            rules: The thresholds of a sighting.
        """
        judged = cross_validated(specimens, context=rules.context, draws=1)
        self._judged = {one.specimen.photo: one for one in judged}
        self._least = rules.sighting

    def sightings(self, photo: LabelledPhoto, seen: PhotoObservation) -> tuple[Sighting, ...]:
        """Return the leader's sighting in a photo observed without its white margin."""
        judged = self._judged.get(photo.key)
        if judged is None or not seen.faces or not _reported(judged, self._least):
            return ()
        best = int(np.argmax(judged.probability))
        x, y = judged.specimen.faces[best].box.centre
        face = nearest(seen.faces, x, y - margin(photo.path))
        return (sighting(seen, face, float(judged.probability[best])),)

    def doubt(self, photo: LabelledPhoto) -> float:
        """Return the probability that a photo without a sighting shows him, 0–1."""
        judged = self._judged.get(photo.key)
        if judged is None or _reported(judged, self._least):
            return 0.0
        best = float(judged.probability.max(initial=0.0))
        return best if best >= LEAST_DOUBT else 0.0


def nearest(faces: Sequence[Face], x: float, y: float) -> Face:
    """Return the face whose middle is nearest to a point, in pixels of the photo."""
    return min(faces, key=lambda face: np.hypot(face.box.centre[0] - x, face.box.centre[1] - y))


def sighting(seen: PhotoObservation, face: Face, probability: float) -> Sighting:
    """Return the leader's sighting at a face of a photo."""
    shown = appearance(seen, face.box, person_score=PERSON)
    return Sighting(LEADER, probability, face.box, shown)


def _reported(judged: OutOfFoldMatching, least: float) -> bool:
    return len(judged.probability) > 0 and float(judged.probability.max()) >= least
