"""Composition of a sample edition: its pages and their truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from presslens.samples.desk import PictureDesk
from presslens.samples.plan import PagePlan
from presslens.samples.press import NAME, NOTICE, Press
from presslens.samples.scan import CONDITIONS, ScannedPage, scan
from presslens.samples.sources import Sources
from presslens.samples.template import EDITIONS, pages

KINDS = tuple(EDITIONS)
DAILIES = ("ordinary", "special")
"""Kinds that resemble a whole edition; the others test one property."""
PUBLICATION = f"{NAME} (Sample Daily)"
FIRST_DAY = date(2025, 1, 1)
REFERENCES = ("obama.jpg", "obama2.jpg")
"""Pictures of the leader that no page prints."""


def compose_edition(
    kind: str, sources: Path, out: Path, *, seed: int, condition: str = "clean"
) -> dict[str, Any]:
    """Write the pages of an edition and truth.json into a folder, and return the truth.

    Under one seed the pages of a kind print the same in every condition.

    Args:
        sources: The folder with the files of samples/sources.toml.
        out: The folder of page_01.jpg, … and truth.json; made if missing.
        seed: Seeds every random choice; 0 or more.
        condition: How the pages are printed and scanned: one of samples.scan.CONDITIONS.

    Raises:
        MissingSource: A photograph or font isn't in ``sources``.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    wear = np.random.default_rng([seed, KINDS.index(kind), CONDITIONS.index(condition)])
    day = (FIRST_DAY + timedelta(days=seed % 365)).isoformat()
    press = Press(PictureDesk(Sources(sources), rng), day)
    edition = {"publication": PUBLICATION, "date": day, "kind": kind, "seed": seed}
    edition["condition"] = condition

    def scanned(sheet: Image.Image, reverse: Image.Image) -> ScannedPage:
        return scan(sheet, condition, wear, reverse=reverse)

    return write_edition(press, pages(kind, rng), scanned, out, edition)


def write_edition(
    press: Press,
    plans: Sequence[PagePlan],
    scanned: Callable[[Image.Image, Image.Image], ScannedPage],
    out: Path,
    edition: dict[str, Any],
) -> dict[str, Any]:
    """Print and scan the pages of an edition into a folder, and return the truth.

    Args:
        press: Prints the pages.
        plans: A plan for each page, in page order.
        scanned: Scans a sheet, given it and the sheet on the other side of the paper.
        out: The folder of page_01.jpg, … and truth.json; made if missing.
        edition: What the truth says of the edition as a whole.
    """
    out.mkdir(parents=True, exist_ok=True)
    printed = [press.page(plan, number) for number, plan in enumerate(plans, start=1)]
    documents = []
    for number, (sheet, truth) in enumerate(printed, start=1):
        page = scanned(sheet, _reverse(printed, number))
        file = f"page_{number:02d}.jpg"
        page.image.save(out / file, quality=page.quality, subsampling=page.subsampling)
        width, height = page.image.size
        placed = {
            name: [{**item, "box": page.box(item["box"])} for item in items]
            for name, items in truth.items()
        }
        documents.append(
            {"number": number, "file": file, "width": width, "height": height, **placed}
        )
    result = {"composed": True, "notice": NOTICE, "edition": edition, "pages": documents}
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (out / "truth.json").write_text(text + "\n", encoding="utf-8")
    return result


def _reverse(printed: Sequence[tuple[Image.Image, Any]], number: int) -> Image.Image:
    """Return the sheet on the other side of a page's paper: pages 1 and 2 share one, and so on."""
    other = number + 1 if number % 2 else number - 1
    return printed[min(other, len(printed)) - 1][0]


def leader_references(sources: Path, out: Path) -> Path:
    """Write reference photos of the samples' leader into a folder and return it.

    None of them is printed in an edition. The last is the second one mirrored: the packages carry
    three pictures of that person, and the third is the one that the pages print.
    """
    out.mkdir(parents=True, exist_ok=True)
    folder = Sources(sources)
    photos = [folder.photo(file) for file in REFERENCES]
    photos.append(ImageOps.mirror(photos[-1]))
    for number, photo in enumerate(photos, start=1):
        photo.save(out / f"leader_{number}.jpg", quality=92)
    return out
