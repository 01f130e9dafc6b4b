"""Collects the marks by which a person's changes of photos are stored: whole places at a time."""

from __future__ import annotations

from collections.abc import Sequence

from presslens.app.services.catalogue.corrected_page import CorrectedPage
from presslens.models.geometry import Box
from presslens.pipelines.statistics.page_places import (
    EffectivePhoto,
    PageMark,
    PlaceCount,
    same_box,
)
from presslens.pipelines.statistics.photo_matching import SAME_PHOTO, nearest_photo


class PhotoMarks:
    """The marks of one edit, put together change by change; boxes are in shares of the page.

    A mark says of a place which photos it holds, all of them: so the marks of one edit stand by
    themselves, and an earlier edit that they say anew is undone after it (``page_reviews``).
    """

    def __init__(self, page: CorrectedPage) -> None:
        """Begin without a mark.

        Args:
            page: The page as it was before the edit.
        """
        self._page = page
        self._places: list[tuple[Box, list[Box]]] = []
        self._new: list[Box] = []

    def replace(self, photo: EffectivePhoto, boxes: Sequence[Box]) -> None:
        """Say that other photos, or none, take the stead of one."""
        standing = self._standing_at(photo.place, photo.box)
        at = next((i for i, box in enumerate(standing) if same_box(box, photo.box)), len(standing))
        standing[at : at + 1] = boxes
        self._new.extend(boxes)

    def add(self, box: Box) -> None:
        """Say that a photo was missed."""
        self._new.append(box)
        boxes = [place.box for place in self._page.places]
        index = nearest_photo(box, boxes)
        if index is not None:  # what stood there has moved away
            self._standing_at(self._page.places[index], boxes[index]).append(box)
        else:
            self._places.append((box, [box]))

    def keep(self, place: PlaceCount) -> None:
        """Say of a place what others have decided of it."""
        self._standing_at(place, place.box)

    def holds(self, place: PlaceCount) -> bool:
        """Return whether the edit has a mark of a place already."""
        return any(same_box(place.box, box) for box, _ in self._places)

    def marks(self) -> list[PageMark]:
        """Return the marks, by place in the order of the changes."""
        placed = [PageMark(place, len(boxes), tuple(boxes)) for place, boxes in self._places]
        return placed + list(self._guards())

    def _standing_at(self, place: PlaceCount | None, box: Box) -> list[Box]:
        """Return the boxes of a place, to be changed."""
        anchor = place.box if place else box
        for marked, boxes in self._places:
            if same_box(marked, anchor):
                return boxes
        standing = (
            [one.box for one in self._page.effective if one.place == place] if place else [box]
        )
        self._places.append((anchor, standing))
        return standing

    def _guards(self) -> list[PageMark]:
        """Return a mark for each found photo beside a new box, which would be taken for it else."""
        touched = [place for place, _ in self._places]
        return [
            PageMark(photo.box, 1, (photo.box,))
            for photo in self._page.effective
            if photo.detected is not None
            and (photo.place is None or (photo.place.boxes is None and photo.place.photos == 1))
            and not any(same_box(place, photo.box) for place in touched)
            and any(photo.box.iou(box) >= SAME_PHOTO for box in self._new)
        ]


def settles(page: CorrectedPage, coder: str, marks: Sequence[PageMark]) -> bool:
    """Return whether marks in place decide what others have said: their coder has seen it.

    Args:
        page: The page as it was before.
        coder: Who makes the marks.
    """
    checkers = {(one.adjudicates, one.coder) for one in page.statements if one.checked}
    for mark in marks:
        place = next((place for place in page.places if same_box(place.box, mark.box)), None)
        coders = place.coders if place else checkers
        if any(adjudicates or name != coder for adjudicates, name in coders):
            return True
    return False
