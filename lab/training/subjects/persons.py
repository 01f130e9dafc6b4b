"""Training of the person detector: none of its weights is changed.

A COCO network loses all classes but person, and keeps its accuracy. Tuning it on the few hundred
photos at hand lost some of it, on photos in print too (``models/cards/persons.md``); fusing its
looks with the object network's boxes gained what tuning didn't.
"""

from __future__ import annotations

from pathlib import Path

from presslens.lab.training.subjects.boxed import evaluate_persons, read_boxed
from presslens.lab.training.yolo import START, export, one_class
from presslens.models.recipe import PersonRules
from presslens.models.subjects.objects import OnnxObjectDetector
from presslens.models.subjects.persons import OnnxPersonDetector
from presslens.models.vocabulary import Detection, Image

ROW = 0
"""The COCO class *person*."""


def train(
    data: Path, out: Path, *, objects: OnnxObjectDetector, rules: PersonRules
) -> dict[str, float | int]:
    """Write ``persons.onnx`` into ``out``, and return its metrics on held-out photos.

    Args:
        data: The folder of labelled photos and start weights.
        out: The folder of the weights.
        objects: The object network, which persons are fused with.
        rules: The rules that the persons are measured under.
    """
    path = out / "persons.onnx"
    export(one_class(data / START, row=ROW, name="person"), path, dense=True)
    detector = OnnxPersonDetector(path, rules, threads=2)

    def detect(photo: Image) -> list[Detection]:
        return detector.detect(photo, objects.detect(photo))

    held_out_photos = sum(photo.held_out for photo in read_boxed(data))
    measures = evaluate_persons(data, detect)
    return {"held_out_photos": held_out_photos, "held_out_boxes": measures[0].n} | {
        f"{measure.what.lower()} {measure.data.split(',')[0]}": measure.value
        for measure in measures
    }
