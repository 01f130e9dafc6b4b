"""IIIF Presentation manifests, versions 2 and 3: the canvases of an issue, and their images."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from presslens.models.message import Message
from presslens.pipelines.archives.days import day_in
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescribedPage,
    DescriptionKind,
    DescriptionUnusable,
    numbered,
    without_image,
)
from presslens.pipelines.archives.folder import ArchiveFolder, page_format, split_address
from presslens.pipelines.archives.markup import MOST_BYTES
from presslens.pipelines.scans.page_numbers import MOST_PAGES
from presslens.pipelines.scans.process import open_lent
from presslens.pipelines.scans.scan import natural_key, shown

CANVAS_MAP = "canvases.json"
"""The file beside a manifest with the name of the image of each canvas, by the canvas's id."""

_MOST_MAP_BYTES = 2**20
"""Most bytes of that file: a thousand pages, and addresses of a thousand characters."""

_DATES = frozenset({"date", "date issued", "date of publication", "issued", "published"})
_TITLES = frozenset({"newspaper", "newspaper title", "periodical", "publication", "series"})
_LANGUAGES = frozenset({"language", "languages", "langue", "sprache", "idioma"})
_BETWEEN = re.compile(r"[;,/]")
_TAGS = re.compile(r"<[^<>]{0,200}>")
_ENDS = " ,;:/()[]-–—."


@dataclass(frozen=True, slots=True)
class IiifCanvas:
    """A canvas: one page."""

    id: str  # its address
    label: str  # its name, a page number for instance
    image: str  # the address of its image; "" where it has none
    service: str  # the address of the image's service, which gives it in other sizes; "" without
    service_version: int = 2  # the version of the Image API that the service has, 2 or 3

    def addresses(self, width: int | None = None) -> list[str]:
        """Return the addresses of its image, the best first: in full, or so many pixels wide."""
        largest = "max" if self.service_version == 3 else "full"
        size = largest if width is None else f"{width},"
        served = [f"{self.service.rstrip('/')}/full/{size}/0/default.jpg"] if self.service else []
        return list(dict.fromkeys(filter(None, [*served, self.image])))


@dataclass(frozen=True, slots=True)
class IiifManifest:
    """An issue, or a collection of issues."""

    id: str  # its address
    label: str  # its name
    title: str  # the newspaper, as far as it is told apart from the label
    day: date | None  # the day; None where it is not said
    rights: str  # what is said of rights and whom to name
    canvases: tuple[IiifCanvas, ...]  # its pages in their order; none in a collection
    parts: tuple[str, ...]  # the addresses of the manifests and collections in a collection
    languages: tuple[str, ...] = ()  # the languages of its metadata, as they are written


def read_manifest(content: bytes, name: str) -> IiifManifest:
    """Return a manifest or collection of Presentation 2 or 3.

    Args:
        content: The document.
        name: Its name or address, for people.

    Raises:
        DescriptionUnusable: It is too large, no JSON, or no such document.
    """
    if len(content) > MOST_BYTES:
        raise DescriptionUnusable(Message("%(name)s: the manifest is too large", name=name))
    try:
        return _manifest(json.loads(content), name)
    except (ValueError, RecursionError):  # texts may be nested as deep as lists may
        raise DescriptionUnusable(Message("%(name)s: this is no JSON", name=name)) from None


def read_lent_manifest(name: str, descriptor: int) -> IiifManifest:
    """Read the manifest of an open file; runs in a process that can be killed.

    Args:
        name: The file's name for people.
        descriptor: The open file.

    Raises:
        DescriptionUnusable: See ``read_manifest``.
    """
    with open_lent(descriptor, "rb") as file:
        return read_manifest(file.read(MOST_BYTES + 1), name)


def _manifest(document: object, name: str) -> IiifManifest:
    if not isinstance(document, dict) or _kind(document) not in {"Manifest", "Collection"}:
        raise DescriptionUnusable(
            Message("%(name)s: this is neither a IIIF manifest nor a collection", name=name)
        )
    label = _text(document.get("label"))
    facts = dict(_facts(document))
    day = day_in(str(document.get("navDate") or "")[:10]) or _first_day(facts) or day_in(label)
    return IiifManifest(
        _identifier(document),
        label,
        _title(document, facts, label, day),
        day,
        _rights(document),
        tuple(_canvases(document)),
        tuple(_parts(document)),
        _languages(facts),
    )


def described_by_manifest(
    manifest: IiifManifest, path: Path, folder: ArchiveFolder
) -> DescribedEdition:
    """Return the edition of a folder with a manifest and its images.

    The images are those of ``canvases.json``; else those whose name is in the address of a canvas
    or of its image; else, where there are as many images as canvases, those in the same order.

    Raises:
        DescriptionUnusable: The manifest has no pages, or one twice; or ``canvases.json`` gives one
            image to several.
    """
    if not 0 < len(manifest.canvases) <= MOST_PAGES:
        raise DescriptionUnusable(Message("%(name)s: it lists no pages", name=path.name))
    _check_ids(manifest.canvases, path.name)
    images = _images(manifest.canvases, path, folder)
    pages, notes = [], []
    for place, number in enumerate(numbered([canvas.label for canvas in manifest.canvases])):
        image = images.get(place)
        if image is None:
            notes.append(without_image(path.name, number))
        else:
            pages.append(DescribedPage(number, image))
    return DescribedEdition(
        path,
        DescriptionKind.IIIF,
        manifest.title,
        manifest.day,
        tuple(pages),
        len(manifest.canvases),
        manifest.rights,
        notes=tuple(notes),
    )


def _check_ids(canvases: Sequence[IiifCanvas], name: str) -> None:
    """Check that no page is listed twice; canvases without an id are told apart by their place.

    Raises:
        DescriptionUnusable: One is.
    """
    for canvas, count in Counter(canvas.id for canvas in canvases).items():
        if canvas and count > 1:
            raise DescriptionUnusable(
                Message(
                    "%(name)s: it lists the canvas %(canvas)s %(n)s times",
                    name=name,
                    canvas=shown(canvas),
                    n=count,
                )
            )


def _images(canvases: Sequence[IiifCanvas], path: Path, folder: ArchiveFolder) -> dict[int, Path]:
    """Return the images of canvases by their place, from 0.

    Raises:
        DescriptionUnusable: ``canvases.json`` gives an image to several.
    """
    mapped = _mapped(canvases, path.with_name(CANVAS_MAP), folder)
    if mapped:
        return mapped
    images = [file for file in folder.files if page_format(file) is not None]
    by_stem = {image.stem.casefold(): image for image in images}
    paths: dict[int, Path] = {}
    for place, canvas in enumerate(canvases):
        image = next((by_stem[name] for name in _names(canvas) if name in by_stem), None)
        if image is not None:
            paths[place] = image
    if len(set(paths.values())) == len(canvases) or len(images) != len(canvases):
        return paths if len(set(paths.values())) == len(paths) else {}
    images.sort(key=lambda image: natural_key(image.name))
    return dict(enumerate(images))


def _mapped(canvases: Sequence[IiifCanvas], path: Path, folder: ArchiveFolder) -> dict[int, Path]:
    if path not in folder.files or path.stat().st_size > _MOST_MAP_BYTES:
        return {}
    try:
        names = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    if not isinstance(names, dict):
        return {}
    files = {file.name: file for file in folder.files if file.parent == path.parent}
    listed = ((place, names.get(canvas.id)) for place, canvas in enumerate(canvases))
    named = ((place, name) for place, name in listed if isinstance(name, str))
    mapped = {place: files[name] for place, name in named if name in files}
    if len(set(mapped.values())) < len(mapped):
        raise DescriptionUnusable(
            Message("%(name)s: it gives one image to several pages", name=path.name)
        )
    return {place: file for place, file in mapped.items() if page_format(file) is not None}


def _names(canvas: IiifCanvas) -> Iterator[str]:
    """Yield what the image of a canvas may be called, the surest first."""
    for address in (canvas.service, canvas.image, canvas.id):
        for part in reversed(PurePosixPath(unquote(split_address(address).path)).parts):
            yield part.casefold()
            yield PurePosixPath(part).stem.casefold()
    yield canvas.label.casefold()


def _kind(document: Mapping[str, Any]) -> str:
    kind = document.get("type") or document.get("@type") or ""
    return str(kind).rpartition(":")[2]


def _identifier(document: Mapping[str, Any]) -> str:
    return _printable(str(document.get("id") or document.get("@id") or ""))


def _printable(text: str) -> str:
    """Return a text without what JSON may hold and no file or database takes."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _dicts(value: object) -> list[dict[str, Any]]:
    """Return the objects of a value that may be one, a list of them, or anything else."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def _text(value: object) -> str:
    """Return a text in whichever of the ways of both versions; the first language, English first.

    Markup is taken out: version 2 allows some.
    """
    if isinstance(value, str):
        return _printable(" ".join(_TAGS.sub("", value).split()))
    if isinstance(value, list):
        return "; ".join(filter(None, map(_text, value)))
    if not isinstance(value, dict):
        return ""
    if "@value" in value:
        return _text(value["@value"])
    return _text(value.get("en") or next(iter(value.values()), ""))


def _facts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in _dicts(document.get("metadata")):
        yield _text(entry.get("label")).casefold(), _text(entry.get("value"))


def _first_day(facts: Mapping[str, str]) -> date | None:
    days = (day_in(value) for label, value in facts.items() if label in _DATES)
    return next(filter(None, days), None)


def _languages(facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the languages that metadata name, one or several in a value."""
    named = [value for label, value in facts.items() if label in _LANGUAGES]
    parts = (part for value in named for part in _BETWEEN.split(value))
    return tuple(filter(None, map(str.strip, parts)))


def _title(
    document: Mapping[str, Any], facts: Mapping[str, str], label: str, day: date | None
) -> str:
    """Return the newspaper: of metadata, of the collection, or the label without its day."""
    around = _dicts(document.get("partOf")) + _dicts(document.get("within"))
    named = [value for key, value in facts.items() if key in _TITLES]
    named += [_text(one.get("label")) for one in around]
    bare = label.replace(day.isoformat(), "").strip(_ENDS) if day else label
    return next(filter(None, named), bare)


def _rights(document: Mapping[str, Any]) -> str:
    statement = document.get("requiredStatement")
    values = [_text(one.get("value")) for one in _dicts(statement)]
    values += [_text(document.get(key)) for key in ("attribution", "rights", "license")]
    return "; ".join(dict.fromkeys(filter(None, values)))


def _canvases(document: Mapping[str, Any]) -> Iterator[IiifCanvas]:
    if _kind(document) != "Manifest":
        return
    sequences = _dicts(document.get("sequences"))[:1]
    listed = [canvas for one in sequences for canvas in _dicts(one.get("canvases"))]
    for canvas in [*listed, *_dicts(document.get("items"))]:
        if _kind(canvas) == "Canvas":
            body = next(_bodies(canvas), {})
            service = next(iter(_dicts(body.get("service"))), {})
            label = _text(canvas.get("label"))
            yield IiifCanvas(
                _identifier(canvas),
                label,
                _identifier(body),
                _identifier(service),
                3 if "3" in f"{service.get('type')}{service.get('@context')}" else 2,
            )


def _bodies(canvas: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the images that are painted on a canvas; of a choice, the first."""
    annotations = _dicts(canvas.get("images"))
    for page in _dicts(canvas.get("items")):
        annotations += _dicts(page.get("items"))
    for annotation in annotations:
        for body in _dicts(annotation.get("body") or annotation.get("resource")):
            chosen = _dicts(body.get("items") or body.get("default")) or [body]
            yield chosen[0]


def _parts(document: Mapping[str, Any]) -> Iterator[str]:
    if _kind(document) != "Collection":
        return
    for key in ("items", "manifests", "collections", "members"):
        for part in _dicts(document.get(key)):
            if _kind(part) in {"Manifest", "Collection"} and (address := _identifier(part)):
                yield address
