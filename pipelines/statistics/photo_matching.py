"""Matches boxes that are of one photo: of two recipes, or of a review and a recipe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from presslens.models.geometry import Box

SAME_PHOTO = 0.5
"""Smallest IoU of two boxes of one photo, as in the evaluation of the photo finder."""


def match_photos(old: Sequence[Box], new: Sequence[Box]) -> list[tuple[int, int]]:
    """Return the (old, new) indices of boxes of one photo; each box is in one pair at most.

    The pairs are those whose IoUs have the largest sum.

    Args:
        old: The boxes of the one recipe.
        new: The boxes of the other, in the same coordinates.
    """
    from scipy.optimize import linear_sum_assignment  # slow to import, and only used here

    overlaps = np.array([[a.iou(b) for b in new] for a in old]).reshape(len(old), len(new))
    # Overlaps that are too small must not draw a box away from its own photo.
    overlaps[overlaps < SAME_PHOTO] = 0.0
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(i, j) for i, j in pairs if overlaps[i, j] >= SAME_PHOTO]


def same_frames(old: Sequence[Box], new: Sequence[Box]) -> list[tuple[int, int]]:
    """Return the (old, new) indices of photos that are one frame, wherever its box has moved.

    These are the pairs of ``match_photos``, but for photos that were split or joined: with half of
    another photo, which is in no pair, inside the one box and outside of the other.

    Args:
        old: The boxes of photos that are on a page no more, or were found by another recipe.
        new: The boxes of those that are there instead, in the same coordinates.
    """
    pairs = match_photos(old, new) if old and new else []
    lost = [box for i, box in enumerate(old) if i not in {i for i, _ in pairs}]
    come = [box for j, box in enumerate(new) if j not in {j for _, j in pairs}]
    return [
        (i, j)
        for i, j in pairs
        if not any(_is_part(box, old[i]) and not _is_part(box, new[j]) for box in come)
        and not any(_is_part(box, new[j]) and not _is_part(box, old[i]) for box in lost)
    ]


def replaces(new: Box, old: Box) -> bool:
    """Return whether a photo stands where another one stood: half of the smaller in the larger."""
    return _is_part(new, old) or _is_part(old, new)


def _is_part(box: Box, whole: Box) -> bool:
    return box.share_inside(whole) >= SAME_PHOTO


def nearest_photo(box: Box, photos: Sequence[Box]) -> int | None:
    """Return the index of the photo that a box is of; None if it is of none.

    Several boxes, such as those of several reviews, may be of one photo.

    Args:
        box: The box of a review.
        photos: The boxes of the photos of its page, in the same coordinates.
    """
    overlaps = [photo.iou(box) for photo in photos]
    best = max(overlaps, default=0.0)
    return overlaps.index(best) if best >= SAME_PHOTO else None
