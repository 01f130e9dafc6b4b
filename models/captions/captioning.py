"""Adds the captions and headlines of a page's photos to its observation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import reduce
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.captions.extent import NEAR
from presslens.models.captions.lines import Line, Typography, lines_in, marks, typography_of
from presslens.models.captions.strips import LARGE, find_strips
from presslens.models.geometry import Box
from presslens.models.instruments import CaptionReader
from presslens.models.photos.paper import Mask, ink_mask
from presslens.models.vocabulary import Caption, CaptionPlace, Headline, Image, PageObservation

EDGE = 3
"""Pixels at the rim of a photo that may be its neighbour's, or a rule."""

LOWEST, HIGHEST = 1.3, 6.0
"""Height of the strip in letter heights of the page."""

PLAIN = 0.55
"""So much of each row of the strip has the strip's own tone; letters cover the rest."""

TONE, CONTRAST = 14, 55
"""How far pixels of the strip may be from its tone, and letters must be, in grey levels."""

FEWEST = 5
"""So many marks are text."""


def find_inside(page: Image, photo: Box, letter: float) -> Box | None:
    """Return the box of the text on the strip at a photo's lower or upper edge, or None.

    Args:
        page: The page, RGB.
        photo: The photo, in page pixels.
        letter: Height of the page's usual letters, px.
    """
    x0, y0, x1, y1 = photo.padded(-EDGE).clipped(page.shape[1], page.shape[0]).pixels()
    if x1 - x0 < 8 * letter or y1 - y0 < 2 * HIGHEST * letter:
        return None
    crop = np.ascontiguousarray(page[y0:y1, x0:x1])
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
    for from_edge in (grey[::-1], grey):
        strip = _strip(from_edge, letter)
        if strip is None:
            continue
        text = _text(strip, letter)
        if text is None:
            continue
        if from_edge is grey:
            return text.moved(x0, y0)
        # The lower strip was searched upside down.
        return Box(text.x0 + x0, y1 - text.y1, text.x1 + x0, y1 - text.y0)
    return None


def _strip(grey: NDArray[np.uint8], letter: float) -> NDArray[np.int16] | None:
    """Return the strip at the top of an image as differences from its tone, or None."""
    most = round(HIGHEST * letter)
    top = grey[: most + 1].astype(np.int16)
    rim = grey[: max(2, round(0.15 * letter))]
    tone = int(np.bincount(rim.ravel(), minlength=256).argmax())
    plain = (np.abs(top - tone) <= TONE).mean(axis=1) >= PLAIN
    height = len(plain) if plain.all() else int(plain.argmin())
    # A plain area without an end is the sky or the ground.
    return top[:height] - tone if LOWEST * letter <= height <= most else None


def _text(strip: NDArray[np.int16], letter: float) -> Box | None:
    """Return the box of the letters on a strip: lines with blank rows above and below."""
    mask: Mask = np.abs(strip) >= CONTRAST
    _, stats = marks(mask.astype(np.uint8))
    high = stats[:, cv2.CC_STAT_HEIGHT]
    stats = stats[(high >= 0.25 * letter) & (high <= LOWEST * letter)]
    if len(stats) < FEWEST or mask[:1].any() or mask[-1:].any():
        return None
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    box = Box(int(left.min()), int(top.min()), int(right.max()), int(bottom.max()))
    # Everything that stands out must be letters, and they must make up a line.
    x0, y0, x1, y1 = box.pixels()
    inside = int(mask[y0:y1, x0:x1].sum())
    is_line = box.width >= 3 * letter and box.height >= 0.6 * letter
    all_letters = inside >= 0.95 * int(mask.sum()) and 0.05 <= inside / box.area <= 0.5
    return box if is_line and all_letters else None


TOGETHER = 3.0
"""Photos so many letter heights apart, or less, are a group: a caption fits between them."""

REACH = 24
"""How far above a group text is searched, in letter heights."""

MOST_LINES = 3
MOST_BETWEEN = 1
"""So many lines of small type may stand under a headline, such as the writer's name."""

LARGER = 1.25
"""Words of a headline are higher than so many letter heights of the page."""

WORD_GAP = 0.7
"""Words of a headline stand at most so many of its letter heights apart."""


def find_headlines(printed: Typography, photos: Sequence[Box]) -> list[tuple[Box, tuple[int, ...]]]:
    """Return each headline with the indices of the photos that stand under it.

    Args:
        printed: The type of the page.
        photos: The boxes of all photos of the page, in page pixels.
    """
    headlines: list[tuple[Box, tuple[int, ...]]] = []
    for group in photo_groups(photos, TOGETHER * printed.letter):
        box = _above(printed, [photos[i] for i in group], photos)
        if box is None:
            continue
        same = next((h for h in headlines if h[0].intersection(box) > 0), None)
        if same is not None:  # two groups under one headline
            headlines.remove(same)
            box, group = box.union(same[0]), tuple(sorted({*group, *same[1]}))
        headlines.append((box, group))
    return headlines


def photo_groups(photos: Sequence[Box], gap: float) -> list[tuple[int, ...]]:
    """Return the indices of photos that lie within ``gap`` pixels of each other, by group."""
    groups: list[set[int]] = []
    for i, photo in enumerate(photos):
        near = photo.padded(gap)
        touched = [g for g in groups if any(near.intersection(photos[k]) > 0 for k in g)]
        groups = [g for g in groups if g not in touched]
        groups.append({i}.union(*touched))
    return [tuple(sorted(group)) for group in groups]


def _above(printed: Typography, group: Sequence[Box], photos: Sequence[Box]) -> Box | None:
    whole = reduce(Box.union, group)
    over = (p.y1 for p in photos if p.y1 <= whole.y0 and p.x0 < whole.x1 and whole.x0 < p.x1)
    top = max([0.0, whole.y0 - REACH * printed.letter, *over])
    lines = lines_in(printed, Box(whole.x0, top, whole.x1, whole.y0), least=LARGER)
    taken = list(_large([line for line in lines if _is_set_large(printed, line)], whole.y0))
    if not taken:
        return None
    between = lines_in(printed, Box(whole.x0, taken[0].box.y1, whole.x1, whole.y0))
    if len(between) > MOST_BETWEEN:
        return None
    return reduce(Box.union, (_widened(printed, line, photos) for line in taken))


def _large(lines: Sequence[Line], edge: float) -> Iterator[Line]:
    """Yield the lines of large type that end near an edge, from the lowest up."""
    reach = NEAR
    for line in [*reversed(lines)][:MOST_LINES]:
        if edge - line.box.y1 > reach * line.height:
            return
        yield line
        edge, reach = line.box.y0, 0.8


def _is_set_large(printed: Typography, line: Line) -> bool:
    """Return whether a line is large type, by its marks' height, or small type that touches."""
    if line.height < LARGE * printed.letter or line.box.height > 2 * line.height:
        return False
    x0, y0, x1, y1 = line.box.pixels()
    ink = np.ascontiguousarray(printed.ink[y0:y1, x0:x1]).astype(np.uint8)
    _, stats = marks(ink)
    heights = np.repeat(stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA])
    tall = float(np.percentile(heights, 90)) if len(heights) else 0.0
    return tall >= max(0.45 * line.height, 0.9 * printed.letter)


def _widened(printed: Typography, line: Line, photos: Sequence[Box]) -> Box:
    """Return a line with what of it stands outside the columns of the photos."""
    _, y0, _, y1 = line.box.pixels()
    inked = np.flatnonzero(printed.ink[y0:y1].any(axis=0))
    gap = WORD_GAP * line.height
    x0, x1 = line.box.x0, line.box.x1
    for x in inked[inked >= x1]:
        if x - x1 > gap:
            break
        x1 = float(x + 1)
    for x in inked[inked < x0][::-1]:
        if x0 - x > gap:
            break
        x0 = float(x)
    wide = Box(x0, line.box.y0, x1, line.box.y1)
    return wide if all(wide.intersection(p) == 0 for p in photos) else line.box


def captioned(
    seen: PageObservation,
    page: Image,
    reader: CaptionReader,
    languages: Sequence[str],
    *,
    beside: Sequence[Box] = (),
) -> PageObservation:
    """Return an observation with the captions of its photos and the headlines above them.

    Args:
        seen: The page's observation.
        page: The page, RGB.
        reader: Reads the text; captions that it doesn't read come without text.
        languages: Those that the page is printed in (BCP 47); empty: they are not known.
        beside: Other photos of the page, in its pixels: what is printed about them is theirs, and
            left out.
    """
    own = [photo.frame.box for photo in seen.photos]
    boxes = [*own, *beside]
    printed = typography_of(ink_mask(page), boxes) if own else None
    if printed is None:
        return seen

    def read(box: Box) -> dict[str, Any]:
        return asdict(reader.read(page, box, languages))

    captions: list[Caption | None] = []
    for box, strip in zip(own, find_strips(printed, boxes), strict=False):
        if strip is not None:
            captions.append(Caption(strip.box, strip.place, **read(strip.box)))
            continue
        inside = find_inside(page, box, printed.letter)
        captions.append(Caption(inside, CaptionPlace.INSIDE, **read(inside)) if inside else None)
    headlines = tuple(
        Headline(box, under, **read(box))
        for box, group in find_headlines(printed, boxes)
        if (under := tuple(i for i in group if i < len(own)))
    )
    photos = tuple(
        replace(photo, caption=caption)
        for photo, caption in zip(seen.photos, captions, strict=True)
    )
    return replace(seen, photos=photos, headlines=headlines)
