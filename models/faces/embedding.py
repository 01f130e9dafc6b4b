"""The layout of a face embedding, two networks' outputs in a row, and how two compare."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RESNET = slice(0, 128)
"""dlib's answer: two faces are compared by their euclidean distance."""

FACERES = slice(128, 640)
"""The other network's answer, whitened and of length one: compared by the cosine."""

LENGTH = 640
"""Numbers in an embedding."""


def distances(faces: NDArray[np.float32], references: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return euclidean distances by dlib's network, shape (n, k); 0.6 parts two persons.

    Args:
        faces: Embeddings, shape (n, 640).
        references: Embeddings, shape (k, 640).
    """
    between = faces[:, None, RESNET] - references[None, :, RESNET]
    return np.asarray(np.linalg.norm(between, axis=2), np.float64)


def cosines(faces: NDArray[np.float32], references: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return cosines by the other network, shape (n, k), -1 to 1; strangers are near 0.

    Args:
        faces: Embeddings, shape (n, 640).
        references: Embeddings, shape (k, 640).
    """
    return np.asarray(faces[:, FACERES] @ references[:, FACERES].T, np.float64)
