"""Pages, photos, faces and mastheads as pictures of fixed widths, stored once they are made."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from PIL import Image as Pillow
from sqlalchemy import select
from sqlalchemy.orm import lazyload

from presslens.app.db.figures import ReferenceRow
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.tables import (
    FaceRow,
    OutcomeRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
    SightingRow,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import DiskFull, InvalidRequest, NotFound
from presslens.app.services.catalogue.photo_columns import FACE_MARGIN
from presslens.app.services.figures.references import can_be_shown
from presslens.app.services.pictures.pyramid import PixelBox
from presslens.app.services.pictures.views import (
    PageView,
    find_view,
    scaled_part,
    scan_view,
    view_bytes,
)
from presslens.app.storage.storage import view_key
from presslens.models.geometry import Box
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanFormat, sniff
from presslens.pipelines.statistics.measure import FIGURE
from presslens.pipelines.view import QUALITY

WIDTHS = (160, 320, 640, 1280)
"""Widths of pictures in pixels; what is narrower keeps its own."""

SMALL_QUALITY = 82
"""JPEG quality of the widths."""

SAME_FACE = 0.5
"""Intersection over union from which on two boxes are of one face."""


@dataclass(frozen=True, slots=True)
class PagePart:
    """A part of a page as a picture."""

    view: PageView
    region: PixelBox  # in pixels of the page
    width: int | None  # largest width in pixels; None means the pixels of the page

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        x0, y0, x1, y1 = self.region
        width = min(self.width or x1 - x0, x1 - x0)
        return width, max(1, round((y1 - y0) * width / (x1 - x0)))

    @property
    def is_whole(self) -> bool:
        """Whether it is the view itself."""
        return self.region == (0, 0, *self.view.size) and self.size == self.view.size

    @property
    def name(self) -> str:
        """Name of its file among the derivatives of the scan."""
        corners = "-".join(map(str, self.region))
        return f"{self.view.key}-{corners}-{self.size[0]}.jpg"

    @property
    def tag(self) -> str:
        """Names the bytes of the picture: 32 hex digits."""
        return hashlib.sha256(f"{self.view.sha256} {self.name}".encode()).hexdigest()[:32]


def page_picture(home: Installation, page_id: int, width: int | None = None) -> PagePart:
    """Return the picture of a page.

    Raises:
        NotFound: There is no such page, or no picture of it.
    """
    view = find_view(home, page_id)
    return PagePart(view, (0, 0, *view.size), width)


def photo_picture(home: Installation, photo_id: int, width: int | None = None) -> PagePart:
    """Return the picture of a photo, cut out of its page.

    Raises:
        NotFound: There is no such photo, or no picture of its page.
    """
    query = (
        select(PhotoRow, ScanRow.sha256, ScanRow.frame)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(ScanRow, ScanRow.id == OutcomeRow.scan_id)
        .where(PhotoRow.id == photo_id, OutcomeRow.observation_id == home.recipe.observation_id)
        .options(lazyload("*"))  # of a photo, its box is read alone
    )
    with home.database.read() as session:
        row = session.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such photo")
        box = row.PhotoRow.box
    return _picture(scan_view(home, row.sha256, row.frame), box, width)


def figure_picture(
    home: Installation, photo_id: int, figure_id: int, width: int | None = None
) -> PagePart:
    """Return the face of an enrolled figure in a photo. Of other faces there are no pictures.

    Raises:
        NotFound: The figure was not seen in this photo, people say that it is somebody else, or
            the face looks like a child's.
    """
    photo = photo_picture(home, photo_id)
    key = photo_id, home.recipe.id, figure_id
    with home.database.read() as session:
        sighting = session.get(SightingRow, key)
        if sighting is None:
            raise NotFound("this figure was not seen in this photo")
        measure = f"{FIGURE}{sighting.figure.name}"
        if session.scalar(
            select(SettledAnswerRow.photo_id).filter_by(
                photo_id=photo_id, measure=measure, shows=False
            )
        ):
            raise NotFound("people say that this is not the figure")
        box = sighting.box
        faces = session.scalars(select(FaceRow).filter_by(photo_id=photo_id))
        if any(
            face.box.iou(box) >= SAME_FACE and face.child >= home.recipe.observe.faces.child
            for face in faces
        ):
            raise NotFound("faces that look like children's are never shown alone")
    x0, y0, x1, y1 = photo.region
    around = box.padded(FACE_MARGIN * max(box.width, box.height))
    inside = Box(max(around.x0, x0), max(around.y0, y0), min(around.x1, x1), min(around.y1, y1))
    return _picture(photo.view, inside, width)


def picture_bytes(home: Installation, picture: PagePart) -> bytes:
    """Return a picture as a JPEG without metadata; it is kept for the next who asks.

    Raises:
        DiskFull: There is too little room for the tiles of a large page.
    """
    view = picture.view
    if picture.is_whole:
        return view_bytes(home, view)
    stored = home.derivatives.find(view.sha256, picture.name)
    if stored is not None:
        with suppress(FileNotFoundError):  # deleted in this moment, to make room
            return stored.read_bytes()
    out = io.BytesIO()
    quality = QUALITY if picture.width is None else SMALL_QUALITY
    scaled_part(home, view, picture.region, picture.size).save(out, "JPEG", quality=quality)
    data = out.getvalue()
    with suppress(OSError, DiskFull):  # it is as good without being kept
        home.storage.check_room()
        home.derivatives.put(view.sha256, picture.name, lambda path: path.write_bytes(data))
    return data


def _picture(view: PageView, box: Box, width: int | None) -> PagePart:
    region = box.clipped(*view.size).pixels()
    if region[2] <= region[0] or region[3] <= region[1]:
        raise NotFound("nothing of this lies on the picture of the page")
    return PagePart(view, region, width)


_DECODING = Lock()
"""One reference photo is decoded at a time: each needs a process and the memory of a photo."""


def reference_picture(
    home: Installation, figure_id: int, reference_id: int, width: int | None = None
) -> PagePart:
    """Return the face of a reference; that of a photo is cut out of the photo once it is asked for.

    Raises:
        NotFound: The figure has no such reference, no face was found in it, its face looks like a
            child's and nobody has vouched for it, or its photo is not there.
        DiskFull: Too little disk is free.
    """
    with home.database.read() as session:
        row = session.get(ReferenceRow, reference_id)
        if row is None or row.figure_id != figure_id:
            raise NotFound("there is no such reference")
        if row.observation_id != home.recipe.observation_id or not row.faces:
            raise NotFound("no face was found in this reference, or it was not looked at yet")
        if not can_be_shown(row, home.recipe):
            raise NotFound("faces that look like children's are never shown alone")
        box, is_photo, scan = row.faces[0].box, row.place is None, (row.sha256, row.frame)
    view = _photo_view(home, row.sha256, row.name) if is_photo else scan_view(home, *scan)
    around = box.padded(FACE_MARGIN * max(box.width, box.height))
    region = around.clipped(*view.size).pixels()
    if region[2] <= region[0] or region[3] <= region[1]:
        raise NotFound("nothing of this face lies on the picture")
    return PagePart(view, region, width)


def _photo_view(home: Installation, sha256: str, name: str) -> PageView:
    """Return the view of a reference photo; it is decoded in a sandbox where it is missing.

    A worker deletes it with the photo (``sweep_discarded``).
    """
    with _DECODING:
        try:
            return scan_view(home, sha256, 0)
        except NotFound:
            home.storage.check_room()
        dpi = home.recipe.observe.pdf_dpi
        try:
            with home.storage.open_scan(sha256) as path, Sandbox(home.settings.limits) as sandbox:
                pixels = sandbox.decode(path, 0, name, pdf_dpi=dpi)
        except FileNotFoundError:
            raise NotFound("the photo of this reference is not there any more") from None
        home.storage.write_view(pixels, view_key(sha256, 0, home.recipe.observation_id))
        return scan_view(home, sha256, 0)


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
