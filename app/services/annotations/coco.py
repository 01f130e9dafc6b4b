"""Reads COCO JSON that was corrected in CVAT, FiftyOne or another tool.

Tools give images and annotations numbers of their own, and drop what they don't know. A page is
known by the ``file_name`` of its image; a photo by ``photo_id`` among its attributes, or else by
its place. What was exported is known from the file that the tool was given, if it is there too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.annotations.annotated import (
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
"""The category of photos, in any letter case."""

_PAGE = re.compile(r"\bpages?[-_/](\d{1,10})(?:[-_/]image)?$")
"""The end of a picture's name without its ending: ``pages/7/image``, ``page-7``."""


Key = int | str


class _CocoImage(ScanIdentity):
    id: Key
    file_name: str
    width: Length
    height: Length


class _CocoCategory(BaseModel):
    id: Key
    name: str


class _CocoAnnotation(BaseModel):
    image_id: Key
    category_id: Key
    bbox: Annotated[list[Pixels], Field(min_length=4, max_length=4)]
    photo_id: Any = None
    attributes: dict[str, Any] = Field(default_factory=dict)

    def photo(self) -> AnnotatedPhoto:
        x, y, width, height = self.bbox
        answers, focus = read_answers(self.attributes)
        given = read_id(self.attributes.get("photo_id")) or read_id(self.photo_id)
        return AnnotatedPhoto(given, Box(x, y, x + width, y + height), answers, focus)


class _CocoFile(BaseModel):
    images: list[_CocoImage]
    categories: list[_CocoCategory]
    annotations: list[_CocoAnnotation] = Field(default_factory=list)


def read_coco(content: bytes, *, coder: str, exported: bytes | None = None) -> AnnotationFile:
    """Return the pages of a corrected COCO file.

    Args:
        content: The file as the tool has written it.
        coder: Who has corrected it.
        exported: The file that the tool was given; None: it is not there.

    Raises:
        InvalidRequest: A file is none, is too large, or has no category of photos.
    """
    corrected = _parsed(content, Message("the corrected file"))
    original = _parsed(exported, Message("the exported file")) if exported is not None else None
    before = dict(_pages(original)[0]) if original else None
    pages, unmatched = _pages(corrected)
    return AnnotationFile(
        "COCO",
        tuple(
            AnnotatedPage(
                page_id,
                coder,
                (image.width, image.height),
                photos,
                exported=_as_exported(page_id, image, before),
                scan=image.scan or (before[page_id][0].scan if before else None),
            )
            for page_id, (image, photos) in pages.items()
            if before is None or page_id in before
        ),
        not_read=len(corrected.annotations) - sum(len(photos) for _, photos in pages.values()),
        unmatched=(*unmatched, *_not_exported(pages, before)),
    )


_Pages = dict[int, tuple[_CocoImage, tuple[AnnotatedPhoto, ...]]]


def _parsed(content: bytes, what: Message) -> _CocoFile:
    if len(content) > MOST_BYTES:
        raise InvalidRequest.saying(
            "%(what)s has more than %(most)s bytes", what=what, most=MOST_BYTES
        )
    try:
        parsed = _CocoFile.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise InvalidRequest.saying(
            "%(what)s is not COCO JSON: %(where)s: %(fault)s",
            what=what,
            where=where,
            fault=first["msg"],
        ) from error
    if not _photo_categories(parsed):
        raise InvalidRequest.saying("%(what)s has no category %(name)s", what=what, name=PHOTO)
    return parsed


def _photo_categories(parsed: _CocoFile) -> set[Key]:
    return {one.id for one in parsed.categories if one.name.strip().lower() == PHOTO}


def _pages(parsed: _CocoFile) -> tuple[_Pages, list[Message]]:
    """Return the images that are pages with their photos, and what the others are."""
    categories = _photo_categories(parsed)
    photos: defaultdict[Key, list[AnnotatedPhoto]] = defaultdict(list)
    for one in parsed.annotations:
        if one.category_id in categories:
            photos[one.image_id].append(one.photo())
    pages: _Pages = {}
    unmatched = []
    numbers = [page_of(image.file_name) for image in parsed.images]
    repeated = {number for number, times in Counter(numbers).items() if times > 1}
    for image, number in zip(parsed.images, numbers, strict=True):
        if number is None:
            unmatched.append(
                Message("%(name)s is the name of no page's picture", name=image.file_name[:200])
            )
        elif number in repeated:
            unmatched.append(Message("page %(page)s is in the file more than once", page=number))
        else:
            pages[number] = image, tuple(photos[image.id])
    return pages, list(dict.fromkeys(unmatched))


def page_of(file_name: str) -> int | None:
    """Return the page whose picture has a name, by the end of its path; None if none has.

    >>> page_of("images/default/pages/7/image.jpg")
    7
    """
    path = PurePosixPath(file_name.replace("\\", "/"))
    match = _PAGE.search(str(path.with_suffix("")) if path.name else "")
    return read_id(match[1]) if match else None


def _as_exported(
    page_id: int,
    image: _CocoImage,
    before: Mapping[int, tuple[_CocoImage, Sequence[AnnotatedPhoto]]] | None,
) -> tuple[AnnotatedPhoto, ...] | None:
    """Return the photos of a page as they were exported, in the pixels of the corrected image."""
    if before is None:
        return None
    original, photos = before[page_id]
    x, y = image.width / original.width, image.height / original.height
    return tuple(
        AnnotatedPhoto(
            one.photo_id,
            one.box.scaled(x, y),
            one.answers,
            one.focus,
        )
        for one in photos
    )


def _not_exported(pages: Iterable[int], before: Mapping[int, Any] | None) -> Iterable[Message]:
    if before is None:
        return ()
    return (
        Message("page %(page)s is not in the exported file", page=page)
        for page in pages
        if page not in before
    )
