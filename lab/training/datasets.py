"""Readers of the labelled photo sets of training and evaluation, which are not distributed.

Each set is a folder with ``images/`` and ``labels.csv``. Photos that look alike (one day, one
event, one roll of film) have one group, and a group is never on both sides of a split.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from presslens.lab.training.readings import reference_labels
from presslens.models.vocabulary import Image

Row = Mapping[str, str]

STATE_MEDIA = ("rodong_sinmun_photos", "dprk_web_photos")
"""The sets from the domain that the project is for."""

PORTRAITS = "statesmen_faces"
"""The set of portraits of public figures: the largest face of each is the person's."""

_WHITE = 243
"""A row of pixels whose mean is above this is a white margin, 0–255."""

_MARGIN = 24
"""The widest white margin that is trimmed, px."""


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo of a set, with all columns of its row.

    Attributes:
        dataset: The set's name, which is its folder's.
        path: The image file.
        group: Photos of one group are never on both sides of a split; unique over all sets.
        labels: The row of ``labels.csv``: "1", "0", and "?" where the labeller was not sure. What
            two readers have settled stands in the place of the set's own columns (``readings``).
    """

    dataset: str
    path: Path
    group: str
    labels: Row

    @property
    def key(self) -> str:
        """The photo's name, unique over all sets."""
        return f"{self.dataset}/{self.path.name}"

    def label(self, column: str) -> bool | None:
        """Return a label as True or False, or None where it is missing or unsure."""
        return {"1": True, "0": False}.get(self.labels.get(column, ""))


def _by_date(row: Row) -> str:
    return row["date"]


def _by_event(row: Row) -> str:
    """The file name upstream without its number: "choir" for "choir2.jpg"."""
    stem = Path(row["path"]).name.lower()
    dated = re.match(r"photo_\d{4}-\d\d-\d\d", stem)
    name = re.match(r"[^\W\d_]*", stem)
    return f"{row['repo']}:{dated[0] if dated else name[0] if name else stem}"


def _by_occasion(row: Row) -> str:
    return row["event"]


def _by_site(row: Row) -> str:
    return row["repo"]


def _by_page(row: Row) -> str:
    return row["page"]


def _by_person(row: Row) -> str:
    return row["person"]


def _alone(row: Row) -> str:
    return row["file"]


_GROUPS: Mapping[str, Callable[[Row], str]] = {
    "rodong_sinmun_photos": _by_date,
    "dprk_web_photos": _alone,
    "coco256": _alone,
    "coco_mini": _alone,
    "crowd_points": _alone,
    "intel_scenes": _alone,
    "fireworks": _by_event,
    "fireworks2": _by_event,
    "children_school": _by_event,
    "people_events_web": _by_event,
    "facility_web": _by_site,
    "ceremonies_web": _by_occasion,
    "dprk_travel_photos": _by_occasion,
    "fireworks3": _by_occasion,
    "dprk_newspaper_pages": _by_page,
    "press_photos": _by_site,
    "statesmen_faces": _by_person,
}

DATASETS = tuple(_GROUPS)
"""The sets that can be read, by name."""


def read_dataset(data: Path, name: str) -> list[LabelledPhoto]:
    """Return the photos of one set, in the order of its table.

    Args:
        data: The folder that holds the sets.
        name: One of ``DATASETS``.
    """
    folder = data / name
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [_photo(name, folder / "images", row) for row in rows]


def _photo(name: str, images: Path, row: Row) -> LabelledPhoto:
    file = row["file"].removeprefix("images/")
    labels = {**row, **reference_labels().get(f"{name}/{file}", {})}
    return LabelledPhoto(name, images / file, f"{name}/{_GROUPS[name](row)}", labels)


def open_photo(path: Path, *, trim: bool = True) -> Image:
    """Return the pixels of a training photo, without a white margin above and below if ``trim``.

    This is for the trusted sets alone: scans that somebody gives are decoded in a sandbox.
    """
    with PillowImage.open(path, formats=("JPEG", "PNG")) as file:
        pixels = np.asarray(file.convert("RGB"))
    return trimmed(pixels) if trim else pixels


def margin(path: Path) -> int:
    """Return how many rows ``open_photo`` trims off the top of a photo."""
    return _margins(open_photo(path, trim=False))[0]


def trimmed(photo: Image) -> Image:
    """Return a photo without the white margin that state-media web photos have above and below."""
    top, bottom = _margins(photo)
    return photo[top : len(photo) - bottom]


def _margins(photo: Image) -> tuple[int, int]:
    white = photo.mean((1, 2)) > _WHITE
    top, bottom = _run(white), _run(white[::-1])
    if top + bottom >= len(photo):
        return 0, 0
    return min(top, _MARGIN), min(bottom, _MARGIN)


def _run(white: np.typing.NDArray[np.bool_]) -> int:
    """Return how many rows from the first on are white."""
    return len(white) if white.all() else int(np.argmin(white))
