"""Intervals for a newspaper's practice, of which the editions at hand are taken as draws by chance.

Photos of one edition are alike, so that the edition is the unit, not the photo (Cochran 1977,
ch. 9A). The share is a ratio of totals over editions; its variance is that of the ratio's linear
approximation (Woodruff 1971, doi 10.1080/01621459.1971.10482279), with the factor e / (e - 1), and
widened by how alike neighbouring editions may be (``pipelines.statistics.serial``). The quantile is
Student's on the log odds, with Satterthwaite's degrees of freedom for editions of unequal size
(Bell & McCaffrey 2002), few large editions count as few, and fewer for what is not known of waves.

Nothing is resampled: the interval is the same in any order of the editions, and one more edition
moves it by what that edition says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used
from scipy.special import expit, logit

from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.serial import SerialCorrelation, serial_correlation

FEWEST = 8
"""Fewest editions for which practice is estimated: with fewer, how editions vary is not known."""


@dataclass(frozen=True, slots=True)
class RatioSpread:
    """A ratio of totals over editions."""

    value: float
    error: float  # its standard error
    freedom: float  # degrees of freedom of that error
    editions: int  # number of editions
    serial: SerialCorrelation  # how alike neighbours are

    @classmethod
    def of(cls, total: Numbers, size: Numbers, *, variance: float = 0.0) -> RatioSpread:
        """Estimate the ratio of the totals of editions, in the order of time.

        Args:
            total: Numerators, shape (e,).
            size: Denominators, above 0, shape (e,).
            variance: Of the sum of the numerators, beyond what editions show by their differences.
        """
        e, whole = len(total), float(size.sum())
        value = float(total.sum()) / whole
        off = total - value * size
        squares = float(off @ off) * (e / (e - 1) if e > 1 else 0.0)
        serial = serial_correlation(off, np.ones((e, 1)), np.ones(e))
        squares, freedom = serial.widened(squares, _freedom(off, size))
        if squares > 0:  # of a sum of two variances, the other one known (Satterthwaite 1946)
            freedom *= ((squares + variance) / squares) ** 2
        return cls(value, float(np.sqrt(squares + variance)) / whole, freedom, e, serial)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the interval of a share, inside 0–1."""
        reach = float(scipy.special.stdtrit(self.freedom, (1 + confidence) / 2))
        if not 0.0 < self.value < 1.0 or self.error == 0.0:
            return self.value, self.value
        scale = self.value * (1 - self.value)
        at, width = logit(self.value), reach * self.error / scale
        return float(expit(at - width)), float(expit(at + width))

    def beyond(
        self, these: tuple[float, float], confidence: float, *, alike: bool, seen: int
    ) -> tuple[float, float]:
        """Return the interval of a share that is no surer than that of these editions.

        Where nothing varies, it is the rule of three over what was looked at (Hanley &
        Lippman-Hand 1983, doi 10.1001/jama.1983.03330370053031).

        Args:
            these: The interval of these editions.
            confidence: Level of both.
            alike: All that people answered is the same.
            seen: Photos that people answered, or editions if there are more.
        """
        low, high = self.interval(confidence)
        if self.error == 0.0 or alike or not 0.0 < self.value < 1.0:
            reach = 1 - ((1 - confidence) / 2) ** (1 / seen)
            low, high = self.value - reach, self.value + reach
        # Nobody is surer of what editions tend to than of these very editions.
        return max(0.0, min(these[0], low)), min(1.0, max(these[1], high))


def _freedom(off: Numbers, size: Numbers) -> float:
    """Return Satterthwaite's degrees of freedom: by the sizes of editions, or by their errors.

    A subject that comes in bursts has a few large errors, whose sum of squares is itself uncertain.
    """
    by_size = size**2
    planned = float(by_size.sum()) ** 2 / float(by_size @ by_size) - 1
    squares = off**2
    around = float(((squares - squares.mean()) ** 2).sum())
    shown = 2 * float(squares.sum()) ** 2 / around if around > 0 else planned
    return max(1.0, min(planned, shown))
