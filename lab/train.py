"""Training of the project's own models, with the instruments that precede them in the recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from presslens.lab.training.faces import gate as train_gate
from presslens.lab.training.faces import train as faces
from presslens.lab.training.faces.specimens import load_face_reader
from presslens.lab.training.focus import train as focus
from presslens.lab.training.focus.examples import ExampleReader
from presslens.lab.training.focus.leader import HeldOutLeader
from presslens.lab.training.labels import built_in as labels
from presslens.lab.training.labels.scenes import (
    SCENES,
    extractor_version,
    observe_scenes,
    read_scenes,
)
from presslens.lab.training.photos import second_look as train_second_look
from presslens.lab.training.photos import segmenter as train_segmenter
from presslens.lab.training.restoration import train as train_restoration
from presslens.lab.training.subjects import children as train_children
from presslens.lab.training.subjects import maps as train_maps
from presslens.lab.training.subjects import objects as train_objects
from presslens.lab.training.subjects import persons as train_persons
from presslens.lab.training.subjects import readers as subjects
from presslens.lab.training.subjects.examples import SubjectObserver
from presslens.models.faces.whitening import Whitening
from presslens.models.labels.vocabulary import MEASURED
from presslens.models.loading import load_features, load_finder, load_objects
from presslens.models.recipe import Recipe
from presslens.models.registry import SHIPPED, Registry, sha256_of
from presslens.models.subjects.features import EfficientNetFeatures
from presslens.pipelines.lifeline import end_with_spawner

THREADS = 2

Metrics: TypeAlias = dict[str, float | int]
Trainer = Callable[[Path, Path, Recipe, Registry], Metrics]


def train(name: str, data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    """Train the model ``name`` and write its file into a folder.

    Args:
        name: One of ``pipelines.evaluation.stations.TRAINED``.
        data: The folder of labelled photos.
        out: The folder of the weights.
        recipe: The rules of the instruments.
        registry: Gives the other weight files.

    Returns:
        Cross-validated or held-out metrics, with their n.
    """
    return _TRAINERS[name](data, out, recipe, registry)


def _restoration(data: Path, out: Path, _recipe: Recipe, _registry: Registry) -> Metrics:
    return train_restoration.train(data, out)


def _persons(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    objects = load_objects(recipe, registry, threads=THREADS)
    return train_persons.train(data, out, objects=objects, rules=recipe.observe.persons)


def _objects(data: Path, out: Path, _recipe: Recipe, _registry: Registry) -> Metrics:
    return train_objects.train(data, out)


def _maps(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    return train_maps.train(
        data, out / "maps.skops", observer=SubjectObserver.load(recipe, registry, threads=THREADS)
    )


def _children(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    return train_children.train(
        data,
        out / "children.skops",
        observer=SubjectObserver.load(recipe, registry, threads=THREADS),
    )


def _segmenter(data: Path, out: Path, _recipe: Recipe, _registry: Registry) -> Metrics:
    return train_segmenter.train(data, out, on_start=end_with_spawner)


def _photographs(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    segmenter = registry.path("segmenter")
    return train_second_look.train(
        data,
        out / "photographs.skops",
        finder=load_finder(recipe, registry, threads=THREADS, twice=False),
        features=EfficientNetFeatures(registry.path("features"), threads=THREADS),
        version=f"{recipe.hashes['features'][:12]} {sha256_of(segmenter)[:12]}",
    )


def _subjects(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    return subjects.train(
        data,
        out / "subjects.skops",
        observer=SubjectObserver.load(recipe, registry, threads=THREADS),
        person_score=recipe.interpret.person_score,
    )


def _gate(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    return train_gate.train(
        data, out / "gate.skops", observer=SubjectObserver.load(recipe, registry, threads=THREADS)
    )


def _whitening(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    reader = load_face_reader(recipe, registry, threads=THREADS)
    return faces.train_whitening(reader.read(data, shown=faces.TAUGHT), out / "whitening.skops")


def _matching(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    return faces.train_matching(
        load_face_reader(recipe, registry, threads=THREADS).read(data, shown=faces.TAUGHT),
        out / "matching.skops",
        whitening=Whitening.load(registry.path("whitening")),
    )


def _focus(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    examples = focus_reader(data, recipe, registry, threads=THREADS).read(data)
    return focus.train(examples, out / "focus.skops")


def focus_reader(data: Path, recipe: Recipe, registry: Registry, *, threads: int) -> ExampleReader:
    """Return the reader of photos labelled for the focus, their faces matched."""
    specimens = load_face_reader(recipe, registry, threads=threads).read(data)
    return ExampleReader(
        SubjectObserver.load(recipe, registry, threads=threads),
        HeldOutLeader(specimens, recipe.interpret),
        version=f"{recipe.observe.epoch} {recipe.hashes['restoration']}",
    )


def _labels(data: Path, out: Path, recipe: Recipe, registry: Registry) -> Metrics:
    """Train the labels; the metrics of the shipped ones are written into the package."""
    extractor = load_features(recipe, registry, threads=THREADS)
    version = extractor_version(recipe)
    examples = observe_scenes(data, read_scenes(SCENES), extractor, version=version)
    measured = MEASURED if out == SHIPPED else out / MEASURED.name
    return labels.train(examples, out / "labels.skops", measured)


_TRAINERS: Mapping[str, Trainer] = {
    "restoration": _restoration,
    "segmenter": _segmenter,
    "photographs": _photographs,
    "persons": _persons,
    "objects": _objects,
    "maps": _maps,
    "children": _children,
    "subjects": _subjects,
    "gate": _gate,
    "whitening": _whitening,
    "matching": _matching,
    "focus": _focus,
    "labels": _labels,
}
