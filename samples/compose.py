"""Composes a sample edition: its pages, and the truth about them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageOps

from samples.desk import PictureDesk
from samples.press import NAME, NOTICE, Press
from samples.sources import Sources
from samples.template import EDITIONS, HEIGHT, WIDTH, pages

KINDS = tuple(EDITIONS)
PUBLICATION = f"{NAME} (Sample Daily)"
FIRST_DAY = date(2025, 1, 1)
REFERENCES = ("obama.jpg", "obama2.jpg")
"""Pictures of the leader that no page prints."""


def compose_edition(kind: str, sources: Path, out: Path, *, seed: int) -> dict[str, Any]:
    """Write the pages of an edition and truth.json into a folder, and return the truth.

    Args:
        kind: One of KINDS.
        sources: The folder with the files of samples/sources.toml.
        out: Where to write page_01.jpg, … and truth.json; made if missing.
        seed: Decides everything that is left to chance; 0 or more.

    Raises:
        MissingSource: A photograph or font isn't in ``sources``.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    day = (FIRST_DAY + timedelta(days=seed % 365)).isoformat()
    press = Press(PictureDesk(Sources(sources), rng), day)
    out.mkdir(parents=True, exist_ok=True)
    told = []
    for number, plan in enumerate(pages(kind, rng), start=1):
        sheet, truth = press.page(plan, number)
        file = f"page_{number:02d}.jpg"
        sheet.save(out / file, quality=90, subsampling=0)
        told.append({"number": number, "file": file, "width": WIDTH, "height": HEIGHT, **truth})
    edition = {"publication": PUBLICATION, "date": day, "kind": kind, "seed": seed}
    result = {"composed": True, "notice": NOTICE, "edition": edition, "pages": told}
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (out / "truth.json").write_text(text + "\n", encoding="utf-8")
    return result


def leader_references(sources: Path, out: Path) -> Path:
    """Write reference photos of the samples' leader into a folder and return it.

    None of them is printed in an edition. The last is the second one mirrored: the packages carry
    three pictures of that person, and the third is the one that the pages print.
    """
    out.mkdir(parents=True, exist_ok=True)
    found = Sources(sources)
    photos = [found.photo(file) for file in REFERENCES]
    photos.append(ImageOps.mirror(photos[-1]))
    for number, photo in enumerate(photos, start=1):
        photo.save(out / f"leader_{number}.jpg", quality=92)
    return out
