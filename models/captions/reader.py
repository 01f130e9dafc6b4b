"""Reads type with Tesseract, or gives the reason why this machine can't."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.captions.languages import pack_of, share_in_script
from presslens.models.geometry import Box
from presslens.models.languages import is_right_to_left
from presslens.models.recipe import CaptionRules
from presslens.models.vocabulary import Image, NotRead, TextSource, Transcript

MARGIN = 2
"""Pixels of paper around the ink that are cut out with it: more may be a photo."""

BORDER = 20
"""Pixels of bare paper set around the crop: Tesseract misses letters that touch the rim."""

FAINT = 30
"""Where grey levels differ by less there are no letters, only the grain of the paper."""

MOST_PIXELS = 6000
"""Longest side that is handed to Tesseract."""

INSTALL = "apt install tesseract-ocr"

ADVICE = f"captions are read by Tesseract: {INSTALL}, and pip install 'presslens[captions]'"

NOBODY_SAID = "nobody has said in which language it is printed"

FOREIGN = 0.5
"""Text with a larger share of letters of other scripts than its language's is noise."""

WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
"""Characters of Chinese and Japanese words, between which Tesseract puts spaces."""

HANGUL = re.compile(r"[\uac00-\ud7a3]")
"""Syllables of Korean words, between many of which Tesseract puts spaces, too."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A reader for machines without Tesseract: it reads nothing and gives the reason."""

    reason: str  # what is missing, and how to get it

    def why_not(self, languages: Sequence[str]) -> str:
        """See ``CaptionReader.why_not``."""
        return self.reason if languages else NOBODY_SAID

    def read(self, page: Image, box: Box, languages: Sequence[str]) -> Transcript:  # noqa: ARG002
        """Return why this reader reads no text."""
        return Transcript(not_read=NotRead.NO_READER if languages else NotRead.NO_LANGUAGE)


@dataclass(frozen=True, slots=True)
class TesseractReader:
    """Reads with the Tesseract program of this machine."""

    # The height that letters are brought to, the time to read a crop, and how sure it must be.
    rules: CaptionRules
    packs: frozenset[str]  # the languages that it has data for, by Tesseract's names

    def why_not(self, languages: Sequence[str]) -> str | None:
        """See ``CaptionReader.why_not``."""
        return why_no_data(languages, self.packs)

    def read(self, page: Image, box: Box, languages: Sequence[str]) -> Transcript:
        """See ``CaptionReader.read``."""
        if not languages:
            return Transcript(not_read=NotRead.NO_LANGUAGE)
        if self.why_not(languages) is not None:
            return Transcript(not_read=NotRead.NO_READER)
        x0, y0, x1, y1 = box.padded(MARGIN).clipped(page.shape[1], page.shape[0]).pixels()
        if x1 - x0 <= 2 * MARGIN or y1 - y0 <= 2 * MARGIN:
            return Transcript(not_read=NotRead.FAILED)
        crop = np.ascontiguousarray(page[y0:y1, x0:x1])
        dark = _dark_on_light(np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8))
        if np.subtract(*np.percentile(dark, (99.5, 0.5))) < FAINT:
            return Transcript(text="", source=TextSource.TESSERACT)
        # A caption is of one language: read in several at once, each is read worse.
        read = [self._transcript(dark, language) for language in languages]
        return max(read, key=lambda one: (one.text is not None, one.confidence or 0.0))

    def _transcript(self, dark: NDArray[np.uint8], language: str) -> Transcript:
        """Return the text of a crop, dark on light, if it is sure enough."""
        words = self._words(dark, language)
        if words is None:
            return Transcript(not_read=NotRead.FAILED)
        # Tesseract writes the micro sign for the Greek letter.
        text = _joined(words, self.rules.space * self.rules.letter_height).replace(
            "\u00b5", "\u03bc"
        )
        if not text:
            return Transcript(text="", source=TextSource.TESSERACT)
        letters = sum(len(word) for word, _, _ in words)
        sure = sum(len(word) * confidence for word, confidence, _ in words) / letters
        if sure < self.rules.sure or share_in_script(text, language) < 1 - FOREIGN:
            return Transcript(not_read=NotRead.UNSURE)
        return Transcript(text=text, source=TextSource.TESSERACT, confidence=round(sure, 3))

    def _words(self, dark: NDArray[np.uint8], language: str) -> Words | None:
        lines = _lines(dark)
        height = float(np.median([b - a for a, b in lines])) if lines else float(len(dark))
        factor = self.rules.letter_height / max(1.0, height)
        mode, timeout = 7 if len(lines) == 1 else 6, self.rules.timeout_s
        words = read_words(_enlarged(dark, factor), language, mode=mode, timeout_s=timeout)
        if words or words is None or not is_right_to_left(language):
            return words
        # Tesseract overlooks whole lines of Arabic letters in some sizes, but as single lines.
        for start, end in lines:
            line = _enlarged(dark[start:end], factor)
            words += read_words(line, language, mode=13, timeout_s=timeout) or []
        return words


def caption_reader(rules: CaptionRules) -> TesseractReader | Unread:
    """Return this machine's caption reader: Tesseract, or one that gives the reason why not."""
    packs = installed_packs()
    return Unread(packs) if isinstance(packs, str) else TesseractReader(rules, packs)


def installed_packs() -> frozenset[str] | str:
    """Return Tesseract's names of the languages that this machine has data for.

    Returns:
        A sentence in their place where there is no Tesseract: why, and how to get it.
    """
    if importlib.util.find_spec("pytesseract") is None:
        return f"the Python package pytesseract is not installed; {ADVICE}"
    try:
        return frozenset(tesseract().get_languages())
    except (RuntimeError, OSError, ValueError):
        return f"the program tesseract is not there or does not run; {ADVICE}"


def why_no_data(languages: Sequence[str], packs: Collection[str]) -> str | None:
    """Return why languages can't be read, and how to get their data; None if they can.

    Args:
        languages: Their codes (BCP 47).
        packs: Those that there is data for, by Tesseract's names.
    """
    if not languages:
        return NOBODY_SAID
    needed = {language: pack_of(language) for language in languages}
    unknown = [language for language, pack in needed.items() if pack is None]
    if unknown:
        return f"Tesseract does not read {', '.join(unknown)}"
    missing = [pack for pack in needed.values() if pack is not None and pack not in packs]
    names = " ".join(f"tesseract-ocr-{pack.replace('_', '-')}" for pack in dict.fromkeys(missing))
    said = ", ".join(language for language, pack in needed.items() if pack in missing)
    return f"Tesseract has no data for {said}: apt install {names}" if missing else None


DIRECTIONS = "\u200e\u200f"
"""The marks of direction that Tesseract writes beside Arabic words."""

Words = list[tuple[str, float, Box]]
"""Words as they were read: each with how sure the reader is of it, 0–1, and where it stands."""


def read_words(
    sheet: NDArray[np.uint8], language: str, *, mode: int, timeout_s: float
) -> Words | None:
    """Return the words that Tesseract reads on a sheet, boxes in its pixels; None if it fails.

    Args:
        sheet: Dark type on light paper, grey.
        language: The one that it is printed in (BCP 47), for which there is data.
        mode: Tesseract's mode of page segmentation: 7 for a line, 13 for one that is not searched
            for, 6 for a block.
        timeout_s: The longest time, in seconds.
    """
    program = tesseract()
    try:
        data = program.image_to_data(
            sheet, lang=pack_of(language), config=f"--psm {mode}", timeout=timeout_s,
            output_type=program.Output.DICT,
        )  # fmt: skip
    except (RuntimeError, OSError, ValueError):
        # It took too long, ended with an error, was taken away, or wrote no proper text.
        return None
    columns = (data[name] for name in ("text", "conf", "left", "top", "width", "height"))
    return [
        (plain, float(confidence) / 100, Box(x, y, x + width, y + height))
        for text, confidence, x, y, width, height in zip(*columns, strict=True)
        if (plain := text.strip().strip(DIRECTIONS)) and float(confidence) >= 0
    ]


def tesseract() -> Any:
    """Return the package pytesseract, whose program works in one thread."""
    program: Any = importlib.import_module("pytesseract")
    # Its threads wait for each other where processors are busy: a line takes six times as long.
    program.pytesseract.environ = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return program


def _joined(words: Words, space: float) -> str:
    """Return words as a text, those pieces put together that Tesseract made of one word.

    Args:
        words: From ``read_words``.
        space: Narrower gaps between syllables of Hangul part no words, in pixels. Of 766 gaps in
            composed captions, 3 in 100 of either kind are on the wrong side of 0.3 letters.
    """
    text = "".join(word for word, _, _ in words[:1])
    for (before, _, one), (after, _, other) in pairwise(words):
        ends = before[-1], after[0]
        near = other.x0 - one.x1 < space and other.y0 < one.y1  # and no new line begins
        whole = all(map(WITHOUT_SPACES.match, ends)) or (near and all(map(HANGUL.match, ends)))
        text += after if whole else f" {after}"
    return text


def _dark_on_light(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn white letters on black into black ones on white: the rim is paper."""
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return np.asarray(255 - grey if np.median(rim) < 128 else grey, dtype=np.uint8)


def _lines(grey: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Return the rows where each line in a crop begins and ends."""
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    rows = np.r_[False, ink.mean(axis=1) > 0.005, False].astype(np.int8)
    edges = np.flatnonzero(np.diff(rows))
    runs = [(int(start), int(end)) for start, end in list(pairwise(edges))[::2]]
    tallest = max((end - start for start, end in runs), default=0)
    return [(start, end) for start, end in runs if end - start >= 0.5 * tallest]


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
