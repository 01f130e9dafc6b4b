"""The text of a canvas: documents that a manifest links to, and annotations with boxes of lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.described_edition import DescriptionUnusable
from presslens.pipelines.archives.iiif_values import (
    Entry,
    address_of,
    addresses,
    by_language,
    entries,
    kind_of_entry,
    printable,
    text_in,
)
from presslens.pipelines.archives.markup import MOST_BYTES
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.scans.process import open_lent

_TEXTS = (
    re.compile(r"\balto\b|alto[+/_.-]|/alto", re.IGNORECASE),
    re.compile(r"prima\.page|primaresearch|page[ _-]?xml|pagecontent", re.IGNORECASE),
    re.compile(r"hocr", re.IGNORECASE),
)
"""What says of a link that it is of ALTO, PAGE-XML or hOCR, the surest first."""

_OTHERS = re.compile(
    r"\b(?:tei|mets|mods|marc\w*|edm|dc|dcterms|rdf|ead|oai\w*|iiif|rss|kml)\b", re.IGNORECASE
)
_XML = frozenset({"application/xml", "text/xml"})
_TEXT_MOTIVATIONS = frozenset({"supplementing", "transcribing", "painting"})
_PLACE = re.compile(
    r"xywh=(?P<unit>pixel:|percent:|pct:)?(?P<box>[\d.]+,[\d.]+,[\d.]+,[\d.]+)(?![\d.])"
)
_CHARACTERS = re.compile(r"(https?://[^#\s]+)#char=(\d{1,9}),(\d{1,9})")
_LINES = "line"
_WORDS = frozenset({"word", "glyph", "character"})
_MOST_ANNOTATIONS = 100_000
_GAP = 2.0
"""Words of a line stand at most so many line heights apart."""
_LEADING = 1.0
"""Lines of a block stand at most so many line heights apart."""


def text_addresses(canvas: Entry) -> list[str]:
    """Return where the text of a canvas may be had as ALTO, PAGE-XML or hOCR, the surest first."""
    links = [
        link
        for key in ("seeAlso", "rendering")
        for link in entries(canvas.get(key))
        if address_of(link)
    ]
    ranked = [(rank, address_of(link)) for link in links if (rank := _rank(link)) is not None]
    return list(dict.fromkeys(address for _, address in sorted(ranked, key=lambda one: one[0])))


def _rank(link: Entry) -> int | None:
    """Return how sure it is that a link is of a text with places; None: it is of something else."""
    kind = str(link.get("format") or "").casefold()
    if kind.startswith(("image/", "audio/", "video/")) or "pdf" in kind or "json" in kind:
        return None
    labels = by_language(link.get("label")).values()
    description = " ".join([kind, *addresses(link.get("profile")), *labels])
    for rank, text in enumerate(_TEXTS):
        if text.search(description):
            return rank
    if kind in _XML and not _OTHERS.search(description):
        return len(_TEXTS)
    named = (rank for rank, text in enumerate(_TEXTS) if text.search(address_of(link)))
    return None if kind and kind not in _XML else next(named, None)


def annotation_addresses(canvas: Entry) -> list[str]:
    """Return where annotations of a canvas may be had that are not in the manifest itself."""
    lists = [*_listed(canvas.get("annotations")), *_listed(canvas.get("otherContent"))]
    return [address_of(one) for one in lists if not _annotations(one) and address_of(one)]


def annotated_text(canvas: Entry) -> PageText | None:
    """Return the text of a canvas by the annotations in its manifest; None where there is none."""
    lists = [*_listed(canvas.get("annotations")), *_listed(canvas.get("otherContent"))]
    return _page_text((one for each in lists for one in _annotations(each)), *size_of(canvas))


def size_of(canvas: Entry) -> tuple[float | None, float | None]:
    """Return the width and the height of a canvas; None for what is not said."""
    return _number(canvas.get("width")), _number(canvas.get("height"))


def read_annotations(name: str, content: bytes) -> list[dict[str, Any]]:
    """Return the annotations of a document with a page or list of them.

    Raises:
        DescriptionUnusable: It is too large, no JSON, or no such document.
    """
    if len(content) > MOST_BYTES:
        raise DescriptionUnusable(Message("%(name)s: the annotations are too large", name=name))
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise DescriptionUnusable(Message("%(name)s: this is no JSON", name=name)) from None
    kinds = {"AnnotationPage", "AnnotationList", "AnnotationCollection"}
    if not isinstance(document, dict) or kind_of_entry(document) not in kinds:
        raise DescriptionUnusable(Message("%(name)s: these are no annotations", name=name))
    return _annotations(document)


@dataclass(frozen=True, slots=True)
class CanvasText:
    """The text that annotations of a canvas hold; None where they hold none with places."""

    text: PageText | None


def read_lent_annotations(
    name: str, width: float | None, height: float | None, descriptor: int
) -> CanvasText:
    """Read the annotations of an open file; runs in a process that can be killed.

    Args:
        name: The file's name for people.
        width: Width of the canvas; None: it is not said.
        height: Height of the canvas.

    Raises:
        DescriptionUnusable: See ``read_annotations``.
    """
    with open_lent(descriptor, "rb") as file:
        annotations = read_annotations(name, file.read(MOST_BYTES + 1))
    return CanvasText(_page_text(annotations, width, height))


def holds_text(name: str, content: bytes, width: float | None, height: float | None) -> bool:
    """Return whether a document has annotations with text and places.

    Raises:
        DescriptionUnusable: See ``read_annotations``.
    """
    return _page_text(read_annotations(name, content), width, height) is not None


def pointed_text(name: str, content: bytes) -> str:
    """Return the address of the one text that annotations point into; "" where there is none.

    Europeana's bodies are places in the text of a page, https://…/fulltext/…#char=0,25.

    Raises:
        DescriptionUnusable: See ``read_annotations``.
    """
    canvases = {place[0] for one in read_annotations(name, content) if (place := _pointer(one))}
    return canvases.pop() if len(canvases) == 1 else ""


def with_pointed_text(name: str, content: bytes, text: bytes) -> bytes:
    """Return a page of annotations whose bodies hold what they point at.

    Args:
        name: Its name or address, for people.
        content: The annotations.
        text: The text that they point into: itself, or a JSON object with it.

    Raises:
        DescriptionUnusable: See ``read_annotations``; or it is no text.
    """
    whole = _whole_text(name, text)
    items = []
    for one in read_annotations(name, content):
        if place := _pointer(one):
            value = whole[place[1] : place[2]]
            items.append({**one, "body": {"type": "TextualBody", "value": value}})
    return json.dumps({"type": "AnnotationPage", "items": items}).encode()


def _pointer(annotation: Entry) -> tuple[str, int, int] | None:
    """Return the address of the text that an annotation points into, and the place in it."""
    body = next(iter(addresses(annotation.get("body") or annotation.get("resource"))), "")
    match = _CHARACTERS.fullmatch(body)
    return (match[1], int(match[2]), int(match[3])) if match else None


def _whole_text(name: str, content: bytes) -> str:
    text: object = None
    try:
        text = plain = content.decode()
        if plain.lstrip().startswith("{"):
            document = json.loads(plain)
            text = document.get("value") or document.get("rdf:value")
            text = text.get("@value") if isinstance(text, dict) else text
    except (ValueError, RecursionError):
        text = None
    if not isinstance(text, str):
        raise DescriptionUnusable(Message("%(name)s: this is no text", name=name))
    return text


def _listed(value: object) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str | dict)]


def _annotations(page: object) -> list[dict[str, Any]]:
    if not isinstance(page, dict):
        return []
    return (entries(page.get("items")) + entries(page.get("resources")))[:_MOST_ANNOTATIONS]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 < value < 1e6 else None


def _page_text(
    annotations: Iterable[Entry], width: float | None, height: float | None
) -> PageText | None:
    """Return the text of annotations: of lines; of words, joined; of no larger parts of a page."""
    pairs = [(part, line) for one in annotations for part, line in _line(one, width, height)]
    lines = [line for part, line in pairs if part == _LINES]
    words = [line for part, line in pairs if part in _WORDS]
    if not lines and not words:
        unspecified = [line for part, line in pairs if not part]
        single = sum(" " not in line.text for line in unspecified)
        words, lines = (unspecified, []) if 2 * single > len(unspecified) else ([], unspecified)
    lines = lines or _joined(words)
    if not lines:
        return None
    return PageText(
        TextSource.IIIF, width, height, "", None, tuple(_blocks(lines)), (), language=""
    )


def _line(
    annotation: Entry, width: float | None, height: float | None
) -> Iterator[tuple[str, TextLine]]:
    """Yield the text of an annotation with its place, and the part of a page that it is of."""
    motivations = annotation.get("motivation")
    named = motivations if isinstance(motivations, list) else [motivations]
    if _TEXT_MOTIVATIONS.isdisjoint(str(one).rpartition(":")[2] for one in named):
        return
    box = _box(annotation.get("target") or annotation.get("on"), width, height)
    text = _body_text(annotation.get("body") or annotation.get("resource"))
    if box is not None and text and "\n" not in text:
        yield _part(annotation), TextLine(box, printable(" ".join(text.split())))


def _part(annotation: Entry) -> str:
    """Return which part of a page an annotation is of, "line" for instance; "" if it is not said.

    The name is that of the extension of text granularity; Europeana gives a type of Dublin Core.
    """
    names = ("textGranularity", "dcType", "http://purl.org/dc/elements/1.1/type")
    return str(next(filter(None, map(annotation.get, names)), "")).casefold().rpartition("/")[2]


def _body_text(value: object) -> str:
    """Return the text of a body: itself, or the first of several that has one."""
    for body in value if isinstance(value, list) else [value]:
        if isinstance(body, str):
            text = "" if body.startswith(("http:", "https:")) else body
        elif isinstance(body, dict):
            values = (body.get(key) for key in ("value", "chars", "cnt:chars"))
            text = next((one for one in values if isinstance(one, str)), "")
            if "<" in text and "html" in str(body.get("format", "")):
                text = text_in(text)
        else:
            text = ""
        if text.strip():
            return text.strip()
    return ""


def _box(target: object, width: float | None, height: float | None) -> Box | None:
    """Return the place of a target, in units of the canvas; None where it is not a rectangle."""
    if isinstance(target, list):
        return next((box for one in target if (box := _box(one, width, height))), None)
    if isinstance(target, dict):
        selectors = entries(target.get("selector"))
        values = [one.get("value") for one in selectors]
        values += [address_of(target), address_of(target.get("source")), target.get("full")]
    else:
        values = [target]
    match = next((m for v in values if isinstance(v, str) and (m := _PLACE.search(v))), None)
    if match is None:
        return None
    x, y, w, h = map(float, match["box"].split(","))
    if match["unit"] in {"percent:", "pct:"}:
        if width is None or height is None:
            return None
        x, y, w, h = x * width / 100, y * height / 100, w * width / 100, h * height / 100
    return Box(x, y, x + w, y + h) if w > 0 and h > 0 else None


def _joined(words: Sequence[TextLine]) -> list[TextLine]:
    """Return the lines of words in their order: those that follow each other on one height."""
    lines: list[TextLine] = []
    for word in words:
        last = lines[-1] if lines else None
        if last is not None and _goes_on(last.box, word.box):
            text = f"{last.text} {word.text}"
            lines[-1] = replace(last, box=last.box.union(word.box), text=text)
        else:
            lines.append(word)
    return lines


def _goes_on(line: Box, word: Box) -> bool:
    height = max(line.height, word.height)
    middle = (word.y0 + word.y1) / 2
    gap = max(word.x0 - line.x1, line.x0 - word.x1)
    return line.y0 <= middle <= line.y1 and gap <= _GAP * height and word.x1 > line.x0


def _blocks(lines: Sequence[TextLine]) -> Iterator[TextBlock]:
    """Yield blocks of lines that follow each other close by, one under the other."""
    block: list[TextLine] = []
    for line in lines:
        if block and not _is_below(block[-1].box, line.box):
            yield TextBlock(tuple(block))
            block = []
        block.append(line)
    if block:
        yield TextBlock(tuple(block))


def _is_below(line: Box, next_line: Box) -> bool:
    height = max(line.height, next_line.height)
    beside = min(line.x1, next_line.x1) - max(line.x0, next_line.x0)
    near = -0.5 * height <= next_line.y0 - line.y1 <= _LEADING * height
    return near and beside > 0.5 * min(line.width, next_line.width) and next_line.y0 > line.y0
