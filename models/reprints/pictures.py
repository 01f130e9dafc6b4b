"""Groups photos by picture: prints of one picture are one group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from presslens.models.reprints.comparison import compare
from presslens.models.reprints.linkage import linked
from presslens.models.reprints.stored import SHARED, Fingerprint, filed_words, lookup_words


def pictures_of(fingerprints: Sequence[bytes]) -> NDArray[np.int64]:
    """Return the picture of each photo: the index of the first photo that is a print of it.

    Photos that are linked by reprints of reprints are of one picture too (single linkage).

    Args:
        fingerprints: As they are stored; a photo with an empty one is a picture of its own.
    """
    photos = [Fingerprint.from_bytes(content) if content else None for content in fingerprints]
    return linked(len(photos), _reprints(photos))


def _reprints(photos: Sequence[Fingerprint | None]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of photos that are prints of one picture."""
    filed: defaultdict[int, list[tuple[int, Fingerprint]]] = defaultdict(list)
    for i, photo in enumerate(photos):
        if photo is None:
            continue
        sharing = [one for word in lookup_words(photo) for one in filed[word]]
        others = dict(sharing)
        for j, count in Counter(j for j, _ in sharing).items():
            if count >= SHARED and compare(others[j], photo).is_reprint:
                yield j, i
        for word in filed_words(photo):
            filed[word].append((i, photo))
