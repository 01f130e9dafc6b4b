"""The predictions of a system: boxes in COCO's results format, subjects as CSV."""

from __future__ import annotations

import csv
import json
import math
import reprlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.benchmark.errors import InvalidPredictions
from presslens.pipelines.benchmark.folder import (
    PERSON,
    PHOTO,
    BenchmarkImage,
    BenchmarkTruth,
    Boxes,
    boxes_of,
)
from presslens.pipelines.statistics.measure import SUBJECTS

LARGEST = 512 * 2**20
"""Most bytes of a file of predictions."""


@dataclass(frozen=True, slots=True, eq=False)
class PredictedBoxes:
    """The boxes that a system found in a picture, best first."""

    boxes: Boxes  # shape (n, 4)
    scores: NDArray[np.float64]  # shape (n,), falling


NOTHING = PredictedBoxes(boxes_of([]), np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class SystemPredictions:
    """All that a system says of a benchmark."""

    about: Mapping[str, str]  # its name and whatever else it says of itself
    # Found boxes by picture and category; a picture without any isn't in it.
    boxes: Mapping[tuple[int, int], PredictedBoxes]
    # The probability of each subject by picture, 0–1; None: it doesn't tell subjects.
    subjects: Mapping[int, Mapping[str, float]] | None

    def has_boxes(self, category: int) -> bool:
        """Return whether any picture has a box of a category."""
        return any(of_box == category for _, of_box in self.boxes)

    def silent(self, truth: BenchmarkTruth) -> list[str]:
        """Return the conditions of which nothing is said: no box, and no subject."""
        predicted = {image for image, _ in self.boxes} | set(self.subjects or ())
        spoken = {image.condition for id_, image in truth.images.items() if id_ in predicted}
        return [name for name in truth.conditions if name not in spoken]

    def of(self, image: int, category: int) -> PredictedBoxes:
        """Return what was found of a category in a picture."""
        return self.boxes.get((image, category), NOTHING)


def read_predictions(
    file: Path, truth: BenchmarkTruth, *, subjects: Path | None = None
) -> SystemPredictions:
    """Read predictions; those of conditions that are left out are ignored.

    Args:
        file: A JSON list of {"image_id", "category_id", "bbox": [x, y, width, height], "score"}.
        subjects: A CSV with ``image_id`` and a column of probabilities for each subject that the
            system tells; None: the file of the same name that ends in .csv, if there is one.

    Raises:
        InvalidPredictions: A file can't be read or holds what can't be scored; the message names
            the file, the place and the reason.
    """
    beside = file.with_suffix(".csv")
    table = subjects or (beside if beside.is_file() else None)
    return SystemPredictions(
        _about(file),
        _boxes(file, truth),
        None if table is None else _subjects(table, truth),
    )


def about_file(file: Path) -> Path:
    """Return the file beside predictions that says what made them."""
    return file.with_name(f"{file.stem}.about.json")


def _about(file: Path) -> dict[str, str]:
    path = about_file(file)
    if not path.is_file():
        return {"system": _writable(file.stem)}
    document = _json(path)
    if not isinstance(document, dict) or not isinstance(document.get("system"), str):
        raise InvalidPredictions(f'{path}: not an object with a name, {{"system": "…"}}')
    about = {key: str(value) for key, value in document.items()}
    for text in (*about, *about.values()):
        if text != _writable(text):
            raise InvalidPredictions(f"{path}: {reprlib.repr(text)} has half of a surrogate pair")
    return about


def _writable(text: str) -> str:
    """Return a text with a question mark for each half of a surrogate pair: no file can have it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise InvalidPredictions(f"{path}: not JSON: {error}") from error


def _text(path: Path) -> str:
    """Return the text of a file; no more is read than it may hold, for devices have no size."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InvalidPredictions(f"{path}: {error.strerror}") from error
    if len(content) > LARGEST:
        raise InvalidPredictions(f"{path}: larger than {LARGEST >> 20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidPredictions(f"{path}: not UTF-8: {error}") from error


def _boxes(file: Path, truth: BenchmarkTruth) -> dict[tuple[int, int], PredictedBoxes]:
    entries = _json(file)
    if not isinstance(entries, list):
        raise InvalidPredictions(f"{file}: not a list of results, as COCO has them")
    rows: dict[tuple[int, int], list[tuple[Sequence[float], float]]] = defaultdict(list)
    for number, entry in enumerate(entries):
        try:
            image = _image(entry, truth)
            if image is None:
                continue
            category, box, score = _result(entry, image)
        except InvalidPredictions as error:
            raise InvalidPredictions(f"{file}: entry {number}: {error}") from error
        rows[image.id, category].append((box, score))
    return {key: _ranked(boxes) for key, boxes in rows.items()}


def _ranked(drawn: Sequence[tuple[Sequence[float], float]]) -> PredictedBoxes:
    boxes, scores = boxes_of([box for box, _ in drawn]), np.array([s for _, s in drawn], float)
    order = np.argsort(-scores, kind="stable")
    return PredictedBoxes(boxes[order], scores[order])


def _image(entry: Any, truth: BenchmarkTruth) -> BenchmarkImage | None:
    """Return the picture that a result is of; None for one that is left out."""
    if not isinstance(entry, dict):
        raise InvalidPredictions("not an object")
    missing = [key for key in ("image_id", "category_id", "bbox", "score") if key not in entry]
    if missing:
        raise InvalidPredictions(f"{missing[0]} is missing")
    id_ = entry["image_id"]
    is_id = isinstance(id_, int) and not isinstance(id_, bool)
    if is_id and id_ in truth.left_out:
        return None
    if not is_id or id_ not in truth.images:
        raise InvalidPredictions(_nothing(id_, "picture", truth))
    return truth.images[id_]


def _nothing(id_: Any, what: str, truth: BenchmarkTruth) -> str:
    return f"no {what} of {', '.join(truth.conditions)} has the image_id {reprlib.repr(id_)}"


def _result(entry: Mapping[str, Any], image: BenchmarkImage) -> tuple[int, list[float], float]:
    """Return the category, the box and the score of a result."""
    category, box, score = (entry[key] for key in ("category_id", "bbox", "score"))
    label = PHOTO if image.is_page else PERSON
    if category != label:
        what = "photos (1) are to be found on pages" if label == PHOTO else "people (2) in photos"
        raise InvalidPredictions(
            f"category_id {reprlib.repr(category)} in image {image.id}: {what}"
        )
    if not _is_number(score):
        raise InvalidPredictions(f"score {reprlib.repr(score)} is not a number")
    return label, _box(box, image), float(score)


def _box(box: Any, image: BenchmarkImage) -> list[float]:
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
        raise InvalidPredictions(f"bbox {reprlib.repr(box)} is not [x, y, width, height]")
    x, y, width, height = map(float, box)
    x1, y1, area = x + width, y + height, width * height
    # Edges that differ by less than a number can tell, and areas without one, have no overlaps.
    if not (x1 > x and y1 > y and area > 0):
        raise InvalidPredictions(f"bbox {reprlib.repr(box)} is empty")
    if not (math.isfinite(x1) and math.isfinite(y1) and math.isfinite(area)):
        raise InvalidPredictions(f"bbox {reprlib.repr(box)} is too large")
    if x >= image.size[0] or y >= image.size[1] or x1 <= 0 or y1 <= 0:
        across, down = image.size
        raise InvalidPredictions(
            f"bbox {reprlib.repr(box)} lies outside of the picture, {across} x {down} pixels"
        )
    return [x, y, width, height]


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def _subjects(file: Path, truth: BenchmarkTruth) -> dict[int, dict[str, float]]:
    reader = csv.DictReader(_text(file).splitlines())
    try:
        rows = dict(_rows(file, reader, truth))
    except csv.Error as error:
        raise InvalidPredictions(f"{file}: line {reader.line_num + 1}: {error}") from error
    covered = {truth.images[image].condition for image in rows}
    for image in truth.images.values():
        if image.condition in covered and not image.is_page and image.id not in rows:
            raise InvalidPredictions(f"{file}: no row for the photo {image.id} ({image.path.name})")
    return rows


def _rows(
    file: Path, reader: csv.DictReader[str], truth: BenchmarkTruth
) -> Iterator[tuple[int, dict[str, float]]]:
    columns = _columns(file, reader.fieldnames or ())
    seen: set[int] = set()
    for row in reader:
        where = f"{file}: line {reader.line_num}"
        if reader.restkey in row:
            raise InvalidPredictions(f"{where}: more cells than columns")
        id_ = row["image_id"] or ""
        number = int(id_) if id_.isdecimal() and len(id_) < 10 else None
        if number in truth.left_out:
            continue
        image = None if number is None else truth.images.get(number)
        if image is None or image.is_page:
            raise InvalidPredictions(f"{where}: {_nothing(id_, 'photo', truth)}")
        if image.id in seen:
            raise InvalidPredictions(f"{where}: a second row for the photo {image.id}")
        seen.add(image.id)
        yield image.id, {name: _probability(row[name], f"{where}: {name}") for name in columns}


def _columns(file: Path, header: Sequence[str]) -> list[str]:
    """Return the subjects that a table has columns of; an unknown one may be a subject misspelt."""
    columns = [name for name in SUBJECTS if name in header]
    names = ", ".join(SUBJECTS)
    if "image_id" not in header or not columns:
        raise InvalidPredictions(f"{file}: it needs the column image_id and any of {names}")
    for name, count in Counter(header).items():
        if name not in ("image_id", *SUBJECTS):
            raise InvalidPredictions(
                f"{file}: the column {reprlib.repr(name)} is none of image_id, {names}"
            )
        if count > 1:
            raise InvalidPredictions(f"{file}: the column {name} is there twice")
    return columns


def _probability(text: str | None, where: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise InvalidPredictions(f"{where}: {reprlib.repr(text)} is not a probability, 0 to 1")
    return value
