"""OBSERVE: pixels in, raw observations out. Costly, so once per scan and recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.captions.captioning import captioned
from models.geometry import Box
from models.instruments import Instruments
from models.photos.traits import traits
from models.recipe import Recipe
from models.vocabulary import (
    Detection,
    Face,
    Frame,
    Image,
    PageFrames,
    PageObservation,
    PhotoObservation,
    Vector,
)

BODY = (3.0, 4.0)
"""A face without a person's box stands for a head-and-shoulders box so many faces wide and high."""

GROUP = 16
"""So many bodies are judged together: an estimator may judge but the largest of very many."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Looks at pages with one set of instruments under one recipe."""

    instruments: Instruments
    recipe: Recipe

    def observe(self, page: Image) -> PageObservation:
        """Return what is seen on a page, shape (height, width, 3), RGB."""
        found = self.instruments.photos.find(page)
        return self.described(page, found, self.look(page, found.frames))

    def look(self, page: Image, frames: Sequence[Frame]) -> tuple[PhotoObservation, ...]:
        """Return what is seen in the photos of a page, without the page itself."""
        features = self.instruments.features.extract([_crop(page, f.box) for f in frames])
        return self._photos(page, frames, features)

    def described(
        self, page: Image, found: PageFrames, photos: tuple[PhotoObservation, ...]
    ) -> PageObservation:
        """Return what is seen on a page, once its photos were looked at."""
        height, width = page.shape[:2]
        boxes = [frame.box for frame in found.frames]
        height_mm = self.recipe.observe.photos.page_height_mm
        like = traits(page, boxes, skew=found.skew, page_height_mm=height_mm)
        seen = PageObservation(width, height, photos, like)
        return captioned(seen, page, self.instruments.captions)

    def observe_photo(self, photo: Image) -> PageObservation:
        """Return what is seen in an image that is itself one photo."""
        height, width = photo.shape[:2]
        frame = Frame(Box(0, 0, width, height), 1.0)
        return PageObservation(width, height, self.look(photo, [frame]))

    def _photos(
        self, page: Image, frames: Sequence[Frame], features: NDArray[np.float32]
    ) -> tuple[PhotoObservation, ...]:
        crops = [_crop(page, frame.box) for frame in frames]
        persons = self.instruments.persons.detect(crops)
        faces = self.instruments.faces.detect(crops)
        return tuple(
            self._photo(frame, crop, found, seen, vector)
            for frame, crop, found, seen, vector in zip(
                frames, crops, persons, faces, features, strict=True
            )
        )

    def _photo(
        self,
        frame: Frame,
        crop: Image,
        persons: Sequence[Detection],
        faces: Sequence[Face],
        features: Vector,
    ) -> PhotoObservation:
        persons = self._with_child(crop, persons)
        faces = self._embedded(crop, self._faces_with_child(crop, faces, persons))
        dx, dy = round(frame.box.x0), round(frame.box.y0)
        return PhotoObservation(
            frame=frame,
            detections=tuple(replace(d, box=d.box.moved(dx, dy)) for d in persons),
            faces=tuple(_moved(face, dx, dy) for face in faces),
            features=features,
        )

    def _with_child(self, crop: Image, persons: Sequence[Detection]) -> list[Detection]:
        child = self.instruments.children.estimate(crop, [p.box for p in persons])
        return [replace(p, child=c) for p, c in zip(persons, child, strict=True)]

    def _faces_with_child(
        self, crop: Image, faces: Sequence[Face], persons: Sequence[Detection]
    ) -> list[Face]:
        """Give each face that may be embedded the child probability of its person.

        A face without a judged person is judged by where its body must be; one whose age still
        can't be told counts as a child's, so that it is not embedded.
        """
        rules = self.recipe.observe.faces
        owners = [_owner(face, persons) for face in faces]
        child = {i: o.child for i, o in enumerate(owners) if o is not None and o.child is not None}
        asked = [
            i
            for i, face in enumerate(faces[: rules.embed_most])
            if i not in child and face.box.height >= rules.embed_side
        ]
        for group in (asked[k : k + GROUP] for k in range(0, len(asked), GROUP)):
            bodies = [_body(faces[i].box, crop) for i in group]
            answers = self.instruments.children.estimate(crop, bodies)
            child |= {i: 1.0 if a is None else a for i, a in zip(group, answers, strict=True)}
        return [replace(face, child=child.get(i, 0.0)) for i, face in enumerate(faces)]

    def _embedded(self, crop: Image, faces: Sequence[Face]) -> list[Face]:
        """Embed the largest faces, but never a child's."""
        rules = self.recipe.observe.faces
        chosen = [
            i
            for i, face in enumerate(faces[: rules.embed_most])
            if face.child < rules.child and face.box.height >= rules.embed_side
        ]
        vectors = self.instruments.identity.embed(crop, [faces[i] for i in chosen])
        by_index = dict(zip(chosen, vectors, strict=True))
        return [replace(face, embedding=by_index.get(i)) for i, face in enumerate(faces)]


def _crop(page: Image, box: Box) -> Image:
    x0, y0, x1, y1 = box.pixels()
    return page[y0:y1, x0:x1]


def _owner(face: Face, persons: Sequence[Detection]) -> Detection | None:
    """Return the smallest person's box that holds nearly all of the face in its upper half."""
    holders = [
        p
        for p in persons
        if face.box.share_inside(p.box) > 0.8 and face.box.centre[1] < p.box.centre[1]
    ]
    return min(holders, key=lambda p: p.box.area, default=None)


def _body(face: Box, crop: Image) -> Box:
    x, _ = face.centre
    half = face.width * BODY[0] / 2
    top = face.y0 - face.height / 2
    height, width = crop.shape[:2]
    return Box(x - half, top, x + half, top + face.height * BODY[1]).clipped(width, height)


def _moved(face: Face, dx: float, dy: float) -> Face:
    marks = tuple((x + dx, y + dy) for x, y in face.landmarks)
    return replace(face, box=face.box.moved(dx, dy), landmarks=marks)
