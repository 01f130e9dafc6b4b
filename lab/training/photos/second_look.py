"""Training of the second look: a logistic regression over what is seen of a found frame.

It learns from two kinds of examples: specimens, printed one by one, and the frames that the photo
finder proposes on composed pages with many drawings, right and wrong ones. A fifth of the
photographs and of the clip art is held out, for measuring and for choosing the threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training.array_cache import CACHE, Arrays
from presslens.lab.training.photos.composer.page import composed
from presslens.lab.training.photos.composer.scan import ScanSimulation
from presslens.lab.training.photos.composer.sheet import Generator
from presslens.lab.training.photos.composer.stock import Stock
from presslens.lab.training.photos.pages import labelled_pages
from presslens.lab.training.photos.specimens import Specimens
from presslens.lab.training.restoration.screens import print_and_scan
from presslens.lab.training.split import held_out
from presslens.models.estimators import save_estimators
from presslens.models.geometry import Box
from presslens.models.instruments import FeatureExtractor
from presslens.models.photos.crop import cut_out
from presslens.models.photos.finder import SegmentingFinder
from presslens.models.photos.second_look import LEAST, described
from presslens.models.vocabulary import Image

DRAWINGS = Path("var/drawings")
"""The folder of clip art and paintings: unpacked packages, see ``models/cards/photographs.md``."""

SUFFIXES = {".png", ".webp", ".jpg"}

LEAST_BYTES, MOST_BYTES = 4_000, 1_000_000
"""Smaller and larger files are not read: icons, and posters of many megapixels."""

HELD_OUT = 0.2
"""Share of the photographs and of the clip art that is held out."""

SPECIMENS, PAGES = 2800, 60
"""So many specimens and composed pages are learned from; a fifth of that is measured on."""

SPECIMENS_A_PART, PAGES_A_PART = 200, 10
"""So many are computed and stored together."""

STRENGTH = 3e-3
"""Inverse strength of the regularisation."""

LOSSES = (0.002, 0.005, 0.01, 0.02)
"""Shares of the photographs that thresholds are reported for."""

PROPOSED = 0.22
"""Score of the finder from which a frame is an example."""

MISSED, RIGHT = 0.25, 0.5
"""A frame with less of every photo in it is no photo; one that overlaps a photo by as much is."""

STYLES = {"odd": 0.45, "ordinary": 0.2, "tabloid": 0.15, "special": 0.12, "full": 0.08}
"""The kinds of the composed pages, by frequency."""

SIZES = ((1100, 1560), (1500, 2100), (1900, 2700))
"""Width and height of the composed pages, px."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Examples: what is seen of each, shape (n, features), and whether it is a photograph."""

    seen: NDArray[np.float32]
    photograph: NDArray[np.bool_]

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return both by name."""
        return {"seen": self.seen, "photograph": self.photograph}


def train(
    data: Path,
    out: Path,
    *,
    finder: SegmentingFinder,
    features: FeatureExtractor,
    version: str,
    drawings: Path = DRAWINGS,
) -> dict[str, float | int]:
    """Train, write the regression to ``out``, and return its metrics on what was held out.

    Args:
        data: The folder of labelled photographs and pages.
        out: The ``.skops`` file.
        finder: Proposes frames on composed pages.
        features: Extracts the image features.
        version: Names the networks behind both, for what is stored.
        drawings: The folder of clip art and paintings; it may be missing.
    """
    learned = examples(data, drawings, finder, features, version, held_out=False)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
    model.fit(
        np.concatenate([looks.seen for looks in learned.values()]),
        np.concatenate([looks.photograph for looks in learned.values()]),
    )
    save_estimators(model, out, compressed=True)
    metrics: dict[str, float | int] = {
        f"{name} learned": len(looks.photograph) for name, looks in learned.items()
    }
    measured = examples(data, drawings, finder, features, version, held_out=True)
    for name, looks in measured.items():
        metrics |= {f"{name} {what}": value for what, value in _measured(model, looks).items()}
    return metrics


def examples(
    data: Path,
    drawings: Path,
    finder: SegmentingFinder,
    features: FeatureExtractor,
    version: str,
    *,
    held_out: bool,
) -> Mapping[str, Looks]:
    """Return the looks at specimens and at frames on pages, of one side of the split."""
    maker = _Maker.of(data, drawings, finder, features, held_out=held_out)
    share = 4 if held_out else 1
    names = f"second look 3, {version}, {len(maker.specimens.art)} pictures, {held_out}"
    parts: dict[str, list[Looks]] = {"specimens": [], "frames": []}
    for part in range(SPECIMENS // share // SPECIMENS_A_PART):
        arrays = CACHE.arrays(f"{names}, specimens {part}", partial(maker.specimen_looks, part))
        parts["specimens"].append(Looks(arrays["seen"], arrays["photograph"]))
    for part in range(PAGES // share // PAGES_A_PART):
        arrays = CACHE.arrays(f"{names}, pages {part}", partial(maker.frame_looks, part))
        parts["frames"].append(Looks(arrays["seen"], arrays["photograph"]))
    return {
        name: Looks(
            np.concatenate([looks.seen for looks in some]),
            np.concatenate([looks.photograph for looks in some]),
        )
        for name, some in parts.items()
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Maker:
    """Makes the examples of one side of the split."""

    specimens: Specimens
    finder: SegmentingFinder
    features: FeatureExtractor
    seed: int

    @classmethod
    def of(
        cls,
        data: Path,
        drawings: Path,
        finder: SegmentingFinder,
        features: FeatureExtractor,
        *,
        held_out: bool,
    ) -> _Maker:
        pages = [page for page in labelled_pages(data) if not page.held_out]
        stock = Stock.gather(data, pages, np.random.default_rng(0))
        chosen = [i for i, path in enumerate(stock.paths) if _is_held_out(path) == held_out]
        weights = np.array([stock.chances[i] for i in chosen])
        paths = [stock.paths[i] for i in chosen]
        stock = Stock(paths, (weights / weights.sum()).tolist(), stock.letters, pages)
        art = [path for path in _art(drawings) if _is_held_out(path) == held_out]
        eager = SegmentingFinder(finder.segmenter, finder.rules.model_copy(
            update={"score": PROPOSED}))  # fmt: skip
        return cls(Specimens(stock, art), eager, features, 1 if held_out else 2)

    def specimen_looks(self, part: int) -> Arrays:
        seen, photograph = [], []
        for i in range(part * SPECIMENS_A_PART, (part + 1) * SPECIMENS_A_PART):
            specimen = self.specimens.specimen(np.random.default_rng([self.seed, 1, i]))
            if min(specimen.pixels.shape[:2]) >= LEAST:
                seen.append(described(specimen.pixels, self.features))
                photograph.append(specimen.photograph)
        return Looks(np.array(seen), np.array(photograph)).to_arrays()

    def frame_looks(self, part: int) -> Arrays:
        looks = [
            look
            for i in range(part * PAGES_A_PART, (part + 1) * PAGES_A_PART)
            for look in self._frames(np.random.default_rng([self.seed, 2, i]))
        ]
        seen, photograph = zip(*looks, strict=True)
        return Looks(np.array(seen), np.array(photograph)).to_arrays()

    def _frames(self, rng: Generator) -> Iterator[tuple[NDArray[np.float32], bool]]:
        """Yield the looks at the frames that the finder proposes on one composed page."""
        style = str(rng.choice(list(STYLES), p=list(STYLES.values())))
        width, height = SIZES[int(rng.integers(len(SIZES)))]
        sheet = composed(style, self.specimens.stock, width, height, rng, self._other)
        if rng.random() < 0.55:
            pixels, photos = print_and_scan(sheet.pixels, rng).printed, sheet.photos
        else:
            scan = ScanSimulation.by_chance(rng, composed=True)
            pixels, photos = scan.apply(sheet, width, height)
        for frame in self.finder.find(pixels).frames:
            photograph = verdict(frame.box, photos)
            crop = cut_out(pixels, frame)
            if photograph is not None and min(crop.shape[:2]) >= LEAST:
                yield described(crop, self.features), photograph

    def _other(self, width: int, height: int, rng: Generator) -> Image:
        return self.specimens.other(width, height, rng)[0]


def verdict(box: Box, photos: Sequence[Box]) -> bool | None:
    """Return whether a frame is that of a photo; None where it holds part of one."""
    if any(box.iou(photo) >= RIGHT for photo in photos):
        return True
    return None if any(box.share_inside(photo) >= MISSED for photo in photos) else False


def _art(folder: Path) -> list[Path]:
    """Return the files of clip art and paintings below a folder, without animations' frames."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES)
    return [path for path in files if LEAST_BYTES <= path.stat().st_size <= MOST_BYTES]


def _is_held_out(path: Path) -> bool:
    # Pictures of one folder whose names begin alike are of one hand or of one event.
    return held_out(f"{path.parent.name}/{path.stem[:6]}", HELD_OUT)


def _measured(model: Pipeline, looks: Looks) -> dict[str, float | int]:
    """Return how many others are told apart where few photographs are lost."""
    likely = model.predict_proba(looks.seen)[:, 1]
    photographs, others = likely[looks.photograph], likely[~looks.photograph]
    figures: dict[str, float | int] = {"photographs": len(photographs), "others": len(others)}
    for lost in LOSSES:
        level = float(np.quantile(photographs, lost))
        figures[f"threshold that loses {lost:g}"] = level
        figures[f"others dropped where {lost:g} is lost"] = float((others < level).mean())
    return figures
