"""Reference photos become what a figure is matched by."""

from __future__ import annotations

from models.errors import NoFace
from models.instruments import FaceDetector, FaceEmbedder
from models.vocabulary import Image, Vector


def reference_embedding(photo: Image, detector: FaceDetector, embedder: FaceEmbedder) -> Vector:
    """Return the embedding, shape (128,), of the largest face in a reference photo.

    Raises:
        NoFace: The photo shows no face.
    """
    faces = detector.detect([photo])[0]
    if not faces:
        height, width = photo.shape[:2]
        raise NoFace(
            f"no face was found in this reference photo of {width} x {height} pixels: "
            "give one in which the figure's face is large and looks to the front"
        )
    largest = max(faces, key=lambda face: face.box.area)
    return embedder.embed(photo, [largest])[0]
