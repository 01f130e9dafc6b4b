"""Do intervals hold the truth as often as they promise? Newspapers are printed to find out.

The plug-in interval that papers use, the decided share with a binomial standard error over photos
taken as independent, is measured beside each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit

from pipelines.statistics.across import estimate
from pipelines.statistics.interval import detector_reading
from pipelines.statistics.measure import Estimand, stratum
from pipelines.statistics.share_series import Sample, Series

DRAWS = 2000
LEVEL = 0.95
BAND = (0.935, 0.965)
Numbers = NDArray[np.float64]

KINDS = np.array([0.002, 0.02, 0.08, 0.2, 0.4, 0.6, 0.85, 0.98])
"""Photos come in eight kinds by what the detector says of them."""

STRATUM = np.array([stratum(p) for p in KINDS])

EMPTY_HANDED = np.array([0.900, 0.060, 0.020, 0.010, 0.005, 0.003, 0.001, 0.001])
"""What kinds an edition prints that has nothing to show of the subject."""

FULL_OF_IT = np.array([0.10, 0.08, 0.07, 0.07, 0.08, 0.10, 0.20, 0.30])
"""What kinds one prints that is all about it."""


@dataclass(frozen=True, slots=True)
class Press:
    """How a newspaper prints.

    Attributes:
        usual: How far an ordinary edition is about the subject on average, 0–1.
        special: The same of a special edition.
        specials: Share of special editions.
        steady: How alike editions are: a and b of their Beta distribution add up to it.
        photos: Mean photos of an ordinary edition.
        more: Mean photos of a special one.
        drift: Standard deviation of an edition's calibration error, in logits.
        twist: The true log odds are the detector's times ``twist[1]`` and plus ``twist[0]``.
    """

    usual: float
    special: float
    specials: float = 0.15
    steady: float = 6.0
    photos: float = 30.0
    more: float = 100.0
    drift: float = 0.3
    twist: tuple[float, float] = (0.0, 1.0)

    def rates(self) -> Numbers:
        """Return how often each kind of photo truly shows the subject, drift averaged, 0–1."""
        return np.asarray(expit(self.twist[0] + self.twist[1] * logit(KINDS)))

    def true_share(self, estimand: Estimand) -> float:
        """Return the share that endlessly many editions have."""
        usual, special = (
            (1 - about) * EMPTY_HANDED @ self.rates() + about * FULL_OF_IT @ self.rates()
            for about in (self.usual, self.special)
        )
        weights = [1 - self.specials, self.specials]
        if estimand is Estimand.SHARE_OF_PHOTOS:
            weights = [weights[0] * (self.photos + 5), weights[1] * (self.more + 5)]
        return float(np.average([usual, special], weights=weights))

    def issue(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Issues:
        """Print editions."""
        special = rng.random(shape) < self.specials
        photos = 5 + rng.poisson(np.where(special, self.more, self.photos))
        mean = np.where(special, self.special, self.usual)
        about = rng.beta(self.steady * mean, self.steady * (1 - mean))[..., None]
        printed = rng.multinomial(photos, (1 - about) * EMPTY_HANDED + about * FULL_OF_IT)
        rates = drifted(self.rates(), self.drift * rng.standard_normal((*shape, 1)), self.drift)
        return Issues(printed, rng.binomial(printed, rates), self.drift)


@lru_cache
def _centre(rates: tuple[float, ...], drift: float) -> Numbers:
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    low, high = np.full(len(rates), -30.0), np.full(len(rates), 30.0)
    for _ in range(60):
        middle = (low + high) / 2
        mean = expit(middle[:, None] + drift * nodes) @ weights / weights.sum()
        low, high = np.where(mean < rates, middle, low), np.where(mean < rates, high, middle)
    return low


def drifted(rates: Numbers, deltas: Numbers, drift: float) -> Numbers:
    """Return rates moved by deltas, in logits, so that they stay the same on average."""
    return np.asarray(expit(_centre(tuple(rates), drift) + deltas))


@dataclass(frozen=True, slots=True, eq=False)
class Issues:
    """Editions, of shape (..., 8): how many photos of each kind, how many truly show it."""

    printed: NDArray[np.int64]
    true: NDArray[np.int64]
    drift: float

    def own_share(self, at: int, estimand: Estimand) -> float:
        """Return the share that the very editions of one newspaper have."""
        photos, true = self.printed[at].sum(-1), self.true[at].sum(-1)
        if estimand is Estimand.SHARE_OF_PHOTOS:
            return float(true.sum() / photos.sum())
        return float((true / photos).mean())

    def series(self, at: int, drawn: tuple[NDArray[np.int64], ...] | None = None) -> Series:
        """Return what the machine says of one newspaper, and what drawn photos showed."""
        printed = self.printed[at].astype(float)
        none = np.zeros((len(printed), len(KINDS)))
        picked, shown = (none, none) if drawn is None else drawn
        left = printed - picked
        return Series(
            weight=printed.sum(-1),
            machine=printed @ KINDS,
            settled=left @ KINDS + shown.sum(-1),
            variance=self._variance(left),
            open=np.stack([left[:, h == STRATUM].sum(-1) for h in range(4)], axis=-1),
            sample=_sample(picked, shown),
        )

    def _variance(self, printed: Numbers) -> Numbers:
        """Return the variance of how many photos show it, by the detector and its drift."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(15)
        rates = drifted(KINDS, self.drift * nodes[:, None], self.drift)
        mean, within = printed @ rates.T, printed @ (rates * (1 - rates)).T
        weights = weights / weights.sum()
        return np.asarray((within + mean**2) @ weights - (mean @ weights) ** 2)

    def draw(
        self, at: int, rng: np.random.Generator, each: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Draw so many photos of each stratum by chance, and tell how many truly show it."""
        printed, true = self.printed[at], self.true[at]
        picked = np.zeros_like(printed)
        for h in range(4):
            cells = printed[:, h == STRATUM]
            chosen = rng.multivariate_hypergeometric(
                cells.ravel(), min(each, int(cells.sum())), method="marginals"
            )
            picked[:, h == STRATUM] = chosen.reshape(cells.shape)
        return picked, rng.hypergeometric(true, printed - true, picked)


def _sample(picked: Numbers, shown: Numbers) -> Sample:
    """Return drawn photos one by one: first those that show it, then those that don't."""
    parts = []
    for counts, answer in ((shown, 1.0), (picked - shown, 0.0)):
        edition, kind = np.nonzero(counts)
        often = counts[edition, kind].astype(int)
        parts.append(
            (np.repeat(edition, often), np.repeat(kind, often), np.full(often.sum(), answer))
        )
    edition, kind, answer = (np.concatenate(column) for column in zip(*parts, strict=True))
    residual = answer - KINDS[kind]
    return Sample(edition, STRATUM[kind], np.ones(len(edition)), residual)


RARE = Press(usual=0.01, special=0.03)
COMMON = Press(usual=0.2, special=0.55)
MISCALIBRATED = (-0.3, 0.7)

Interval = tuple[float, float]


@dataclass
class Score:
    """How many of the intervals of each method held the truth."""

    draws: int = 0
    held: dict[str, int] = field(default_factory=dict)

    def add(self, truth: float, **intervals: Interval) -> None:
        self.draws += 1
        for name, (low, high) in intervals.items():
            self.held[name] = self.held.get(name, 0) + (low - 1e-9 <= truth <= high + 1e-9)

    def __getitem__(self, name: str) -> float:
        return self.held[name] / self.draws

    def __str__(self) -> str:
        shares = (f"{name} {self[name]:.4f}" for name in self.held)
        return f"covered in {self.draws} draws: {', '.join(shares)}"


def wald(decided: float, n: float) -> Interval:
    share = decided / n
    reach = 1.96 * (share * (1 - share) / n) ** 0.5
    return share - reach, share + reach


def one_edition(rng: np.random.Generator, *, base: float, drift: float) -> tuple[np.ndarray, float]:
    """Return what a detector that drifts says of an edition, and the share that truly shows it."""
    n = int(rng.integers(5, 121))
    odds = base + 2.5 * rng.standard_normal(n)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    calibrated = expit(odds[:, None] + drift * nodes) @ weights / weights.sum()
    true = rng.random(n) < expit(odds + drift * rng.standard_normal())
    return calibrated, float(true.mean())


@pytest.mark.parametrize(
    ("base", "most"),
    [(-6.0, 0.995), (-2.5, 0.965), (0.5, 0.965)],
    ids=["rare, 2 %", "common, 22 %", "usual, 56 %"],
)
def test_one_editions_share_lies_in_its_interval(base: float, most: float) -> None:
    """Where a subject is rare, a number of photos holds most of the chance by itself.

    No interval can then be covered in just 95 %: at least so often is what can be asked for.
    """
    rng = np.random.default_rng(1)
    score = Score()
    for _ in range(DRAWS):
        ps, truth = one_edition(rng, base=base, drift=0.4)
        told = detector_reading(ps, drift=0.4, confidence=LEVEL).interval
        still = detector_reading(ps, confidence=LEVEL).interval
        assert told is not None
        assert still is not None
        naive = wald(float((ps >= 0.5).sum()), len(ps))
        score.add(truth, told=told, without_drift=still, naive=naive)
    assert BAND[0] <= score["told"] <= most, score
    assert score["naive"] < BAND[0], score
    assert score["without_drift"] < score["told"], score


def edition_of_another_kind(
    rng: np.random.Generator, *, usual: float, drift: float, faulty: float
) -> tuple[np.ndarray, float]:
    """Return the same of an edition that is off, by the detector or by what it prints.

    With a probability of ``faulty`` the detector drifts. Else it doesn't, but the subject is more
    or less common than where calibration was learnt.
    """
    n = int(rng.integers(5, 121))
    off = drift * rng.standard_normal()
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    if rng.random() < faulty:
        scores = 2.5 * np.where(rng.random(n) < usual, 1.25, -1.25) + 2.5 * rng.standard_normal(n)
        odds = logit(usual) + scores
        calibrated = expit(odds[:, None] + drift * nodes) @ weights / weights.sum()
        return calibrated, float((rng.random(n) < expit(odds + off)).mean())
    shows = rng.random(n) < expit(logit(usual) + off)
    scores = 2.5 * np.where(shows, 1.25, -1.25) + 2.5 * rng.standard_normal(n)
    return np.asarray(expit(logit(usual) + scores)), float(shows.mean())


@pytest.mark.parametrize(
    ("faulty", "drift", "usual", "band"),
    [
        *((0.5, *case, (0.93, 0.97)) for case in product((0.4, 1.2), (0.06, 0.25, 0.65))),
        (1.0, 1.2, 0.25, (0.90, 0.95)),
        (0.0, 1.2, 0.25, (0.95, 0.98)),
    ],
)
def test_it_is_not_known_whether_the_detector_is_off_or_the_edition(
    faulty: float, drift: float, usual: float, band: Interval
) -> None:
    """An interval that allows for both holds the truth as often as promised if both happen."""
    rng = np.random.default_rng(1)
    score = Score()
    for _ in range(DRAWS):
        ps, truth = edition_of_another_kind(rng, usual=usual, drift=drift, faulty=faulty)
        told = detector_reading(ps, drift=drift, prevalence=usual, confidence=LEVEL).interval
        assert told is not None
        score.add(truth, told=told)
    assert band[0] <= score["told"] <= band[1], score


def covered(
    press: Press, estimand: Estimand, *, editions: int = 120, each: int = 0, seed: int = 1
) -> Score:
    """Tell how often intervals over editions hold the newspaper's share, and that of the editions.

    Args:
        press: The newspaper, printed 2,000 times.
        estimand: Which share.
        editions: Of each printing.
        each: Photos that are reviewed in each stratum, drawn by chance.
        seed: Of chance.
    """
    rng = np.random.default_rng(seed)
    issues = press.issue(rng, (DRAWS, editions))
    practice, own = press.true_share(estimand), Score()
    score = Score()
    for at in range(DRAWS):
        drawn = issues.draw(at, rng, each) if each else None
        told = estimate(issues.series(at, drawn), estimand=estimand, confidence=LEVEL).interval
        machine = told
        if each:
            alone = issues.series(at)
            machine = estimate(alone, estimand=estimand, confidence=LEVEL).interval
        assert told is not None
        assert machine is not None
        photos = issues.printed[at]
        naive = wald(float(photos[:, KINDS >= 0.5].sum()), float(photos.sum()))
        score.add(practice, told=told, naive=naive, machine=machine)
        own.add(issues.own_share(at, estimand), told=told)
    score.held["own"] = own.held["told"]
    return score


@pytest.mark.parametrize("estimand", Estimand)
@pytest.mark.parametrize(
    ("press", "editions"), [(RARE, 365), (COMMON, 120)], ids=["rare, a year", "common, 120"]
)
def test_a_newspapers_share_lies_in_its_interval(
    press: Press, editions: int, estimand: Estimand
) -> None:
    score = covered(press, estimand, editions=editions)
    assert BAND[0] <= score["told"] <= BAND[1], score
    assert score["own"] >= BAND[0], score
    assert score["naive"] < BAND[0], score


@pytest.mark.parametrize("estimand", Estimand)
def test_a_month_of_few_special_editions_is_covered_a_little_less(estimand: Estimand) -> None:
    score = covered(COMMON, estimand, editions=30)
    assert 0.925 <= score["told"] <= BAND[1], score
    assert score["own"] >= BAND[0], score
    assert score["naive"] < BAND[0], score


@pytest.mark.parametrize("estimand", Estimand)
@pytest.mark.parametrize(("press", "each"), [(RARE, 200), (COMMON, 100)], ids=["rare", "common"])
def test_reviews_drawn_by_chance_correct_a_detector_that_is_wrong(
    press: Press, each: int, estimand: Estimand
) -> None:
    wrong = replace(press, twist=MISCALIBRATED)
    score = covered(wrong, estimand, each=each)
    assert BAND[0] <= score["told"] <= BAND[1], score
    assert score["machine"] < score["told"], score
    assert score["naive"] < BAND[0], score


@pytest.mark.parametrize(
    "world", [lambda: Press(0.2, 0.55, drift=0.0), lambda: Press(0.2, 0.55, drift=0.8)]
)
def test_the_press_is_as_it_says(world: Callable[[], Press]) -> None:
    press = world()
    rng = np.random.default_rng(3)
    issues = press.issue(rng, (400, 300))
    n, true, told = issues.printed.sum(-1), issues.true.sum(-1), issues.printed @ KINDS
    pooled = press.true_share(Estimand.SHARE_OF_PHOTOS)
    assert true.sum() / n.sum() == pytest.approx(pooled, rel=0.01)
    assert told.sum() / n.sum() == pytest.approx(pooled, rel=0.01)
    editions = press.true_share(Estimand.MEAN_EDITION_SHARE)
    assert (true / n).mean() == pytest.approx(editions, rel=0.01)
    expected = [issues.series(at).variance.mean() for at in range(50)]
    assert np.mean(expected) == pytest.approx(((true - told) ** 2)[:50].mean(), rel=0.05)
