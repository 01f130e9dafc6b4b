"""Measures persons on held-out boxes, and subjects by cross-validation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.datasets import STATE_MEDIA
from models.instruments import PersonDetector
from models.measure import Measure
from models.newsprint import printed
from models.subjects.boxed import average_precision, read_boxed
from models.subjects.examples import Looker
from models.subjects.readers import SHOWN, people_in
from models.subjects.train import FOLDS, Judged, cross_validated, described, figures
from models.vocabulary import Subject

METHOD = f"cross-validated in {FOLDS} folds by day, event or site; F1 at 0.5"

BUCKETS = {"0": 0, "1": 1, "2-5": 5, "6-15": 15, "16-50": 50}
"""The largest number in each labelled bucket of people; above there is "50+"."""

BINS = 10
"""Bins of the calibration error."""

DARK = ("night_illumination", "lantern_festival_night", "stage_lights", "dusk_city")
"""Kinds of pictures in the set ``fireworks`` that are dark but show no fireworks."""

_NAMES = {"ap": "AP", "auc": "AUC", "f1": "F1"}


def evaluate_persons(data: Path, persons: PersonDetector) -> list[Measure]:
    """Measure person boxes on the photos that were held out from training."""
    kept = [photo for photo in read_boxed(data) if photo.kept]
    rng = np.random.default_rng(1)
    method = "on photos that are never trained on, by hash; the start network saw some of them"
    rows = []
    for shown, name in ((None, "as they are"), (lambda p: printed(p, rng), "as printed")):
        precision, boxes = average_precision(persons, kept, shown=shown)
        data_name = f"COCO photos {name}, held out: {len(kept)} photos"
        rows.append(Measure("persons", "AP50", data_name, boxes, precision, None, method))
    return rows


def evaluate(data: Path, looker: Looker, *, person_score: float) -> list[Measure]:
    """Measure each subject by readers that never saw a photo's event, and the people count.

    Args:
        data: The folder of labelled photos.
        looker: Sees the photos.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    examples = looker.look(data)
    rows = []
    for judged in cross_validated(examples, described(examples, person_score=person_score)):
        clean = judged.of(printed=False)
        rows += _measures(clean, "all sets")
        rows += _measures(judged.of(printed=True), "all sets, as printed")
        rows += _measures(judged.of(printed=False, state_media=True), ", ".join(STATE_MEDIA))
        if judged.subject is Subject.CROWD:
            rows += counts(clean, person_score)
        if judged.subject is Subject.FIREWORKS:
            rows += _measures(among_dark(clean), "fireworks against dark pictures alone")
    return rows


def among_dark(judged: Judged) -> Judged:
    """Return the photos that show the subject, and of the others only dark ones."""
    labels = [e.photo.labels for e in judged.examples]
    dark = [row.get("dark") == "1" or row.get("kind") in DARK for row in labels]
    return judged.chosen([i for i in range(len(dark)) if dark[i] or judged.truth[i]])


def _measures(judged: Judged, data: str) -> list[Measure]:
    found = figures(judged)
    name = f"{data}: {found['n']} photos, {found['positive']} show it"
    values = {label: float(found[key]) for key, label in _NAMES.items() if key in found}
    values["calibration error"] = calibration_error(judged.truth, judged.probability)
    return [
        Measure("subjects", f"{judged.subject}: {what}", name, len(judged.truth), v, None, METHOD)
        for what, v in values.items()
    ]


def calibration_error(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """Return the expected calibration error in ten bins of equal width, 0–1."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(truth[bins == b].mean() - probability[bins == b].mean()))
        * float((bins == b).mean())
        for b in range(BINS)
        if (bins == b).any()
    ]
    return sum(gaps)


def counts(crowd: Judged, person_score: float) -> list[Measure]:
    """Measure the number of people against labelled buckets, and against points a head.

    Args:
        crowd: The photos, judged for a crowd, which decides how they are counted.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    rows = [
        (e.photo.labels, people_in(e.observation, person_score, crowd=p >= SHOWN))
        for e, p in zip(crowd.examples, crowd.probability.tolist(), strict=True)
    ]
    hits = [bucket(n) == row["people_bucket"] for row, n in rows if row.get("people_bucket")]
    errors = [
        abs(n - int(row["n_points"])) / int(row["n_points"]) for row, n in rows if "n_points" in row
    ]
    method = "counted, not trained, except that the person detector saw some of these photos"
    domain, points = ", ".join(STATE_MEDIA), "crowd_points"
    found = []
    if hits:
        share = float(np.mean(hits))
        found.append(
            Measure("subjects", "people: in bucket", domain, len(hits), share, None, method)
        )
    if errors:
        median = float(np.median(errors))
        found.append(
            Measure("subjects", "people: median error", points, len(errors), median, None, method)
        )
    return found


def bucket(people: int) -> str:
    """Return the labelled bucket that a number of people falls in."""
    return next((name for name, most in BUCKETS.items() if people <= most), "50+")
