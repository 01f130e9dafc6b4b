"""A recording of what the networks saw on pages: one ZIP file, small enough to be shipped.

Vectors are rounded: image features and face embeddings to 8 bits of their largest value, scores in
grids to half precision; boxes to a hundredth of a pixel, other numbers to five digits.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    NotRead,
    PageObservation,
    PageTraits,
    PhotoObservation,
    TextSource,
    Vector,
)

DOCUMENT, BYTES, HALVES = "recording.json", "vectors.i1", "vectors.f2"


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


def _observation(seen: dict[str, Any], reader: _VectorReader) -> PageObservation:
    width, height = seen["size"]
    return PageObservation(
        width,
        height,
        photos=tuple(_seen_photo(photo, reader) for photo in seen["photos"]),
        traits=seen["traits"] and PageTraits(**seen["traits"]),
        headlines=tuple(
            Headline(Box(*box), tuple(photos), **_transcript(*read))
            for box, photos, *read in seen["headlines"]
        ),
        folio=_folio(seen.get("folio")),
    )


def _folio(seen: dict[str, Any] | None) -> Folio | None:
    """Return the folio of a page; one that was recorded before there were any has none."""
    if seen is None:
        return None
    day = seen["day"]
    return Folio(**{**seen, "day": day and date.fromisoformat(day)})


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


def _caption(corners: list[float], place: str, *read: Any) -> Caption:
    return Caption(Box(*corners), CaptionPlace(place), **_transcript(*read))


def _transcript(
    text: str | None, confidence: float | None = None, not_read: str | None = None
) -> dict[str, Any]:
    """Return what was read; older recordings have texts alone."""
    source = None if text is None else TextSource.TESSERACT
    reason = not_read and NotRead(not_read)
    return {"text": text, "source": source, "confidence": confidence, "not_read": reason}


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
