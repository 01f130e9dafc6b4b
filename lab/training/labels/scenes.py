"""The labelled photos that built-in labels are trained on, as they are and as printed.

The labels are the project's own and lie beside this file; the photos do not come with it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from presslens.lab.training.array_cache import CACHE, ArrayCache
from presslens.lab.training.datasets import LabelledPhoto, open_photo, read_dataset
from presslens.lab.training.showing import AS_IS, TAUGHT, as_shown
from presslens.models.instruments import FeatureExtractor
from presslens.models.labels.vocabulary import BUILT_IN
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Vector

SCENES = Path(__file__).parent / "scenes.csv"
"""One reading of each photo: "1", "0", and "?" where the reader was not sure."""

SECOND = Path(__file__).parent / "scenes_second.csv"
"""An independent second reading of some photos; nothing is trained on it."""

Scene = Mapping[str, bool | None]
"""A reader's answers for one photo, by label; None where unsure."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneExample:
    """A photo with labels.

    Attributes:
        photo: The photo; its ``group`` is never on both sides of a split.
        shown: One of ``showing.TAUGHT``.
        features: Its image features, shape (1280,).
        labels: A reader's answers.
    """

    photo: LabelledPhoto
    shown: str
    features: Vector
    labels: Scene

    @property
    def printed(self) -> bool:
        """Whether the photo was degraded as by printing and scanning."""
        return self.shown != AS_IS


def read_scenes(path: Path) -> dict[str, Scene]:
    """Return a reader's answers by ``LabelledPhoto.key``."""
    answer = {"1": True, "0": False, "?": None}
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["photo"]: {name: answer[row[name].strip()] for name in BUILT_IN}
            for row in csv.DictReader(file)
        }


def extractor_version(recipe: Recipe) -> str:
    """Return what changes whenever the extractor of a recipe does, which restores prints."""
    hashes = (recipe.hashes[name] for name in ("restoration", "features"))
    return " ".join([str(recipe.observe.epoch), *hashes])


def observe_scenes(
    data: Path,
    scenes: Mapping[str, Scene],
    extractor: FeatureExtractor,
    *,
    version: str,
    cache: ArrayCache = CACHE,
) -> list[SceneExample]:
    """Return an example of each labelled photo for each way in which photos teach.

    Args:
        data: The folder that holds the sets.
        scenes: The labels.
        extractor: Computes the image features.
        version: Changes whenever the extractor does.
        cache: Stores the vectors.
    """
    return [
        SceneExample(photo, shown, vector, scenes[photo.key])
        for photo in _photos(data, scenes)
        for shown in TAUGHT
        for vector in [_features(photo, shown, extractor, version, cache)]
    ]


def _photos(data: Path, keys: Mapping[str, Scene]) -> Iterator[LabelledPhoto]:
    for name in dict.fromkeys(key.split("/")[0] for key in keys):
        yield from (photo for photo in read_dataset(data, name) if photo.key in keys)


def _features(
    photo: LabelledPhoto,
    shown: str,
    extractor: FeatureExtractor,
    version: str,
    cache: ArrayCache,
) -> Vector:
    def compute() -> dict[str, Vector]:
        pixels = as_shown(open_photo(photo.path), shown, photo.key)
        return {"features": extractor.extract(pixels).mean((1, 2))}

    return cache.arrays(f"{version}|{photo.key}|{shown}", compute)["features"]


def answers(
    first: Mapping[str, Scene], second: Mapping[str, Scene], label: str
) -> list[tuple[str, str]]:
    """Return both readers' answers for each photo that both have labelled: yes, no or unsure."""
    word = {True: "yes", False: "no", None: "unsure"}
    return [(word[first[key][label]], word[second[key][label]]) for key in first if key in second]
