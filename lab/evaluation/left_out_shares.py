"""How often intervals of the machine alone hold the true shares of sources that nobody trained for.

Each source plays a newspaper: its photos are dealt into editions, and the shares of each edition
and of the whole source are estimated as the service does, by readers that never saw the source's
collection. The components of calibration are learned without it, or are those of the recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from presslens.lab.evaluation.calibration import SourceReadings, by_source
from presslens.lab.evaluation.components import CalibrationEvidence
from presslens.lab.evaluation.editions import PHOTOS, unreviewed
from presslens.lab.evaluation.stated import measure_intervals
from presslens.lab.training.subjects.left_out import COLLECTIONS
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.models.accuracy import Measure
from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator

EDITIONS, SOURCES = "editions of left-out sources", "whole left-out sources"

LEARNED = "components learned without the collection"
AS_OTHER = "components of any other measure, learned without the collection and the measure"
RECIPE = "components of the recipe"
"""Where the components come from; ``docs/reference/accuracy.md`` says more of both."""

Rules = Callable[[str, str], Calibration | None]
"""Returns the components for a collection and a measure; None: they are not known."""


def learned_without(evidence: CalibrationEvidence) -> Rules:
    """Return the components of each collection and measure, learned without the collection."""
    without = {name: evidence.learned(without=name)[0] for name in COLLECTIONS}

    def rules(collection: str, measure: str) -> Calibration | None:
        learned = without[collection].get(measure)
        return learned.rules() if learned else None

    return rules


def learned_as_other(evidence: CalibrationEvidence) -> Rules:
    """Return the components of each measure as if nobody had labelled it: of any other one.

    They are learned without the collection, from the other measures.
    """

    @cache
    def rules(collection: str, measure: str) -> Calibration:
        return evidence.learned(without=collection, measure=measure)[1].rules()

    return rules


@dataclass(frozen=True, slots=True)
class LeftOutShare:
    """The true and the estimated share of a measure in photos that nothing learned from.

    Attributes:
        what: ``EDITIONS`` or ``SOURCES``.
        collection: The collection that was left out.
        source: The source, a part of it.
        measure: The measure.
        shown: How the photos are shown.
        photos: Number of photos.
        share: The true share, 0–1.
        value: The estimated share, 0–1.
        interval: The interval of the estimate; None where it is refused.
    """

    what: str
    collection: str
    source: str
    measure: str
    shown: str
    photos: int
    share: float
    value: float
    interval: tuple[float, float] | None

    @property
    def inside(self) -> bool:
        """Whether the true share lies in the interval; False where it is refused."""
        if self.interval is None:
            return False
        return self.interval[0] - 1e-9 <= self.share <= self.interval[1] + 1e-9


def left_out_shares(
    judged: Sequence[OutOfFoldReading],
    rules: Rules,
    *,
    shown: Sequence[str],
    confidence: float,
) -> list[LeftOutShare]:
    """Return the shares of all editions and sources with at least ``PHOTOS`` labelled photos.

    Args:
        judged: The readings, from ``models.training.subjects.left_out``.
        rules: Gives the components; the reference is that of the readers without the collection.
        shown: The ways in which the photos are shown.
        confidence: Level of the intervals.
    """
    return [
        share
        for each in judged
        for how in shown
        for source in by_source(each, shown=how)
        if (components := rules(source.collection, source.measure)) is not None
        for share in _shares(source, components, how, confidence)
    ]


def _shares(
    source: SourceReadings, rules: Calibration, shown: str, confidence: float
) -> Iterator[LeftOutShare]:
    """Yield the shares of the editions of a source, and of the whole source."""
    known = rules.reference is not None
    components = rules.model_copy(update={"reference": source.reference}) if known else rules
    for what, group in (
        (EDITIONS, source.edition),
        (SOURCES, np.zeros_like(source.edition)),
    ):
        names = [str(number) for number in range(int(group.max()) + 1)]
        estimator = ShareEstimator(
            unreviewed(source.probability, source.edition),
            group,
            names,
            components,
            confidence=confidence,
        )
        for number, estimate in enumerate(estimator.estimates()):
            truth = source.truth[group == number]
            if len(truth) >= PHOTOS and estimate.value is not None:
                yield LeftOutShare(
                    what,
                    source.collection,
                    source.source,
                    source.measure,
                    shown,
                    len(truth),
                    float(truth.mean()),
                    estimate.value,
                    estimate.interval,
                )


def measure_left_out(shares: Sequence[LeftOutShare], method: str) -> list[Measure]:
    """Return how many intervals are stated, hold the truth, and how wide they are.

    Of all, by way of showing, by collection and by measure. What is of one source is alike: the
    intervals of how many are held take sources for independent, and nothing within them.

    Args:
        method: ``LEARNED``, ``RECIPE`` or ``AS_OTHER``.
    """
    rows: list[Measure] = []
    for what in (EDITIONS, SOURCES):
        some = [s for s in shares if s.what == what]
        if not some:
            continue
        rows += _measured(f"{what}, all", some, method)
        for attribute in ("shown", "collection", "measure"):
            for name in dict.fromkeys(getattr(s, attribute) for s in some):
                part = [s for s in some if getattr(s, attribute) == name]
                rows += _measured(f"{what}, {name}", part, method)
    return rows


def _measured(data: str, shares: Sequence[LeftOutShare], method: str) -> list[Measure]:
    return measure_intervals("calibration", data, shares, method, [s.source for s in shares])
