"""Measures how well prints of one picture are told from different photos.

What the decision was chosen on, and what it is measured on, are halves of the photos by the hash of
their event: no event is in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from presslens.lab.training.datasets import LabelledPhoto, open_photo, read_dataset
from presslens.lab.training.grouped_interval import grouped
from presslens.lab.training.reprints.prints import ALL, CONDITIONS, reprint
from presslens.lab.training.reprints.routes import Route, routes
from presslens.lab.training.split import held_out
from presslens.models.accuracy import Measure, wilson
from presslens.models.instruments import FeatureExtractor
from presslens.models.reprints.comparison import compare
from presslens.models.reprints.fingerprint import fingerprint
from presslens.models.reprints.stored import Fingerprint, find_each_other

STATION = "reprints"

SETS = (
    "rodong_sinmun_photos", "dprk_web_photos", "ceremonies_web", "people_events_web",
    "children_school", "facility_web", "dprk_travel_photos", "coco256", "coco_mini",
    "fireworks2", "fireworks3",
)  # fmt: skip
"""The sets whose photos are large enough to be printed."""

NAMES = (*CONDITIONS, ALL)
"""The conditions of prints."""

EVERY = 3
"""Of the photos, each so manieth is used for the comparison of ways."""

MEASURED = "of the half that the decision was not chosen on"
RECALL = "share found: looked up by words, compared and decided"
FALSE = "false pairs of 100,000"
WAY = "share found by {}"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class _PrintedPhoto:
    """A photo that is measured: its fingerprint, and those of its prints by condition."""

    photo: LabelledPhoto
    original: Fingerprint
    prints: dict[str, Fingerprint]


def halves(data: Path) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """Return the photos that the decision was chosen on, and those that it is measured on."""
    photos = [photo for name in SETS for photo in read_dataset(data, name)]
    chosen = [photo for photo in photos if not held_out(photo.group, 0.5)]
    return chosen, [photo for photo in photos if held_out(photo.group, 0.5)]


def evaluate(data: Path, extractor: FeatureExtractor, progress: Progress) -> list[Measure]:
    """Return the metrics of the decision, and of other ways on some of the photos.

    Args:
        data: The folder of labelled sets.
        extractor: Gives the image features.
        progress: Receives what is being measured.
    """
    chosen, measured = halves(data)
    progress("printing photos anew")
    printed = [_printed(photo, seed) for seed, photo in enumerate(measured)]
    progress("comparing prints and different photos")
    rows = [*_recall(printed), *_false(printed)]
    progress("measuring other ways")
    return [*rows, *_ways(routes(extractor), chosen[::EVERY], measured[::EVERY])]


def _printed(photo: LabelledPhoto, seed: int) -> _PrintedPhoto:
    pixels, rng = open_photo(photo.path), np.random.default_rng(seed)
    prints = {name: fingerprint(reprint(pixels, name, rng)) for name in NAMES}
    return _PrintedPhoto(photo, fingerprint(pixels), prints)


def _recall(printed: Sequence[_PrintedPhoto]) -> Iterator[Measure]:
    """Yield the share of prints that are found, by condition, and that of pairs of prints."""
    groups = [one.photo.group for one in printed]
    everything = []
    for name in NAMES:
        hits = np.array([_is_hit(one.prints[name], one.original) for one in printed])
        everything.append(hits)
        method = f"the photo and a print of it, composed, {MEASURED}"
        share = float(hits.mean())
        yield Measure(STATION, RECALL, name, len(hits), share, grouped(hits, groups), method)
    whole = np.concatenate(everything)
    interval = grouped(whole, groups * len(NAMES))
    method = f"all of these, {MEASURED}"
    yield Measure(
        STATION, RECALL, "all conditions", len(whole), float(whole.mean()), interval, method
    )
    pairs = [
        _is_hit(one.prints[NAMES[i % len(NAMES)]], one.prints[NAMES[(i // 2 + 5) % len(NAMES)]])
        for i, one in enumerate(printed)
    ]
    hits = np.array(pairs)
    method = f"two prints of a photo in conditions by turns, {MEASURED}"
    share = float(hits.mean())
    yield Measure(STATION, RECALL, "two prints", len(hits), share, grouped(hits, groups), method)


def _is_hit(one: Fingerprint, other: Fingerprint) -> bool:
    return find_each_other(one, other) and compare(one, other).is_reprint


def _false(printed: Sequence[_PrintedPhoto]) -> Iterator[Measure]:
    """Yield the false pairs among all different photos, and among those of one event.

    Each photo is held against each other one as it is, and against a print of it.
    """
    wrong, alike = [], []
    for (i, one), (_, other) in combinations(enumerate(printed), 2):
        event = one.photo.group == other.photo.group
        for print_ in (other.original, other.prints[NAMES[i % len(NAMES)]]):
            wrong.append(compare(one.original, print_).is_reprint)
            alike.append(event)
    hits, of_event = np.array(wrong), np.array(alike)
    kinds = {
        "different photos": np.ones(len(hits), np.bool_),
        "different photos of one event": of_event,
        "photos of different events": ~of_event,
    }
    for data, kind in kinds.items():
        share, n = float(hits[kind].mean()), int(kind.sum())
        low, high = wilson(share, n) or (0.0, 1.0)
        method = f"each photo and each other one, as it is and printed, {MEASURED}"
        interval = (1e5 * low, 1e5 * high)
        yield Measure(STATION, FALSE, data, n, 1e5 * share, interval, method)


def _ways(
    ways: Mapping[str, Route], chosen: Sequence[LabelledPhoto], measured: Sequence[LabelledPhoto]
) -> Iterator[Measure]:
    """Yield the share of prints that each way finds at the threshold chosen on the other half."""
    described: dict[str, list[Any]] = {name: [] for name in ways}
    for photo in chosen:
        pixels = open_photo(photo.path)
        for name, way in ways.items():
            described[name].append(way.describe(pixels))
    alike: dict[str, list[float]] = {name: [] for name in ways}
    for seed, photo in enumerate(measured):
        pixels, rng = open_photo(photo.path), np.random.default_rng(seed)
        prints = [reprint(pixels, condition, rng) for condition in NAMES]
        for name, way in ways.items():
            original = way.describe(pixels)
            alike[name] += [way.alike(original, way.describe(one)) for one in prints]
    groups = [photo.group for photo in measured for _ in NAMES]
    for name, way in ways.items():
        different = [way.alike(one, other) for one, other in combinations(described[name], 2)]
        hits = np.array(alike[name]) > max(different)
        method = (
            f"at the threshold that none of {len(different)} pairs of different photos of the other"
            " half exceeds"
        )
        yield Measure(
            STATION, WAY.format(name), f"all conditions of {len(measured)} photos", len(hits),
            float(hits.mean()), grouped(hits, groups), method,
        )  # fmt: skip
