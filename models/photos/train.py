"""Trains the photographic test: photographs against everything else that a page prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from PIL import Image as Pillow
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.geometry import Box
from models.instruments import FeatureExtractor, PhotoFinder
from models.photos.drawings import KINDS, drawing
from models.photos.pages import labelled_pages
from models.printing import DEGRADATIONS
from models.vocabulary import Image

PHOTO_SETS = (
    "rodong_sinmun_photos",
    "dprk_web_photos",
    "coco256",
    "people_events_web",
    "children_school",
    "facility_web",
    "fireworks",
    "fireworks2",
    "crowd_points",
)
"""Sets of photographs; drawings are made from them too."""

LONGEST = 700
"""Photos are scaled down to this many pixels before they are drawn from or degraded."""


@dataclass(frozen=True, slots=True)
class Example:
    """One picture: is it a photograph, and what must stay together in cross-validation."""

    picture: Image
    photographic: bool
    group: str


def examples(data: Path, finder: PhotoFinder, *, seed: int = 0) -> Iterator[Example]:
    """Yield training pictures: photos, drawings of them, and what pages really print."""
    yield from _from_photos(data, np.random.default_rng(seed))
    yield from _from_pages(data, finder)


def _from_photos(data: Path, rng: np.random.Generator) -> Iterator[Example]:
    kinds, degradations = list(KINDS), list(DEGRADATIONS.values())
    for name in PHOTO_SETS:
        for i, path in enumerate(sorted((data / name / "images").rglob("*.jpg"))):
            photo = _scaled(path)
            group = f"{name}/{i // 10}"  # neighbours are often takes of one event
            degrade = degradations[int(rng.integers(len(degradations)))]
            yield Example(photo, True, group)
            yield Example(degrade(photo), True, group)
            for kind in rng.choice(kinds, 2, replace=False):
                picture = drawing(str(kind), photo, rng)
                yield Example(picture if rng.random() < 0.7 else degrade(picture), False, group)


def _scaled(path: Path) -> Image:
    image = Pillow.open(path).convert("RGB")
    image.thumbnail((LONGEST, LONGEST))
    return np.asarray(image)


def _from_pages(data: Path, finder: PhotoFinder) -> Iterator[Example]:
    for page in labelled_pages(data):
        image = page.image()
        group = f"{page.group}/{page.path.stem}"
        for box in page.photos:
            yield Example(crop(image, box), True, group)
        for frame in finder.find(image):
            best = max((frame.box.iou(box) for box in page.photos), default=0.0)
            near = any(frame.box.intersection(b) > 0 for b in (*page.photos, *page.ignored))
            if best > 0.6 or not near:
                yield Example(crop(image, frame.box), best > 0.6, group)


def crop(page: Image, box: Box) -> Image:
    """Return the pixels of a box."""
    x0, y0, x1, y1 = box.clipped(page.shape[1], page.shape[0]).pixels()
    return page[y0:y1, x0:x1]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Examples as a classifier takes them: features (n, 1280), answers (n,) and groups (n,)."""

    X: NDArray[np.float32]
    y: NDArray[np.bool_]
    groups: NDArray[np.str_]

    @classmethod
    def gather(cls, data: Path, finder: PhotoFinder, features: FeatureExtractor) -> TrainingSet:
        """See all examples."""
        found = list(examples(data, finder))
        return cls(
            np.concatenate([features.extract([e.picture]) for e in found]),
            np.array([e.photographic for e in found]),
            np.array([e.group for e in found]),
        )


def classifier() -> Pipeline:
    """Return the classifier, not fitted. C was chosen by cross-validation on these examples."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=2000))


def train(
    data: Path, out: Path, *, finder: PhotoFinder, features: FeatureExtractor
) -> dict[str, float | int]:
    """Fit the test on all examples, write it, and return its cross-validated figures.

    Args:
        data: The folder of labelled photographs and pages.
        out: The skops file to write.
        finder: Proposes what pages print.
        features: Sees the pictures.
    """
    examples = TrainingSet.gather(data, finder, features)
    p = cross_val_predict(
        classifier(),
        examples.X,
        examples.y,
        groups=examples.groups,
        cv=GroupKFold(5),
        method="predict_proba",
    )[:, 1]
    skops.io.dump(classifier().fit(examples.X, examples.y), out)
    return {
        "n": len(p),
        "n_photographs": int(examples.y.sum()),
        "auc": float(roc_auc_score(examples.y, p)),
        "f1": float(f1_score(examples.y, p >= 0.5)),
    }
