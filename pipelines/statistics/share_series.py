"""The parts of a share in each of several editions, for estimates over editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Reviewed photos that were drawn by chance, of any edition; shape (k,) each.

    Attributes:
        edition: Index of the photo's edition in its series.
        stratum: Of its probability, 0 to 3.
        weight: 1, or its area in pages.
        residual: The consensus (0 or 1) less the machine's probability.
    """

    edition: NDArray[np.int64]
    stratum: NDArray[np.int64]
    weight: Numbers
    residual: Numbers

    def only(self, mask: NDArray[np.bool_]) -> Sample:
        """Return the photos of a mask, shape (k,)."""
        return Sample(
            self.edition[mask], self.stratum[mask], self.weight[mask], self.residual[mask]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The parts of one share in e editions; shape (e,) each unless noted.

    Attributes:
        weight: The denominators: photos, or their area in pages.
        machine: Expected numerators by the machine alone: sums of probabilities, weighed.
        settled: Expected numerators with the consensus of the coders, 0 or 1, in place of the
            probability where there is one.
        variance: Variance of the true numerator: of photos without a consensus.
        open: Weight of the photos without a consensus, by stratum, shape (e, 4).
        sample: Reviewed photos that were drawn by chance; it may be empty.
    """

    weight: Numbers
    machine: Numbers
    settled: Numbers
    variance: Numbers
    open: Numbers
    sample: Sample

    def part(self, editions: Sequence[int]) -> Series:
        """Return the series of some of the editions, given by index."""
        rows = np.asarray(editions, np.int64)
        place = np.full(len(self.weight), -1, np.int64)
        place[rows] = np.arange(len(rows))
        sample = self.sample.only(place[self.sample.edition] >= 0)
        return Series(
            self.weight[rows],
            self.machine[rows],
            self.settled[rows],
            self.variance[rows],
            self.open[rows],
            replace(sample, edition=place[sample.edition]),
        )
