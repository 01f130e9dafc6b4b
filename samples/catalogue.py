"""The catalogue of printable crops of the source photographs, with their truth.

Regions and polygons are in shares of the source's width and height, 0–1, origin top left.
"""

from __future__ import annotations

from dataclasses import dataclass

from presslens.samples.truth import PictureTruth

CropShares = tuple[float, float, float, float]

PORTRAIT = PictureTruth(people=1)
BUILDING = PictureTruth(buildings=True, focus="facility")
PRODUCT = PictureTruth(focus="facility")
SCENERY = PictureTruth()
LEADER = PictureTruth(people=1, leader=True, focus="leader")


@dataclass(frozen=True, slots=True)
class Shot:
    """A part of a source photograph that can be printed."""

    file: str  # the source
    region: CropShares  # the largest part that may be shown
    keep: CropShares  # the part that every crop must hold for the truth to hold
    truth: PictureTruth  # the truth of each such crop
    role: str  # the role in which a page prints it


WHOLE: CropShares = (0.0, 0.0, 1.0, 1.0)

SHOTS: tuple[Shot, ...] = (
    Shot("obama3.jpg", (0.0, 0.02, 1.0, 1.0), (0.3, 0.08, 0.72, 0.45), LEADER, "leader"),
    Shot("obama3.jpg", (0.0, 0.02, 1.0, 0.62), (0.3, 0.08, 0.72, 0.4), LEADER, "leader"),
    Shot("obama3.jpg", (0.16, 0.04, 0.86, 0.5), (0.36, 0.08, 0.68, 0.33), LEADER, "leader"),
    Shot("biden.jpg", (0.0, 0.0, 1.0, 1.0), (0.3, 0.03, 0.85, 0.4), PORTRAIT, "person"),
    Shot("biden.jpg", (0.0, 0.0, 1.0, 0.52), (0.36, 0.03, 0.8, 0.27), PORTRAIT, "person"),
    Shot("grace_hopper.jpg", WHOLE, (0.28, 0.02, 0.76, 0.62), PORTRAIT, "person"),
    Shot("grace_hopper.jpg", (0.1, 0.0, 0.95, 0.8), (0.28, 0.02, 0.76, 0.55), PORTRAIT, "person"),
    Shot("astronaut.png", WHOLE, (0.25, 0.02, 0.65, 0.5), PORTRAIT, "person"),
    Shot("astronaut.png", (0.02, 0.0, 0.8, 0.8), (0.27, 0.01, 0.62, 0.42), PORTRAIT, "person"),
    Shot(
        "camera.png",
        WHOLE,
        (0.25, 0.1, 0.65, 0.5),
        PictureTruth(people=1, buildings=None),
        "person",
    ),
    Shot("tesla2_lg.jpg", (0.04, 0.03, 0.96, 0.97), (0.1, 0.06, 0.9, 0.6), PORTRAIT, "person"),
    Shot("tesla4_lg.jpg", (0.03, 0.02, 0.97, 0.96), (0.25, 0.1, 0.65, 0.45), PORTRAIT, "person"),
    Shot(
        "tesla_conducts_lg.webp",
        (0.02, 0.02, 0.98, 0.97),
        (0.02, 0.15, 0.9, 0.7),
        PORTRAIT,
        "person",
    ),
    Shot(
        "zidane.jpg",
        WHOLE,
        (0.3, 0.05, 0.85, 0.75),
        PictureTruth(people=None, several=True, crowd=None),
        "person",
    ),
    Shot(
        "zidane.jpg",
        (0.1, 0.1, 0.64, 1.0),
        (0.34, 0.28, 0.55, 0.75),
        PictureTruth(people=None, several=True, crowd=None),
        "person",
    ),
    Shot(
        "bus.jpg",
        (0.0, 0.03, 1.0, 0.9),
        (0.0, 0.33, 1.0, 0.8),
        PictureTruth(people=4, buildings=True),
        "person",
    ),
    Shot(
        "bus.jpg",
        (0.09, 0.0, 0.8, 0.84),
        (0.1, 0.36, 0.45, 0.8),
        PictureTruth(people=None, several=True, buildings=None),
        "person",
    ),
    Shot("china.jpg", WHOLE, (0.12, 0.02, 0.55, 0.85), BUILDING, "building"),
    Shot("china.jpg", (0.08, 0.0, 0.68, 0.9), (0.2, 0.05, 0.5, 0.6), BUILDING, "building"),
    Shot("cityCC0.png", (0.0, 0.0, 1.0, 1.0), (0.35, 0.1, 0.65, 0.9), BUILDING, "building"),
    Shot("cityCC0.png", (0.3, 0.0, 1.0, 1.0), (0.42, 0.2, 0.6, 0.8), BUILDING, "building"),
    Shot(
        "KeckObservatory20071020.jpg",
        (0.0, 0.12, 1.0, 0.95),
        (0.1, 0.42, 0.35, 0.75),
        BUILDING,
        "building",
    ),
    Shot(
        "KeckObservatory20071020.jpg",
        (0.45, 0.2, 1.0, 0.9),
        (0.6, 0.42, 0.85, 0.76),
        BUILDING,
        "building",
    ),
    Shot(
        "tesla_tower1_lg.jpg",
        (0.01, 0.02, 0.99, 0.98),
        (0.2, 0.06, 0.85, 0.9),
        BUILDING,
        "building",
    ),
    Shot(
        "bus.jpg",
        (0.0, 0.0, 1.0, 0.3),
        (0.05, 0.0, 0.6, 0.2),
        PictureTruth(buildings=True, focus=None),
        "street",
    ),
    Shot(
        "rocket.jpg",
        WHOLE,
        (0.45, 0.1, 0.58, 0.95),
        PictureTruth(buildings=None, focus="facility"),
        "facility",
    ),
    Shot(
        "tesla_lightning1_lg.jpg",
        (0.01, 0.02, 0.99, 0.97),
        (0.15, 0.05, 0.8, 0.9),
        PictureTruth(people=1, focus="facility"),
        "facility",
    ),
    Shot(
        "tesla_lightning2_lg.jpg",
        (0.01, 0.02, 0.99, 0.97),
        (0.3, 0.05, 0.7, 0.9),
        PRODUCT.but(people=None),
        "facility",
    ),
    Shot("motorcycle_left.png", WHOLE, (0.2, 0.2, 0.9, 0.92), PRODUCT, "facility"),
    Shot("motorcycle_left.png", (0.1, 0.2, 0.75, 1.0), (0.4, 0.4, 0.7, 0.85), PRODUCT, "facility"),
    Shot("motorcycle_right.png", (0.4, 0.15, 1.0, 1.0), (0.6, 0.35, 0.9, 0.9), PRODUCT, "facility"),
    Shot("motorcycle_right.png", (0.3, 0.0, 1.0, 0.5), (0.5, 0.05, 0.9, 0.4), PRODUCT, "facility"),
    Shot("coffee.png", WHOLE, (0.2, 0.05, 0.75, 0.85), PRODUCT, "facility"),
    Shot("coffee.png", (0.1, 0.0, 0.8, 0.7), (0.3, 0.05, 0.6, 0.5), PRODUCT, "facility"),
    Shot("flower.jpg", WHOLE, (0.3, 0.2, 0.7, 0.82), SCENERY, "scenery"),
    Shot("mountain.jpg", WHOLE, (0.4, 0.25, 0.75, 0.6), SCENERY, "scenery"),
    Shot("mountain.jpg", (0.0, 0.35, 0.7, 1.0), (0.2, 0.5, 0.5, 0.9), SCENERY, "scenery"),
    Shot("waterfall.jpg", WHOLE, (0.35, 0.2, 0.65, 0.8), SCENERY, "scenery"),
    Shot("chelsea.png", WHOLE, (0.15, 0.05, 0.85, 0.9), SCENERY, "scenery"),
)

BACKDROPS: tuple[Shot, ...] = tuple(
    shot for shot in SHOTS if shot.role == "building" and shot.region[0] < 0.1
)
"""Buildings that fireworks can burst over and that people can stand before."""

HALLS: tuple[Shot, ...] = tuple(shot for shot in SHOTS if shot.file.startswith("motorcycle"))
"""Interiors that people can stand in."""
