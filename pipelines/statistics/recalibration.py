"""Recalibrates the machine's probabilities by a sample: a hierarchical model of its labels.

A photo i of edition e, whose log odds the machine states as x_i, shows the measure with log odds

    a + b x_i + effects of its stratum, zone, newspaper, month and week + an effect of its edition

(``effects``). Effects are normal with standard deviations that are learned from all drawn photos
together, so that a group with few draws borrows strength from the others and one with many stands
on its own: the model of small-area estimation (Fay & Herriot 1979,
doi 10.1080/01621459.1979.10482505; Ghosh & Lahiri 1987; Rao & Molina 2015, *Small Area
Estimation*, ch. 9). What decided over the draw, the stratum, is in the model, so that the draw
tells nothing beyond it (Little 2004, doi 10.1198/016214504000000467). The posterior is Laplace's
approximation at each of some values of the standard deviations, mixed by their evidence (Rue,
Martino & Chopin 2009, doi 10.1111/j.1467-9868.2008.00700.x). ``design`` balances the model by the
design, so that totals of the frame are unbiased however wrong the model is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import scipy  # which imports scipy.linalg and scipy.sparse when they are first used
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from presslens.pipelines.statistics.cells import sums_by_group
from presslens.pipelines.statistics.effects import Effects, EffectSpread
from presslens.pipelines.statistics.measure import STRATA, strata
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable

SPREADS = (0.12, 0.25, 0.5, 1.0, 2.0)
"""Standard deviations of effects, in logits, of which the sample says how likely each is."""

ASKED = 4.0
"""Scale of the half-normal prior of the standard deviation of groups that are asked about."""

FARTHEST = 5.0
"""Largest effect, in logits, of a group that is no level of a factor."""

NEGLIGIBLE = 0.02
"""Values of the standard deviations that are less likely than this are left out."""

_ROUNDS = 30
_NEAR = 1e-5
"""Largest step, in logits, after which Newton's method has arrived: the next is its square."""

_SWEEPS = 3


def inclusion(table: PhotoTable) -> Numbers:
    """Return the probability of being drawn and answered, shape (n,); NaN for photos not drawn.

    Photos without an answer are made up for within their stratum of probability (weighting classes:
    Little & Rubin 2019, ch. 3).
    """
    return table.inclusion * response(table)[strata(table.probability)]


def response(table: PhotoTable) -> Numbers:
    """Return the share of the drawn photos that were answered, by stratum of probability."""
    drawn, at = table.drawn, strata(table.probability)
    count = np.bincount(at[drawn], minlength=len(STRATA) + 1)
    answered = np.bincount(at[table.sampled], minlength=len(STRATA) + 1)
    every = answered.sum() / max(1, count.sum())
    return np.where(answered > 0, answered / np.maximum(count, 1), every)


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """The likeliest effects under some standard deviations, and the curvature there."""

    weight: float  # posterior probability of the standard deviations, 0–1
    coefficient: Numbers  # of columns and levels, in logits, shape (p,)
    edition: Numbers  # effect of each edition, shape (e,)
    root: Numbers  # Cholesky factor of the coefficients' precision, lower, shape (p, p)
    drawn: NDArray[np.int64]  # the d editions with drawn photos
    cross: Numbers  # cross-curvature of these and the coefficients, shape (d, p)
    precision: Numbers  # precision of each edition's effect, given the coefficients, shape (e,)

    def logits(self, effects: Effects, edition: NDArray[np.int64]) -> Numbers:
        """Return the log odds of photos of some effects and editions, shape (n,)."""
        return effects.times(self.coefficient) + self.edition[edition]


@dataclass(frozen=True, slots=True, eq=False)
class LinearForms:
    """K linear forms of the effects, such as totals of groups, as their spread sees them."""

    value: Numbers  # the totals, shape (K,)
    dense: Numbers  # rows whose products are covariances, by way of coefficients, shape (K, m)
    sparse: scipy.sparse.csr_matrix  # the same by way of editions, shape (K, m')

    def at(self, k: int) -> LinearForms:
        """Return one of the forms."""
        return LinearForms(self.value[k : k + 1], self.dense[k : k + 1], self.sparse[k])

    def covariance(self, other: LinearForms) -> Numbers:
        """Return the covariances with other forms, shape (K, L)."""
        by_edition = (self.sparse @ other.sparse.T).toarray()
        return np.asarray(self.dense @ other.dense.T + by_edition)

    def along(self, other: LinearForms) -> Numbers:
        """Return the covariance of each form with that of the same place, shape (K,)."""
        by_edition = np.asarray(self.sparse.multiply(other.sparse).sum(axis=1)).ravel()
        return np.asarray((self.dense * other.dense).sum(axis=1) + by_edition)

    @property
    def variance(self) -> Numbers:
        """The variance of each, shape (K,)."""
        return self.along(self)


@dataclass(frozen=True, slots=True, eq=False)
class Recalibration:
    """The posterior of the model, of the n photos of a table in e editions."""

    effects: Effects  # of all photos
    edition: NDArray[np.int64]  # of each photo, shape (n,)
    modes: tuple[Mode, ...]
    logits: Numbers  # posterior mean of the log odds of each photo, shape (n,)
    mean_logits: Numbers  # log odds of its posterior mean probability, shape (n,)

    def totals(
        self, at: NDArray[np.int64], weight: Numbers, group: NDArray[np.int64], count: int
    ) -> LinearForms:
        """Return the expected totals of groups of photos, and how they go together.

        Args:
            at: The photos, shape (m,).
            weight: Of each, shape (m,).
            group: Of each, 0 to count - 1, shape (m,).
            count: Number of groups.
        """
        effects, edition = self.effects.at(at), self.edition[at]
        values, parts = [], []
        for mode in self.modes:
            g = expit(mode.logits(effects, edition))
            values.append(np.bincount(group, weight * g, count))
            parts.append(_rows(mode, effects, edition, weight * g * (1 - g), group, count))
        share = np.array([mode.weight for mode in self.modes])
        value = share @ np.array(values)
        between = [np.sqrt(w) * (one - value) for w, one in zip(share, values, strict=True)]
        return LinearForms(
            value,
            np.column_stack([*(dense for dense, _ in parts), *between]),
            scipy.sparse.hstack([sparse for _, sparse in parts], format="csr"),
        )

    def apart(
        self, table: PhotoTable, group: NDArray[np.int64], count: int, whole: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Return how far an effect of its own moves each group, given the whole's total.

        For groups that are no level of a factor, as two weeks of a month. Each is taken by itself,
        so that its estimate does not depend on what else is asked about: the likelihood about the
        likeliest mode, and a prior that is mixed over the standard deviation of such effects.

        Args:
            table: The n photos of the model.
            group: Of each, 0 to count - 1, or -1 for none, shape (n,).
            count: Number of groups.
            whole: Weight of each in the total that is balanced, 0 of others, shape (n,).

        Returns:
            Posterior mean and variance of the shift of the log odds of its photos, shape (count,).
        """
        mode = max(self.modes, key=lambda one: one.weight)
        g = expit(mode.logits(self.effects, self.edition))
        curve = g * (1 - g)
        drawn, open_ = table.sampled & (group >= 0), ~table.answered & (group >= 0)
        framed = np.where(~table.answered & (whole > 0), 0, -1)

        def forms(at: Mask, weight: Numbers, of: NDArray[np.int64], size: int) -> LinearForms:
            parts = _rows(
                replace(mode, weight=1.0),
                self.effects.at(at),
                self.edition[at],
                weight[at],
                of[at],
                size,
            )
            return LinearForms(np.bincount(of[at], weight[at], size).astype(float), *parts)

        weighed = table.weight * curve
        own = forms(drawn, curve, group, count)
        total = forms(open_, weighed, group, count)
        every = forms(framed >= 0, whole * curve, framed, 1)
        known = np.maximum(own.value - own.variance, 0.0)
        part = total.covariance(every)[:, 0] / max(float(every.variance[0]), 1e-12)
        inside = np.bincount(group[open_], (whole * curve)[open_], count)
        slope = total.value - total.along(own) - part * (inside - own.covariance(every)[:, 0])
        mean, variance = _effect_posterior(
            mode.logits(self.effects.at(drawn), self.edition[drawn]),
            table.label[drawn],
            group[drawn],
            known / np.maximum(own.value, 1e-12),
        )
        reach = slope / np.maximum(total.value, 1e-12)
        return reach * mean, reach**2 * variance


def _effect_posterior(
    odds: Numbers, label: Numbers, group: NDArray[np.int64], own: Numbers
) -> tuple[Numbers, Numbers]:
    """Return posterior mean and variance of the effect of each of k groups, shape (k,) each.

    Args:
        odds: Log odds of n drawn photos under a model without such effects, shape (n,).
        label: Their answers, shape (n,).
        group: Group of each, shape (n,).
        own: The part of an effect that the effects of the model do not take up, 0–1, shape (k,).
    """
    at = np.linspace(-FARTHEST, FARTHEST, 161)
    spread = np.array(SPREADS)[:, None] / ASKED
    prior = (np.exp(-(spread**2) / 2) * np.exp(-((at / ASKED / spread) ** 2) / 2)).sum(axis=0)
    part = np.clip(own, 1e-3, 1.0)
    moved = odds[:, None] + part[group][:, None] * at
    likely = log_expit(np.where(label[:, None] == 1, moved, -moved))
    log = sums_by_group(group, likely, len(own)) / part[:, None] + np.log(prior)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = weight @ at
    return mean, weight @ at**2 - mean**2


def _rows(
    mode: Mode,
    effects: Effects,
    edition: NDArray[np.int64],
    weight: Numbers,
    group: NDArray[np.int64],
    count: int,
) -> tuple[Numbers, scipy.sparse.csr_matrix]:
    """Return rows of forms whose products are the covariances under a mode."""
    shape = (count, len(mode.edition))
    by_edition = scipy.sparse.coo_matrix((weight, (group, edition)), shape=shape).tocsr()
    shared = by_edition @ scipy.sparse.diags(1 / mode.precision)
    loose = effects.sums(weight, group, count) - shared[:, mode.drawn] @ mode.cross
    dense = scipy.linalg.solve_triangular(mode.root, loose.T, lower=True).T
    scale = np.sqrt(mode.weight)
    sparse = by_edition @ scipy.sparse.diags(scale / np.sqrt(mode.precision))
    return scale * dense, sparse.tocsr()


def recalibrate(
    table: PhotoTable,
    *,
    edition_spread: float,
    period_spread: float = 0.5,
    asked: NDArray[np.int64] | None = None,
) -> Recalibration:
    """Fit the model to the photos that were drawn and answered.

    Args:
        table: The photos of the sample's frame, and others.
        edition_spread: Scale of the half-normal prior of the standard deviation of editions'
            effects, in logits, above 0.
        period_spread: Likewise of the effects of months and weeks.
        asked: Group of each photo, 0 or more, that has an effect of its own, shape (n,).
    """
    effects = Effects.of(table, asked)
    at = table.sampled
    sample = _Sample.of(effects.at(at), table.edition[at], table.label[at], len(table.editions))
    learned = {one.spread for one in effects.factors if isinstance(one.spread, EffectSpread)}
    scales = {EffectSpread.EDITION: edition_spread}
    if EffectSpread.TIME in learned:
        scales[EffectSpread.TIME] = period_spread
    if EffectSpread.ASKED in learned:
        scales[EffectSpread.ASKED] = ASKED
    modes = _modes(sample, scales)
    logits = sum(mode.weight * mode.logits(effects, table.edition) for mode in modes)
    means = sum(_mean_logits(mode, effects, table.edition) for mode in modes)
    return Recalibration(effects, table.edition, modes, np.asarray(logits), np.asarray(means))


def _mean_logits(mode: Mode, effects: Effects, edition: NDArray[np.int64]) -> Numbers:
    """Return the part of a mode in the log odds of photos' mean probabilities, shape (n,).

    Photos of an edition have one variance, that of their mean log odds.
    """
    part = 1 / np.bincount(edition)[edition]
    dense, sparse = _rows(mode, effects, edition, part, edition, len(mode.edition))
    variance = LinearForms(mode.edition, dense, sparse).variance[edition]
    return mode.weight * averaged(mode.logits(effects, edition), variance / mode.weight)


def averaged(logits: Numbers, variance: Numbers) -> Numbers:
    """Return the log odds of the mean of probabilities whose log odds are normal, shape (n,).

    A rare subject is likelier on average than at the likeliest effect of its group (MacKay 1992,
    doi 10.1162/neco.1992.4.5.720).

    Args:
        logits: Mean log odds, shape (n,).
        variance: Their variance, shape (n,).
    """
    return np.asarray(logits / np.sqrt(1 + np.pi * variance / 8))


def _modes(sample: _Sample, scales: Mapping[EffectSpread, float]) -> tuple[Mode, ...]:
    """Return the modes about the likeliest standard deviations, one of which is another in each."""
    names = list(scales)
    start: _Fit | None = None

    @cache
    def fit(place: tuple[int, ...]) -> _Fit:
        spreads = {name: SPREADS[i] for name, i in zip(names, place, strict=True)}
        return sample.fit(spreads, scales, start)

    place = (len(SPREADS) // 2,) * len(names)
    for _ in range(_SWEEPS):
        before = place
        for j in range(len(names)):
            place = _climbed(place, j, lambda at: fit(at).evidence)
            start = fit(place)
        if place == before:
            break
    star = [place] + [
        (*place[:j], i, *place[j + 1 :])
        for j in range(len(names))
        for i in range(len(SPREADS))
        if i != place[j]
    ]
    evidence = np.array([fit(one).evidence for one in star])
    weight = np.exp(evidence - evidence.max())
    weight = np.where(weight > NEGLIGIBLE * weight.sum(), weight, 0.0)
    weight /= weight.sum()
    return tuple(
        sample.mode(fit(one), float(share))
        for one, share in zip(star, weight, strict=True)
        if share > 0
    )


def _climbed(
    place: tuple[int, ...], j: int, height: Callable[[tuple[int, ...]], float]
) -> tuple[int, ...]:
    """Return the place that is reached by steps up in one direction."""
    while True:
        steps = [(*place[:j], place[j] + step, *place[j + 1 :]) for step in (0, -1, 1)]
        best = max((one for one in steps if 0 <= one[j] < len(SPREADS)), key=height)
        if best == place:
            return place
        place = best


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """The mode under some standard deviations."""

    coefficient: Numbers
    edition: Numbers  # of the drawn editions, shape (d,)
    spread: float  # standard deviation of editions
    evidence: float  # log posterior of the standard deviations, up to a constant
    curve: Numbers  # of the coefficients, editions taken out, shape (p, p)
    cross: Numbers
    precision: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """The drawn and answered photos."""

    effects: Effects
    X: Numbers  # shape (n, p)
    label: Numbers  # shape (n,)
    drawn: NDArray[np.int64]  # the d editions with such photos
    edition: NDArray[np.int64]  # place of each photo's edition among them, shape (n,)
    editions: int  # number of all editions

    @classmethod
    def of(
        cls, effects: Effects, edition: NDArray[np.int64], label: Numbers, editions: int
    ) -> _Sample:
        order = np.argsort(edition, kind="stable").astype(np.int64)
        drawn, place = np.unique(edition[order], return_inverse=True)
        return cls(effects, effects.at(order).dense(), label[order], drawn, place, editions)

    def fit(
        self,
        spreads: Mapping[EffectSpread, float],
        scales: Mapping[EffectSpread, float],
        start: _Fit | None,
    ) -> _Fit:
        """Return the mode by Newton's method, editions taken out of the equations."""
        X, y, d = self.X, self.label, len(self.drawn)
        prior = self.effects.prior(spreads)
        mean = np.zeros(X.shape[1])
        mean[: len(self.effects.mean)] = self.effects.mean
        own = 1 / spreads[EffectSpread.EDITION] ** 2
        b, v = (mean.copy(), np.zeros(d)) if start is None else (start.coefficient, start.edition)
        first = np.flatnonzero(np.diff(self.edition, prepend=-1))
        for _ in range(_ROUNDS):
            g = expit(X @ b + v[self.edition])
            off, curve = y - g, np.maximum(g * (1 - g), 1e-12)
            weighed = X * curve[:, None]
            cross = np.add.reduceat(weighed, first, axis=0)
            precision = np.asarray(np.bincount(self.edition, curve, d) + own, float)
            reduced = X.T @ weighed + prior - cross.T @ (cross / precision[:, None])
            of_b = X.T @ off - prior @ (b - mean)
            of_v = np.bincount(self.edition, off, d) - own * v
            step = scipy.linalg.solve(reduced, of_b - cross.T @ (of_v / precision), assume_a="pos")
            step_v = (of_v - cross @ step) / precision
            far = max(float(np.abs(step).max()), float(np.abs(step_v).max(initial=0.0)))
            pace = min(1.0, 2.0 / far) if far > 0 else 1.0
            b, v = b + pace * step, v + pace * step_v
            if far < _NEAR:
                break
        odds = X @ b + v[self.edition]
        evidence = float(log_expit(np.where(y == 1, odds, -odds)).sum())
        evidence -= float((b - mean) @ prior @ (b - mean) + own * (v @ v)) / 2
        evidence += float(np.linalg.slogdet(prior)[1] - np.linalg.slogdet(reduced)[1]) / 2
        evidence += float((np.log(own) - np.log(precision)).sum()) / 2
        for name, scale in scales.items():
            ratio = spreads[name] / scale
            evidence += float(np.log(ratio)) - ratio**2 / 2
        return _Fit(b, v, spreads[EffectSpread.EDITION], evidence, reduced, cross, precision)

    def mode(self, fit: _Fit, weight: float) -> Mode:
        """Return a mode with the effects of all editions."""
        edition = np.zeros(self.editions)
        precision = np.full(self.editions, 1 / fit.spread**2)
        edition[self.drawn], precision[self.drawn] = fit.edition, fit.precision
        root = scipy.linalg.cholesky(fit.curve, lower=True)
        return Mode(weight, fit.coefficient, edition, root, self.drawn, fit.cross, precision)
