"""Observes pages: pixels in, raw observations out. Costly, so once per scan and recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from presslens.models.captions.captioning import captioned
from presslens.models.faces.embedder import comparable, embeddable
from presslens.models.faces.gate import gated
from presslens.models.faces.sharpness import sharpness
from presslens.models.focus.attention import attention
from presslens.models.geometry import Box
from presslens.models.instruments import Instruments
from presslens.models.photos.crop import cut_out
from presslens.models.photos.traits import traits
from presslens.models.recipe import Recipe
from presslens.models.reprints.fingerprint import fingerprint
from presslens.models.subjects.maps import MAPPED
from presslens.models.subjects.persons import FAINT
from presslens.models.vocabulary import (
    Detection,
    Encoding,
    Face,
    Folio,
    Frame,
    Image,
    Objects,
    PageFrames,
    PageObservation,
    PhotoObservation,
    Subject,
)

_CROWD = MAPPED.index(Subject.CROWD)


@dataclass(frozen=True, slots=True)
class Observer:
    """Observes pages with one set of instruments under one recipe."""

    instruments: Instruments
    recipe: Recipe

    def observe(self, page: Image, languages: Sequence[str] = ()) -> PageObservation:
        """Return the observation of a page.

        Args:
            page: RGB pixels, shape (height, width, 3).
            languages: Those that it is printed in (BCP 47); empty: its texts are not read.
        """
        frames = self.find(page)
        photos = self.observe_photos(page, frames.frames)
        folio = self.read_folio(page, frames, languages)
        return self.assembled(page, frames, photos, folio, languages)

    def find(self, page: Image) -> PageFrames:
        """Return the frames of the photos of a page, shape (height, width, 3), RGB."""
        return self.instruments.photos.find(page)

    def read_folio(self, page: Image, frames: PageFrames, languages: Sequence[str]) -> Folio:
        """Return what a page, whose photos were found, says of itself at its head and foot."""
        boxes = [frame.box for frame in frames.frames]
        return self.instruments.folios.read(page, boxes, languages, skew=frames.skew)

    def observe_photos(
        self, page: Image, frames: Sequence[Frame], *, vouched: bool = False
    ) -> tuple[PhotoObservation, ...]:
        """Return the observations of a page's photos.

        Args:
            page: The page, shape (height, width, 3), RGB.
            frames: The frames of the photos.
            vouched: The largest face of each is an adult's, as somebody has said.
        """
        return tuple(self._photo(frame, cut_out(page, frame), vouched=vouched) for frame in frames)

    def assembled(
        self,
        page: Image,
        frames: PageFrames,
        photos: tuple[PhotoObservation, ...],
        folio: Folio,
        languages: Sequence[str],
    ) -> PageObservation:
        """Return the observation of a page whose photos were observed and whose folio was read."""
        height, width = page.shape[:2]
        measured = traits(page, frames, self.recipe.observe.photos.page_height_mm)
        observation = PageObservation(width, height, photos, measured, folio=folio)
        return captioned(observation, page, self.instruments.captions, languages)

    def look_at(
        self,
        page: Image,
        frames: Sequence[Frame],
        beside: Sequence[Box] = (),
        languages: Sequence[str] = (),
    ) -> PageObservation:
        """Return the observation of photos that people have drawn on a page, and of nothing else.

        Args:
            page: Shape (height, width, 3), RGB.
            frames: Their frames, in pixels of the page.
            beside: The other photos of the page, whose captions are not theirs.
            languages: Those that the page is printed in (BCP 47); empty: they are not known.
        """
        height, width = page.shape[:2]
        seen = PageObservation(width, height, self.observe_photos(page, frames))
        return captioned(seen, page, self.instruments.captions, languages, beside=beside)

    def observe_photo(self, photo: Image, *, vouched: bool = False) -> PageObservation:
        """Return the observation of an image that is itself one photo.

        Args:
            photo: Shape (height, width, 3), RGB.
            vouched: Its largest face is an adult's, as somebody has said of a public figure.
        """
        height, width = photo.shape[:2]
        frame = Frame(Box(0, 0, width, height), 1.0)
        return PageObservation(width, height, self.observe_photos(photo, [frame], vouched=vouched))

    def _photo(self, frame: Frame, printed: Image, *, vouched: bool) -> PhotoObservation:
        restored = self.instruments.restorer.restore(printed)
        crop, for_faces = restored.picture, restored.for_faces
        objects = self.instruments.objects.detect(crop)
        persons = self.instruments.persons.detect(crop, objects)
        places = self.instruments.features.extract(crop)
        maps = self.instruments.maps.map(places)
        estimated = self._with_child(objects, persons)
        likely = any(person.score >= FAINT for person in persons)
        peopled = likely or len(objects.aged) > 0 or (maps[_CROWD] >= 0).any()
        # A third of the time goes into faces: of 656 labelled photos without a trace of anybody
        # two had a face.
        detected = self.instruments.faces.detect([for_faces])[0] if peopled else []
        judged = self._faces_with_child(objects, detected)
        faces = self._embedded(for_faces, judged, vouched=vouched)
        dx, dy = round(frame.box.x0), round(frame.box.y0)
        detections = (*estimated, *objects.buildings)
        return PhotoObservation(
            frame=frame,
            detections=tuple(replace(d, box=d.box.moved(dx, dy)) for d in detections),
            faces=tuple(_moved(face, dx, dy) for face in faces),
            features=places.mean((1, 2)),
            objects=objects.scores,
            maps=maps,
            attention=attention(crop),
            fingerprint=fingerprint(printed).to_bytes(),
            encoding=self._encoding(crop),
        )

    def encode(self, page: Image, frames: Sequence[Frame]) -> PageObservation:
        """Return photos of a page with their encodings, and nothing else that is seen in them."""
        height, width = page.shape[:2]
        crops = (self.instruments.restorer.restore(cut_out(page, f)).picture for f in frames)
        nothing = np.zeros(0, np.float32)
        photos = (
            PhotoObservation(frame, (), (), nothing, encoding=self._encoding(crop))
            for frame, crop in zip(frames, crops, strict=True)
        )
        return PageObservation(width, height, tuple(photos))

    def _encoding(self, crop: Image) -> Encoding | None:
        encoder = self.instruments.encoder
        return None if encoder is None else encoder.encode(crop)

    def _with_child(self, objects: Objects, persons: Sequence[Detection]) -> list[Detection]:
        likely = [person for person in persons if person.score >= FAINT]
        child = self.instruments.children.persons(objects, [p.box for p in likely])
        estimated = [replace(p, child=c) for p, c in zip(likely, child, strict=True)]
        return [*estimated, *(person for person in persons if person.score < FAINT)]

    def _faces_with_child(self, objects: Objects, faces: Sequence[Face]) -> list[Face]:
        child = self.instruments.children.faces(objects, [face.box for face in faces])
        return [replace(face, child=c) for face, c in zip(faces, child, strict=True)]

    def _embedded(self, crop: Image, faces: Sequence[Face], *, vouched: bool) -> list[Face]:
        """Embed the largest faces, if embeddings are switched on, but never a child's.

        What the head of a face shows decides with what stands around it, and is forgotten: of a
        face that is taken for a child's nothing but the probability is returned.
        """
        rules = self.recipe.observe.faces
        looked = comparable(faces, rules)
        heads = self.instruments.identity.look(crop, [faces[i] for i in looked])
        embedded = gated(faces, looked, heads, self.instruments.gate)
        if not rules.embed:
            return embedded
        # The judged age stays: it is only not what the largest face's embedding hangs on.
        aged = [replace(face, child=0.0) if vouched and i == 0 else face
                for i, face in enumerate(embedded)]  # fmt: skip
        chosen = embeddable(aged, rules)
        rows = [looked.index(i) for i in chosen]
        vectors = self.instruments.identity.embed(
            crop, [faces[i] for i in chosen], heads.chosen(rows)
        )
        for i, vector in zip(chosen, vectors, strict=True):
            sharp = sharpness(crop, faces[i].landmarks)
            embedded[i] = replace(embedded[i], embedding=vector, sharpness=sharp)
        return embedded


def _moved(face: Face, dx: float, dy: float) -> Face:
    marks = tuple((x + dx, y + dy) for x, y in face.landmarks)
    return replace(face, box=face.box.moved(dx, dy), landmarks=marks)
