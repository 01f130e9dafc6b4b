"""Shares of groups of photos by the machine alone, with the interval that its ignorance makes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.models.message import Message, join_messages
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.calibration import CalibrationPosterior, Histograms, moments
from presslens.pipelines.statistics.cells import sums_by_group
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference
from presslens.pipelines.written_numbers import percent, points

_HALVINGS = 12
_CELLS = float(1 << _HALVINGS)
"""Cells of the shares, 0-1, in one of which an end of an interval is interpolated."""
_LEAST = 1e-12
"""Probabilities nearer to 0 or 1 have no quantile to go by."""


@dataclass(frozen=True, slots=True, eq=False)
class MachineShares:
    """The shares of k groups under each of m values of the errors that editions share."""

    value: Numbers  # share of each group at the expected error, 0–1, shape (k,)
    weight: Numbers  # probability of each of the m values, shape (m,)
    score: Numbers  # shift of the scores of each, in logits, shape (m,)
    share: Numbers  # expected share, 0–1, shape (m, k)
    variance: Numbers  # variance of these editions' share, given those errors, shape (m, k)
    between: Numbers  # variance of the share as an estimate of practice, given them, shape (m, k)

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
        whole = sums_by_group(at, (size * scale)[rows], count)
        safe = np.where(whole > 0, whole, 1.0)[:, None]
        editions = np.bincount(at, minlength=count).astype(float)[:, None]
        fewer = np.where(editions > 1, editions / np.maximum(editions - 1, 1), 0.0)

        def share_of(mean: Numbers) -> Numbers:
            return sums_by_group(at, (mean + yes[rows][:, None]) * factor, count) / safe

        # The columns of all nodes beside each other: each sum is made once, and not by node.
        expected, mean, variance = moments(calibration, histograms, rows)
        share = share_of(mean)
        own = sums_by_group(at, variance * factor**2, count) / safe**2
        off = (mean + yes[rows][:, None] - share[at] * size[rows][:, None]) * factor
        between = sums_by_group(at, off**2, count) / safe**2 * fewer + own
        ends = np.cumsum([len(node.likely) for node in calibration.nodes])[:-1]
        by_node = (np.split(part, ends, axis=1) for part in (share, own, between))
        averaged = [
            _averaged(node.likely, *map(np.ascontiguousarray, parts))
            for node, *parts in zip(calibration.nodes, *by_node, strict=True)
        ]
        shares, variances, betweens = (np.stack(one) for one in zip(*averaged, strict=True))
        value = share_of(expected) @ calibration.expected.likely
        weight = np.exp([node.log_weight for node in calibration.nodes])
        score = np.array([node.score for node in calibration.nodes])
        weight /= weight.sum()
        return cls(value, weight, score, shares, variances, betweens)

    def interval(self, confidence: float, *, practice: bool) -> tuple[Numbers, Numbers]:
        """Return the ends of the shares' intervals, shape (k,) each.

        A mixture over the shared errors of beta distributions with the mean and variance of each.
        """
        variance = self.between if practice else self.variance
        mean = np.clip(self.share, 1e-9, 1 - 1e-9)
        strength = mean * (1 - mean) / np.maximum(variance, 1e-12) - 1
        a, b = (mean * np.maximum(strength, 1e-3), (1 - mean) * np.maximum(strength, 1e-3))
        middle = self.weight @ mean
        spread = np.sqrt(self.weight @ (variance + (mean - middle) ** 2))
        tails = (1 - confidence) / 2, (1 + confidence) / 2
        low, high = (self._quantile(a, b, tail, middle, spread) for tail in tails)
        return low, high

    def _quantile(
        self, a: Numbers, b: Numbers, tail: float, middle: Numbers, spread: Numbers
    ) -> Numbers:
        """Return a quantile of each group's mixture of beta distributions, shape (k,).

        The cell of 1/4096 that it lies in is enclosed, and its ends interpolated.

        Args:
            a: First parameter of each distribution, shape (m, k).
            b: Second parameter, shape (m, k).
            tail: Probability below the quantile, 0-1.
            middle: Mean of each mixture, shape (k,).
            spread: About its standard deviation, shape (k,).
        """
        k, z = len(middle), float(scipy.special.ndtri(tail))
        low, high = np.zeros(k), np.full(k, _CELLS)
        below, above = np.zeros(k), np.ones(k)
        at = _CELLS * (middle + z * spread)
        for turn in range(2 * _HALVINGS):
            rows = np.flatnonzero(high - low > 1)
            if not len(rows):
                break
            # Where guesses come nearer in small steps only, what is left is halved now and then.
            aim = (low[rows] + high[rows]) / 2 if turn > 3 and turn % 2 else at[rows]
            tried = np.clip(np.floor(aim), low[rows] + 1, high[rows] - 1)
            cumulative = self.weight @ scipy.special.betainc(a[:, rows], b[:, rows], tried / _CELLS)
            short = cumulative < tail
            low[rows], below[rows] = np.where(short, (tried, cumulative), (low[rows], below[rows]))
            high[rows], above[rows] = np.where(
                short, (high[rows], above[rows]), (tried, cumulative)
            )
            # On the scale of normal quantiles the distribution is nearly straight.
            reached = np.clip([below[rows], above[rows], cumulative], _LEAST, 1 - _LEAST)
            first, last, own = scipy.special.ndtri(reached)
            part = (z - first) / np.maximum(last - first, 1e-9)
            far = tried + np.where(short, 1, -1) * (2 + 1.1 * _CELLS * spread[rows] * abs(z - own))
            enclosed = (below[rows] > _LEAST) & (above[rows] < 1 - _LEAST)
            at[rows] = np.where(enclosed, low[rows] + part * (high[rows] - low[rows]), far)
        part = np.clip((tail - below) / np.maximum(above - below, 1e-12), 0.0, 1.0)
        return np.asarray((low + part * (high - low)) / _CELLS)

    def difference(self, first: int, second: int, *, practice: bool) -> tuple[float, float]:
        """Return mean and variance of the difference of two groups, shared errors being shared."""
        apart = self.share[:, first] - self.share[:, second]
        own = self.between if practice else self.variance
        mean = float(self.value[first] - self.value[second])
        within = float(self.weight @ (own[:, first] + own[:, second]))
        return mean, within + float(self.weight @ (apart - mean) ** 2)

    def scans(self, first: int, second: int, period: float) -> float:
        """Return what a change of the scores' error between two groups adds to the variance.

        Args:
            first: A group.
            second: Another one.
            period: Standard deviation of such an error, in logits.
        """
        shifts = self.sensitivity(first), self.sensitivity(second)
        return period**2 * (shifts[0] ** 2 + shifts[1] ** 2)

    def sensitivity(self, group: int) -> float:
        """Return by how much a group's share moves for a shift of its scores by one logit."""
        off = self.score - float(self.weight @ self.score)
        spread = float(self.weight @ off**2)
        return float(self.weight @ (off * self.share[:, group])) / spread if spread > 0 else 0.0


def _averaged(
    likely: Numbers, share: Numbers, own: Numbers, between: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return a node's shares and their two variances over the likely prevalences, shape (k,) each.

    Args:
        likely: Weight of each mean and spread of the prevalence, summing to 1, shape (h,).
        share: Expected share under each, shape (k, h).
        own: Variance of these editions' share, shape (k, h).
        between: Variance of the share as an estimate of practice, shape (k, h).
    """
    middle = share @ likely
    # What the means and spreads of the prevalence leave open is one more variance.
    open_ = (share - middle[:, None]) ** 2 @ likely
    return middle, own @ likely + open_, between @ likely + open_


EstimateT = TypeVar("EstimateT", GroupEstimate, ShareDifference)


def beside_machine(estimate: EstimateT, alone: EstimateT) -> EstimateT:
    """Return an estimate by answers that says why where it is wider than by the machine alone.

    Args:
        estimate: The share, or the difference of two, as answers correct it.
        alone: The same without any answer.
    """
    both = [(one.low, one.high) for one in (estimate, alone)]
    ends = [(low, high) for low, high in both if low is not None and high is not None]
    if len(ends) < 2 or ends[0][1] - ends[0][0] <= ends[1][1] - ends[1][0] + 1e-9:
        return estimate
    other, say = ends[1], percent if isinstance(estimate, GroupEstimate) else points
    values = {"low": say(other[0]), "high": say(other[1])}
    says = Message(
        "wider than by the machine alone (%(low)s to %(high)s), which rests on other newspapers;"
        " %(answers)s drawn here: more make it narrower",
        **values,
        answers=counted(estimate.drawn, "answer"),
    )
    if not other[0] <= (estimate.value or 0.0) <= other[1]:
        says = Message(
            "wider than by the machine alone (%(low)s to %(high)s), which the answers contradict",
            **values,
        )
    return replace(estimate, note=join_messages(filter(None, (estimate.note, says))))
