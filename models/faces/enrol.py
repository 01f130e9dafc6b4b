"""Reference photos become what a figure is matched by."""

from __future__ import annotations

from models.errors import NoFace
from models.vocabulary import PhotoObservation, Vector


def reference_embedding(photo: PhotoObservation) -> Vector:
    """Return the embedding, shape (640,), of the largest face in a reference photo.

    Raises:
        NoFace: The photo shows no face, or its largest is too small or looks like a child's.
    """
    if not photo.faces:
        raise NoFace("no face was found; give a photo in which the face is large and in front")
    largest = max(photo.faces, key=lambda face: face.box.area)
    if largest.embedding is None:
        raise NoFace("the largest face is too small, or looks like a child's: it is not embedded")
    return largest.embedding
