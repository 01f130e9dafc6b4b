"""The measures of shares, the zones of an edition, and the weights of photos."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.gallery import LEADER, Role
from presslens.models.vocabulary import PhotoInterpretation, Subject

FIGURE = "figure:"
"""Begins the measure of an enrolled figure: ``figure:Kim Jong Un``."""

LABEL = "label:"
"""Begins the measure of a label: ``label:indoor``."""

SUBJECTS = tuple(subject.value for subject in Subject)

FOCUSES = ("focus_leader", "focus_facility", "focus_neither")


def one_question(measure: str) -> tuple[str, ...]:
    """Return the measures that one answer settles, of which a photo shows exactly one.

    >>> one_question("focus_leader")
    ('focus_leader', 'focus_facility', 'focus_neither')
    >>> one_question("children")
    ('children',)
    """
    return FOCUSES if measure in FOCUSES else (measure,)


OF_LEADER = frozenset({"leader", "leader_and_facility", *FOCUSES})
"""Measures that are known only where a leader could have been recognised.

The facility and neither are among them: a photo of the leader before a factory counts as one of the
factory as long as nobody knows him.
"""

BUILT_IN = (*SUBJECTS, "leader", "leader_and_facility", *FOCUSES)
"""Measures of every archive, in the order in which they are shown; the last five need a leader."""

STRATA = (0.1, 0.5, 0.9)
"""Bounds of the four strata of probability: surely not, rather not, rather, surely."""

_NAMED = re.compile(rf"({FIGURE}|{LABEL}).+")


class Zone(StrEnum):
    """A part of an edition whose photos are counted."""

    ALL = "all"
    FRONT = "front"
    INSIDE = "inside"
    ABOVE_FOLD = "above_fold"
    LEAD = "lead"


BITS = {zone: 1 << i for i, zone in enumerate(Zone)}
"""The bit of each zone."""


def in_zone(zones: NDArray[np.uint8], zone: Zone) -> NDArray[np.bool_]:
    """Return which photos lie in a zone, by their bits."""
    return np.asarray((zones & BITS[zone]) > 0)


class Weight(StrEnum):
    """The weight of a photo: 1, or its printed area in pages."""

    COUNT = "count"
    AREA = "area"


class Estimand(StrEnum):
    """The share that is estimated over several editions.

    They differ when editions with many photos show other things than those with few: special
    editions do.
    """

    SHARE_OF_PHOTOS = "share_of_photos"
    MEAN_EDITION_SHARE = "mean_edition_share"


class Inference(StrEnum):
    """What an interval is about: these very editions, or the practice that they are examples of."""

    THESE = "these"
    PRACTICE = "practice"


def is_measure(name: str) -> bool:
    """Return whether a text names a measure."""
    return name in BUILT_IN or _NAMED.fullmatch(name) is not None


def stratum(probability: float) -> int:
    """Return the stratum of a probability, 0 to 3."""
    return bisect_right(STRATA, probability)


def strata(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the stratum of each of many probabilities, of the same shape."""
    return np.searchsorted(STRATA, probabilities, side="right").astype(np.int64)


def probabilities(photo: PhotoInterpretation, figures: Mapping[str, Role]) -> dict[str, float]:
    """Return the probability of each measure that a photo was looked at for, 0–1.

    Where no leader could have been recognised, the leader and the focus are not among them.

    Args:
        figures: The role of each figure that it was looked at for, by name.
    """
    every = readings(photo, figures)
    if LEADER in figures.values():
        return every
    return {name: p for name, p in every.items() if name not in OF_LEADER}


def readings(photo: PhotoInterpretation, figures: Mapping[str, Role]) -> dict[str, float]:
    """Return all that the machine says of a photo, by measure, 0–1, known or not.

    Args:
        figures: The role of each enrolled figure by name.
    """
    subjects = {reading.subject.value: reading.probability for reading in photo.subjects}
    seen = {name: photo.presences.get(name, 0.0) for name in figures}
    leader = max((seen[name] for name, role in figures.items() if role == LEADER), default=0.0)
    focus = photo.focus
    return {
        **subjects,
        "leader": leader,
        # Taken as independent: the facility is read from the setting, the leader from his face.
        "leader_and_facility": leader * max(subjects.get("buildings", 0.0), focus.facility),
        "focus_leader": focus.leader,
        "focus_facility": focus.facility,
        "focus_neither": max(0.0, 1.0 - focus.leader - focus.facility),
        **{f"{FIGURE}{name}": p for name, p in seen.items()},
        **{f"{LABEL}{label.name}": label.probability for label in photo.labels},
    }


def decided(
    photo: PhotoInterpretation,
    estimated: Mapping[str, float],
    shows: Callable[[str, float], bool],
) -> set[str]:
    """Return the measures that a photo is decided to show by the machine.

    Args:
        estimated: From ``probabilities``.
        shows: Whether a probability of a measure decides, as ``Decisions.shows``; the focus has a
            verdict of its own, and a figure without a sighting is not decided to be shown, however
            strong the doubt.
    """
    names = {
        name
        for name, p in estimated.items()
        if shows(name, p) and name not in FOCUSES and not _doubtful(photo, name, estimated)
    }
    focus = f"focus_{photo.focus.verdict.value}"
    return names | ({focus} & estimated.keys())


def _doubtful(photo: PhotoInterpretation, name: str, estimated: Mapping[str, float]) -> bool:
    """Return whether a measure of figures rests on no figure that is seen in the photo."""
    if name not in ("leader", "leader_and_facility") and not name.startswith(FIGURE):
        return False
    rests_on = estimated["leader"] if name == "leader_and_facility" else estimated[name]
    return all(sighting.probability != rests_on for sighting in photo.sightings)
