"""Simulated newspapers of which all is known, to check whether intervals hold the truth.

A photo shows the subject with the prevalence of its edition. The detector's score is normal, with
mean 0 or d' and variance 1 (the binormal model, Green & Swets 1966), so that its AUC is
Phi(d' / sqrt 2), and its probability is calibrated where the subject has a reference prevalence. A
shift moves the log odds that the detector states, as a darker scan would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from presslens.pipelines.statistics.measure import BITS, Zone, strata
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A newspaper and a detector."""

    editions: int = 60  # number of editions
    photos: float = 36.0  # mean number of photos of an ordinary edition
    special: float = 0.15  # share of special editions, which have three times the photos, 0–1
    # Share of the photos that show the subject in a typical ordinary edition, 0–1.
    prevalence: float = 0.15
    special_shift: float = 0.7  # how much commoner the subject is in special editions, in logits
    spread: float = 0.5  # standard deviation of the prevalence between editions, in logits
    reference: float = 0.25  # prevalence where the detector was calibrated, 0–1
    auc: float = 0.92  # area under the detector's ROC curve
    shift: float = 0.0  # error of all stated log odds
    edition_shift: float = 0.0  # standard deviation of that error between editions
    slope: float = 1.0  # factor of the stated log odds
    months: int = 1  # months that the editions are dealt to, one after the other
    month_shift: float = 0.0  # standard deviation of the error of stated log odds between months
    season: float = 0.0  # how much commoner the subject is at the height of a year, in logits
    front: float = (
        0.0  # how much commoner it is on the front page, a sixth of the photos, in logits
    )
    # Likewise the error of stated log odds in the last quarter of the editions, in logits.
    new_scanner: float = 0.0

    def newspaper(self, rng: np.random.Generator) -> SimulatedNewspaper:
        """Return the editions that this world prints by one run of chance."""
        special = rng.random(self.editions) < self.special
        sizes = np.maximum(1, rng.poisson(np.where(special, 3.0, 1.0) * self.photos))
        level = logit(self.prevalence) + self.special_shift * special
        level = level + self.spread * rng.standard_normal(self.editions)
        month = np.arange(self.editions) * self.months // self.editions
        level = level + self.season * np.sin(2 * np.pi * month / self.months)
        edition = np.repeat(np.arange(self.editions), sizes)
        place = np.arange(len(edition)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        front = place < sizes[edition] / 6
        odds = level[edition] + self.front * front
        truth = rng.random(len(edition)) < expit(odds)
        separation = self.separation
        score = separation * truth + rng.standard_normal(len(edition))
        stated = separation * score - separation**2 / 2 + logit(self.reference)
        moved = self.shift + self.edition_shift * rng.standard_normal(self.editions)
        moved = moved + self.new_scanner * _of_new_scanner(self.editions)
        area = rng.gamma(2.0, 0.04, len(edition)) + 0.01
        if self.month_shift:
            moved = moved + (self.month_shift * rng.standard_normal(self.months))[month]
        probability = expit(self.slope * stated + moved[edition])
        posterior = expit(separation * score - separation**2 / 2 + odds)
        return SimulatedNewspaper(
            edition.astype(np.int64),
            truth,
            probability,
            posterior,
            area,
            self.editions,
            month,
            front,
        )

    @property
    def separation(self) -> float:
        """Distance d' of the two scores' means, in their standard deviation."""
        return float(np.sqrt(2) * ndtri(self.auc))

    @property
    def special_prevalence(self) -> float:
        """Prevalence in a typical special edition, 0–1."""
        return float(expit(logit(self.prevalence) + self.special_shift))

    @property
    def practice(self) -> float:
        """The share of photos that the newspaper's practice tends to, 0–1."""
        at = np.linspace(-6, 6, 601)
        bell = np.exp(-(at**2) / 2)
        means = [
            float(bell @ expit(logit(self.prevalence) + extra + self.spread * at) / bell.sum())
            for extra in (0.0, self.special_shift)
        ]
        sizes = (1 - self.special, 3 * self.special)
        return (sizes[0] * means[0] + sizes[1] * means[1]) / sum(sizes)


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedNewspaper:
    """Printed photos, and whether each shows the subject; arrays of shape (n,).

    ``posterior`` is the probability that an oracle states, who knows the detector's error and how
    common the subject is in each edition.
    """

    edition: NDArray[np.int64]
    truth: Mask
    probability: Numbers
    posterior: Numbers
    area: Numbers
    editions: int
    month: NDArray[np.int64]  # month of each edition, shape (e,)
    front: Mask  # whether each photo is on the front page

    def by_month(self) -> NDArray[np.int64]:
        """Return the month of each photo, shape (n,)."""
        return self.month[self.edition]

    def by_zone(self) -> NDArray[np.int64]:
        """Return 0 for each photo on the front page and 1 for others, shape (n,)."""
        return np.where(self.front, 0, 1)

    def by_scanner(self) -> NDArray[np.int64]:
        """Return 1 for each photo of the last quarter of the editions, else 0, shape (n,)."""
        return _of_new_scanner(self.editions)[self.edition].astype(np.int64)

    def table(self) -> PhotoTable:
        """Return the photos as the machine alone knows them."""
        nothing = np.full(len(self.edition), np.nan)
        keys = [f"{i:04}" for i in range(self.editions)]
        return PhotoTable(
            edition=self.edition,
            probability=self.probability,
            weight=np.ones(len(self.edition)),
            label=nothing,
            inclusion=nothing,
            framed=np.zeros(len(self.edition), bool),
            editions=keys,
            periods=[("newspaper", f"{month:02}") for month in self.month],
            zones=np.where(self.front, BITS[Zone.FRONT], BITS[Zone.INSIDE]).astype(np.uint8),
        )

    def drawn(
        self,
        table: PhotoTable,
        photos: int,
        rng: np.random.Generator,
        *,
        within: Mask | None = None,
        blind: bool = False,
        parts: NDArray[np.int64] | None = None,
    ) -> PhotoTable:
        """Return a table with a stratified sample, drawn and answered.

        Args:
            photos: Size of the sample.
            rng: The chance.
            within: The frame; None: all photos.
            blind: Whether the sample ignores the machine.
            parts: Part of each photo, of each of which so many photos are drawn; None: one part.
        """
        framed = np.ones(len(table), bool) if within is None else within
        if parts is not None:
            for part in np.unique(parts):
                one = self.drawn(table, photos, rng, within=framed & (parts == part), blind=blind)
                table = replace(table, label=one.label, inclusion=one.inclusion)
            return replace(table, framed=framed)
        strata_ = np.zeros(len(table), int) if blind else strata(table.probability)
        label, inclusion = table.label.copy(), table.inclusion.copy()
        for h, size in allocation(table.probability, strata_, framed, photos).items():
            members = np.flatnonzero(framed & (strata_ == h))
            chosen = rng.choice(members, size, replace=False)
            label[chosen], inclusion[chosen] = self.truth[chosen], size / len(members)
        return replace(table, label=label, inclusion=inclusion, framed=framed)


def _of_new_scanner(editions: int) -> Mask:
    """Return which editions are of the new scanner, the last quarter, shape (e,)."""
    return np.arange(editions) >= 0.75 * editions


def allocation(
    probability: Numbers, strata_: NDArray[np.int64], framed: Mask, photos: int
) -> dict[int, int]:
    """Return the number of photos to draw of each stratum: half in proportion, half by Neyman."""
    names = np.unique(strata_[framed]).tolist()
    sizes = np.array([(framed & (strata_ == h)).sum() for h in names])
    spread = np.array(
        [
            np.sqrt(np.mean(p * (1 - p) + 0.005))
            for h in names
            for p in [probability[framed & (strata_ == h)]]
        ]
    )
    shares = 0.5 * sizes / sizes.sum() + 0.5 * sizes * spread / (sizes @ spread)
    target = np.minimum(np.maximum(np.rint(photos * shares), 2), sizes).astype(int)
    return dict(zip(names, target.tolist(), strict=True))


def joined(papers: Sequence[SimulatedNewspaper]) -> SimulatedNewspaper:
    """Return several newspapers' editions one after the other, as one newspaper."""
    first = np.cumsum([0, *(paper.editions for paper in papers)])
    return SimulatedNewspaper(
        np.concatenate([p.edition + at for p, at in zip(papers, first[:-1], strict=True)]),
        np.concatenate([p.truth for p in papers]),
        np.concatenate([p.probability for p in papers]),
        np.concatenate([p.posterior for p in papers]),
        np.concatenate([p.area for p in papers]),
        int(first[-1]),
        np.concatenate([p.month for p in papers]),
        np.concatenate([p.front for p in papers]),
    )
