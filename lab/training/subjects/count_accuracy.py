"""Accuracy of counts of people out of fold, by number of people and by set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.readings import EXACT
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects import counting as train_counting
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.lab.training.subjects.labels import Count, counted_people
from presslens.lab.training.subjects.readers import described, out_of_event, seen
from presslens.models.accuracy import Measure
from presslens.models.subjects.counting import CONFIDENCE
from presslens.models.vocabulary import Subject

BUCKETS = {"0": 0, "1": 1, "2-5": 5, "6-15": 15, "16-50": 50}
"""The largest number in each labelled bucket of people; above there is "50+"."""

BANDS = {
    f"1-{EXACT} people": (1, EXACT),
    "16-50 people": (16, 50),
    "51-200 people": (51, 200),
    "more than 200 people": (201, np.inf),
    "16 people and more": (16, np.inf),
}
"""Least and largest true count of each row over all sets."""

COUNTED_SETS = {
    "state media": STATE_MEDIA,
    "COCO": ("coco256", "coco_mini"),
    "heads marked by points": ("crowd_points",),
    "school": ("children_school",),
    "services and feasts": ("people_events_web",),
    "ceremonies": ("ceremonies_web",),
    "travel": ("dprk_travel_photos",),
}
"""Sets whose people were counted, one number a photo."""

METHOD = "cross-validated by day, event or site"

CountAnswer: TypeAlias = tuple[SubjectExample, Count, tuple[int, tuple[int, int]]]
"""A photo, its count by eye, and its count with the interval around it."""


def evaluate_counts(data: Path, observer: SubjectObserver, *, person_score: float) -> list[Measure]:
    """Return the metrics of counts of people, against labelled buckets and counts by eye.

    Args:
        data: The folder of labelled photos.
        observer: Observes the photos.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    examples = observer.observe(data)
    observations = seen(examples)
    rows = described(observations, person_score=person_score)
    crowd = out_of_event(Subject.CROWD, examples, rows)
    photos = train_counting.counted(examples, observations, crowd)
    counters = train_counting.out_of_fold(photos)
    answers = [
        (photo.example, count, counter.count(photo.observation, crowd=photo.crowd))
        for photo, counter in zip(photos, counters, strict=True)
        if (count := counted_people(photo.example.photo)) is not None
    ]
    return [measure for shown in (AS_IS, PRINTED) for measure in _measures(answers, shown)]


def _measures(answers: Sequence[CountAnswer], shown: str) -> list[Measure]:
    part = [answer for answer in answers if answer[0].shown == shown]
    measures = _buckets(part, f"buckets of state media, {shown}")
    for name, (least, most) in BANDS.items():
        group = [answer for answer in part if least <= answer[1].best <= most]
        measures += _errors(group, f"all sets, {name}, {shown}")
    for name, sets in COUNTED_SETS.items():
        group = [a for a in part if a[0].photo.dataset in sets and a[1].best > 0]
        measures += _errors(group, f"{name}, {shown}")
    return measures


def _buckets(answers: Sequence[CountAnswer], data: str) -> list[Measure]:
    """Return the share of photos whose count is in the labelled bucket."""
    labelled = [
        (example.photo.labels["people_bucket"], bucket(people))
        for example, _, (people, _) in answers
        if example.photo.dataset in STATE_MEDIA and example.photo.labels.get("people_bucket")
    ]
    if not labelled:
        return []
    hits = float(np.mean([truth == read for truth, read in labelled]))
    return [Measure("counts", "in its bucket", data, len(labelled), hits, None, METHOD)]


def _errors(answers: Sequence[CountAnswer], data: str) -> list[Measure]:
    """Return the errors of counts against those by eye, of photos with people."""
    if not answers:
        return []
    errors = np.array([abs(n - c.best) / c.best for _, c, (n, _) in answers])
    coverage = float(np.mean([within(c, interval) for _, c, (_, interval) in answers]))
    exact = [c.low <= n <= c.high for _, c, (n, _) in answers if c.best <= EXACT]
    measures = [
        _measure("mean relative error", data, len(errors), float(errors.mean())),
        _measure("median relative error", data, len(errors), float(np.median(errors))),
        _measure(f"{CONFIDENCE:.0%} interval holds it", data, len(errors), coverage),
    ]
    if exact:
        few = f"{data}, up to {EXACT} people"
        measures.append(_measure("exact", few, len(exact), float(np.mean(exact))))
    return measures


def within(count: Count, interval: tuple[int, int]) -> bool:
    """Return whether an interval overlaps the range that the labeller was sure of."""
    return interval[0] <= count.high and interval[1] >= count.low


def _measure(what: str, data: str, n: int, value: float) -> Measure:
    return Measure("counts", what, data, n, value, None, METHOD)


def bucket(people: int) -> str:
    """Return the labelled bucket that a number of people falls in."""
    return next((name for name, most in BUCKETS.items() if people <= most), "50+")
