"""Words of fingerprints: numbers that two prints of one picture share, to look them up by.

A word says of each stored component of a place whether it is positive. A photo is filed under the
words of its clearest places, and asked for by these and by those that differ in the components that
are nearest to zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presslens.models.reprints.stored import SPREAD, Fingerprint

FILED = 96
"""Places of a photo whose words it is filed under."""

SHARED = 2
"""Words that a photo shares with a print of its picture at least, to be compared with it."""

_UNSURE = 7
"""Components of a place that may be of either sign when a photo is asked for."""


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
