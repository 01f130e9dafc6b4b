"""Making of the benchmark: composes sheets, then prints and captures each in each condition."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

import presslens.samples
from presslens.samples.area import Area
from presslens.samples.benchmark.catalogue import WITHHELD
from presslens.samples.benchmark.condition import CONDITIONS, LOW_WIDTH, THUMBNAIL, Capture
from presslens.samples.benchmark.manifest import FILE, manifest, pixel_hash
from presslens.samples.benchmark.projection import Projection
from presslens.samples.benchmark.screen import SCAN_DPI
from presslens.samples.benchmark.sheet import SEED, ComposedSheet, compose_sheets, sheet_count
from presslens.samples.benchmark.version import BENCHMARK_VERSION

CATEGORIES = {"photo": 1, "person": 2}

IMAGES_A_CONDITION = 1000
"""Ids of images are this many times the number of their condition, plus that of their sheet."""

SOURCES = Path(presslens.samples.__file__).with_name("sources.toml")


def make_benchmark(
    sources: Path,
    out: Path,
    *,
    conditions: Sequence[str] = tuple(CONDITIONS),
    seed: int = SEED,
    sample: bool = False,
    processes: int = 0,
    on_start: Callable[[], None] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> dict[str, Any]:
    """Write the pictures, instances.json, truth.json and manifest.json, and return the manifest.

    Args:
        sources: The folder of the files of ``samples/sources.toml``.
        out: The folder of the benchmark; made if missing, files in it are replaced.
        conditions: Names of CONDITIONS, in its order.
        seed: Seeds every random choice, 0 or more.
        sample: Make two pages and eight photos only.
        processes: How many processes print; 0: this one.
        on_start: A function of a module, called in each of these processes first.
        progress: Called with the numbers of pictures made and to make.

    Raises:
        MissingSource: A photograph or font isn't in ``sources``.
    """
    for condition in conditions:
        (out / condition).mkdir(parents=True, exist_ok=True)
    printer = _SheetPrinter(out, tuple(conditions), seed)
    sheets, truths = [], []
    total = sheet_count(sample=sample) * len(conditions)
    composed = compose_sheets(sources, seed=seed, sample=sample)
    for sheet, of_sheet in _printed(printer, enumerate(composed, start=1), processes, on_start):
        sheets.append(replace(sheet, pixels=sheet.pixels[:0]))
        truths += of_sheet
        progress(len(truths), total)
    truths.sort(key=lambda truth: truth.image["id"])
    _write(out / "instances.json", instances(truths, licences()))
    _write(out / "truth.json", further_truth(sheets, truths, conditions))
    pictures = {truth.image["file_name"]: truth.pixels for truth in truths}
    made = manifest(pictures, seed=seed, sample=sample)
    _write(out / FILE, made)
    return made


def licences() -> dict[str, str]:
    """Return the licence of each file that the benchmark is made of."""
    listed = tomllib.loads(SOURCES.read_text(encoding="utf-8"))["weight"]
    return {e["file"]: e["licence"] for e in listed if e["file"] not in WITHHELD}


@dataclass(frozen=True, slots=True)
class _SheetPrinter:
    """Prints and captures sheets."""

    out: Path  # the folder of the benchmark
    conditions: Sequence[str]
    seed: int  # seeds the effects

    def __call__(self, numbered: tuple[int, ComposedSheet]) -> list[ImageTruth]:
        """Write the pictures of a sheet, given with its number, and return their truth."""
        cv2.setNumThreads(1)
        return [self._capture(*numbered, condition) for condition in self.conditions]

    def _capture(self, number: int, sheet: ComposedSheet, condition: str) -> ImageTruth:
        place = list(CONDITIONS).index(condition)
        rng = np.random.default_rng([self.seed, number, place])
        low = LOW_WIDTH
        if sheet.photo is not None:
            low = round(THUMBNAIL * sheet.pixels.shape[1] / sheet.photo.width)
        capture = CONDITIONS[condition](sheet.pixels, rng, low)
        pixels, projection = capture.pixels, capture.projection
        if sheet.photo is not None:
            projection, part = cropped(projection, sheet.photo)
            pixels = pixels[part]
        file = f"{condition}/{sheet.name}.{'png' if capture.quality is None else 'jpg'}"
        _save(replace(capture, pixels=pixels), self.out / file)
        hash_ = pixel_hash(self.out / file)
        return image_truth(sheet, number, condition, projection, file, hash_)


def _printed(
    printer: _SheetPrinter,
    sheets: Iterator[tuple[int, ComposedSheet]],
    processes: int,
    on_start: Callable[[], None] | None,
) -> Iterator[tuple[ComposedSheet, list[ImageTruth]]]:
    context = get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, on_start) if processes else nullcontext()
    with pool as executor:
        # A few at a time: the sheets that wait would fill the memory.
        while some := list(islice(sheets, 8 * max(1, processes))):
            run = partial(executor.map, printer) if isinstance(executor, Executor) else None
            results = run(some) if run else map(printer, some)
            yield from zip((sheet for _, sheet in some), results, strict=True)


def _save(capture: Capture, path: Path) -> None:
    image = Image.fromarray(np.ascontiguousarray(capture.pixels))
    if capture.quality is None:
        image.convert("1").save(path, dpi=(SCAN_DPI, SCAN_DPI))
    else:
        image.save(path, quality=capture.quality, subsampling=capture.subsampling)


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class ImageTruth:
    """A picture of a sheet in one condition, with all that is known of it."""

    image: dict[str, Any]  # its entry among the COCO images
    annotations: Sequence[dict[str, Any]]  # its COCO annotations, without ids
    distractors: Sequence[dict[str, Any]]  # boxes and kinds of what resembles photos
    pixels: str  # the sha256 of its pixels as they are decoded


def image_truth(
    sheet: ComposedSheet,
    number: int,
    condition: str,
    projection: Projection,
    file: str,
    pixels: str,
) -> ImageTruth:
    """Return the truth of a picture.

    Args:
        number: The number of the sheet, from 1.
        projection: Where the sheet is in the picture.
        file: The picture, relative to the folder of the benchmark.
        pixels: The sha256 of its pixels.
    """
    width, height = projection.size
    id_ = IMAGES_A_CONDITION * (1 + list(CONDITIONS).index(condition)) + number
    kind = "page" if sheet.photo is None else "photo"
    image = {"id": id_, "file_name": file, "width": width, "height": height, "kind": kind}
    image |= {"condition": condition, "sheet": sheet.name}
    if kind == "page":
        marks = [_annotation(id_, "photo", projection, photo["box"]) for photo in sheet.photos]
    else:
        image["people"] = sheet.people is not None
        marks = [
            _annotation(id_, "person", projection, person.area.box, crowd=not person.counts)
            for person in sheet.people or ()
        ]
    distractors = [{**d, "box": list(projection.box(d["box"]))} for d in sheet.distractors]
    return ImageTruth(image, marks, distractors, pixels)


def _annotation(
    image: int, category: str, projection: Projection, area: Sequence[float], *, crowd: bool = False
) -> dict[str, Any]:
    x0, y0, x1, y1 = projection.box(area)
    width, height = round(x1 - x0, 2), round(y1 - y0, 2)
    return {
        "image_id": image,
        "category_id": CATEGORIES[category],
        "bbox": [x0, y0, width, height],
        "area": round(width * height, 2),
        "segmentation": [[edge for point in projection.outline(area) for edge in point]],
        "iscrowd": int(crowd),
    }


def instances(truths: Sequence[ImageTruth], licences: Mapping[str, str]) -> dict[str, Any]:
    """Return the COCO JSON of all pictures.

    Args:
        truths: The pictures.
        licences: The licence of each source file.
    """
    names = sorted(set(licences.values()))
    marks = [mark for truth in truths for mark in truth.annotations]
    return {
        "info": {
            "description": "Presslens benchmark: detection on printed newspapers; composed",
            "version": BENCHMARK_VERSION,
        },
        "licenses": [{"id": i, "name": name} for i, name in enumerate(names, start=1)],
        "categories": [{"id": id_, "name": name} for name, id_ in CATEGORIES.items()],
        "images": [truth.image for truth in truths],
        "annotations": [{"id": i, **mark} for i, mark in enumerate(marks, start=1)],
    }


def further_truth(
    sheets: Sequence[ComposedSheet], truths: Sequence[ImageTruth], conditions: Sequence[str]
) -> dict[str, Any]:
    """Return what COCO has no place for.

    Args:
        sheets: All sheets; their pixels aren't used.
        truths: All pictures.
        conditions: The conditions, in the order of CONDITIONS.
    """
    distractors: dict[str, dict[str, Any]] = {}
    for truth in truths:
        of_sheet = distractors.setdefault(truth.image["sheet"], {})
        of_sheet[truth.image["condition"]] = truth.distractors
    pages = [
        {
            "sheet": sheet.name,
            **sheet.origin,
            "photos": [{"subjects": photo["subjects"]} for photo in sheet.photos],
            "distractors": distractors[sheet.name],
        }
        for sheet in sheets
        if sheet.photo is None
    ]
    photos = [
        {"sheet": sheet.name, **sheet.origin, "subjects": sheet.photos[0]["subjects"]}
        for sheet in sheets
        if sheet.photo is not None
    ]
    return {
        "benchmark": BENCHMARK_VERSION,
        "composed": True,
        "conditions": list(conditions),
        "pages": pages,
        "photos": photos,
    }


def cropped(projection: Projection, photo: Area) -> tuple[Projection, tuple[slice, slice]]:
    """Return the part of a picture around a single photo, as a finder of photos would cut it out.

    Returns:
        The projection into that part, and the rows and columns of the picture that it takes.
    """
    x0, y0, x1, y1 = projection.box(photo.box)
    left, top = int(x0), int(y0)
    right, bottom = -int(-x1 // 1), -int(-y1 // 1)
    part = projection.cut((left, top), (right - left, bottom - top))
    return part, (slice(top, bottom), slice(left, right))
