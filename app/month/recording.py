"""A recording of what the networks saw on pages: one ZIP file, small enough to be shipped.

Vectors are rounded: image features and face embeddings to 8 bits of their largest value, scores in
grids to half precision; boxes to a hundredth of a pixel, other numbers to five digits.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    Caption,
    CaptionPlace,
    Detection,
    Face,
    Folio,
    Frame,
    Headline,
    PageObservation,
    PageTraits,
    PhotoObservation,
    TextSource,
    Vector,
)
from presslens.pipelines.document import folio_document

DOCUMENT, BYTES, HALVES = "recording.json", "vectors.i1", "vectors.f2"
ZIPPED = (1980, 1, 1, 0, 0, 0)
"""The date of the files within: the same recording is the same file."""
LARGEST = 127


@dataclass(frozen=True, slots=True, eq=False)
class RecordedPage:
    """What was seen on a page."""

    fingerprint: str  # names what was printed on the page, 64 hex digits
    # What the networks saw; None where the file could not be read.
    observation: PageObservation | None


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What the networks of one recipe saw."""

    observation_id: str  # names the recipe's rules of observation, 64 hex digits
    pages: Mapping[str, RecordedPage]  # by the name of each page


@dataclass(slots=True)
class _VectorWriter:
    """Vectors in the order in which they are written or read, apart from their scales."""

    bytes_: list[NDArray[np.int8]] = field(default_factory=list)
    halves: list[NDArray[np.float16]] = field(default_factory=list)

    def rounded(self, vector: Vector) -> list[float]:
        """Add a vector as bytes, and return its length and its scale."""
        largest = float(np.abs(vector).max(initial=0.0))
        scale = largest / LARGEST
        levels = np.rint(vector / scale) if scale else np.zeros(len(vector))
        self.bytes_.append(levels.astype(np.int8))
        return [len(vector), _short(scale)]

    def halved(self, values: NDArray[np.float32]) -> list[int]:
        """Add an array in half precision, and return its shape."""
        self.halves.append(values.astype(np.float16).ravel())
        return list(values.shape)


@dataclass(slots=True)
class _VectorReader:
    """Reads vectors in the order in which they were written."""

    bytes_: NDArray[np.int8]
    halves: NDArray[np.float16]
    _byte: int = 0
    _half: int = 0

    def rounded(self, described: Sequence[float]) -> Vector:
        """Return the next vector of bytes, given its length and its scale."""
        length, scale = int(described[0]), np.float32(described[1])
        self._byte += length
        return self.bytes_[self._byte - length : self._byte].astype(np.float32) * scale

    def halved(self, shape: Sequence[int]) -> NDArray[np.float32]:
        """Return the next array of half precision, given its shape."""
        length = int(np.prod(shape))
        self._half += length
        values = self.halves[self._half - length : self._half]
        return values.astype(np.float32).reshape(tuple(shape))


def save(recording: Recording, path: Path) -> None:
    """Write a recording; the same one is always the same file."""
    vectors = _VectorWriter()
    pages = {
        name: {
            "fingerprint": page.fingerprint,
            "seen": page.observation and _page(page.observation, vectors),
        }
        for name, page in recording.pages.items()
    }
    document = {"observation_id": recording.observation_id, "pages": pages}
    parts = {
        DOCUMENT: json.dumps(document, separators=(",", ":")).encode(),
        BYTES: _joined(vectors.bytes_, np.int8).tobytes(),
        HALVES: _joined(vectors.halves, np.float16).astype("<f2").tobytes(),
    }
    with zipfile.ZipFile(path, "w") as bundle:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, ZIPPED)
            bundle.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def load(content: bytes) -> Recording:
    """Return a recording from the bytes of its file."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        document = json.loads(bundle.read(DOCUMENT))
        reader = _VectorReader(
            np.frombuffer(bundle.read(BYTES), np.int8), np.frombuffer(bundle.read(HALVES), "<f2")
        )
    pages = {
        name: RecordedPage(page["fingerprint"], page["seen"] and _observation(page["seen"], reader))
        for name, page in document["pages"].items()
    }
    return Recording(document["observation_id"], pages)


def _joined(arrays: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)


def _short(value: float) -> float:
    """Return a number with five digits."""
    return float(f"{value:.5g}")


def _corners(box: Box) -> list[float]:
    return [round(float(corner), 2) for corner in (box.x0, box.y0, box.x1, box.y1)]


def _page(page: PageObservation, vectors: _VectorWriter) -> dict[str, Any]:
    return {
        "size": [page.width, page.height],
        "photos": [_photo(photo, vectors) for photo in page.photos],
        "traits": page.traits and asdict(page.traits),
        "headlines": [[_corners(h.box), h.photos, h.text] for h in page.headlines],
        "folio": folio_document(page.folio),
    }


def _observation(seen: dict[str, Any], reader: _VectorReader) -> PageObservation:
    width, height = seen["size"]
    return PageObservation(
        width,
        height,
        photos=tuple(_seen_photo(photo, reader) for photo in seen["photos"]),
        traits=seen["traits"] and PageTraits(**seen["traits"]),
        headlines=tuple(
            Headline(Box(*box), tuple(photos), text) for box, photos, text in seen["headlines"]
        ),
        folio=_folio(seen.get("folio")),
    )


def _folio(seen: dict[str, Any] | None) -> Folio | None:
    """Return the folio of a page; one that was recorded before there were any has none."""
    if seen is None:
        return None
    day = seen["day"]
    return Folio(**{**seen, "day": day and date.fromisoformat(day)})


def _photo(photo: PhotoObservation, vectors: _VectorWriter) -> dict[str, Any]:
    caption = photo.caption
    return {
        "frame": [_corners(photo.frame.box), _short(photo.frame.score)],
        "detections": [
            [
                d.label,
                _corners(d.box),
                _short(d.score),
                None if d.child is None else _short(d.child),
            ]
            for d in photo.detections
        ],
        "faces": [_face(face, vectors) for face in photo.faces],
        "features": vectors.rounded(photo.features),
        "objects": vectors.halved(photo.objects),
        "maps": vectors.halved(photo.maps),
        "attention": vectors.halved(photo.attention),
        "caption": caption and [_corners(caption.box), caption.place.value, caption.text],
    }


def _seen_photo(seen: dict[str, Any], reader: _VectorReader) -> PhotoObservation:
    box, score = seen["frame"]
    caption = seen["caption"]
    return PhotoObservation(
        frame=Frame(Box(*box), score),
        detections=tuple(
            Detection(label, Box(*box), score, child)
            for label, box, score, child in seen["detections"]
        ),
        faces=tuple(_seen_face(face, reader) for face in seen["faces"]),
        features=reader.rounded(seen["features"]),
        objects=reader.halved(seen["objects"]),
        maps=reader.halved(seen["maps"]),
        attention=reader.halved(seen["attention"]),
        caption=caption and _caption(*caption),
    )


def _caption(corners: list[float], place: str, text: str | None) -> Caption:
    source = None if text is None else TextSource.TESSERACT
    return Caption(Box(*corners), CaptionPlace(place), text, source)


def _face(face: Face, vectors: _VectorWriter) -> list[Any]:
    return [
        _corners(face.box),
        _short(face.score),
        [[round(float(x), 2), round(float(y), 2)] for x, y in face.landmarks],
        _short(face.child),
        None if face.embedding is None else vectors.rounded(face.embedding),
        None if face.sharpness is None else _short(face.sharpness),
    ]


def _seen_face(seen: list[Any], reader: _VectorReader) -> Face:
    box, score, landmarks, child, embedding, sharpness = seen
    return Face(
        Box(*box),
        score,
        tuple((x, y) for x, y in landmarks),
        child,
        None if embedding is None else reader.rounded(embedding),
        sharpness,
    )
