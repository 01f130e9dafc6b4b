"""Composites of the leader and facilities, between photos of the leader and of a facility.

Labelled photos show him large, or facilities without him, and little between. Each composite is a
facility's photo with the leader, cut out of a photo of his, at the lower edge, small or large.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus, Image

SMALL, LARGE = 0.03, 0.15
"""Up to the first share of the photo he is an accent before the facility, from the second on the
subject before a background; between them readers differ, and no composite is labelled."""

HEIGHTS = (0.15, 1.1)
"""Height of the figure over that of the photo; beyond 1 the edge cuts him."""

_ROUNDS = 4
"""Iterations of GrabCut; more change nothing visible."""

_EDGE = 1.0
"""Softness of the outline, px."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A person without a background.

    Attributes:
        key: The photo that it is cut from.
        group: The photo's group in cross-validation.
        pixels: Shape (height, width, 3).
        alpha: How much of a pixel is the person, 0–1, shape (height, width).
        face: The face, in pixels of ``pixels``.
    """

    key: str
    group: str
    pixels: Image
    alpha: NDArray[np.float32]
    face: Box


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """A facility with the leader before it.

    Attributes:
        pixels: Shape (height, width, 3).
        cutout: The leader as set in.
        face: His face, in pixels.
        verdict: Leader or facility, by the share of the photo that he takes.
    """

    pixels: Image
    cutout: Cutout
    face: Box
    verdict: Focus


def cut_out(photo: Image, body: Box, face: Box, *, key: str, group: str) -> Cutout:
    """Return a person cut out with GrabCut (Rother and others, 2004).

    Args:
        photo: Shape (height, width, 3).
        body: Around the person, in pixels.
        face: The face; it and a strip of the trunk below are surely the person.
        key: The photo's key.
        group: The photo's group in cross-validation.
    """
    height, width = photo.shape[:2]
    x0, y0, x1, y1 = body.clipped(width, height).pixels()
    mask = np.full((height, width), cv2.GC_BGD, np.uint8)
    mask[y0:y1, x0:x1] = cv2.GC_PR_FGD
    fx0, fy0, fx1, fy1 = face.clipped(width, height).pixels()
    middle, half = (fx0 + fx1) // 2, (fx1 - fx0) // 2
    mask[fy0:fy1, fx0:fx1] = cv2.GC_FGD
    mask[fy1 : min(y1, fy1 + 6 * half), max(x0, middle - half) : middle + half] = cv2.GC_FGD
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(photo[:, :, ::-1])
    cv2.setRNGSeed(0)  # its clusters start at random
    nowhere = (0, 0, 0, 0)  # the mask says where to start
    cv2.grabCut(bgr, mask, nowhere, background, foreground, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    person = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    _, parts = cv2.connectedComponents(person)
    whole = (parts == parts[(fy0 + fy1) // 2, middle]).astype(np.float32)
    alpha = cv2.GaussianBlur(whole, (0, 0), _EDGE)
    return Cutout(key, group, photo[y0:y1, x0:x1], alpha[y0:y1, x0:x1], face.moved(-x0, -y0))


def compose(
    facilities: Sequence[Image], cutouts: Sequence[Cutout], rng: np.random.Generator
) -> Iterator[Composite | None]:
    """Yield one composite for each facility's photo; None where readers would differ.

    Args:
        facilities: Photos without people, shape (height, width, 3).
        cutouts: Of the leader; they are drawn at random.
        rng: Draws who stands where, and how large.
    """
    for facility in facilities:
        cutout = cutouts[int(rng.integers(len(cutouts)))]
        height = float(np.exp(rng.uniform(*np.log(HEIGHTS))))
        yield set_in(facility, cutout, height=height, x=float(rng.uniform(0.15, 0.85)))


def set_in(facility: Image, cutout: Cutout, *, height: float, x: float) -> Composite | None:
    """Return a photo with a person set in at its lower edge.

    Args:
        facility: The photo.
        cutout: The person.
        height: Of the person, as a share of the photo's.
        x: The person's middle, 0 at the left edge to 1 at the right.

    Returns:
        None if the person's share of the photo decides nothing, see ``SMALL`` and ``LARGE``.
    """
    rows, columns = facility.shape[:2]
    scale = height * rows / cutout.pixels.shape[0]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    person = cv2.resize(cutout.pixels, None, fx=scale, fy=scale, interpolation=method)
    alpha = cv2.resize(cutout.alpha, person.shape[1::-1], interpolation=method)
    top = max(rows - person.shape[0], 0)
    left = round(x * columns - person.shape[1] / 2)
    x0, x1 = max(left, 0), min(left + person.shape[1], columns)
    inside = (slice(0, rows - top), slice(x0 - left, x1 - left))
    share = float(alpha[inside].sum()) / (rows * columns)
    if SMALL < share < LARGE:
        return None
    pixels = facility.astype(np.float32)
    opaque = alpha[inside][..., None]
    under = pixels[top:, x0:x1]
    pixels[top:, x0:x1] = person[inside] * opaque + under * (1 - opaque)
    return Composite(
        pixels.round().astype(np.uint8),
        cutout,
        cutout.face.scaled(scale).moved(left, top),
        Focus.FACILITY if share <= SMALL else Focus.LEADER,
    )
