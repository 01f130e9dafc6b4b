"""Evaluation of the restoration beside filters and beside none: likeness, and subjects read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from skimage.metrics import structural_similarity
from sklearn.metrics import f1_score

from presslens.lab.training.datasets import LabelledPhoto, open_photo
from presslens.lab.training.printing import DEGRADATIONS, grey
from presslens.lab.training.restoration.filters import FilterRestorer
from presslens.lab.training.restoration.screens import SCREENINGS, Screening, print_as
from presslens.lab.training.restoration.train import printable
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects.examples import SubjectObserver
from presslens.lab.training.subjects.readers import (
    OutOfFoldReading,
    cross_validated,
    described,
    seen,
)
from presslens.models.accuracy import Measure
from presslens.models.instruments import Restorer
from presslens.models.restoration.screen import printing_of
from presslens.models.scripted import NoRestoration
from presslens.models.vocabulary import Image

EVERY = 4
"""Every n-th held-out photo is printed for measuring."""

HELD_OUT = "photos whose events were never printed in training"

READ = ("halftone 85 lpi", "colour rosettes 85 lpi")
"""The prints that subjects are read from in each way of restoring."""

READ_SETS = (
    "rodong_sinmun_photos", "dprk_web_photos", "dprk_travel_photos", "children_school",
    "facility_web", "fireworks2", "fireworks3",
)  # fmt: skip
"""The sets nearest to newspapers: each way of restoring has the networks look at all of them."""

READ_METHOD = "cross-validated in 5 folds by day, event or site; readers fitted on the same way"


SHIPPED = "by the kind of print"
"""The way that the recipe's instruments restore in."""


def ways(shipped: Restorer, network: Restorer) -> Mapping[str, Restorer]:
    """Return the ways of restoring that are compared, by name.

    Args:
        shipped: Filters or the network, by the kind of print.
        network: The network for all prints.
    """
    return {
        "no restoration": NoRestoration(),
        "filters alone": FilterRestorer(),
        "network alone": network,
        SHIPPED: shipped,
    }


def measured_photos(data: Path) -> list[LabelledPhoto]:
    """Return the held-out photos of a folder of labelled photos that are printed for measuring."""
    return printable(data, measured=True)[::EVERY]


def evaluate_likeness(
    photos: Sequence[LabelledPhoto], restorers: Mapping[str, Restorer]
) -> list[Measure]:
    """Return how like the printed photos the restored ones are, for each print and way.

    The photo that a print is compared with has its mean and spread of tones, since ink and scan
    change both.

    Args:
        photos: What is printed; the network learned from none of them.
        restorers: The ``ways``.
    """
    rows = []
    for name, prints in _printers().items():
        pairs = [prints(open_photo(photo.path), photo) for photo in photos]
        for way, restorer in restorers.items():
            likeness = [_likeness(original, restorer.restore(p).picture) for original, p in pairs]
            rows.append(
                Measure(
                    "restoration",
                    f"SSIM, {way}",
                    f"{name}, {len(photos)} photos",
                    len(photos),
                    float(np.mean(likeness)),
                    None,
                    HELD_OUT,
                )
            )
        share = float(np.mean([printing_of(p).visible for _, p in pairs]))
        rows.append(
            Measure(
                "restoration",
                "share whose print shows",
                f"{name}, {len(photos)} photos",
                len(photos),
                share,
                None,
                HELD_OUT,
            )
        )
    return rows


def _printers() -> Mapping[str, Callable[[Image, LabelledPhoto], tuple[Image, Image]]]:
    """Return the ways of printing: each gives what was printed, and the print."""
    single = {
        name: lambda photo, _, degrade=degrade: (photo, degrade(photo))
        for name, degrade in DEGRADATIONS.items()
        if degrade(np.zeros((8, 400, 3), np.uint8)).shape == (8, 400, 3)
    }
    return {AS_IS: lambda photo, _: (photo, photo), **single} | {
        f"{screening}, at random": _at_random(screening) for screening, _ in SCREENINGS
    }


def _at_random(screening: Screening) -> Callable[[Image, LabelledPhoto], tuple[Image, Image]]:
    def prints(photo: Image, labelled: LabelledPhoto) -> tuple[Image, Image]:
        seed = [SCREENINGS[0][0] == screening, *labelled.key.encode()]
        made = print_as(screening, photo, np.random.default_rng(seed))
        return made.photo, made.printed

    return prints


def _likeness(original: Image, restored: Image) -> float:
    """Return the structural similarity of two pictures in grey, -1 to 1 (Wang et al., 2004)."""
    first, second = (
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64)
        for picture in (grey(original), restored)
    )
    toned = (first - first.mean()) / (first.std() + 1e-6) * second.std() + second.mean()
    return float(structural_similarity(toned, second, data_range=255.0))


def evaluate_subjects(
    data: Path,
    restorers: Mapping[str, Restorer],
    observer: Callable[[Restorer, str], SubjectObserver],
    *,
    person_score: float,
) -> list[Measure]:
    """Return the F1 of subjects read from prints, for each way of restoring.

    Args:
        data: The folder of labelled photos.
        restorers: The ``ways``.
        observer: Returns an observer of photos that restores in one way, by its name.
        person_score: Lowest score of a person that is counted, 0–1.
    """
    rows: list[Measure] = []
    for way, restorer in restorers.items():
        examples = observer(restorer, way).observe(
            data, shown=(AS_IS, PRINTED, *READ), sets=READ_SETS
        )
        judged = cross_validated(examples, described(seen(examples), person_score=person_score))
        rows += _f1(judged, way)
    return rows


def _f1(judged: Sequence[OutOfFoldReading], way: str) -> Iterator[Measure]:
    for each in judged:
        for shown in (AS_IS, *READ):
            part = each.of(shown=shown)
            value = float(f1_score(part.truth, part.probability >= 0.5))
            name = f"{each.subject}, {shown}, near state media ({int(part.truth.sum())} show it)"
            yield Measure(
                "restoration", f"F1, {way}", name, len(part.truth), value, None, READ_METHOD
            )
