"""The truth of a benchmark, read from its folder."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.benchmark.errors import InvalidBenchmark

Boxes = NDArray[np.float64]
"""Boxes as COCO has them: x, y, width and height in pixels of the picture, shape (n, 4)."""

PHOTO, PERSON = 1, 2
"""COCO's categories: photos on pages, people in single photos."""

_FAR = 1e9
"""Pixels that no edge of a picture's box is away from its corner."""

_DAMAGED = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
"""What reading a document raises that has other parts than one of a benchmark."""


@dataclass(frozen=True, slots=True, eq=False)
class BenchmarkImage:
    """A picture of the benchmark with its truth."""

    id: int  # its id in instances.json
    path: Path  # its file
    condition: str
    sheet: str  # what is printed on it: the same in all conditions
    size: tuple[int, int]  # its width and height in pixels
    # What is to be found: PHOTO on a page, PERSON in a single photo; 0 in a single photo of which
    # it isn't known where people are.
    category: int
    boxes: Boxes  # what is to be found
    # Whether a box counts neither when it is found nor when it is missed, shape (n,).
    ignored: NDArray[np.bool_]
    distractors: Boxes  # boxes of what resembles photos, shape (m, 4),
    distractor_kinds: Sequence[str]  # and what each is
    edition: str  # the edition of a page; empty for a single photo

    @property
    def is_page(self) -> bool:
        """Whether it is a page, and not a single photo."""
        return bool(self.edition)


@dataclass(frozen=True, slots=True, eq=False)
class BenchmarkTruth:
    """All pictures of a benchmark."""

    version: str
    conditions: Sequence[str]  # its conditions in order; the others are compared with the first
    images: Mapping[int, BenchmarkImage]  # the pictures by id
    # Of each single photo, by sheet: which subjects it shows; without those for which it isn't
    # known.
    subjects: Mapping[str, Mapping[str, bool]]
    # Ids of the pictures in further conditions, which nobody asks about.
    left_out: Set[int] = frozenset()

    def pictures(self, condition: str, *, pages: bool) -> list[BenchmarkImage]:
        """Return the pages or the single photos of a condition, in the order of their sheets."""
        of = (i for i in self.images.values() if i.condition == condition and i.is_page == pages)
        return sorted(of, key=lambda image: image.sheet)

    def only(self, conditions: Collection[str]) -> BenchmarkTruth:
        """Return the benchmark with some of its conditions.

        Raises:
            InvalidBenchmark: It has no such condition.
        """
        unknown = sorted(set(conditions) - set(self.conditions))
        if unknown:
            raise InvalidBenchmark(
                f"this benchmark has no condition {', '.join(unknown)}; it has"
                f" {', '.join(self.conditions)}"
            )
        images = {id_: i for id_, i in self.images.items() if i.condition in conditions}
        return replace(
            self,
            conditions=[name for name in self.conditions if name in conditions],
            images=images,
            left_out=self.left_out | (self.images.keys() - images.keys()),
        )


def read_benchmark(folder: Path) -> BenchmarkTruth:
    """Read instances.json and truth.json of a benchmark.

    Raises:
        InvalidBenchmark: One of them is missing or is no such file.
    """
    instances, truth = _read(folder / "instances.json"), _read(folder / "truth.json")
    try:
        return _benchmark(folder, instances, truth)
    except _DAMAGED as error:
        raise InvalidBenchmark(f"{folder}: its truth is damaged: {error!r}") from error


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidBenchmark(
            f"{path} is missing: `presslens benchmark make --out FOLDER` makes a benchmark"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidBenchmark(f"{path}: not JSON: {error}") from error


def _benchmark(folder: Path, instances: Any, truth: Any) -> BenchmarkTruth:
    marks: dict[int, list[Any]] = defaultdict(list)
    for mark in instances["annotations"]:
        marks[mark["image_id"]].append(mark)
    pages = {page["sheet"]: page for page in truth["pages"]}
    images = {}
    for entry in instances["images"]:
        page = pages.get(entry["sheet"])
        of_image, distractors = marks[entry["id"]], _distractors(page, entry["condition"])
        images[entry["id"]] = BenchmarkImage(
            id=entry["id"],
            path=folder / _text(entry["file_name"]),
            condition=_text(entry["condition"]),
            sheet=_text(entry["sheet"]),
            size=(int(entry["width"]), int(entry["height"])),
            category=PHOTO if page else PERSON if entry["people"] else 0,
            boxes=_true_boxes([mark["bbox"] for mark in of_image]),
            ignored=np.array([bool(mark["iscrowd"]) for mark in of_image], np.bool_),
            distractors=_true_boxes([_sized(d["box"]) for d in distractors]),
            distractor_kinds=[_text(d["kind"]) for d in distractors],
            edition=_text(page["edition"]) if page else "",
        )
    subjects = {
        photo["sheet"]: {name: bool(s["present"]) for name, s in photo["subjects"].items()}
        for photo in truth["photos"]
    }
    conditions = [_text(name) for name in truth["conditions"]]
    if not conditions:
        raise ValueError("it has no conditions")
    benchmark = BenchmarkTruth(_text(truth["benchmark"]), conditions, images, subjects)
    for condition, is_page in product(benchmark.conditions, (True, False)):
        pictures = benchmark.pictures(condition, pages=is_page)
        if not pictures or not (is_page or subjects.keys() >= {p.sheet for p in pictures}):
            raise ValueError(f"{condition} has no pages, or photos of which nothing is said")
    return benchmark


def _distractors(page: Any, condition: str) -> Sequence[Any]:
    return page["distractors"].get(condition, ()) if page else ()


def _text(value: Any) -> str:
    """Return a text that can be written: one without halves of surrogate pairs.

    Raises:
        TypeError, ValueError: It is none.
    """
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    value.encode()
    return value


def _true_boxes(rows: Sequence[Sequence[float]]) -> Boxes:
    boxes = boxes_of(rows)
    if len(boxes) != len(rows) or not (np.abs(boxes) < _FAR).all() or (boxes[:, 2:] <= 0).any():
        raise ValueError(f"of these boxes one is none: {rows!r}")
    return boxes


def _sized(box: Sequence[float]) -> list[float]:
    x0, y0, x1, y1 = box
    return [x0, y0, x1 - x0, y1 - y0]


def boxes_of(rows: Sequence[Sequence[float]]) -> Boxes:
    """Return boxes as an array, shape (n, 4)."""
    return np.array(rows, np.float64).reshape(-1, 4)
