"""Pictures of figures' references: the face that each was taken for, and no other."""

from __future__ import annotations

from threading import Lock

from presslens.app.db.figures import ReferenceRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.photo_columns import FACE_MARGIN
from presslens.app.services.figures.figure_state import can_be_shown
from presslens.app.services.pictures.pictures import PagePart
from presslens.app.services.pictures.views import PageView, scan_view
from presslens.app.storage.storage import view_key
from presslens.pipelines.scans.sandbox import Sandbox

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
