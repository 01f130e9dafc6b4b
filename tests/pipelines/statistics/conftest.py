"""Pages whose photos mean what a test says."""

from itertools import count

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


@pytest.fixture(scope="session")
def rules():
    return Aggregate(epoch=1, decision=0.5, confidence=0.95, full_page=0.7, photo_page=0.5)


@pytest.fixture(scope="session")
def make_photo():
    """Give a function that makes a photo of a width and height, 0 being every probability."""

    def make(
        box=Box(0, 0, 10, 10),  # noqa: B008 - frozen
        *,
        subjects=None,
        sightings=None,
        verdict=Focus.NEITHER,
        leader=0.0,
        facility=0.0,
        labels=None,
        doubts=None,
    ):
        readings = tuple(SubjectReading(s, (subjects or {}).get(s, 0.0)) for s in Subject)
        seen = tuple(Sighting(name, p, box) for name, p in (sightings or {}).items())
        focus = FocusReading(verdict, leader, facility, ())
        told = tuple(LabelReading(name, p) for name, p in (labels or {}).items())
        return Frame(box, 1.0), PhotoInterpretation(
            readings, seen, focus, told, doubts=tuple((doubts or {}).items())
        )

    return make


@pytest.fixture
def make_facts():
    """Return a function that makes an edition with what is known of it; ids rise."""
    ids = count(1)

    def make(
        day, metrics=None, *, publication="Rodong Sinmun", pages=6, pages_seen=None, lead=None
    ):
        estimates = {
            Metric.parse(name): v if isinstance(v, Estimate) else Estimate(v)
            for name, v in (metrics or {}).items()
        }
        seen = pages if pages_seen is None else pages_seen
        return EditionMetrics(next(ids), publication, day, pages, seen, lead, estimates)

    return make


@pytest.fixture(scope="session")
def components():
    """How far a detector may be off that was calibrated where a quarter of photos show it."""
    return Calibration(
        source=0.7, period=0.4, edition=0.5, slope=0.2, prevalence=1.2, reference=0.25
    )


@pytest.fixture(scope="session")
def make_estimator(components):
    """Give a function that makes the estimator of groups of photos, of all in one by default."""

    def make(table, group=None, **settings):
        of = np.zeros(len(table), np.int64) if group is None else np.asarray(group, np.int64)
        names = [str(k) for k in range(int(of.max(initial=0)) + 1)]
        return ShareEstimator(table, of, names, components, **settings)

    return make
