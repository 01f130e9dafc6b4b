"""Face embeddings by dlib's ResNet: 128 numbers that are close together for one person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.faces.alignment import chip
from models.faces.resnet import INPUT, network_input, resnet
from models.session import open_session
from models.vocabulary import Face, Image, Vector


class DlibEmbedder:
    """A ``FaceEmbedder``; the network is measured with euclidean distances."""

    def __init__(self, path: Path, *, threads: int = 1, batch: int = 8) -> None:
        """Open the network.

        Args:
            path: The ``.dat`` file that dlib wrote.
            threads: CPU threads for one call.
            batch: Faces that go through the network together.
        """
        self._session = open_session(resnet(path.read_bytes()), threads=threads)
        self._batch = batch

    def embed(self, photo: Image, faces: Sequence[Face]) -> list[Vector]:
        """Return an embedding, shape (128,), for each face (pixels of ``photo``)."""
        chips = [chip(photo, face.landmarks) for face in faces]
        groups = (chips[k : k + self._batch] for k in range(0, len(chips), self._batch))
        return [
            vector
            for group in groups
            for vector in self._session.run(None, {INPUT: network_input(np.stack(group))})[0]
        ]
