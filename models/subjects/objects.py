"""Detects objects in a photo: a YOLOv8n with 110 of the Open Images classes.

One pass gives the highest score of each class anywhere in the photo, boxes of buildings and of
people, and what each anchor says of who is a child.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import Detection, Image, Objects, PhotoObservation, Vector
from presslens.models.yolo import DenseYolo, suppressed

CHILDREN = ("Boy", "Girl")
ADULTS = ("Man", "Woman")
PEOPLE = (*CHILDREN, *ADULTS, "Person")
BUILT = ("Building", "House", "Skyscraper", "Tower", "Office building", "Castle", "Lighthouse")

CLASSES = (
    *CHILDREN, *ADULTS, "Person", "Human face", "Human head", "Human hair", "Clothing", "Suit",
    "Dress", "Hat", "Helmet", "Jeans", "Trousers", "Shirt", "Jacket", "Sports uniform", "Tie",
    "Glasses", "Footwear", "Toy", "Doll", "Backpack",
    *BUILT, "Window", "Door", "Porch", "Stairs", "Convenience store", "Swimming pool",
    "Tree", "Plant", "Flower", "Palm tree", "Houseplant", "Street light", "Traffic light",
    "Fountain", "Car", "Bus", "Truck", "Train", "Boat", "Land vehicle", "Vehicle", "Airplane",
    "Helicopter", "Bicycle", "Motorcycle", "Wheel", "Tire",
    "Furniture", "Chair", "Table", "Desk", "Couch", "Shelf", "Bookcase", "Computer monitor",
    "Television", "Poster", "Picture frame", "Curtain", "Lamp", "Light bulb", "Lantern",
    "Microphone", "Musical instrument", "Drum", "Whiteboard",
    "Flag", "Billboard", "Sculpture", "Bronze sculpture", "Balloon", "Candle", "Torch",
    "Christmas tree", "Umbrella", "Tent", "Parachute", "Food", "Fruit", "Vegetable", "Animal",
    "Bird", "Weapon", "Rifle", "Tank", "Cannon", "Missile", "Rocket", "Bomb",
    "Tool", "Auto part", "Container", "Barrel", "Box", "Ladder", "Home appliance", "Tin can",
    "Bottle", "Medical equipment",
)  # fmt: skip
"""The classes of the network, by their Open Images names."""

BUILDING = "building"
"""The label of a building's box."""

FLOOR = 0.0005
"""Scores below are not distinguished, 0–1."""

AGED = 0.02
"""Anchors are stored from this score of a child's or an adult's class on, 0–1."""

BUILDING_SCORE = 0.05
"""Buildings are stored from this score on, 0–1."""

PERSON_SCORE = 0.01
"""People are given from this score on, 0–1, whatever their class."""

OVERLAP = 0.6
"""IoU from which the lesser of two buildings is left out, 0–1."""

PERSON_OVERLAP = 0.5
"""The same for people."""

_CHILD, _ADULT, _PEOPLE, _BUILT = (
    [CLASSES.index(name) for name in names] for names in (CHILDREN, ADULTS, PEOPLE, BUILT)
)


class OnnxObjectDetector:
    """Detects the objects of ``CLASSES``.

    Args:
        path: The network, as ``models.yolo.DenseYolo`` takes it.
        size: The longer side that a photo is scaled to, px.
        threads: CPU threads for one photo.
    """

    def __init__(self, path: Path, *, size: int, threads: int = 1) -> None:
        self._network = DenseYolo(path, threads=threads)
        self._size = size

    def detect(self, photo: Image) -> Objects:
        """Return the objects of a photo, boxes in its pixels."""
        boxes, scores = self._network.predict(photo, size=self._size)
        child, adult = scores[:, _CHILD].max(1), scores[:, _ADULT].max(1)
        aged = np.maximum(child, adult) >= AGED
        built = scores[:, _BUILT].max(1)
        best = suppressed(boxes, built, score=BUILDING_SCORE, overlap=OVERLAP)
        person = scores[:, _PEOPLE].max(1)
        people = suppressed(boxes, person, score=PERSON_SCORE, overlap=PERSON_OVERLAP)
        return Objects(
            scores=log_odds(scores.max(0)),
            aged=np.column_stack([boxes[aged], child[aged], adult[aged]]),
            buildings=tuple(
                Detection(BUILDING, Box(*map(float, boxes[i])), float(built[i])) for i in best
            ),
            people=np.column_stack([boxes[people], person[people]]),
        )


def object_scores(photo: PhotoObservation) -> Vector:
    """Return the objects of a photo, shape (110,); those of a photo without are all absent."""
    return photo.objects if len(photo.objects) else log_odds(np.full(len(CLASSES), FLOOR))


def log_odds(scores: NDArray[np.floating]) -> Vector:
    """Return scores, 0–1, as log odds, those near 0 and 1 pulled in."""
    clipped = np.clip(scores, FLOOR, 1 - FLOOR)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float32)
