"""Pages whose photos mean what a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.recipe import Aggregate, Calibration
from presslens.models.vocabulary import (
    Focus,
    FocusReading,
    Frame,
    LabelReading,
    PhotoInterpretation,
    Sighting,
    Subject,
    SubjectReading,
)
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.photo_table import PhotoTable

Photo = tuple[Frame, PhotoInterpretation]


@pytest.fixture(scope="session")
def rules() -> Aggregate:
    return Aggregate(epoch=1, decision=0.5, confidence=0.95, full_page=0.7, photo_page=0.5)


@pytest.fixture(scope="session")
def make_photo() -> Callable[..., Photo]:
    """Give a function that makes a photo of a width and height, 0 being every probability."""

    def make(
        box: Box = Box(0, 0, 10, 10),  # noqa: B008 - frozen
        *,
        subjects: Mapping[Subject, float] | None = None,
        sightings: Mapping[str, float] | None = None,
        verdict: Focus = Focus.NEITHER,
        leader: float = 0.0,
        facility: float = 0.0,
        labels: Mapping[str, float] | None = None,
        doubts: Mapping[str, float] | None = None,
    ) -> Photo:
        readings = tuple(SubjectReading(s, (subjects or {}).get(s, 0.0)) for s in Subject)
        seen = tuple(Sighting(name, p, box) for name, p in (sightings or {}).items())
        focus = FocusReading(verdict, leader, facility, ())
        told = tuple(LabelReading(name, p) for name, p in (labels or {}).items())
        return Frame(box, 1.0), PhotoInterpretation(
            readings, seen, focus, told, doubts=tuple((doubts or {}).items())
        )

    return make


@pytest.fixture
def make_facts() -> Callable[..., EditionMetrics]:
    """Return a function that makes an edition with what is known of it; ids rise."""
    ids = count(1)

    def make(
        day: date,
        metrics: Mapping[str, float | Estimate | None] | None = None,
        *,
        publication: str = "Rodong Sinmun",
        pages: int = 6,
        pages_seen: int | None = None,
        lead: Focus | None = None,
    ) -> EditionMetrics:
        estimates = {
            Metric.parse(name): v if isinstance(v, Estimate) else Estimate(v)
            for name, v in (metrics or {}).items()
        }
        seen = pages if pages_seen is None else pages_seen
        return EditionMetrics(next(ids), publication, day, pages, seen, lead, estimates)

    return make


@pytest.fixture(scope="session")
def components() -> Calibration:
    """How far a detector may be off that was calibrated where a quarter of photos show it."""
    return Calibration(
        source=0.7, period=0.4, edition=0.5, slope=0.2, prevalence=1.2, reference=0.25
    )


@pytest.fixture(scope="session")
def make_estimator(components: Calibration) -> Callable[..., ShareEstimator]:
    """Give a function that makes the estimator of groups of photos, of all in one by default."""

    def make(
        table: PhotoTable, group: Sequence[int] | np.ndarray | None = None, **settings: Any
    ) -> ShareEstimator:
        of = np.zeros(len(table), np.int64) if group is None else np.asarray(group, np.int64)
        names = [str(k) for k in range(int(of.max(initial=0)) + 1)]
        return ShareEstimator(table, of, names, components, **settings)

    return make
