"""Draws the photos to review next, so that the interval of a share becomes narrow.

Photos are drawn by chance in the strata of their probability (``measure.STRATA``), and the reviews
are shared out between the strata by Neyman's allocation (1934, doi 10.2307/2342192): by how many
photos a stratum has and how much their answers may differ from the machine's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics.measure import STRATA, Zone, stratum

Numbers = NDArray[np.float64]

LEAST = 2
"""Smallest number of reviews of a stratum: without two, its spread can't be estimated."""

DOUBT = 0.01
"""Probabilities are drawn together towards ½ by so much when the spread of answers is predicted.

A photo of probability 0 is so taken to show it with 0.5 %: a stratum of which the machine is sure
gets its reviews too, and a detector that is wrong there is found out.
"""

DRIFT = 0.05
"""Standard deviation of the error that a stratum's mean probability is foreseen to have, 0–1.

It says how far the calibration is trusted as long as nobody has reviewed anything, and only serves
to foresee intervals: no number that is reported of photos is made with it.
"""


@dataclass(frozen=True, slots=True)
class SamplingScope:
    """The photos that a question is about, and that a sample is drawn from.

    Attributes:
        zone: A part of each edition.
        publication: Name of the newspaper; None for all.
        first_date: Earliest day of the edition; None for no bound.
        last_date: Latest day of the edition; None for no bound.
    """

    zone: Zone = Zone.ALL
    publication: str | None = None
    first_date: date | None = None
    last_date: date | None = None

    @property
    def text(self) -> str:
        """The scope as JSON, as it is stored; ``{}`` for all photos."""
        named = {
            "zone": None if self.zone is Zone.ALL else self.zone.value,
            "publication": self.publication,
            "from": self.first_date.isoformat() if self.first_date else None,
            "to": self.last_date.isoformat() if self.last_date else None,
        }
        content = {name: value for name, value in named.items() if value is not None}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> SamplingScope:
        """Parse the stored text of a scope."""
        content = json.loads(text)
        days = [
            date.fromisoformat(content[name]) if name in content else None
            for name in ("from", "to")
        ]
        return cls(Zone(content.get("zone", "all")), content.get("publication"), *days)

    def covers(self, other: SamplingScope) -> bool:
        """Return whether the scope includes all photos of another one.

        A draw from this scope is then by chance for the other one too.

        >>> SamplingScope().covers(SamplingScope(Zone.FRONT, "Rodong Sinmun"))
        True
        >>> SamplingScope(Zone.FRONT).covers(SamplingScope())
        False
        """
        later = self.first_date or date.min
        sooner = self.last_date or date.max
        return (
            self.zone in (Zone.ALL, other.zone)
            and self.publication in (None, other.publication)
            and later <= (other.first_date or date.min)
            and sooner >= (other.last_date or date.max)
        )


class Candidate(NamedTuple):
    """A photo of a sampling frame; a tuple, as there are a hundred thousand.

    Attributes:
        id: Id of the photo.
        key: Identifies the photo in every copy of the archive: the key decides its rank.
        probability: The machine's, 0–1.
        weight: 1, or its printed area in pages.
        state: "open", "drawn" (drawn by chance, with a consensus), or "closed" (other answers).
    """

    id: int
    key: str
    probability: float
    weight: float = 1.0
    state: str = "open"


@dataclass(frozen=True, slots=True)
class StratumPlan:
    """A stratum of probability, and the number of reviews that it gets.

    Attributes:
        stratum: 0 to 3.
        photos: Number of photos.
        open: Photos without an answer.
        drawn: Photos drawn by chance, with a consensus.
        spread: Expected standard deviation of the answer less the probability, weighed.
        planned: Number of reviews to make.
    """

    stratum: int
    photos: int
    open: int
    drawn: int
    spread: float
    planned: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Photos to review in this order; each beginning of it is a random sample too.

    Attributes:
        strata: The allocation of the reviews.
        photos: The photos, with their stratum.
        before: Expected half-width of the share's interval now; None without photos.
        after: Expected half-width when all these are reviewed.
    """

    strata: tuple[StratumPlan, ...]
    photos: tuple[tuple[Candidate, int], ...]
    before: float | None
    after: float | None


def draw(
    candidates: Sequence[Candidate], budget: int, *, salt: str, confidence: float = 0.95
) -> Draw:
    """Draw the photos to review next.

    Within a stratum every order of its photos is equally likely: they are sorted by a hash of
    their key. So the draw can be made again, a later one goes on where this one stops, and
    editions get reviews in proportion to their photos.

    Args:
        candidates: All photos that the question is about, reviewed ones too.
        budget: Number of reviews.
        salt: Question and seed: another one gives another order.
        confidence: Level of the expected interval.
    """
    groups: list[list[Candidate]] = [[] for _ in range(len(STRATA) + 1)]
    for candidate in candidates:
        groups[stratum(candidate.probability)].append(candidate)
    spreads = np.array([_spread(group) for group in groups])
    left = [[c for c in group if c.state == "open"] for group in groups]
    drawn = np.array([sum(c.state == "drawn" for c in group) for group in groups])
    sizes = np.array([len(group) for group in left])
    planned = allocate(sizes * spreads, sizes, budget, done=drawn)
    order = []
    for i, group in enumerate(left):
        chosen = nsmallest(planned[i], group, key=lambda candidate: rank(candidate.key, salt))
        # Evenly mixed, so that a coder who stops early leaves all strata reviewed; where two
        # come at once, the one in which what is rare is likelier goes first.
        order += [((j + 0.5) / len(chosen), -i, c) for j, c in enumerate(chosen)]
    order.sort(key=lambda place: place[:2])
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    return Draw(
        tuple(
            StratumPlan(i, len(groups[i]), len(left[i]), int(drawn[i]), float(spreads[i]), n)
            for i, n in enumerate(planned)
        ),
        tuple((candidate, -i) for _, i, candidate in order),
        _half_width(groups, spreads, drawn, np.zeros(len(groups), int), z),
        _half_width(groups, spreads, drawn, np.array(planned), z),
    )


def allocate(
    needs: Numbers, sizes: NDArray[np.int64], budget: int, *, done: NDArray[np.int64]
) -> list[int]:
    """Allocate reviews to strata by Neyman, in whole numbers.

    Args:
        needs: Photos times spread of each stratum, shape (s,).
        sizes: Photos that can still be reviewed, shape (s,): no stratum gets more.
        budget: Reviews in all.
        done: Photos drawn by chance before, shape (s,): they count as part of the share.

    Returns:
        Reviews of each stratum; together ``budget``, or all that can be reviewed.
    """
    budget = min(budget, int(sizes.sum()))
    got = np.zeros(len(sizes), int)
    least = np.minimum(sizes, np.maximum(LEAST - done, 0))
    for i in reversed(range(len(sizes))):  # the likeliest first: what is rare is found there
        got[i] = min(least[i], budget - got.sum())
    while got.sum() < budget:
        # Each next review goes where it narrows the interval most: this is Neyman's allocation,
        # in whole numbers (Wright 2012, doi 10.1080/00031305.2012.733679).
        n = got + done
        gain = np.where(
            got < sizes, np.maximum(needs, 1e-12) ** 2 / ((n + 1) * np.maximum(n, 0.5)), -1
        )
        got[int(np.argmax(gain))] += 1
    return [int(n) for n in got]


def _spread(group: Sequence[Candidate]) -> float:
    """Return the expected spread of answer less probability among the open photos of a stratum."""
    rows = [c for c in group if c.state == "open"] or group
    if not rows:
        return 0.0
    p, w = (np.array([getattr(c, name) for c in rows]) for name in ("probability", "weight"))
    doubted = (1 - DOUBT) * p + DOUBT / 2
    # E(y - p)² where y is 1 with the doubted probability.
    return float(np.sqrt(np.mean(w**2 * (doubted * (1 - p) ** 2 + (1 - doubted) * p**2))))


def _half_width(
    groups: Sequence[Sequence[Candidate]],
    spreads: Numbers,
    drawn: NDArray[np.int64],
    more: NDArray[np.int64],
    z: float,
) -> float | None:
    """Return the expected half-width of the share's interval."""
    total = sum(c.weight for group in groups for c in group)
    if total <= 0:
        return None
    variance = 0.0
    for group, spread, before, plus in zip(groups, spreads, drawn, more, strict=True):
        rest = [c.weight for c in group if c.state == "open"]
        if len(rest) <= plus:
            continue  # all is reviewed: nothing is left to be unsure of
        left, n = len(rest) - int(plus), int(before + plus)
        mean = sum(rest) / len(rest)
        # The mean error of the stratum, known from what was drawn and from the calibration.
        precision = (n / spread**2 if spread > 0 else 0.0) + 1 / (DRIFT * mean) ** 2
        variance += left**2 / precision + left * spread**2
    return float(z * np.sqrt(variance) / total)


def rank(key: str, salt: str) -> bytes:
    """Return the reproducible random sort key of a photo."""
    return hashlib.blake2b(f"{salt}\0{key}".encode(), digest_size=16).digest()
