"""Photos of pages as another annotation tool gives them, whatever its format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.consensus import Answers
from presslens.pipelines.statistics.measure import SUBJECTS

FOCUS = "focus"
CANT_TELL = "can't tell"
CHECKED = "checked"
"""The question about a whole page, to which ``LOOKED_THROUGH`` is the one answer."""

LOOKED_THROUGH = "I have looked through the whole page"

MOST_BYTES = 2**28
"""Largest size of a file."""


def _finite(value: float) -> float:
    if not abs(value) < 1e9:
        raise ValueError("it is no number of pixels")
    return value


Pixels = Annotated[float, AfterValidator(_finite)]
Length = Annotated[float, Field(gt=0, lt=1e9)]

LARGEST_ID = 2**31 - 1
"""Largest id that both databases hold."""

ANSWERS: Mapping[str, bool | None] = {
    **dict.fromkeys(("yes", "true", "1"), True),
    **dict.fromkeys(("no", "false", "0"), False),
    **dict.fromkeys((CANT_TELL, "cant_tell", "?"), None),
}
"""How tools write an answer."""


class ScanIdentity(BaseModel):
    """What distinguishes the scan of a page from those of other installations, in a tool's file."""

    # Hash of the file; None: the tool has dropped it, or it was never exported.
    scan_sha256: str | None = None
    scan_frame: int | None = None  # which image of that file, from 0

    @property
    def scan(self) -> tuple[str, int] | None:
        """The hash and the number of the image, if there is a hash."""
        return (self.scan_sha256, self.scan_frame or 0) if self.scan_sha256 else None


@dataclass(frozen=True, slots=True)
class AnnotatedPhoto:
    """A photo that a person has drawn, or left as it was."""

    photo_id: int | None  # the photo that it was exported as; None where the tool does not say
    box: Box  # in pixels of ``AnnotatedPage.size``
    # What it shows, by subject; None: the person can't tell.
    answers: Answers = field(default_factory=dict)
    focus: Focus | None = None  # what it is composed around; None: not answered

    def to_json(self) -> dict[str, Any]:
        """Return the photo as the exports carry it, and as it is hashed."""
        sides = self.box.x0, self.box.y0, self.box.x1, self.box.y1
        return {
            "photo_id": self.photo_id,
            "box": [round(side, 3) for side in sides],
            "answers": dict(sorted(self.answers.items())),
            "focus": self.focus and self.focus.value,
        }


@dataclass(frozen=True, slots=True)
class AnnotatedPage:
    """A page that a person has looked at in another tool."""

    page_id: int
    coder: str  # who has annotated it
    # Width and height of the picture, in the pixels of the boxes; None: the page's own.
    size: tuple[float, float] | None
    photos: tuple[AnnotatedPhoto, ...]  # all its photos now
    # Its photos as they were exported; None: that is not known.
    exported: tuple[AnnotatedPhoto, ...] | None = None
    checked: bool = False  # the person says that the whole page was looked through
    # Its scan: the hash of the file, and which image of it; None: the file does not say.
    scan: tuple[str, int] | None = None

    @property
    def boxes(self) -> int:
        """Number of its photos, now or as they were exported, whichever are more."""
        return max(len(self.photos), len(self.exported or ()))

    def digest(self) -> str:
        """Return a hash of all that is annotated, by which an import knows it again."""
        content = [self.page_id, self.coder, self.size, self.checked]
        photos = [photo.to_json() for photo in self.photos]
        text = json.dumps([content, photos], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """What a file of another tool holds."""

    tool: str  # the name of the format
    pages: tuple[AnnotatedPage, ...]  # the pages, in the order of the file
    skipped: int = 0  # number of tasks that were skipped or not annotated
    not_read: int = 0  # number of annotations that stand for nothing that can be corrected here
    # What could not be told which page it is of, each in a sentence.
    unmatched: tuple[Message, ...] = ()


def read_answers(given: Mapping[str, Any]) -> tuple[dict[str, bool | None], Focus | None]:
    """Return the answers among the attributes of an annotation; what is none is left out."""
    answers = {
        name: ANSWERS[word]
        for name in SUBJECTS
        if name in given and (word := _word(given[name])) in ANSWERS
    }
    focus = _word(given.get(FOCUS))
    return answers, Focus(focus) if focus in tuple(Focus) else None


def written_answer(shows: bool | None) -> str:
    """Return an answer as the exports write it."""
    return {True: "yes", False: "no", None: CANT_TELL}[shows]


def read_id(given: Any) -> int | None:
    """Return an id that a tool gives as a number or as text; None where it gives none."""
    text = str(given).strip().removesuffix(".0")
    digits = text.isascii() and text.isdigit() and len(text) < 11
    return int(text) if digits and 0 < int(text) <= LARGEST_ID else None


def _word(given: Any) -> str:
    return str(given).strip().lower()
