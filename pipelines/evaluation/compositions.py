"""Evaluation of compositions: how often intervals hold the true shares of editions."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.accuracy import Measure, wilson
from models.geometry import Box
from models.recipe import Aggregate, Recipe
from models.registry import Registry
from models.training.datasets import STATE_MEDIA
from models.training.subjects.readers import OutOfFoldReading
from models.vocabulary import Subject
from pipelines.analysis import Request, analyze
from pipelines.evaluation.drift import estimate_drift
from pipelines.statistics.interval import DetectorReading, detector_reading

FOLDS = 5
"""Folds of events; each fold's drift is estimated on the other folds."""

PHOTOS = 15
"""Least number of photos of a simulated edition; events stay together, so some have more."""

SEEN = ("done", "empty")
"""Outcomes of analysed pages."""

_OVERLAP = 0.5
"""IoU from which a detected photo matches a printed one."""

HELD_OUT = (
    f"photos of a set dealt into editions of {PHOTOS}, events whole; probabilities by readers and "
    "drifts that never saw the events"
)
COMPOSED = "composed for measuring, analysed from the files on; drifts from labelled photos alone"


@dataclass(frozen=True, slots=True)
class EditionShare:
    """The true and the estimated share of a subject in one edition.

    Attributes:
        where: The set or the condition.
        subject: The subject.
        photos: Number of photos.
        share: The true share, 0–1.
        expected: The estimated share, 0–1.
        interval: The interval of the estimate.
    """

    where: str
    subject: str
    photos: int
    share: float
    expected: float
    interval: tuple[float, float]

    @property
    def inside(self) -> bool:
        """Whether the true share lies in the interval."""
        return self.interval[0] - 1e-9 <= self.share <= self.interval[1] + 1e-9


def clusters(judged: OutOfFoldReading) -> list[str]:
    """Return each photo's event, day or site, and the way it is shown; its set if it is alone.

    A photo without others of its event still counts towards the drift of its set.
    """
    keys = [(e.photo.group, e.shown) for e in judged.examples]
    several = Counter(keys)
    return [
        f"{e.photo.group if several[key] > 1 else e.photo.dataset}, {e.shown}"
        for e, key in zip(judged.examples, keys, strict=True)
    ]


def prevalence(judged: OutOfFoldReading) -> float | None:
    """Return the share of photos that show the subject, 0–1; None where all do, or none does."""
    share = float(judged.truth.mean())
    return share if 0 < share < 1 else None


def measure_prevalences(judged: Sequence[OutOfFoldReading]) -> list[Measure]:
    """Return the prevalence of each subject among the photos that it was calibrated on."""
    method = "share of the labelled photos that show it"
    return [
        Measure("composition", "prevalence", str(j.subject), len(j.truth), share, None, method)
        for j in judged
        if (share := prevalence(j)) is not None
    ]


def measure_drifts(judged: Sequence[OutOfFoldReading]) -> list[Measure]:
    """Return the drift of each subject, over all sets and over state media alone."""
    rows = []
    for each in judged:
        state = [i for i, e in enumerate(each.examples) if e.photo.dataset in STATE_MEDIA]
        for data, part in (("all sets", each), ("state media", each.chosen(state))):
            where = clusters(part)
            n = len(set(where))
            method = f"posterior mean of a random intercept over {len(where)} photos"
            value = estimate_drift(part.probability, part.truth, where)
            name = f"{each.subject}, {data}, {n} events, days, sites or sets"
            rows.append(Measure("composition", "drift, logits", name, n, value, None, method))
    return rows


def held_out(
    judged: OutOfFoldReading, *, confidence: float, drift: float | None = None
) -> list[EditionShare]:
    """Return a subject's shares in simulated editions of held-out events.

    Args:
        judged: The out-of-fold readings.
        confidence: Level of the intervals.
        drift: Used instead of the drift of the other events.
    """
    shares = []
    fold = np.array([_fold(e.photo.group) for e in judged.examples])
    for part in range(FOLDS):
        fitted, left_out = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        others = judged.chosen(fitted.tolist())
        if drift is None:
            usual_drift = estimate_drift(others.probability, others.truth, clusters(others))
        else:
            usual_drift = drift
        usual = prevalence(others)
        for where, rows in _dealt(judged, left_out.tolist()):
            reading = detector_reading(
                judged.probability[rows], drift=usual_drift, prevalence=usual, confidence=confidence
            )
            shares.append(_edition_share(where, judged.subject.value, reading, judged.truth[rows]))
    return shares


def _fold(group: str) -> int:
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % FOLDS


def _dealt(judged: OutOfFoldReading, rows: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """Yield the set and the rows of each simulated edition; a last, too small one is left out."""
    order = sorted(rows, key=lambda i: hashlib.sha256(_group(judged, i).encode()).digest())
    by_set: dict[tuple[str, str], list[int]] = {}
    for row in order:
        example = judged.examples[row]
        by_set.setdefault((example.photo.dataset, example.shown), []).append(row)
    for (name, _), some in by_set.items():
        edition: list[int] = []
        for i, row in enumerate(some):
            edition.append(row)
            last = i + 1 == len(some) or _group(judged, some[i + 1]) != _group(judged, row)
            if last and len(edition) >= PHOTOS:
                yield name, edition
                edition = []


def _group(judged: OutOfFoldReading, row: int) -> str:
    return judged.examples[row].photo.group


def _edition_share(
    where: str, subject: str, reading: DetectorReading, truth: NDArray[np.bool_]
) -> EditionShare:
    if reading.share is None or reading.interval is None:
        raise ValueError("an edition without photos has no share")
    share = float(truth.mean())
    return EditionShare(where, subject, len(truth), share, reading.share, reading.interval)


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
            reading = detector_reading(
                probabilities,
                drift=rules.drift_of(subject),
                prevalence=rules.prevalence.get(subject),
                confidence=rules.confidence,
            )
            yield _edition_share(self.condition, subject, reading, truth)

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
    """Return the coverage of the intervals: of all shares, by set or condition, and by subject."""
    rows = []
    for name, some in (
        ("all", shares),
        *((where, [s for s in shares if s.where == where]) for where in _names(shares, "where")),
        *((name, [s for s in shares if s.subject == name]) for name in _names(shares, "subject")),
    ):
        n = len(some)
        if n:
            inside = sum(share.inside for share in some) / n
            data = f"{what}, {name}"
            rows.append(
                Measure(
                    "composition",
                    "share inside its interval",
                    data,
                    n,
                    inside,
                    wilson(inside, n),
                    method,
                )
            )
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
