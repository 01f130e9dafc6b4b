"""Lets the networks look at the month, and stores what they see.

Run ``python -m presslens.lab.month_recording``.

To be run when the recipe's rules of observation or the generator of the month have changed.
"""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import presslens.app.month
from presslens.app.month.make import RECORDING, make_month
from presslens.app.month.recording import BYTES, DOCUMENT, HALVES, Recording
from presslens.app.platform.settings import Settings
from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    Face,
    Folio,
    PageObservation,
    PhotoObservation,
    Transcript,
    Vector,
)
from presslens.pipelines.result import served

ZIPPED = (1980, 1, 1, 0, 0, 0)
"""The date of the files within: the same recording is the same file."""
LARGEST = 127


@dataclass(slots=True)
class _VectorWriter:
    """Vectors in the order in which they are written, apart from their scales."""

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


def _joined(arrays: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)


def _short(value: float) -> float:
    """Return a number with five digits."""
    return float(f"{value:.5g}")


def _read(printed: Transcript) -> list[Any]:
    return [printed.text, printed.confidence, printed.not_read]


def _corners(box: Box) -> list[float]:
    return [round(float(corner), 2) for corner in (box.x0, box.y0, box.x1, box.y1)]


def _page(page: PageObservation, vectors: _VectorWriter) -> dict[str, Any]:
    return {
        "size": [page.width, page.height],
        "photos": [_photo(photo, vectors) for photo in page.photos],
        "traits": page.traits and asdict(page.traits),
        "headlines": [[_corners(h.box), h.photos, *_read(h)] for h in page.headlines],
        "folio": served(Folio | None, page.folio),
    }


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
        "caption": caption and [_corners(caption.box), caption.place.value, *_read(caption)],
    }


def _face(face: Face, vectors: _VectorWriter) -> list[Any]:
    return [
        _corners(face.box),
        _short(face.score),
        [[round(float(x), 2), round(float(y), 2)] for x, y in face.landmarks],
        _short(face.child),
        None if face.embedding is None else vectors.rounded(face.embedding),
        None if face.sharpness is None else _short(face.sharpness),
    ]


def main() -> None:
    """Write the recording that is shipped, and say how large it is."""

    def tell(step: str, done: int, of: int) -> None:
        sys.stderr.write(f"{step}: {done} of {of}\n")

    settings, target = Settings(), Path(presslens.app.month.__file__).with_name(RECORDING)
    with TemporaryDirectory() as folder:
        month = make_month(settings, Path(folder), recording=None, progress=tell)
        save(month.recording(settings.load_recipe().observation_id), target)
    sys.stdout.write(f"{target}: {len(month.names)} pages, {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
