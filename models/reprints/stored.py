"""Fingerprints of photos as they are stored: places of a photo, and what each looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FILED = 96
"""Places of a photo whose words it is filed under."""

SHARED = 2
"""Words that a photo shares with a print of its picture at least, to be compared with it."""

_UNSURE = 7
"""Components of a place that may be of either sign when a photo is asked for."""

PLACES = 240
"""Places of a fingerprint at most, the clearest."""

COMPONENTS = (5, 37, 2, 1, 9, 69, 17, 6, 32, 34, 101, 41, 45, 25, 10, 33, 13, 8, 77, 49, 14, 38, 66,
    18)  # fmt: skip
"""Components of a descriptor that are stored, by their variance over 398 photos."""

SPREAD = np.array(
    (0.191, 0.177, 0.175, 0.164, 0.162, 0.149, 0.134, 0.109, 0.101, 0.098, 0.098, 0.097, 0.097,
     0.092, 0.091, 0.09, 0.088, 0.087, 0.084, 0.083, 0.073, 0.071, 0.069, 0.064),
    np.float32,
)  # fmt: skip
"""Standard deviation of each component over the places of these photos."""

THUMBNAIL = 5
"""Pixels of the photo as it is compared by one pixel of the thumbnail."""

_PLACE = 4 + len(COMPONENTS)
"""Bytes of a place."""

_LARGEST = 1200
"""Pixels of a thumbnail at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """The fingerprint of a photo; the clearest place first."""

    # x and y in quarters of a pixel of the photo as it is compared, shape (n, 2).
    places: NDArray[np.uint16]
    descriptors: NDArray[np.int8]  # what each place looks like, -127 to 127, shape (n, 24)
    # The luminance of the photo as it is compared, small, shape (rows, columns).
    thumbnail: NDArray[np.uint8]

    def to_bytes(self) -> bytes:
        """Return the fingerprint as it is stored: a header, 28 bytes a place, the thumbnail."""
        header = bytes([len(self.places), self.thumbnail.shape[1]])
        places = self.places.astype("<u2").tobytes() + self.descriptors.tobytes()
        return header + places + self.thumbnail.tobytes()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return a stored fingerprint.

        Raises:
            ValueError: The bytes are none.
        """
        count, columns = (content[0], content[1]) if len(content) > 2 else (0, 0)
        pixels = len(content) - 2 - count * _PLACE
        if columns == 0 or pixels % columns or not 0 < pixels <= _LARGEST or count > PLACES:
            raise ValueError(f"{len(content)} bytes are no fingerprint")
        places = np.frombuffer(content, "<u2", 2 * count, 2).astype(np.uint16)
        size = len(COMPONENTS)
        descriptors = np.frombuffer(content, np.int8, size * count, 2 + 4 * count)
        thumbnail = np.frombuffer(content, np.uint8, pixels, len(content) - pixels)
        return cls(
            places.reshape(count, 2),
            descriptors.reshape(count, size),
            thumbnail.reshape(-1, columns),
        )


def filed_words(photo: Fingerprint) -> list[int]:
    """Return the words that a photo is filed under, each once, 0 to 2**24 - 1."""
    return sorted(set(_words(photo).tolist()))


def lookup_words(photo: Fingerprint) -> list[int]:
    """Return the words that prints of a photo's picture may be filed under, each once."""
    words, unsure = _words(photo), _unsure(photo)
    signs = (np.arange(2**_UNSURE)[:, None] >> np.arange(_UNSURE)) & 1
    return sorted(set((words[:, None] ^ (unsure @ signs.T)).ravel().tolist()))


def find_each_other(one: Fingerprint, other: Fingerprint) -> bool:
    """Return whether each of two photos is found by the words that the other asks for.

    One of them asks when it comes in, the one that comes later. What is asked for differs from what
    is filed, so that one may find another that would not find it: such pairs are none, or else it
    would make a difference which came first.
    """
    return _finds(one, other) and _finds(other, one)


def _finds(asking: Fingerprint, filed: Fingerprint) -> bool:
    """Return whether enough words that one photo is filed under are asked for by another.

    The asked words are not listed: one is asked for if it differs from a place's in what that place
    is unsure of, and in nothing else.
    """
    apart = _words(asking)[:, None] ^ np.array(filed_words(filed), np.int64)
    sure = ~_unsure(asking).sum(axis=1)
    return int(((apart & sure[:, None]) == 0).any(axis=0).sum()) >= SHARED


def _words(photo: Fingerprint) -> NDArray[np.int64]:
    """Return the word of each filed place."""
    positive = photo.descriptors[:FILED] > 0
    return np.asarray(positive @ (1 << np.arange(positive.shape[1])))


def _unsure(photo: Fingerprint) -> NDArray[np.int64]:
    """Return the bits of the components of each filed place that may be of either sign."""
    size = np.abs(photo.descriptors[:FILED] / SPREAD)
    return np.asarray(1 << np.argsort(size, axis=1, kind="stable")[:, :_UNSURE])
