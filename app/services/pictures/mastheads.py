"""Mastheads of newspapers: a picture that was given, or cut from a page; small, and kept."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PIL import Image as Pillow

from presslens.app.db.tables import PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.pictures.pictures import PagePart, picture_bytes
from presslens.app.services.pictures.views import find_view
from presslens.models.geometry import Box
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanFormat, sniff

WIDEST = 640
"""Width of a masthead in pixels; what is narrower keeps its own."""

MOST_BYTES = 20_000_000
"""Largest size of a picture that is given, in bytes."""

NO_PICTURES = (ScanFormat.PDF, ScanFormat.ZIP)


def masthead_of_page(home: Installation, page_id: int, box: Box) -> str:
    """Cut a masthead from a page, and return its sha256 in the store.

    Args:
        box: In pixels of the page.

    Raises:
        NotFound: There is no such page, or no picture of it.
        InvalidRequest: Nothing of the box lies on the page.
    """
    view = find_view(home, page_id)
    region = box.clipped(*view.size).pixels()
    if region[2] <= region[0] or region[3] <= region[1]:
        raise InvalidRequest("nothing of this box lies on the page")
    part = PagePart(view, region, WIDEST)
    return home.storage.put(io.BytesIO(picture_bytes(home, part)), most=MOST_BYTES).sha256


def masthead_of_file(home: Installation, picture: BinaryIO) -> str:
    """Store a picture of a masthead, re-encoded, and return its sha256 in the store.

    It is decoded in a sandbox, as scans are.

    Raises:
        InvalidRequest: It is no picture that can be read; the message says why.
        LimitExceeded: It is too large.
        ScanRejected: It can't be decoded.
    """
    with home.storage.scratch() as folder:
        given = folder / "masthead"
        given.write_bytes(picture.read(MOST_BYTES + 1))
        if given.stat().st_size > MOST_BYTES:
            raise InvalidRequest(f"a masthead has {MOST_BYTES // 1_000_000} MB at most")
        return home.storage.put(io.BytesIO(_decoded(home, given)), most=MOST_BYTES).sha256


def _decoded(home: Installation, path: Path) -> bytes:
    with path.open("rb") as file:
        kind = sniff(file.read(64))
    if kind is None or kind in NO_PICTURES:
        raise InvalidRequest("a masthead is a picture: JPEG, PNG, TIFF or WebP")
    with Sandbox(home.settings.limits) as sandbox:
        pixels = sandbox.decode(path, 0, "masthead", pdf_dpi=72)
    image = Pillow.fromarray(pixels)
    image.thumbnail((WIDEST, WIDEST), Pillow.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def masthead_picture(home: Installation, publication_id: int) -> tuple[str, bytes]:
    """Return the sha256 of a newspaper's masthead, and its JPEG.

    Raises:
        NotFound: There is no such newspaper, or it has no masthead.
    """
    with home.database.read() as session:
        row = session.get(PublicationRow, publication_id)
        sha256 = row.masthead_sha256 if row is not None else None
    if sha256 is not None:
        with suppress(FileNotFoundError), home.storage.open_scan(sha256) as path:
            return sha256, path.read_bytes()
    raise NotFound("there is no masthead of this newspaper")
