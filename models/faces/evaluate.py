"""Measures how well faces are matched: recall by size, and false accepts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from models.datasets import STATE_MEDIA, open_photo
from models.faces.detector import CenterFace
from models.faces.embedder import DlibEmbedder
from models.faces.gallery import EnrolledFigure
from models.faces.matcher import Matcher, side
from models.faces.specimens import Specimen, read_specimens
from models.faces.train import MEASURED, cross_validated
from models.instruments import FaceDetector, FaceEmbedder
from models.measure import Measure
from models.recipe import Recipe
from models.registry import Registry

SIZES = {
    "L": "over 50 px",
    "M": "20-50 px",
    "S": "10-20 px",
    "T": "under 10 px",
}
_METHOD = (
    f"cross-validated by day; leader enrolled from {MEASURED} large faces of other folds, 4 draws"
)
_FIGURES_SET = "lfw_10x10"
_REFERENCES = 3


def evaluate(data: Path, registry: Registry, recipe: Recipe) -> list[Measure]:
    """Measure detection, embedding and matching together under a recipe's rules."""
    rules = recipe.observe.faces
    detector = CenterFace(registry.path("faces"), size=rules.size, score=rules.score, threads=2)
    embedder = DlibEmbedder(registry.path("identity"), threads=2)
    specimens = read_specimens(
        data, detector, embedder, smallest=rules.embed_side, most=rules.embed_most
    )
    threshold = recipe.interpret.sighting
    matcher = Matcher.load(registry.path("matching"))
    return [
        *_leader(cross_validated(specimens), threshold),
        *_public_figures(data, detector, embedder, matcher, threshold=threshold),
    ]


def _leader(judged: Sequence[tuple[Specimen, float]], threshold: float) -> list[Measure]:
    data = ", ".join(STATE_MEDIA)
    rows = []
    for size, words in SIZES.items():
        p = [value for s, value in judged if s.size == size]
        n = len({(s.photo, s.side) for s, _ in judged if s.size == size})
        rows.append(_share("recall, leader's face " + words, data, p, n, threshold, _METHOD))
    p = [value for s, value in judged if not s.leader]
    n = len({id(s) for s, _ in judged if not s.leader})
    rows.append(_share("false accepts of other faces", data, p, n, threshold, _METHOD))
    return rows


def _public_figures(
    data: Path,
    detector: FaceDetector,
    embedder: FaceEmbedder,
    matcher: Matcher,
    *,
    threshold: float,
) -> list[Measure]:
    """Enrol the first photos of each figure and match the rest with all figures."""
    faces: dict[str, list[tuple[np.ndarray, float]]] = defaultdict(list)
    for path in sorted((data / _FIGURES_SET / "images").glob("*/*.jpg")):
        pixels = open_photo(path, trim=False)
        for face in detector.detect([pixels])[0][:1]:
            faces[path.parent.name].append((embedder.embed(pixels, [face])[0], side(face)))
    own: list[float] = []
    others: list[float] = []
    for name, references in faces.items():
        vectors = np.array([vector for vector, _ in references[:_REFERENCES]])
        figure = EnrolledFigure(name, "", vectors)
        for other, photos in faces.items():
            tested = photos[_REFERENCES:]
            distances = np.array([figure.distance(vector) for vector, _ in tested])
            p = matcher.probabilities(distances, np.array([size for _, size in tested]))
            (own if other == name else others).extend(p.tolist())
    method = f"{_REFERENCES} photos enrolled, the others tested; not trained on"
    return [
        _share("recall, public figures", _FIGURES_SET, own, len(own), threshold, method),
        _share("false accepts, pairs", _FIGURES_SET, others, len(others), threshold, method),
    ]


def _share(
    what: str, data: str, p: Sequence[float], n: int, threshold: float, method: str
) -> Measure:
    """Return the share of probabilities at or above the threshold, with Wilson's interval."""
    value = float(np.mean(np.array(p) >= threshold)) if p else float("nan")
    interval = None
    if n:
        low, high = binomtest(round(value * n), n).proportion_ci(method="wilson")
        interval = (float(low), float(high))
    return Measure("faces", what, data, n, value, interval, method)
