"""Training and measurement of the gate that keeps children's faces from being embedded.

The faces of a photo without children are adults'; those of a photo in which nine in ten people were
counted as children are children's. Portraits of public figures are adults'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training import split
from presslens.lab.training.datasets import PORTRAITS, STATE_MEDIA, LabelledPhoto
from presslens.lab.training.grouped_interval import grouped
from presslens.lab.training.showing import TAUGHT
from presslens.lab.training.subjects.children import all_children
from presslens.lab.training.subjects.children import out_of_fold as out_of_fold_children
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.models.accuracy import Measure
from presslens.models.faces.gate import LEAST, HeadGate, described, gated
from presslens.models.subjects.children import ObjectChildEstimator
from presslens.models.vocabulary import Heads

PRESS = "press_photos"
"""The set of photos that newspapers and offices print, which is measured apart."""

STRENGTH = 0.003
"""The inverse of the regularisation: 257 numbers are learned from a few hundred photos."""

AROUND = 4.0
"""What stands around a head counts as so many of its numbers: it is the same in all sources."""

CHILD_WEIGHT = 0.45
"""What all children weigh beside all adults. At the recipe's probability of 0.3 a face is then as
likely either's where as many children as adults are met."""

_METHOD = "left out by web site, newspaper or school; portraits by country"


@dataclass(frozen=True, slots=True, eq=False)
class AgedFace:
    """A face of known age in a labelled photo, and what the gate sees of it.

    Attributes:
        photo: The photo.
        shown: The way in which it is shown.
        is_child: Whether it is a child's; None where nobody knows.
        around: Probability of a child by the object network's scores, 0–1.
        ages: What the head shows, shape (256,).
        beside: The number of faces of the photo.
        height: The face's, in pixels.
    """

    photo: LabelledPhoto
    shown: str
    is_child: bool | None
    around: float
    ages: NDArray[np.float32]
    beside: int
    height: float

    @property
    def source(self) -> str:
        """What is left out as a whole: a web site, a newspaper, a school, a country's portraits."""
        labels, name = self.photo.labels, self.photo.dataset
        part = labels.get("country") or labels.get("source") or ""
        return f"{name} {part}".strip() if name not in STATE_MEDIA else "state media"


def train(data: Path, out: Path, *, observer: SubjectObserver) -> dict[str, float | int]:
    """Fit the gate, write it, and return the numbers of faces.

    Args:
        data: The folder of labelled photos.
        out: The skops file to write.
        observer: Observes the photos.
    """
    faces = [f for f in aged_faces(observer.observe(data)) if _teaches(f)]
    fit(faces).save(out)
    return {"n_faces": len(faces), "n_children": sum(bool(face.is_child) for face in faces)}


def aged_faces(examples: Sequence[SubjectExample]) -> list[AgedFace]:
    """Return the faces whose heads are looked at.

    What stands around them is judged by estimators that never saw the photo's event.

    Args:
        examples: Photos, among them all that teach.
    """
    taught = [e for e in examples if e.shown in TAUGHT]
    models = out_of_fold_children(taught, examples)
    pairs = zip(examples, models, strict=True)
    return [face for e, model in pairs for face in faces_of(e, ObjectChildEstimator(model))]


def faces_of(example: SubjectExample, children: ObjectChildEstimator) -> list[AgedFace]:
    """Return the faces of a photo whose heads are looked at, judged by what stands around them."""
    photo, faces = example.photo, [example.observation.faces[i] for i in example.looked]
    around = children.faces(example.objects, [face.box for face in faces])
    # Who stands beside a public figure nobody has labelled.
    portrait = photo.dataset == PORTRAITS
    age = all_children(photo)
    return [
        AgedFace(
            photo,
            example.shown,
            (False if i == 0 else None) if portrait else age,
            around[i],
            example.ages[i],
            1 if portrait else len(faces),
            face.box.height,
        )
        for i, face in enumerate(faces)
    ]


def judged(example: SubjectExample, children: ObjectChildEstimator, gate: HeadGate) -> list[float]:
    """Return the probability of each face of a photo to be a child's, as ``Observer`` has it."""
    around = children.faces(example.objects, [f.box for f in example.observation.faces])
    faces = [replace(f, child=p) for f, p in zip(example.observation.faces, around, strict=True)]
    heads = Heads(np.empty((len(example.looked), 0), np.float32), example.ages)
    return [face.child for face in gated(faces, example.looked, heads, gate)]


def out_of_fold(
    examples: Sequence[SubjectExample], children: Sequence[ObjectChildEstimator]
) -> list[HeadGate]:
    """Return for each photo a gate that was fitted without its event.

    Args:
        examples: Photos, among them all that teach.
        children: For each an estimator that was fitted without its event.
    """
    taught = [
        (e.photo.group, faces_of(e, model))
        for e, model in zip(examples, children, strict=True)
        if e.shown in TAUGHT
    ]
    return split.out_of_fold(
        lambda some: fit([face for _, faces in some for face in faces]),
        taught,
        [(e.photo.group, []) for e in examples],
        group=lambda photo: photo[0],
    )


def fit(faces: Sequence[AgedFace]) -> HeadGate:
    """Return the gate, fitted on faces of known age.

    What stands around small faces is weighed by a regression of all faces: it is as telling there.
    """
    faces = [face for face in faces if _teaches(face)]
    large = [face for face in faces if face.height >= LEAST]
    scaler = ColumnTransformer(
        [("around", StandardScaler(), [0]), ("head", StandardScaler(), slice(1, None))],
        transformer_weights={"around": AROUND},
    )
    heads = make_pipeline(scaler, LogisticRegression(C=STRENGTH, max_iter=3000))
    around = make_pipeline(StandardScaler(), LogisticRegression())
    return HeadGate(_fitted(heads, large, None), _fitted(around, faces, 1))


def _fitted(model: Pipeline, faces: Sequence[AgedFace], columns: int | None) -> Pipeline:
    truth = np.array([face.is_child for face in faces])
    # A photo of a hundred adults teaches no more than ten photos of ten.
    weight = 1 / np.sqrt([face.beside for face in faces])
    for age, share in ((False, 1.0), (True, CHILD_WEIGHT)):
        weight[truth == age] *= share * len(faces) / 2 / weight[truth == age].sum()
    rows = _rows(faces)[:, :columns]
    return model.fit(rows, truth, logisticregression__sample_weight=weight)


def left_out(faces: Sequence[AgedFace]) -> NDArray[np.float64]:
    """Return the probability of each face to be a child's, by a gate without its source."""
    probability = np.zeros(len(faces))
    for source in dict.fromkeys(face.source for face in faces):
        gate = fit([f for f in faces if f.source != source])
        theirs = [i for i, face in enumerate(faces) if face.source == source]
        some = [(faces[i].around, faces[i].ages, faces[i].height) for i in theirs]
        around, ages, heights = zip(*some, strict=True)
        probability[theirs] = gate.probabilities(around, np.array(ages), heights)
    return probability


def measures(faces: Sequence[AgedFace], *, child: float) -> list[Measure]:
    """Return the shares of children's and of adults' faces that are never embedded.

    Args:
        faces: From ``aged_faces``; those of unknown age don't count.
        child: Probability from which a face is taken for a child's, 0–1.
    """
    faces = [face for face in faces if face.is_child is not None]
    shut = left_out(faces) >= child
    found: list[Measure] = []
    for shown in dict.fromkeys(face.shown for face in faces):
        for name, of in _PARTS.items():
            some = [i for i, f in enumerate(faces) if f.shown == shown and of(f)]
            if some:
                hits, groups = shut[some], [faces[i].photo.group for i in some]
                what = f"never embedded, from probability {child:g} on; {shown}"
                found.append(
                    Measure("faces", what, name, len(some), float(hits.mean()),
                            grouped(hits, groups), _METHOD)
                )  # fmt: skip
    return found


_PARTS: Mapping[str, Callable[[AgedFace], bool]] = {
    "children of the school": lambda f: f.is_child is True and f.photo.dataset == "children_school",
    "children of other schools and events": lambda f: (
        f.is_child is True and f.photo.dataset != "children_school"
    ),
    "adults in portraits": lambda f: f.photo.dataset == PORTRAITS,
    "adults in state media": lambda f: not f.is_child and f.photo.dataset in STATE_MEDIA,
    "adults in press photos": lambda f: not f.is_child and f.photo.dataset == PRESS,
    "other adults": lambda f: (
        not f.is_child and f.photo.dataset not in (PORTRAITS, *STATE_MEDIA, PRESS)
    ),
}
"""What is measured apart."""


def _teaches(face: AgedFace) -> bool:
    return face.shown in TAUGHT and face.is_child is not None


def _rows(faces: Sequence[AgedFace]) -> NDArray[np.float64]:
    return described([face.around for face in faces], np.array([face.ages for face in faces]))
