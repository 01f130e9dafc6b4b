"""Shares of groups of photos by the machine alone, with the interval that its ignorance makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from pipelines.statistics.calibration import CalibrationPosterior, Histograms, moments
from pipelines.statistics.photo_table import Numbers

_HALVINGS = 12
"""Bisections before the ends are interpolated: to 1/4096, and far closer between."""


@dataclass(frozen=True, slots=True, eq=False)
class MachineShares:
    """The shares of k groups under each of m values of the errors that editions share.

    Attributes:
        weight: Probability of each of the m values, shape (m,).
        score: Shift of the scores of each, in logits, shape (m,).
        share: Expected share, 0–1, shape (m, k).
        variance: Variance of these editions' share, given those errors, shape (m, k).
        between: Variance of the share as an estimate of practice, given them, shape (m, k).
    """

    weight: Numbers
    score: Numbers
    share: Numbers
    variance: Numbers
    between: Numbers

    @classmethod
    def of(
        cls,
        calibration: CalibrationPosterior,
        histograms: Histograms,
        *,
        group: NDArray[np.int64],
        count: int,
        yes: Numbers,
        size: Numbers,
        scale: Numbers,
    ) -> MachineShares:
        """Estimate shares of groups of editions.

        Args:
            calibration: Of the newspaper.
            histograms: Of the photos of e editions that are counted.
            group: Of each edition, 0 to count - 1, or -1 for none, shape (e,).
            count: Number of groups, k.
            yes: Weight of the photos of each edition that coders say show the measure, shape (e,).
            size: Weight of all its photos that are counted, shape (e,).
            scale: Factor of each edition: 1, or 1 / size where editions count alike, shape (e,).
        """
        rows = np.flatnonzero((group >= 0) & (size > 0))
        at, factor = group[rows], scale[rows][:, None]
        whole = np.bincount(at, (size * scale)[rows], count)
        safe = np.where(whole > 0, whole, 1.0)[:, None]
        editions = np.bincount(at, minlength=count).astype(float)[:, None]
        fewer = np.where(editions > 1, editions / np.maximum(editions - 1, 1), 0.0)
        parts = []
        every = moments(calibration, histograms, rows)
        for node, (mean, variance) in zip(calibration.nodes, every, strict=True):
            mean = (mean + yes[rows][:, None]) * factor
            share = _sums(at, mean, count) / safe
            own = _sums(at, variance * factor**2, count) / safe**2
            off = mean - share[at] * (size * scale)[rows][:, None]
            between = _sums(at, off**2, count) / safe**2 * fewer + own
            # What the means and spreads of the prevalence leave open is one more variance.
            middle = share @ node.likely
            open_ = (share - middle[:, None]) ** 2 @ node.likely
            parts.append((middle, own @ node.likely + open_, between @ node.likely + open_))
        shares, variances, betweens = (np.stack(columns) for columns in zip(*parts, strict=True))
        weight = np.exp([node.log_weight for node in calibration.nodes])
        score = np.array([node.score for node in calibration.nodes])
        return cls(weight / weight.sum(), score, shares, variances, betweens)

    @property
    def value(self) -> Numbers:
        """The expected share of each group, shape (k,)."""
        return np.asarray(self.weight @ self.share)

    def interval(self, confidence: float, *, practice: bool) -> tuple[Numbers, Numbers]:
        """Return the ends of the shares' intervals, shape (k,) each.

        A mixture over the shared errors of beta distributions with the mean and variance of each.
        """
        variance = self.between if practice else self.variance
        mean = np.clip(self.share, 1e-9, 1 - 1e-9)
        strength = mean * (1 - mean) / np.maximum(variance, 1e-12) - 1
        a, b = (mean * np.maximum(strength, 1e-3), (1 - mean) * np.maximum(strength, 1e-3))

        def below(at: Numbers) -> Numbers:
            return np.asarray(self.weight @ scipy.special.betainc(a, b, at))

        ends = []
        for tail in ((1 - confidence) / 2, (1 + confidence) / 2):
            low, high = np.zeros(mean.shape[1]), np.ones(mean.shape[1])
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                short = below(middle) < tail
                low, high = np.where(short, middle, low), np.where(short, high, middle)
            left, right = below(low), below(high)
            part = (tail - left) / np.maximum(right - left, 1e-12)
            ends.append(low + np.clip(part, 0.0, 1.0) * (high - low))
        return ends[0], ends[1]

    def difference(self, first: int, second: int, *, practice: bool) -> tuple[float, float]:
        """Return mean and variance of the difference of two groups, shared errors being shared."""
        apart = self.share[:, first] - self.share[:, second]
        own = self.between if practice else self.variance
        mean = float(self.weight @ apart)
        within = float(self.weight @ (own[:, first] + own[:, second]))
        return mean, within + float(self.weight @ (apart - mean) ** 2)

    def sensitivity(self, group: int) -> float:
        """Return by how much a group's share moves for a shift of its scores by one logit."""
        off = self.score - float(self.weight @ self.score)
        spread = float(self.weight @ off**2)
        return float(self.weight @ (off * self.share[:, group])) / spread if spread > 0 else 0.0


def _sums(at: NDArray[np.int64], part: Numbers, count: int) -> Numbers:
    """Return the sums of rows by group, shape (count, h)."""
    if len(at) == count and (at == np.arange(count)).all():
        return part
    if (at[1:] < at[:-1]).any():
        order = np.argsort(at, kind="stable")
        at, part = at[order], part[order]
    present, first = np.unique(at, return_index=True)
    sums = np.zeros((count, part.shape[1]))
    if len(present):
        sums[present] = np.add.reduceat(part, first, axis=0)
    return sums
