"""Agreement of a model, as a coder, with people: of drawn photos it says something of others too.

Drawn photos weigh 1 / the probability of being drawn, and are worth as many photos with equal
chances as their weights tell (Kish 1965, Survey Sampling, 11.7); of that number are the intervals,
Jeffreys' of a share (Brown, Cai & DasGupta 2001, doi 10.1214/ss/1009213286) and Fleiss' of kappa.
Photos that somebody picked speak for themselves, so that nothing of theirs has an interval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from presslens.pipelines.result import Interval, Rounded, Served
from presslens.pipelines.statistics.misclassification import Rate
from presslens.pipelines.statistics.paired import kappa
from presslens.pipelines.statistics.photo_table import Mask, Numbers

METHOD = "weighed by 1 / the probability of being drawn; 95 %: Jeffreys, kappa by Fleiss"
_TAILS = np.array([0.025, 0.975])


class AnswerPair(NamedTuple):
    """What a model and people say of a photo."""

    model: bool | None  # None: it can't tell
    people: bool
    inclusion: float | None  # probability that the photo was drawn, 0–1; None: it was picked


@dataclass(frozen=True, slots=True)
class WeighedShare(Served):
    """The share of some photos for which a model is right."""

    n: int  # photos
    right: int  # those for which the model says what people say
    share: Rounded | None  # their part, weighed, 0–1; None without any
    interval: Interval | None  # None without any, and of picked photos


@dataclass(frozen=True, slots=True)
class PeerAgreement(Served):
    """How far a model agrees with people about some photos."""

    n: int  # photos that people have settled and the model could tell
    cant_tell: int  # photos that people have settled and the model can't tell
    kappa: Rounded | None  # Cohen's, weighed, at most 1; None where chance agrees fully, too
    # None of picked photos, and where all answers agree: that says nothing of other photos.
    kappa_interval: Interval | None
    sensitivity: WeighedShare  # of the photos that show it: those that the model finds
    specificity: WeighedShare  # of those that don't: those that it passes


def peer_agreement(pairs: Iterable[AnswerPair]) -> PeerAgreement:
    """Return how far a model agrees with people about photos that all were drawn, or all picked."""
    every = list(pairs)
    told = [one for one in every if one.model is not None]
    drawn = bool(told) and told[0].inclusion is not None
    model, people = (np.array([one[i] for one in told], bool) for i in (0, 1))
    weight = np.array([1 / (one.inclusion or 1.0) for one in told], float)
    table = np.array(
        [[weight[(model == m) & (people == p)].sum() for p in (False, True)] for m in (False, True)]
    )
    found = kappa(table * _worth(weight) / (weight.sum() or 1.0))
    interval = found.interval if found and drawn and np.ptp(found.interval) > 0 else None
    sides = (
        _share(weight[people == shows], model[people == shows] == shows, drawn=drawn)
        for shows in (True, False)
    )
    value = None if found is None else found.value
    return PeerAgreement(len(told), len(every) - len(told), value, interval, *sides)


def _worth(weight: Numbers) -> float:
    """Return how many photos with equal chances weighed ones are worth."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def _share(
    weight: Numbers,
    right: Mask,
    *,
    drawn: bool,
) -> WeighedShare:
    n, hits = len(weight), int(right.sum())
    if not n:
        return WeighedShare(0, 0, None, None)
    share, worth = float(weight @ right / weight.sum()), _worth(weight)
    if not drawn:
        return WeighedShare(n, hits, share, None)
    low, high = (float(end) for end in Rate(share, worth).draws(_TAILS))
    interval = 0.0 if hits == 0 else low, 1.0 if hits == n else high
    return WeighedShare(n, hits, share, interval)
