"""Reads the folio of a page with Tesseract: the pieces of type in one image, or in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.captions.reader import (
    BORDER,
    NOBODY_SAID,
    Words,
    installed_packs,
    read_words,
    why_no_data,
)
from presslens.models.folios.calendar_words import calendar_words
from presslens.models.folios.folio import ReadPiece, folio_of, runs_from_right
from presslens.models.geometry import Box
from presslens.models.photos.paper import ink_mask
from presslens.models.recipe import FolioRules
from presslens.models.vocabulary import Folio, Image

WIDEST = 2400
"""Pages that are wider are read at this width, in pixels."""

LOWEST = 5
"""Letters that are lower, px, can't be distinguished from specks, nor read."""

TALLEST = 0.75
"""Marks higher than this share of the strip are pictures, or frames."""

LONGEST_LINE = 0.3
"""Marks wider than this share of the page are rules, bars and pictures."""

ACROSS, DOWN = 0.75, 0.08
"""Letters this share of their height apart, to the side and below, are of one piece."""

LONG = 3.0
"""A piece longer than this, in its heights, may be several lines: part of a syllable is shorter."""

BLANK = 0.01
"""Rows with ink on less than this share of a piece part its lines."""

WITHIN = 0.9
"""A piece with this share of it inside another one is a part of that."""

THINNEST = 4.0
"""What is so many times as high as wide is a stroke, and no number."""

SHORT = 14.0
"""What stands at the foot of a page and is longer, in letter heights, is no page number."""

FEWEST_AT_FOOT = 3
"""So many pieces at the foot are read, the lowest."""

BLACK, WHITE, BETWEEN = 60, 195, 0.001
"""A strip with so small a share of levels between these was copied to black and white."""

DOTS = 1.2
"""What closes the dots of its letters, as the deviation of a blur, px."""

STEEP = 0.15
"""Pages that are turned by less, in degrees, are read as they are."""

GAP = 1.0
"""Bare paper between two pieces, in letter heights."""

LONGEST = 2600
"""Longest piece that is handed to Tesseract, px."""

FIRST, ENOUGH = 6, 0.8
"""So many pieces of the head are read first; the rest only if no day is read with this confidence,
0–1: most pages have it in their first line."""

UNREAD = Folio()
"""The folio of a page that nothing reads."""


@dataclass(frozen=True, slots=True)
class UnreadFolios:
    """A reader for machines without Tesseract: it reads nothing and gives the reason."""

    reason: str  # what is missing, and how to get it

    def why_not(self, languages: Sequence[str]) -> str:
        """See ``FolioReader.why_not``."""
        return self.reason if languages else NOBODY_SAID

    def read(
        self,
        page: Image,  # noqa: ARG002
        photos: Sequence[Box],  # noqa: ARG002
        languages: Sequence[str],  # noqa: ARG002
        *,
        skew: float,  # noqa: ARG002
    ) -> Folio:
        """Return a folio without text: this reader reads none."""
        return UNREAD


@dataclass(frozen=True, slots=True)
class TesseractFolios:
    """Reads folios with the Tesseract program of this machine."""

    rules: FolioRules  # what is looked at, and the time to read a page's folio
    packs: frozenset[str]  # the languages that it has data for, by Tesseract's names

    def why_not(self, languages: Sequence[str]) -> str | None:
        """See ``FolioReader.why_not``."""
        return why_no_data(languages, self.packs)

    def read(
        self, page: Image, photos: Sequence[Box], languages: Sequence[str], *, skew: float
    ) -> Folio:
        """See ``FolioReader.read``."""
        if self.why_not(languages) is not None:
            return UNREAD
        pieces = folio_pieces(page, photos, skew=skew, rules=self.rules)
        best = UNREAD
        for language in languages:
            folio = self._read(pieces, language)
            sure = folio.text is not None, folio.day_confidence or 0.0
            if sure > (best.text is not None, best.day_confidence or 0.0):
                best = folio
            if (best.day_confidence or 0.0) >= ENOUGH:
                break
        return best

    def _read(self, pieces: Sequence[TypePiece], language: str) -> Folio:
        """Return the folio in pieces of type, without text if reading failed."""
        folio, read = Folio(""), list[ReadPiece]()
        for portion in _portions(pieces):
            sheet, tops = _stacked(portion, self.rules.letter_height)
            words = read_words(sheet, language, mode=6, timeout_s=self.rules.timeout_s)
            if words is None:
                return UNREAD
            read += _read_pieces(portion, tops, words)
            folio = folio_of(read, calendar_words(language), sure=self.rules.sure)
            if (folio.day_confidence or 0.0) >= ENOUGH:
                break
        return folio


def folio_reader(rules: FolioRules) -> TesseractFolios | UnreadFolios:
    """Return this machine's reader of folios: Tesseract, or one that gives the reason why not."""
    packs = installed_packs()
    return UnreadFolios(packs) if isinstance(packs, str) else TesseractFolios(rules, packs)


def _portions(pieces: Sequence[TypePiece]) -> list[Sequence[TypePiece]]:
    """Return what is read first, and what is read if no day is found there."""
    head = [piece for piece in pieces if not piece.foot]
    foot = [piece for piece in pieces if piece.foot]
    return [portion for portion in ([*head[:FIRST], *foot], head[FIRST:]) if portion]


def _stacked(
    pieces: Sequence[TypePiece], letter_height: float
) -> tuple[NDArray[np.uint8], list[int]]:
    """Return pieces one under another, with letters of one height, and the middle row of each."""
    gap = round(GAP * letter_height)
    lines = [_sized(piece.crop, letter_height) for piece in pieces]
    width = max(line.shape[1] for line in lines) + 2 * BORDER
    height = BORDER + sum(line.shape[0] + gap for line in lines) + BORDER
    sheet = np.full((height, width), 255, np.uint8)
    tops, y = [], BORDER
    for line in lines:
        sheet[y : y + line.shape[0], BORDER : BORDER + line.shape[1]] = line
        tops.append(y)
        y += line.shape[0] + gap
    return sheet, tops


def _sized(crop: NDArray[np.uint8], letter_height: float) -> NDArray[np.uint8]:
    """Return a piece in black on white, with letters of a height."""
    factor = min(letter_height / max(1, crop.shape[0] - 4), LONGEST / crop.shape[1])
    size = tuple(max(1, round(side * factor)) for side in crop.shape[::-1])
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    sized = cv2.resize(crop, size, interpolation=way).astype(np.float32)
    rim = np.concatenate([sized[0], sized[-1]])
    paper = float(np.median(rim))
    if paper < 128:
        sized, paper = 255 - sized, 255 - paper
    ink = float(np.percentile(sized, 2))
    stretched = (sized - ink) * (255 / max(30.0, paper - ink))
    return np.asarray(np.clip(stretched, 0, 255), np.uint8)


def _read_pieces(pieces: Sequence[TypePiece], tops: Sequence[int], words: Words) -> list[ReadPiece]:
    """Return each piece with the words that were read in it, in the order of reading."""
    lines: list[list[tuple[float, str, float]]] = [[] for _ in pieces]
    for text, confidence, box in words:
        at = int(np.searchsorted(tops, (box.y0 + box.y1) / 2, side="right")) - 1
        lines[max(0, at)].append((box.x0, text, confidence))
    return [
        ReadPiece(_in_order(line), piece.box, piece.width, piece.foot)
        for piece, line in zip(pieces, lines, strict=True)
    ]


def _in_order(line: list[tuple[float, str, float]]) -> tuple[tuple[str, float], ...]:
    """Return the words of a line, and how sure the reader is of each, in the order of reading."""
    reverse = runs_from_right(" ".join(text for _, text, _ in line))
    return tuple((text, confidence) for _, text, confidence in sorted(line, reverse=reverse))


@dataclass(frozen=True, slots=True, eq=False)
class TypePiece:
    """A piece of a line at the head or the foot of a page."""

    crop: NDArray[np.uint8]  # its letters, dark on light, shape (height, width), grey
    box: Box  # where it stands in its strip, in pixels of the page at reading size
    width: int  # of the page, in the same pixels
    foot: bool  # it stands at the foot


def folio_pieces(
    page: Image, photos: Sequence[Box], *, skew: float, rules: FolioRules
) -> list[TypePiece]:
    """Return the pieces of type that may be a page's folio, those of the head from the top down.

    Args:
        page: RGB pixels, shape (height, width, 3).
        photos: The photos on it, in page pixels: nothing inside is read.
        skew: How far it is turned clockwise, in degrees.
        rules: The shares of the page that are looked at, and how many pieces are read.
    """
    height, width = page.shape[:2]
    head, foot = round(rules.head * height), round(rules.foot * height)
    if min(head, foot) < 4 * LOWEST or width < 8 * LOWEST:
        return []
    top = _pieces(_upright(page, photos, skew, 0, head), foot=False)
    low = _pieces(_upright(page, photos, skew, height - foot, height), foot=True)
    short = [p for p in low if p.box.width <= SHORT * p.box.height]
    lowest = sorted(short, key=lambda piece: -piece.box.y1)[:FEWEST_AT_FOOT]
    return [*sorted(top, key=lambda piece: piece.box.y0)[: rules.pieces], *lowest]


def _upright(page: Image, photos: Sequence[Box], skew: float, y0: int, y1: int) -> Image:
    """Return rows of a page as they are when it is not askew, its photos white."""
    width = page.shape[1]
    slope = np.tan(np.deg2rad(skew)) if abs(skew) >= STEEP else 0.0
    reach = round(abs(slope) * width / 2)
    above, below = max(0, y0 - reach), min(page.shape[0], y1 + reach)
    rows = page[above:below].copy()
    for photo in photos:
        x0, top, x1, bottom = photo.moved(0, -above).clipped(width, below - above).pixels()
        rows[top:bottom, x0:x1] = 255
    scale = min(1.0, WIDEST / width)
    # A shear moves the ends of a line by as much as a turn so small, and keeps all rows.
    move = np.array(
        [[scale, 0, 0], [-slope * scale, scale, (slope * width / 2 + above - y0) * scale]]
    )
    size = round(width * scale), round((y1 - y0) * scale)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    if scale < 1 and not slope:
        return np.asarray(cv2.resize(rows, size, interpolation=way), np.uint8)
    return np.asarray(
        cv2.warpAffine(rows, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def _pieces(strip: Image, *, foot: bool) -> list[TypePiece]:
    if _is_bitonal(strip):
        strip = np.asarray(cv2.GaussianBlur(strip, (0, 0), DOTS), np.uint8)
    grey = np.asarray(cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY), np.uint8)
    return [
        TypePiece(_cut(grey, box), box, strip.shape[1], foot)
        for box in _type_boxes(np.asarray(ink_mask(strip), np.uint8))
    ]


def _is_bitonal(strip: Image) -> bool:
    """Return whether a strip has black and white alone: its letters are made of dots."""
    between = (strip > BLACK) & (strip < WHITE)
    return bool(between.mean() < BETWEEN)


def _type_boxes(ink: NDArray[np.uint8]) -> list[Box]:
    """Return the boxes of pieces of type: marks with neighbours at a distance of their height."""
    height, width = ink.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    joined = np.zeros_like(ink)
    marks = []
    for x, y, w, h, area in stats[1:].tolist():
        if not _is_letter(w, h, area, width, height):
            continue
        marks.append((x, y, w, h))
        across, down = max(1, round(ACROSS / 2 * max(h, w / 2))), round(DOWN * h)
        joined[max(0, y - down) : y + h + down, max(0, x - across) : x + w + across] = 1
    _, labels = cv2.connectedComponents(joined, connectivity=4)
    pieces: dict[int, Box] = {}
    for x, y, w, h in marks:
        label, box = int(labels[y, x]), Box(x, y, x + w, y + h)
        pieces[label] = pieces[label].union(box) if label in pieces else box
    lines = [line for box in pieces.values() for line in _lines(ink, box) if _is_line(line, width)]
    # A part of a line that was parted from it lies within what is left of it.
    whole: list[Box] = []
    for line in sorted(lines, key=lambda line: -line.area):
        if all(line.share_inside(other) <= WITHIN for other in whole):
            whole.append(line)
    return whole


def _is_line(box: Box, width: int) -> bool:
    """Return whether a box may be a line of type: no speck, no stroke, no edge of the scan."""
    inside = box.x0 > 1 and box.x1 < width - 1 and box.y0 > 0
    return inside and LOWEST + 2 <= box.height <= THINNEST * box.width


def _lines(ink: NDArray[np.uint8], box: Box) -> list[Box]:
    """Return the lines of a piece, parted where no ink is: its letters may touch below."""
    if box.width < LONG * box.height:
        return [box]
    x0, y0, x1, y1 = box.pixels()
    inked = ink[y0:y1, x0:x1].mean(axis=1) > BLANK
    edges = np.flatnonzero(np.diff(np.r_[False, inked, False].astype(np.int8))).reshape(-1, 2)
    runs = [(int(a), int(b)) for a, b in edges]
    tallest = max((b - a for a, b in runs), default=0)
    lines = [(a, b) for a, b in runs if b - a >= 0.4 * tallest]
    if len(lines) < 2:
        return [box]
    return [Box(box.x0, y0 + a, box.x1, y0 + b) for a, b in lines]


def _is_letter(w: int, h: int, area: int, width: int, height: int) -> bool:
    thin = min(w, h) * 12 < max(w, h) and max(w, h) > 0.05 * width
    return not (
        max(w, h) < LOWEST or h > TALLEST * height or w > LONGEST_LINE * width or thin or area < 4
    )


def _cut(grey: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = box.padded(2).clipped(grey.shape[1], grey.shape[0]).pixels()
    return grey[y0:y1, x0:x1]
