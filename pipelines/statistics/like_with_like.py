"""Which numbers of an edition and of its reference editions are compared: like with like.

The machine errs alike in an edition and in the reference editions of its newspaper; people's
answers do away with its errors in one edition alone. So an edition that people have reviewed is not
compared with others as the machine sees them: that difference is the machine's error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric


class Basis(StrEnum):
    """What is compared.

    ``counted``: plain metrics, which know no reviews. ``machine``: the machine alone on either
    side, uncorrected. ``reviewed``: editions whose photos people have all reviewed. ``corrected``:
    either side by one validation sample, whose frame holds them all.
    """

    COUNTED = "counted"
    MACHINE = "machine"
    REVIEWED = "reviewed"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class ShareReading:
    """The reading of a share in one edition, beside its estimate."""

    # The estimate of the machine alone; None: the edition's estimate is that.
    machine: Estimate | None
    answered: int  # photos with a consensus of the coders
    n: int  # photos that were read
    sampled: bool = False  # the estimate is by a validation sample whose frame holds the edition
    # How far the interval of ``machine`` reaches below and above where errors that all editions
    # share are left out: beside each other they don't matter. None: not told.
    reach: tuple[float, float] | None = None

    @property
    def reviewed(self) -> bool:
        """People have reviewed all photos."""
        return self.answered >= self.n > 0


Readings = Mapping[int, Mapping[Metric, ShareReading]]
"""What is known of shares, by edition."""


@dataclass(frozen=True, slots=True)
class Comparable:
    """A metric of an edition, and of those reference editions that are like it."""

    basis: Basis  # what is compared
    estimate: Estimate  # of the edition, on the basis
    # Of reference editions that have the metric, newest first.
    references: tuple[tuple[EditionMetrics, Estimate], ...]
    readings: Readings = field(default_factory=dict)  # what is known of shares, by edition

    def of(self, metric: Metric, edition: EditionMetrics) -> Estimate | None:
        """Return the estimate of another edition on the same basis; None where it has none."""
        return _on_basis(self.basis, metric, edition, self.readings)

    def interval(
        self, metric: Metric, edition: EditionMetrics, estimate: Estimate
    ) -> tuple[float, float] | None:
        """Return the interval by which an edition is compared with the others.

        That of the machine leaves out what it errs in all editions alike.
        """
        reading = self.readings.get(edition.id, {}).get(metric)
        if self.basis is not Basis.MACHINE or reading is None or reading.reach is None:
            return estimate.interval
        value = estimate.value or 0.0
        return max(0.0, value - reading.reach[0]), min(1.0, value + reading.reach[1])


def comparable(
    metric: Metric,
    edition: EditionMetrics,
    references: Sequence[EditionMetrics],
    readings: Readings,
    *,
    least: int,
) -> Comparable:
    """Return the numbers that a metric of an edition is compared by.

    Args:
        edition: The edition; it has the metric.
        references: The reference editions, newest first.
        readings: What is known of shares, by id of edition; without it a share is the machine's.
        least: Fewest reviewed reference editions that a reviewed edition is compared with.
    """
    basis = _basis(metric, edition, references, readings, least)
    estimate = _on_basis(basis, metric, edition, readings) or edition.metrics[metric]
    pairs = (
        (one, reading)
        for one in references
        if (reading := _on_basis(basis, metric, one, readings)) is not None
        and reading.value is not None
    )
    return Comparable(basis, estimate, tuple(pairs), readings)


def _basis(
    metric: Metric,
    edition: EditionMetrics,
    references: Sequence[EditionMetrics],
    readings: Readings,
    least: int,
) -> Basis:
    if not metric.is_share:
        return Basis.COUNTED
    own = readings.get(edition.id, {}).get(metric)
    others = [reading for one in references if (reading := readings.get(one.id, {}).get(metric))]
    if own is None:
        return Basis.MACHINE
    if own.sampled and others and all(one.sampled for one in others):
        return Basis.CORRECTED
    if own.reviewed and sum(one.reviewed for one in others) >= least:
        return Basis.REVIEWED
    return Basis.MACHINE


def _on_basis(
    basis: Basis, metric: Metric, edition: EditionMetrics, readings: Readings
) -> Estimate | None:
    estimate = edition.metrics.get(metric)
    reading = readings.get(edition.id, {}).get(metric)
    if reading is None or basis in (Basis.COUNTED, Basis.CORRECTED):
        return estimate
    if estimate is not None and estimate.value is None:
        return estimate  # what is served as not known is not compared either
    if basis is Basis.REVIEWED:
        return estimate if reading.reviewed else None
    return reading.machine or estimate
