"""Measurement of names at a rate of false accepts: statesmen enrolled, and all others impostors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.datasets import PORTRAITS, read_dataset
from presslens.lab.training.faces.specimens import OTHER
from presslens.lab.training.faces.train import FOLDS, MEASURED, OutOfFoldMatching
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.models.accuracy import Measure, wilson
from presslens.models.faces.gallery import LEADER

DRAWS = 4
"""Times that each photo is judged, each time with other references."""

RATE = 1 / 1000
"""Faces of others that are accepted."""

OWN_SHARE = 0.1
"""Share of the portraits that are the figure's, where the share of wrong names is stated."""

REGIONS = {
    "East and South-East Asia": "PRK TWN THA PHL IDN MYS BRN MMR KHM TLS",
    "Central and South Asia": "KGZ UZB TKM TJK BTN NPL BGD LKA IND PAK AFG",
}
"""Countries of the portraits by region; others are elsewhere."""

ELSEWHERE = "elsewhere"

_METHOD = (
    f"left out by person, day or event in {FOLDS} folds, whitening too; "
    f"enrolled from {MEASURED} photos"
)


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """A face and a figure, and the probability that the face is the figure's.

    Attributes:
        probability: 0–1; 0 for a figure's face that was not detected, or was taken for a child's.
        own: Whether it is the figure's.
        figure: The figure's name.
        kind: The size of the leader's face in state media, "portrait", or "" for others in groups.
        shown: The way in which the photo is shown.
        regions: Of the figure and of a portrayed person.
    """

    probability: float
    own: bool
    figure: str
    kind: str
    shown: str
    regions: tuple[str, str]


def countries(data: Path) -> dict[str, str]:
    """Return the country of each portrayed person.

    Args:
        data: The folder of labelled photos.
    """
    return {p.labels["person"]: p.labels["country"] for p in read_dataset(data, PORTRAITS)}


def region(country: str) -> str:
    """Return the region of a country, by its three letters."""
    return next((name for name, codes in REGIONS.items() if country in codes.split()), ELSEWHERE)


def comparisons(
    judged: Sequence[OutOfFoldMatching], homes: Mapping[str, str]
) -> Iterator[ComparedFace]:
    """Yield each face of some photos beside the figure that it was compared with.

    Args:
        judged: Predictions for the leader, or for other statesmen.
        homes: From ``countries``.
    """
    for one in judged:
        specimen = one.specimen
        of_figure = region(homes.get(one.figure, "PRK"))
        shows = dict(zip(specimen.embedded, specimen.shows(one.figure).tolist(), strict=True))
        for i, own in shows.items():
            portrait = bool(specimen.person) and i == 0
            kind = "portrait" if portrait else specimen.sizes[i] if own else ""
            where = region(homes.get(specimen.person, "")) if portrait else ""
            p = float(one.probability[i])
            yield ComparedFace(p, own, one.figure, kind, specimen.shown, (of_figure, where))
        if one.figure == LEADER and not specimen.person:
            lost = [s for i, s in enumerate(specimen.sizes) if s != OTHER and i not in shows]
            kinds = [*lost, *specimen.missed]
        else:
            theirs = one.figure == specimen.person or (one.figure == LEADER and specimen.leader)
            kinds = ["portrait"] if theirs and 0 not in shows else []
        for kind in kinds:
            yield ComparedFace(0, True, one.figure, kind, specimen.shown, (of_figure, of_figure))


def impostor_measures(
    leader: Sequence[OutOfFoldMatching],
    statesmen: Sequence[OutOfFoldMatching],
    homes: Mapping[str, str],
    *,
    threshold: float,
) -> list[Measure]:
    """Return recalls and false accepts of enrolled figures among unknown statesmen and in groups.

    Args:
        leader: Predictions for the leader in all photos.
        statesmen: Predictions for portrayed persons in all photos.
        homes: From ``countries``.
        threshold: The lowest probability of a sighting.
    """
    every = [c for c in comparisons([*leader, *statesmen], homes) if c.shown != PRINTED]
    clean = [c for c in every if c.shown == AS_IS]
    strict = accepting(np.array([c.probability for c in clean if not c.own]), RATE)
    rows: list[Measure] = []
    for name, part in _parts(every).items():
        for at, least in (("1 in 1,000", strict), (f"{threshold:g}", threshold)):
            rows += _rates(name, part, at, least)
    portraits = [c for c in clean if c.kind == "portrait"]
    rows.append(_wrong(f"portraits, {AS_IS}", portraits, threshold))
    printed = [c for c in every if c.shown != AS_IS and c.kind == "portrait"]
    if printed:
        rows.append(_wrong(f"portraits, {printed[0].shown}", printed, threshold))
    return rows


def _parts(every: Sequence[ComparedFace]) -> dict[str, list[ComparedFace]]:
    parts = {"all faces": [c for c in every if c.shown == AS_IS]}
    for shown in dict.fromkeys(c.shown for c in every):
        of_way = [c for c in every if c.shown == shown]
        parts[f"portraits, {shown}"] = [c for c in of_way if c.kind == "portrait"]
        parts[f"groups, {shown}"] = [
            c for c in of_way if c.kind != "portrait" and c.figure == LEADER
        ]
    for home in (*REGIONS, ELSEWHERE):
        parts[f"portraits, {home}"] = [
            c for c in every if c.shown == AS_IS and c.regions == (home, home)
        ]
    for size in "LMST":
        parts[f"leader, size {size}"] = [c for c in every if c.shown == AS_IS and c.kind == size]
    return parts


def accepting(others: NDArray[np.float64], rate: float) -> float:
    """Return the lowest probability that accepts at most a share of others' faces.

    Args:
        others: Probabilities of others' faces.
        rate: The share, 0–1.
    """
    if not len(others):
        return 1.0
    return float(np.nextafter(np.sort(others)[::-1][int(rate * len(others))], 2))


def bound(rate: float, n: int) -> float:
    """Return the upper end of Wilson's 95 % interval of a rate, never below 3 in n."""
    _, high = wilson(rate, n) or (0.0, 1.0)
    return max(high, 3 / n)


def _least(rate: float, n: int) -> float:
    low, _ = wilson(rate, n) or (0.0, 1.0)
    return low


def _split(part: Sequence[ComparedFace]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the probabilities of the figures' own faces, and of others'."""
    own = np.array([c.own for c in part], bool)
    probability = np.array([c.probability for c in part])
    return probability[own], probability[~own]


def _rates(name: str, part: Sequence[ComparedFace], at: str, least: float) -> Iterator[Measure]:
    """Yield the recall of a part, and the upper bound of its false accepts."""
    own, others = _split(part)
    if len(own):
        recall, n = float((own >= least).mean()), -(-len(own) // DRAWS)
        what = f"found at {at}"
        yield Measure("faces", what, name, n, recall, wilson(recall, n), _METHOD)
    if len(others):
        rate, n = float((others >= least).mean()), -(-len(others) // DRAWS)
        what = f"false of 1,000 at {at}"
        ends = 1000 * _least(rate, n), 1000 * bound(rate, n)
        yield Measure("faces", what, name, n, 1000 * max(rate, 3 / n), ends, _METHOD)


def _wrong(name: str, part: Sequence[ComparedFace], threshold: float) -> Measure:
    """Return the share of named portraits that are another's, where ``OWN_SHARE`` are his."""
    own, others = _split(part)
    found = OWN_SHARE * float((own >= threshold).mean())
    rate, n = float((others >= threshold).mean()), -(-len(others) // DRAWS)
    accepted = max(rate, 3 / n), _least(rate, n), bound(rate, n)
    shares = [false / (false + found) for false in ((1 - OWN_SHARE) * a for a in accepted)]
    what = f"wrong names where 1 portrait in {1 / OWN_SHARE:g} is the figure's"
    return Measure("faces", what, name, n, shares[0], (shares[1], shares[2]), _METHOD)
