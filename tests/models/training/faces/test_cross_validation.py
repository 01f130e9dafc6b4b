"""What is measured was never learned from: photos are judged by other days than their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from models.training.faces.specimens import OTHER, Specimen
from models.training.faces.train import MEASURED, OutOfFoldMatching, cross_validated

Make = Callable[..., Specimen]
Days = Callable[..., list[Specimen]]


def _of_him(judged: Sequence[OutOfFoldMatching]) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of his faces, and of others' in photos of state media."""
    both: tuple[list[float], list[float]] = [], []
    for one in judged:
        for size, p in zip(one.specimen.sizes, one.probability, strict=True):
            if one.specimen.domain:
                both[size == OTHER].append(p)
    return np.array(both[0]), np.array(both[1])


def test_cross_validation_judges_every_photo_in_every_draw(
    make_specimen: Make, days_of: Days
) -> None:
    missed = make_specimen("missed", [], group="day 3", missed=("S",))
    specimens = [*days_of(10), missed]

    judged = cross_validated(specimens, context=0.75, draws=2)

    photos = sorted(one.specimen.photo for one in judged)
    assert photos == sorted([s.photo for s in specimens] * 2)
    for one in judged:
        assert len(one.probability) == len(one.by_face) == len(one.specimen.faces)
    own, others = _of_him(judged)
    assert own.min() > 0.5 > others.max()


def test_cross_validation_never_sees_the_day_that_it_judges(days_of: Days) -> None:
    """He looks another on each day: only a reference of the same day could tell him."""
    apart = days_of(MEASURED, alike=False)
    assert _told_apart(cross_validated(apart, context=1.0, draws=2)) < 0.75

    # The test would notice: where photos of a day are taken for days of their own, he is told.
    leaking = [replace(s, group=s.photo) for s in apart]
    assert _told_apart(cross_validated(leaking, context=1.0, draws=2)) > 0.95


def _told_apart(judged: Sequence[OutOfFoldMatching]) -> float:
    """Return how often his face, where it isn't large, is likelier than another's."""
    own, others = _of_him([one for one in judged if "L" not in one.specimen.sizes])
    return float((own[:, None] > others).mean())
