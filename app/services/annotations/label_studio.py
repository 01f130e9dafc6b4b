"""Reads the JSON that Label Studio exports of tasks that Presslens has given it.

A task gives back, in its ``data``, what was exported, so that what a person has changed is known
exactly. Several people may have annotated a task, each apart; boxes are in percent of the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.annotations.annotated import (
    CHECKED,
    LARGEST_ID,
    MOST_BYTES,
    AnnotatedPage,
    AnnotatedPhoto,
    AnnotationFile,
    Length,
    Pixels,
    ScanIdentity,
    read_answers,
    read_id,
)
from presslens.models.geometry import Box
from presslens.models.message import Message

PHOTO = "photo"
"""The label of photos, in any letter case."""

_REGION = re.compile(r"photo-(\d{1,10})$")
"""The end of the id of a region that was exported."""


class _ExportedPhoto(BaseModel):
    photo_id: int
    box: Annotated[list[Pixels], Field(min_length=4, max_length=4)]
    answers: dict[str, bool | None] = Field(default_factory=dict)
    focus: str | None = None

    def photo(self) -> AnnotatedPhoto:
        _, focus = read_answers({"focus": self.focus})
        return AnnotatedPhoto(self.photo_id, Box(*self.box), self.answers, focus)


class _ExportedPage(ScanIdentity):
    page: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    width: Length
    height: Length
    photos: list[_ExportedPhoto]


class _Data(BaseModel):
    presslens: _ExportedPage | None = None


class _Value(BaseModel):
    x: Pixels = 0
    y: Pixels = 0
    width: Pixels = 0
    height: Pixels = 0
    rotation: Pixels = 0
    rectanglelabels: list[str] = Field(default_factory=list)
    choices: list[str] = Field(default_factory=list)

    def box(self, page: _ExportedPage) -> Box:
        """Return the box in pixels of the page; of a turned one, the box around it."""
        across, down = page.width / 100, page.height / 100
        turn = math.radians(self.rotation)
        cos, sin = math.cos(turn), math.sin(turn)
        width, height = self.width * across, self.height * down
        corners = ((0.0, 0.0), (width, 0.0), (0.0, height), (width, height))
        xs = [self.x * across + x * cos - y * sin for x, y in corners]
        ys = [self.y * down + x * sin + y * cos for x, y in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))


class _Result(BaseModel):
    id: str = ""
    from_name: str = ""
    type: str = ""
    image_rotation: Pixels = 0
    value: _Value | None = None


class _SubmittedAnnotation(BaseModel):
    completed_by: int | str | dict[str, Any] | None = None
    was_cancelled: bool = False
    result: list[_Result] = Field(default_factory=list)

    def annotator(self) -> tuple[str, str]:
        """Return the id and the e-mail address of who has annotated, "" where there is none."""
        by = self.completed_by if isinstance(self.completed_by, dict) else {"id": self.completed_by}
        return tuple(str(by.get(key) or "") for key in ("id", "email"))  # type: ignore[return-value]


class _Task(BaseModel):
    id: int | str | None = None
    data: _Data
    annotations: list[_SubmittedAnnotation] | Literal[""] = Field(default_factory=list)


_TASKS = TypeAdapter(list[_Task])


def read_label_studio(
    content: bytes, *, names: Mapping[str, str] | None = None, coder: str | None = None
) -> AnnotationFile:
    """Return the pages of an export of Label Studio, one for each person who has annotated a page.

    Args:
        content: The file, as Label Studio exports JSON.
        names: The coder's name of a person, by the person's id or e-mail address; who is missing
            goes by the e-mail address, or else by the id.
        coder: The name of the only person who has annotated; None: there may be several.

    Raises:
        InvalidRequest: The file is none or too large, or several people have annotated it where one
            name is given.
    """
    tasks = _parsed(content)
    people = {one.annotator() for task in tasks for one in _annotations(task)}
    if coder is not None and len(people) > 1:
        raise InvalidRequest.saying(
            "%(n)s people have annotated this file: give each a name (%(people)s)",
            n=len(people),
            people=", ".join(sorted(email or id_ for id_, email in people)[:20]),
        )
    reading = _TaskReading(names or {}, coder)
    pages = tuple(page for task in tasks for page in reading.pages(task))
    return AnnotationFile(
        "Label Studio", pages, reading.skipped, reading.not_read, tuple(reading.unmatched)
    )


def _parsed(content: bytes) -> list[_Task]:
    if len(content) > MOST_BYTES:
        raise InvalidRequest.saying("the file has more than %(most)s bytes", most=MOST_BYTES)
    try:
        return _TASKS.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise InvalidRequest.saying(
            "this is no JSON export of Label Studio: %(where)s: %(fault)s",
            where=where,
            fault=first["msg"],
        ) from error


def _annotations(task: _Task) -> list[_SubmittedAnnotation]:
    return [one for one in task.annotations or () if not one.was_cancelled]


class _TaskReading:
    def __init__(self, names: Mapping[str, str], coder: str | None) -> None:
        self._names, self._coder = names, coder
        self.skipped = self.not_read = 0
        self.unmatched: list[Message] = []

    def pages(self, task: _Task) -> Iterator[AnnotatedPage]:
        """Yield a task's page as each person has left it; of one's annotations, the last."""
        exported = task.data.presslens
        if exported is None:
            self.unmatched.append(Message("task %(task)s is no page of Presslens", task=task.id))
            return
        annotations = _annotations(task)
        latest = {self._name(one): one for one in annotations}
        self.skipped += max(1, len(task.annotations)) - len(latest)
        for coder, annotation in latest.items():
            if any(one.image_rotation % 360 for one in annotation.result):
                turned = Message("page %(page)s: the picture was turned", page=exported.page)
                self.unmatched.append(turned)
            else:
                yield self._page(exported, coder, annotation.result)

    def _name(self, annotation: _SubmittedAnnotation) -> str:
        id_, email = annotation.annotator()
        given = self._names.get(id_) or self._names.get(email)
        name = self._coder or given or email or f"annotator {id_ or '?'}"
        return one_line(name, "a coder's name", LONGEST_NAME)

    def _page(
        self, exported: _ExportedPage, coder: str, results: Iterable[_Result]
    ) -> AnnotatedPage:
        boxes: dict[str, Box] = {}
        given: dict[str, dict[str, str]] = {}
        checked = False
        for i, result in enumerate(results):
            value = result.value
            if value and PHOTO in (name.strip().lower() for name in value.rectanglelabels):
                boxes[result.id or f"region {i}"] = value.box(exported)
            elif value and value.choices and result.from_name == CHECKED:
                checked = True
            elif value and value.choices:
                given.setdefault(result.id, {})[result.from_name] = value.choices[0]
            else:
                self.not_read += 1
        photos = []
        for region, box in boxes.items():
            match = _REGION.search(region)
            answers, focus = read_answers(given.get(region, {}))
            photos.append(AnnotatedPhoto(read_id(match[1]) if match else None, box, answers, focus))
        return AnnotatedPage(
            exported.page,
            coder,
            (exported.width, exported.height),
            tuple(photos),
            tuple(photo.photo() for photo in exported.photos),
            checked,
            exported.scan,
        )
