"""The predictions of this program, through the service path of ``presslens analyze``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.pipelines.analysis import Request, analyze
from presslens.pipelines.benchmark.errors import InvalidBenchmark
from presslens.pipelines.benchmark.folder import PERSON, PHOTO, BenchmarkImage, BenchmarkTruth
from presslens.pipelines.benchmark.predictions import about_file
from presslens.pipelines.progress import OnProgress
from presslens.pipelines.statistics.measure import SUBJECTS


@dataclass(frozen=True, slots=True)
class OwnPredictions:
    """What this program says of a benchmark."""

    results: list[dict[str, Any]]  # boxes in COCO's results format
    subjects: list[dict[str, Any]]  # a row of probabilities for each single photo
    about: dict[str, str]  # the program, its version and its recipe

    def write(self, file: Path) -> None:
        """Write FILE.json, FILE.csv and FILE.about.json."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(self.results) + "\n", encoding="utf-8")
        with file.with_suffix(".csv").open("w", encoding="utf-8", newline="") as table:
            writer = csv.DictWriter(table, ["image_id", *SUBJECTS])
            writer.writeheader()
            writer.writerows(self.subjects)
        about_file(file).write_text(json.dumps(self.about, indent=1) + "\n", encoding="utf-8")


def predict(
    truth: BenchmarkTruth,
    recipe: Recipe,
    registry: Registry,
    *,
    version: str,
    processes: int,
    progress: OnProgress = lambda _done, _of, _name: None,
) -> OwnPredictions:
    """Analyse all pages, then all single photos, of a benchmark.

    Nothing but the pictures is looked at.

    Args:
        recipe: The rules of observation and interpretation.
        version: The program's version.
        processes: At most so many processes observe pictures; 0 observes in this process.
        progress: Called with the count of pictures done, of all, and the name of the last.

    Raises:
        InvalidBenchmark: A picture can't be read.
        ModelUnavailable, ModelMismatch: As ``analyze``.
    """
    images = list(truth.images.values())
    pages = [image for image in images if image.is_page]
    photos = [image for image in images if not image.is_page]
    results: list[dict[str, Any]] = []
    subjects: list[dict[str, Any]] = []
    for some, done in ((pages, 0), (photos, len(pages))):
        if not some:
            continue
        document = analyze(
            Request([image.path for image in some], as_photos=some is photos),
            recipe,
            registry,
            processes=processes,
            progress=_after(done, len(images), progress),
        )
        for image, page in zip(some, document["pages"], strict=True):
            if page["outcome"] not in {"done", "empty"}:
                raise InvalidBenchmark(f"{image.path}: {page['outcome']}: {page['reason']}")
            results += _results(image, page["photos"])
            subjects += _subjects(image, page["photos"])
    about = {"system": f"Presslens {version}", "recipe": recipe.id}
    return OwnPredictions(results, subjects, about)


def _after(done: int, total: int, progress: OnProgress) -> OnProgress:
    """Return a progress that goes on where an earlier one ended."""
    return lambda count, _of, name: progress(done + count, total, name)


def _results(image: BenchmarkImage, photos: Sequence[Any]) -> Iterator[dict[str, Any]]:
    if image.is_page:
        for photo in photos:
            yield _result(image.id, PHOTO, photo)
        return
    for photo in photos:
        for detection in photo["detections"]:
            if detection["label"] == "person":
                yield _result(image.id, PERSON, detection)


def _result(image: int, category: int, observation: Any) -> dict[str, Any]:
    x0, y0, x1, y1 = observation["box"]
    box = [x0, y0, round(x1 - x0, 1), round(y1 - y0, 1)]
    return {"image_id": image, "category_id": category, "bbox": box, "score": observation["score"]}


def _subjects(image: BenchmarkImage, photos: Sequence[Any]) -> Iterator[dict[str, Any]]:
    if image.is_page:
        return
    shown = photos[0]["subjects"] if photos else {}
    yield {
        "image_id": image.id,
        **{name: shown.get(name, {}).get("probability", 0.0) for name in SUBJECTS},
    }
