"""Reads the folio of a page with Tesseract: the pieces of type in one image, or in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.captions.reader import BORDER, tesseract, why_not_tesseract
from presslens.models.folios.calendar_words import calendar_words
from presslens.models.folios.folio import ReadPiece, folio_of
from presslens.models.folios.regions import TypePiece, folio_pieces
from presslens.models.geometry import Box
from presslens.models.recipe import FolioRules
from presslens.models.vocabulary import Folio, Image

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

    why_not: str  # what is missing, and how to get it

    def read(self, page: Image, photos: Sequence[Box], *, skew: float) -> Folio:  # noqa: ARG002
        """Return a folio without text: this reader reads none."""
        return UNREAD


@dataclass(frozen=True, slots=True)
class TesseractFolios:
    """Reads folios with the Tesseract program of this machine."""

    rules: FolioRules  # what is looked at, the language, and the time to read a page's folio
    why_not: None = None

    def read(self, page: Image, photos: Sequence[Box], *, skew: float) -> Folio:
        """Return the folio of a page, without text if reading failed.

        Args:
            page: RGB pixels, shape (height, width, 3).
            photos: The photos on it, in page pixels.
            skew: How far it is turned clockwise, in degrees.
        """
        pieces = folio_pieces(page, photos, skew=skew, rules=self.rules)
        folio, read = Folio(""), list[ReadPiece]()
        for portion in _portions(pieces):
            sheet, tops = _stacked(portion, self.rules.letter_height)
            data = self._ask(sheet)
            if data is None:
                return UNREAD
            read += _read_pieces(portion, tops, data)
            folio = folio_of(read, calendar_words(self.rules.language))
            if (folio.day_confidence or 0.0) >= ENOUGH:
                break
        return folio

    def _ask(self, sheet: NDArray[np.uint8]) -> dict[str, list[Any]] | None:
        program = tesseract()
        try:
            return dict(
                program.image_to_data(
                    sheet,
                    lang=self.rules.language,
                    config="--psm 6",
                    timeout=self.rules.timeout_s,
                    output_type=program.Output.DICT,
                )
            )
        except (RuntimeError, OSError, ValueError):
            # It took too long, ended with an error, was taken away, or wrote no proper text.
            return None


def folio_reader(rules: FolioRules) -> TesseractFolios | UnreadFolios:
    """Return this machine's reader of folios: Tesseract, or one that gives the reason why not."""
    reason = why_not_tesseract(rules.language)
    return TesseractFolios(rules) if reason is None else UnreadFolios(reason)


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


def _read_pieces(
    pieces: Sequence[TypePiece], tops: Sequence[int], data: dict[str, list[Any]]
) -> list[ReadPiece]:
    """Return each piece with the words that were read in it, from left to right."""
    words: list[list[tuple[int, str, float]]] = [[] for _ in pieces]
    rows = zip(data["text"], data["conf"], data["left"], data["top"], data["height"], strict=True)
    for text, conf, left, top, height in rows:
        if text.strip() and float(conf) >= 0:
            at = int(np.searchsorted(tops, top + height / 2, side="right")) - 1
            words[max(0, at)].append((int(left), text.strip(), float(conf) / 100))
    return [
        ReadPiece(
            tuple((text, conf) for _, text, conf in sorted(found)),
            piece.box,
            piece.width,
            piece.foot,
        )
        for piece, found in zip(pieces, words, strict=True)
    ]
