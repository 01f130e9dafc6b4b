"""Measures the stations on labelled photographs, and writes the accuracy page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from models.faces import evaluate as faces
from models.faces.matcher import Matcher
from models.focus import evaluate as focus
from models.learned import grid_finder, load_instruments, load_persons
from models.measure import Measure
from models.observer import Observer
from models.photos import evaluate as photos
from models.recipe import Recipe
from models.registry import Registry
from models.subjects import evaluate as subjects
from models.subjects.examples import Looker
from models.subjects.features import EfficientNetFeatures
from models.subjects.readers import SubjectReaders

THREADS = 2

INTRODUCTION = """\
# Accuracy

Written by `make evaluate` from labelled photographs that do not come with the project. Every
figure names its data and its n: the number of labelled photos, boxes, faces or positive examples
that it was measured on. Nothing here was measured on what it was trained on: figures are
cross-validated by event, day or edition, or come from photos that were held out.

Recipe `{recipe}`.
"""

Measurer = Callable[[Path, Recipe, Registry], list[Measure]]


def evaluate(
    stations: Sequence[str], data: Path, recipe: Recipe, registry: Registry
) -> list[Measure]:
    """Measure some of ``pipelines.stations.STATIONS`` on the labelled sets in a folder."""
    return [measure for name in stations for measure in _MEASURERS[name](data, recipe, registry)]


def write_accuracy(measures: Sequence[Measure], recipe: Recipe, path: Path) -> None:
    """Write the figures as a page with one table a station, whole or not at all."""
    lines = [INTRODUCTION.format(recipe=recipe.id[:16])]
    for station, rows in groupby(measures, key=lambda m: m.station):
        lines += [f"\n## {station}\n", "| figure | data | n | value | 95 % | how |"]
        lines += ["|---|---|---|---|---|---|", *map(_row, rows)]
    part = path.with_name(f"{path.name}.part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(path)


def _row(m: Measure) -> str:
    interval = f"{m.interval[0]:.2f}–{m.interval[1]:.2f}" if m.interval else "–"
    return f"| {m.what} | {m.data} | {m.n} | {m.value:.3f} | {interval} | {m.method} |"


def _photos(data: Path, recipe: Recipe, registry: Registry) -> list[Measure]:
    return photos.cross_validated(
        data,
        grid_finder(recipe, registry),
        EfficientNetFeatures(registry.path("features"), threads=THREADS),
        threshold=recipe.observe.photos.photographic,
    )


def _persons(data: Path, recipe: Recipe, registry: Registry) -> list[Measure]:
    return subjects.evaluate_persons(data, load_persons(recipe, registry, threads=THREADS))


def _subjects(data: Path, recipe: Recipe, registry: Registry) -> list[Measure]:
    looker = Looker.load(recipe, registry, threads=THREADS)
    return subjects.evaluate(data, looker, person_score=recipe.interpret.person_score)


def _faces(data: Path, recipe: Recipe, registry: Registry) -> list[Measure]:
    return faces.evaluate(data, registry, recipe)


def _focus(data: Path, recipe: Recipe, registry: Registry) -> list[Measure]:
    return focus.evaluate(
        data,
        recipe,
        observer=_observer(recipe, registry),
        readers=SubjectReaders.load(registry.path("subjects")),
        matcher=Matcher.load(registry.path("matching")),
    )


def _observer(recipe: Recipe, registry: Registry) -> Observer:
    return Observer(load_instruments(recipe, registry, threads=THREADS), recipe)


_MEASURERS: Mapping[str, Measurer] = {
    "photos": _photos,
    "persons": _persons,
    "subjects": _subjects,
    "faces": _faces,
    "focus": _focus,
}
