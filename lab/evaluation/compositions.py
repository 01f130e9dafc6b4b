"""Evaluation of compositions: how often intervals hold the true shares of editions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.lab.evaluation.editions import unreviewed
from presslens.lab.evaluation.stated import measure_intervals
from presslens.models.accuracy import Measure, wilson
from presslens.models.geometry import Box
from presslens.models.recipe import Aggregate, Recipe
from presslens.models.registry import Registry
from presslens.models.vocabulary import Subject
from presslens.pipelines.analysis import Request, analyze
from presslens.pipelines.statistics.estimator import ShareEstimator

SEEN = ("done", "empty")
"""Outcomes of analysed pages."""

_OVERLAP = 0.5
"""IoU from which a detected photo matches a printed one."""

COMPOSED = "composed for measuring, analysed from the files on; machine alone"


@dataclass(frozen=True, slots=True)
class EditionShare:
    """The true and the estimated share of a subject in one edition.

    Attributes:
        where: The set or the condition.
        subject: The subject.
        photos: Number of photos.
        share: The true share, 0–1.
        expected: The estimated share, 0–1.
        interval: The interval of the estimate; None where it is refused.
    """

    where: str
    subject: str
    photos: int
    share: float
    expected: float
    interval: tuple[float, float] | None

    @property
    def inside(self) -> bool:
        """Whether the true share lies in the interval; False where it is refused."""
        if self.interval is None:
            return False
        return self.interval[0] - 1e-9 <= self.share <= self.interval[1] + 1e-9


@dataclass(frozen=True, slots=True)
class ReadEdition:
    """A composed edition with its truth and its analysis.

    Attributes:
        condition: How its pages were printed and scanned.
        name: KIND-SEED.
        printed: The pages of truth.json.
        read: The pages of the analysis.
    """

    condition: str
    name: str
    printed: list[dict[str, Any]]
    read: list[dict[str, Any]]

    def photos(self) -> tuple[int, int]:
        """Return the numbers of printed and of detected photos."""
        return _count(self.printed), _count(self.read)

    @property
    def exact(self) -> bool:
        """Whether each page has as many detected as printed photos."""
        pages = zip(self.printed, self.read, strict=True)
        return all(len(page["photos"]) == len(read["photos"]) for page, read in pages)

    def shares(self, rules: Aggregate) -> Iterator[EditionShare]:
        """Yield the share of each subject with a truth.

        Where some printed photos have no truth of a subject, its share is measured among the
        others, by the photos detected in their place.
        """
        for subject in (s.value for s in Subject):
            pair = self._scored_photos(subject)
            if pair is None:
                continue
            truth, probabilities = pair
            estimator = ShareEstimator(
                unreviewed(probabilities, np.zeros(len(probabilities), np.int64)),
                np.zeros(len(probabilities), np.int64),
                ["edition"],
                rules.calibration_of(subject),
                confidence=rules.confidence,
            )
            (estimate,) = estimator.estimates()
            share, expected = float(truth.mean()), estimate.value or 0.0
            yield EditionShare(
                self.condition, subject, len(truth), share, expected, estimate.interval
            )

    def _scored_photos(self, subject: str) -> tuple[NDArray[np.bool_], list[float]] | None:
        printed = [p["subjects"].get(subject) for page in self.printed for p in page["photos"]]
        labelled = [answer for answer in printed if answer is not None]
        if len(labelled) == len(printed):
            detected = [photo for page in self.read for photo in page["photos"]]
        else:
            detected = [
                read
                for page, seen in zip(self.printed, self.read, strict=True)
                for photo, read in _matched(page["photos"], seen["photos"])
                if subject in photo["subjects"]
            ]
        if not labelled or not detected:
            return None
        truth = np.array([bool(answer["present"]) for answer in labelled])
        return truth, [photo["subjects"][subject]["probability"] for photo in detected]


def _count(pages: Iterable[dict[str, Any]]) -> int:
    return sum(len(page["photos"]) for page in pages)


def _matched(
    printed: Sequence[dict[str, Any]], detected: Sequence[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield pairs of a printed photo and the photo detected in its place."""
    for photo in printed:
        box = Box(*photo["box"])
        best = max(detected, key=lambda read: Box(*read["box"]).iou(box), default=None)
        if best is not None and Box(*best["box"]).iou(box) >= _OVERLAP:
            yield photo, best


def read_editions(
    pages: Path, recipe: Recipe, registry: Registry, *, progress: Callable[[str], None], cache: Path
) -> list[ReadEdition]:
    """Return the composed editions with their analyses, each analysed once.

    Args:
        pages: The folder of composed editions, CONDITION/KIND-SEED.
        recipe: The rules.
        registry: Gives the weight files.
        progress: Receives the name of each edition before it is analysed.
        cache: The folder of the stored analyses.
    """
    seen_by = [recipe.observation_id, recipe.interpret.model_dump_json()]
    version = hashlib.sha256("|".join(seen_by).encode()).hexdigest()[:16]
    editions = []
    for truth in sorted(pages.rglob("truth.json")):
        folder = truth.parent
        printed = json.loads(truth.read_text(encoding="utf-8"))["pages"]
        source = hashlib.sha256(truth.read_bytes()).hexdigest()[:16]
        file = cache / version / f"{folder.parent.name}-{folder.name}-{source}.json"
        if not file.is_file():
            progress(f"reading {folder.parent.name} pages: {folder.name}")
            request = Request([folder / page["file"] for page in printed])
            document = analyze(request, recipe, registry, processes=0)
            if unseen := [page for page in document["pages"] if page["outcome"] not in SEEN]:
                raise RuntimeError(f"{folder}: {unseen[0].get('reason')}")
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(document["pages"]), encoding="utf-8")
            part.replace(file)
        read = json.loads(file.read_text(encoding="utf-8"))
        editions.append(ReadEdition(folder.parent.name, folder.name, printed, read))
    return editions


def measure_coverage(what: str, shares: Sequence[EditionShare], method: str) -> list[Measure]:
    """Return how many intervals are stated and hold the truth: all, by condition, by subject."""
    rows = []
    for name, some in (
        ("all", shares),
        *((where, [s for s in shares if s.where == where]) for where in _names(shares, "where")),
        *((name, [s for s in shares if s.subject == name]) for name in _names(shares, "subject")),
    ):
        if some:
            rows += measure_intervals("composition", f"{what}, {name}", some, method)
    return rows


def _names(shares: Sequence[EditionShare], attribute: str) -> list[str]:
    return sorted({getattr(share, attribute) for share in shares})


def measure_counts(editions: Sequence[ReadEdition]) -> list[Measure]:
    """Return the share of editions with the right number of photos on every page, by condition."""
    rows = []
    for condition in sorted({edition.condition for edition in editions}):
        some = [edition for edition in editions if edition.condition == condition]
        exact = sum(edition.exact for edition in some) / len(some)
        rows.append(
            Measure(
                "composition",
                "pages and photos of an edition exact",
                f"composed editions, {condition}",
                len(some),
                exact,
                wilson(exact, len(some)),
                COMPOSED,
            )
        )
    return rows
