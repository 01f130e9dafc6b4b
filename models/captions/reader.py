"""Reads type with Tesseract, or gives the reason why this machine can't."""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.recipe import CaptionRules
from presslens.models.vocabulary import Image

MARGIN = 2
"""Pixels of paper around the ink that are cut out with it: more may be a photo."""

BORDER = 20
"""Pixels of bare paper set around the crop: Tesseract misses letters that touch the rim."""

FAINT = 30
"""Where grey levels differ by less there are no letters, only the grain of the paper."""

MOST_PIXELS = 6000
"""Longest side that is handed to Tesseract."""

ADVICE = (
    "captions are read by Tesseract with its Korean data: "
    "apt install tesseract-ocr tesseract-ocr-kor, and pip install 'presslens[captions]'"
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A reader for machines without Tesseract: it reads nothing and gives the reason."""

    why_not: str  # what is missing, and how to get it

    def read(self, page: Image, box: Box) -> str | None:  # noqa: ARG002
        """Return None: this reader reads no text."""
        return None


@dataclass(frozen=True, slots=True)
class TesseractReader:
    """Reads with the Tesseract program of this machine."""

    # The language, the height that letters are brought to, and the time to read a crop.
    rules: CaptionRules
    why_not: None = None

    def read(self, page: Image, box: Box) -> str | None:
        """Return the text in a box (page pixels): "" without text, None if reading failed."""
        x0, y0, x1, y1 = box.padded(MARGIN).clipped(page.shape[1], page.shape[0]).pixels()
        if x1 - x0 <= 2 * MARGIN or y1 - y0 <= 2 * MARGIN:
            return None
        crop = np.ascontiguousarray(page[y0:y1, x0:x1])
        dark = _dark_on_light(np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8))
        if np.subtract(*np.percentile(dark, (99.5, 0.5))) < FAINT:
            return ""
        lines = _line_heights(dark)
        height = float(np.median(lines)) if lines else float(y1 - y0)
        mode = "--psm 7" if len(lines) == 1 else "--psm 6"
        return self._ask(_enlarged(dark, self.rules.letter_height / max(1.0, height)), mode)

    def _ask(self, crop: NDArray[np.uint8], mode: str) -> str | None:
        program = tesseract()
        try:
            text = program.image_to_string(
                crop, lang=self.rules.language, config=mode, timeout=self.rules.timeout_s
            )
        except (RuntimeError, OSError, ValueError):
            # It took too long, ended with an error, was taken away, or wrote no proper text.
            return None
        return " ".join(str(text).split())


def caption_reader(rules: CaptionRules) -> TesseractReader | Unread:
    """Return this machine's caption reader: Tesseract, or one that gives the reason why not."""
    reason = why_not_tesseract(rules.language)
    return TesseractReader(rules) if reason is None else Unread(reason)


def why_not_tesseract(language: str) -> str | None:
    """Return why this machine can't read a language, and how to get it; None if it can.

    Args:
        language: Tesseract's name of it, or several: "kor+eng".
    """
    if importlib.util.find_spec("pytesseract") is None:
        return f"the Python package pytesseract is not installed; {ADVICE}"
    try:
        languages = tesseract().get_languages()
    except (RuntimeError, OSError, ValueError):
        return f"the program tesseract is not there or does not run; {ADVICE}"
    missing = [name for name in language.split("+") if name not in languages]
    return f"Tesseract has no data for {', '.join(missing)}; {ADVICE}" if missing else None


def tesseract() -> Any:
    """Return the package pytesseract, whose program works in one thread."""
    program: Any = importlib.import_module("pytesseract")
    # Its threads wait for each other where processors are busy: a line takes six times as long.
    program.pytesseract.environ = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return program


def _dark_on_light(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn white letters on black into black ones on white: the rim is paper."""
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return np.asarray(255 - grey if np.median(rim) < 128 else grey, dtype=np.uint8)


def _line_heights(grey: NDArray[np.uint8]) -> list[int]:
    """Return the heights of the lines in a crop, px."""
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    rows = np.r_[False, ink.mean(axis=1) > 0.005, False].astype(np.int8)
    edges = np.flatnonzero(np.diff(rows))
    runs = [int(end - start) for start, end in list(pairwise(edges))[::2]]
    tallest = max(runs, default=0)
    return [run for run in runs if run >= 0.5 * tallest]


def _enlarged(grey: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Bring letters to the height that is read best, with a border of paper."""
    factor = min(factor, MOST_PIXELS / max(grey.shape))
    width, height = (max(1, round(side * factor)) for side in grey.shape[::-1])
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    sized = cv2.resize(grey, (width, height), interpolation=way)
    paper = float(np.percentile(grey, 90))
    return np.asarray(
        cv2.copyMakeBorder(
            sized, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_CONSTANT, value=(paper,)
        ),
        dtype=np.uint8,
    )
