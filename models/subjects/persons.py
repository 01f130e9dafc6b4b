"""Persons in a photo: a one-class YOLO26n that the project fine-tuned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.vocabulary import Detection, Image
from models.yolo import OnnxYolo

PERSON = "person"


class OnnxPersonDetector:
    """Finds persons.

    Args:
        path: The network, as ``models.yolo.OnnxYolo`` takes it.
        size: The longer side that a photo is scaled to, px.
        score: Lowest score that is kept, 0–1.
        threads: CPU threads for one photo.
    """

    def __init__(self, path: Path, *, size: int, score: float, threads: int = 1) -> None:
        self._network = OnnxYolo(path, size=size, score=score, threads=threads)

    def detect(self, photos: Sequence[Image]) -> list[list[Detection]]:
        """Return the persons of each photo, best first, boxes in that photo's pixels."""
        return [
            [Detection(PERSON, found.box, found.score) for found in self._network.find(photo)]
            for photo in photos
        ]
