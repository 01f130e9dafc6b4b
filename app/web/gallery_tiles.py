"""What a gallery shows of a photo, a page or a face: a picture that is a link, and its words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from presslens.app.platform.language import Language
from presslens.app.services.catalogue.photo_glance import PhotoGlance
from presslens.app.services.catalogue.photo_views import Display
from presslens.app.web.addresses import Addresses
from presslens.app.web.alternatives import photo_in_words

HEIGHTS = {Display.PHOTO: 200, Display.PAGE: 300, Display.FACE: 140}
"""Height of a row of pictures in pixels, before it is stretched to the width."""


def tiles(photos: Iterable[PhotoGlance], to: Addresses, spoken: Language) -> list[dict[str, Any]]:
    """Return the tiles of photos at a glance: addresses, alternative text and a note.

    Args:
        photos: What is shown.
    """
    return [_tile(photo, to, spoken) for photo in photos]


def _tile(photo: PhotoGlance, to: Addresses, spoken: Language) -> dict[str, Any]:
    day = spoken.day(photo.day)
    view = Display.PHOTO
    where = {"page": photo.page_number, "day": day}
    if photo.selected is not None:
        view = Display.PAGE
        href, image = to.page(photo.page), to.page_image(photo.page)
        words = spoken.plural(
            "Page %(page)s of %(paper)s, %(day)s: %(n)s of its photos is selected",
            "Page %(page)s of %(paper)s, %(day)s: %(n)s of its photos are selected",
            photo.selected,
            paper=photo.publication,
            **where,
        )
    elif photo.face is not None:
        view = Display.FACE
        name = next((one["name"] for one in photo.figures if one["id"] == photo.face), "")
        href = to.photo(photo.id)
        image = to.api(f"photos/{photo.id}/figures/{photo.face}/image")
        words = spoken.text("Face of %(name)s, page %(page)s, %(day)s", name=name, **where)
    else:
        href, image = to.photo(photo.id), to.photo_image(photo.id)
        shown = photo_in_words(photo.to_json(), photo.settled, spoken=spoken)
        words = spoken.text("Photo on page %(page)s, %(day)s: %(words)s", words=shown, **where)
    note = spoken.text(
        "p. %(page)s · %(day)s", page=where["page"], day=spoken.day(photo.day, "medium")
    )
    return {
        "id": photo.id,
        "href": href,
        "image": image,
        "alt": words,
        "note": note,
        "people": spoken.text("people say") if photo.settled and view is Display.PHOTO else None,
        "width": max(1, round(HEIGHTS[view] * photo.aspect)),
        "height": HEIGHTS[view],
    }
