"""Editions as libraries deliver them, made for tests: METS with ALTO, PAGE-XML, IIIF manifests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import cv2
import numpy as np

from .schemas import ALTO_3, PAGE_2019

WIDTH, HEIGHT = 600, 800
PHOTO = (60, 100, 460, 400)
"""The photo on each page, x0, y0, x1, y1 in pixels."""

CAPTION = (60, 408, 420, 428)
"""The line below it."""

UNITS = {"pixel": 1.0, "mm10": 254 / 300, "inch1200": 4.0}
"""Units of ALTO a pixel, at 300 pixels an inch."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its box in pixels, what it says, and how sure its reader was."""

    text: str
    box: tuple[int, int, int, int] = CAPTION
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that is delivered in a folder."""

    title: str = "Evening Courier"
    day: date = date(1939, 5, 13)
    captions: tuple[str, ...] = ("Workers of the new plant", "The harvest is brought in")
    unit: str = "pixel"
    namespace: str = ALTO_3
    numbers: tuple[int, ...] = field(default_factory=tuple)
    language: str = "eng"  # a code of ISO 639-2

    @property
    def pages(self) -> list[tuple[int, str]]:
        """The number and the caption of each page."""
        numbers = self.numbers or range(1, len(self.captions) + 1)
        return list(zip(numbers, self.captions, strict=True))


def draw_page(path: Path, *, scale: float = 1.0, seed: int = 0) -> None:
    """Draw a page with a photo; its size is ``scale`` times ``WIDTH`` × ``HEIGHT``."""
    page = np.full((HEIGHT, WIDTH, 3), 244, np.uint8)
    x0, y0, x1, y1 = PHOTO
    page[y0:y1, x0:x1] = (110 + seed, 100, 90)
    cv2.putText(page, f"page {seed}", (60, 700), 0, 1, (20, 20, 20), 2)
    sized = cv2.resize(page, (round(WIDTH * scale), round(HEIGHT * scale)))
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), sized)


def alto(lines: list[Line], image: str, issue: Issue, number: int = 1) -> str:
    """Return the ALTO of a page with a photo and lines of text, a block each."""
    unit = UNITS[issue.unit]

    def box(x0: int, y0: int, x1: int, y1: int) -> str:
        left, top, width, height = (f"{v * unit:.2f}" for v in (x0, y0, x1 - x0, y1 - y0))
        return f'HPOS="{left}" VPOS="{top}" WIDTH="{width}" HEIGHT="{height}"'

    blocks = "".join(
        f'<TextBlock ID="P{number}_TB{i}" {box(*line.box)}><TextLine {box(*line.box)}>'
        + "<SP/>".join(
            f'<String {box(*line.box)} CONTENT={quoteattr(word)} WC="{line.confidence}"/>'
            for word in line.text.split()
        )
        + "</TextLine></TextBlock>"
        for i, line in enumerate(lines)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alto xmlns="{issue.namespace}"><Description>'
        f"<MeasurementUnit>{issue.unit}</MeasurementUnit><sourceImageInformation>"
        f"<fileName>{escape(image)}</fileName></sourceImageInformation></Description><Layout>"
        f'<Page ID="P{number}" PHYSICAL_IMG_NR="{number}" HEIGHT="{HEIGHT * unit:.2f}"'
        f' WIDTH="{WIDTH * unit:.2f}"><PrintSpace {box(30, 40, 570, 760)}>'
        f'<Illustration ID="P{number}_I1" {box(*PHOTO)}/>{blocks}</PrintSpace>'
        "</Page></Layout></alto>"
    )


def page_xml(lines: list[Line], image: str, *, captions: bool = True) -> str:
    """Return the PAGE-XML of a page with a photo and lines of text, a region each."""

    def points(x0: int, y0: int, x1: int, y1: int) -> str:
        return f'<Coords points="{x0},{y0} {x1},{y0} {x1},{y1} {x0},{y1}"/>'

    kind = "caption" if captions else "paragraph"
    regions = "".join(
        f'<TextRegion id="r{i}" type="{kind}">{points(*line.box)}<TextLine id="l{i}">'
        f'{points(*line.box)}<TextEquiv conf="{line.confidence}">'
        f"<Unicode>{escape(line.text)}</Unicode></TextEquiv></TextLine></TextRegion>"
        for i, line in enumerate(lines)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><PcGts xmlns="{PAGE_2019}"><Metadata>'
        "<Creator>a test</Creator><Created>2020-01-01T00:00:00</Created>"
        f"<LastChange>2020-01-01T00:00:00</LastChange></Metadata>"
        f'<Page imageFilename={quoteattr(image)} imageWidth="{WIDTH}" imageHeight="{HEIGHT}">'
        f"<PrintSpace>{points(30, 40, 570, 760)}</PrintSpace>"
        f'<ImageRegion id="i1">{points(*PHOTO)}</ImageRegion>{regions}</Page></PcGts>'
    )


def mets(issue: Issue, groups: dict[str, str]) -> str:
    """Return the METS of an issue: its pages' files in ``groups`` of a use and a pattern of names.

    >>> groups = {"Images": "images/{:04d}.jpg", "Text": "text/{:04d}.xml"}
    """
    files = "".join(
        f'<fileGrp USE="{use}">'
        + "".join(
            f'<file ID="{use}{number}"><FLocat LOCTYPE="URL"'
            f' xlink:href="file://{pattern.format(number)}"/></file>'
            for number, _ in issue.pages
        )
        + "</fileGrp>"
        for use, pattern in groups.items()
    )
    divs = "".join(
        f'<div TYPE="PAGE" ORDER="{place}" ORDERLABEL="{number}"><fptr><par>'
        + "".join(f'<area FILEID="{use}{number}"/>' for use in groups)
        + "</par></fptr></div>"
        for place, (number, _) in enumerate(issue.pages, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><mets xmlns="http://www.loc.gov/METS/"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mods="http://www.loc.gov/mods/v3">'
        '<dmdSec ID="ISSUE"><mdWrap MDTYPE="MODS"><xmlData><mods:mods><mods:titleInfo>'
        f"<mods:title>{escape(issue.title)}</mods:title></mods:titleInfo><mods:originInfo>"
        f'<mods:dateIssued encoding="iso8601">{issue.day}</mods:dateIssued></mods:originInfo>'
        f'<mods:language><mods:languageTerm type="code" authority="iso639-2b">{issue.language}'
        "</mods:languageTerm></mods:language>"
        "<mods:accessCondition>Public domain</mods:accessCondition></mods:mods></xmlData></mdWrap>"
        f'</dmdSec><fileSec>{files}</fileSec><structMap TYPE="PHYSICAL">'
        f'<div TYPE="Newspaper" DMDID="ISSUE">{divs}</div></structMap></mets>'
    )


def deliver_mets(folder: Path, issue: Issue | None = None, *, scale: float = 1.0) -> Path:
    """Deliver an issue as METS with ALTO, masters and small images; return its METS document."""
    issue = issue or Issue()
    for number, caption in issue.pages:
        image = f"images/{number:04d}.png"
        draw_page(folder / image, scale=scale, seed=number)
        draw_page(folder / f"small/{number:04d}.jpg", scale=0.2, seed=number)
        text = folder / f"text/{number:04d}.xml"
        text.parent.mkdir(exist_ok=True)
        text.write_text(alto([Line(caption)], image, issue, number))
    groups = {"Small": "small/{:04d}.jpg", "Images": "images/{:04d}.png", "Text": "text/{:04d}.xml"}
    document = folder / "mets.xml"
    document.write_text(mets(issue, groups))
    return document


def manifest(issue: Issue, base: str, *, version: int = 3, service: bool = True) -> dict[str, Any]:
    """Return the IIIF manifest of an issue whose images lie below the address ``base``."""
    return (_manifest_3 if version == 3 else _manifest_2)(issue, base, service=service)


def _manifest_3(issue: Issue, base: str, *, service: bool) -> dict[str, Any]:
    def canvas(number: int) -> dict[str, Any]:
        name = f"{base}/image/{number:04d}"
        body: dict[str, Any] = {
            "id": f"{name}/full/max/0/default.jpg",
            "type": "Image",
            "format": "image/jpeg",
            "width": WIDTH,
            "height": HEIGHT,
        }
        if service:
            body["service"] = [{"id": name, "type": "ImageService3", "profile": "level2"}]
        annotation = {
            "id": f"{base}/annotation/{number}",
            "type": "Annotation",
            "motivation": "painting",
            "body": body,
            "target": f"{base}/canvas/{number}",
        }
        page = {"id": f"{base}/page/{number}", "type": "AnnotationPage", "items": [annotation]}
        return {
            "id": f"{base}/canvas/{number}",
            "type": "Canvas",
            "label": {"none": [str(number)]},
            "width": WIDTH,
            "height": HEIGHT,
            "items": [page],
        }

    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": f"{base}/manifest",
        "type": "Manifest",
        "label": {"en": [f"{issue.title}, {issue.day}"]},
        "navDate": f"{issue.day}T00:00:00Z",
        "metadata": [{"label": {"en": ["Language"]}, "value": {"none": [issue.language]}}],
        "rights": "http://creativecommons.org/publicdomain/mark/1.0/",
        "requiredStatement": {
            "label": {"en": ["Attribution"]},
            "value": {"en": ["<b>A library</b>"]},
        },
        "items": [canvas(number) for number, _ in issue.pages],
    }


def _manifest_2(issue: Issue, base: str, *, service: bool) -> dict[str, Any]:
    def canvas(number: int) -> dict[str, Any]:
        name = f"{base}/image/{number:04d}"
        resource: dict[str, Any] = {
            "@id": f"{name}/full/full/0/default.jpg",
            "@type": "dctypes:Image",
            "format": "image/jpeg",
        }
        if service:
            resource["service"] = {
                "@context": "http://iiif.io/api/image/2/context.json",
                "@id": name,
                "profile": "http://iiif.io/api/image/2/level2.json",
            }
        return {
            "@id": f"{base}/canvas/{number}",
            "@type": "sc:Canvas",
            "label": str(number),
            "width": WIDTH,
            "height": HEIGHT,
            "images": [{"@type": "oa:Annotation", "motivation": "sc:painting",
                        "resource": resource, "on": f"{base}/canvas/{number}"}],
        }  # fmt: skip

    return {
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@id": f"{base}/manifest",
        "@type": "sc:Manifest",
        "label": f"{issue.title} ({issue.day})",
        "navDate": f"{issue.day}T00:00:00Z",
        "attribution": "A library",
        "license": "http://creativecommons.org/publicdomain/mark/1.0/",
        "sequences": [
            {"@type": "sc:Sequence", "canvases": [canvas(number) for number, _ in issue.pages]}
        ],
    }


def write_manifest(path: Path, content: dict[str, Any]) -> None:
    """Write a manifest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
