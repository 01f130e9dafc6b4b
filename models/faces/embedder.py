"""Face embeddings by dlib's ResNet: 128 numbers that are close together for one person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import dlib
import numpy as np

from models.faces.alignment import chip
from models.vocabulary import Face, Image, Vector


class DlibEmbedder:
    """A ``FaceEmbedder``; the network is measured with euclidean distances."""

    def __init__(self, path: Path) -> None:
        """Open the network in the ``.dat`` file at ``path``."""
        self._network = dlib.face_recognition_model_v1(str(path))

    def embed(self, photo: Image, faces: Sequence[Face]) -> list[Vector]:
        """Return an embedding, shape (128,), for each face (pixels of ``photo``)."""
        if not faces:
            return []
        chips = [chip(photo, face.landmarks) for face in faces]
        vectors = self._network.compute_face_descriptor(chips)
        return [np.asarray(vector, np.float32) for vector in vectors]
