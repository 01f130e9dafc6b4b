"""Compares the photos of a page as another tool gives them with the exported ones.

What a person has left as it was is no statement: nobody has confirmed it. What somebody else has
changed here meanwhile is never changed back: it is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from presslens.app.db.photos import PhotoRow
from presslens.app.services.annotations.annotated import AnnotatedPage, AnnotatedPhoto
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.pipelines.statistics.photo_matching import match_photos, nearest_photo

SAME_PIXELS = 1.0
"""Boxes whose sides differ by less, in pixels of the page, are one: tools round."""


@dataclass(slots=True)
class PageDifference:
    """What a person has changed on a page."""

    moved: dict[int, Box] = field(default_factory=dict)  # the new box of photos, by their ids
    removed: list[int] = field(default_factory=list)  # ids of photos that are none
    added: list[Box] = field(default_factory=list)  # boxes of photos that were missed
    # Photos with the answers about them that are not as they were exported.
    answered: list[AnnotatedPhoto] = field(default_factory=list)
    unchanged: int = 0  # number of photos that were left as they were, or are so here already
    # Number of photos that the file does not have and that stay. Without the exported file nobody
    # knows whether those that people have drawn were deleted in it or drawn since, nor which photos
    # of ids that are unknown here were.
    left: int = 0
    # What was changed here meanwhile, each in a sentence.
    conflicts: list[Message] = field(default_factory=list)


def page_difference(
    page: AnnotatedPage, standing: Sequence[PhotoRow], size: tuple[int, int]
) -> PageDifference:
    """Return what a person has changed on a page.

    Args:
        page: The page as the person has left it.
        standing: Its photos now.
        size: Its width and height in pixels.
    """
    return _Comparison(page, standing, size).difference()


def same_pixels(a: Box, b: Box, tolerance: float = SAME_PIXELS) -> bool:
    """Return whether two boxes are one, but for what tools round."""
    sides = zip((a.x0, a.y0, a.x1, a.y1), (b.x0, b.y0, b.x1, b.y1), strict=True)
    return all(abs(x - y) < tolerance for x, y in sides)


class _Comparison:
    def __init__(
        self, page: AnnotatedPage, standing: Sequence[PhotoRow], size: tuple[int, int]
    ) -> None:
        width, height = page.size or size
        self._scale = size[0] / width, size[1] / height
        self._size = size
        self._tolerance = SAME_PIXELS * max(1.0, *self._scale)
        self._standing = {row.id: row for row in standing}
        self._annotated = [self._in_pixels(photo) for photo in page.photos]
        self._exported: dict[int, AnnotatedPhoto] | None = None
        if page.exported is not None:
            self._exported = _by_id(map(self._in_pixels, page.exported))
            self._rename()
        self._difference = PageDifference()
        self._unknown = False

    def difference(self) -> PageDifference:
        identified = self._identified()
        claimed = set(identified.values())
        for i, photo in enumerate(self._annotated):
            photo_id = identified.get(i)
            if photo_id is None and photo.photo_id and self._exported is None:
                self._of_unknown_id(photo, claimed)
            elif photo_id is None:
                self._new(photo)
            else:
                self._note_standing(photo_id, photo)
            self._answers(photo_id, photo)
        for photo_id in sorted(self._references().keys() - claimed):
            self._missing(photo_id)
        return self._difference

    def _in_pixels(self, photo: AnnotatedPhoto) -> AnnotatedPhoto:
        """Return a photo in pixels of the page, the part of it that is on the page."""
        on_page = photo.box.scaled(*self._scale).clipped(*self._size)
        return AnnotatedPhoto(photo.photo_id, on_page, photo.answers, photo.focus)

    def _rename(self) -> None:
        """Give exported photos the ids that they have now, if the page was analysed again since."""
        exported = self._exported or {}
        names = {
            old: there.id
            for old, photo in exported.items()
            if old not in self._standing
            and (there := self._photo_at(photo.box)) is not None
            and there.id not in exported
        }
        self._exported = {names.get(old, old): photo for old, photo in exported.items()}
        self._annotated = [
            replace(photo, photo_id=names.get(photo.photo_id or 0, photo.photo_id))
            for photo in self._annotated
        ]

    def _references(self) -> Mapping[int, Box]:
        """Return the boxes that annotated photos may be of, by the id of the photo."""
        if self._exported is not None:
            return {photo_id: photo.box for photo_id, photo in self._exported.items()}
        return {photo_id: photo.box for photo_id, photo in self._standing.items()}

    def _identified(self) -> dict[int, int]:
        """Return the photo that each annotated one is, by its index: of its id, else its place."""
        references = self._references()
        twins: defaultdict[int, list[int]] = defaultdict(list)
        for i, one in enumerate(self._annotated):
            # An id that is none of these is of another page or recipe, or typed in by hand.
            if one.photo_id is not None and one.photo_id in references:
                twins[one.photo_id].append(i)
        identified: dict[int, int] = {}
        for photo_id, same in twins.items():
            box = references[photo_id]
            identified[max(same, key=lambda i: box.iou(self._annotated[i].box))] = photo_id
        free = [i for i in range(len(self._annotated)) if i not in identified]
        unclaimed = [photo_id for photo_id in references if photo_id not in twins]
        pairs = match_photos(
            [references[photo_id] for photo_id in unclaimed],
            [self._annotated[i].box for i in free],
        ) if free and unclaimed else []  # fmt: skip
        return identified | {free[new]: unclaimed[old] for old, new in pairs}

    def _photo_at(self, box: Box) -> PhotoRow | None:
        """Return the photo that has a box already."""
        every = self._standing.values()
        return next((one for one in every if same_pixels(one.box, box, self._tolerance)), None)

    def _note_standing(self, photo_id: int, photo: AnnotatedPhoto) -> None:
        reference = self._references().get(photo_id)
        if self._photo_at(photo.box) or (
            reference is not None and same_pixels(reference, photo.box, self._tolerance)
        ):
            self._difference.unchanged += 1
        elif photo_id in self._standing and not self._is_doubtful(photo_id, photo):
            self._difference.moved[photo_id] = photo.box
        else:
            self._difference.conflicts.append(_changed(photo_id))

    def _is_doubtful(self, photo_id: int, photo: AnnotatedPhoto) -> bool:
        """Return whether a photo may have been drawn since the export, for all that is known."""
        by_place = photo.photo_id != photo_id
        return by_place and self._exported is None and self._standing[photo_id].by_hand

    def _of_unknown_id(self, photo: AnnotatedPhoto, claimed: Set[int]) -> None:
        """Take a photo that is at no photo's place: a copy of one that is known, or one gone."""
        if photo.photo_id in claimed or self._photo_at(photo.box):
            self._new(photo)
            return
        self._unknown = True
        self._difference.conflicts.append(_changed(photo.photo_id))

    def _new(self, photo: AnnotatedPhoto) -> None:
        if self._photo_at(photo.box):
            self._difference.unchanged += 1
            return
        others = [row for row in self._standing.values() if row.id not in self._references()]
        index = nearest_photo(photo.box, [row.box for row in others])
        if index is None:
            self._difference.added.append(photo.box)
        else:
            self._difference.conflicts.append(
                Message("photo %(photo)s was drawn here since the export, where one is added",
                        photo=others[index].id)
            )  # fmt: skip

    def _missing(self, photo_id: int) -> None:
        """Take a photo that the file does not have for none, if it was exported."""
        standing = self._standing.get(photo_id)
        if standing is not None and self._exported is None and (standing.by_hand or self._unknown):
            self._difference.left += 1
        elif standing is not None:
            self._difference.removed.append(photo_id)
        elif self._redrawn(self._references()[photo_id]):
            self._difference.conflicts.append(
                Message("photo %(photo)s was changed here since the export, and deleted there",
                        photo=photo_id)
            )  # fmt: skip

    def _redrawn(self, box: Box) -> bool:
        """Return whether somebody has redrawn a photo since the export."""
        drawn = [row.box for row in self._standing.values() if row.id not in self._references()]
        boxes = [photo.box for photo in self._annotated]
        index = nearest_photo(box, drawn)
        return index is not None and not any(
            same_pixels(drawn[index], one, self._tolerance) for one in boxes
        )

    def _answers(self, photo_id: int | None, photo: AnnotatedPhoto) -> None:
        """Note the answers that are not as they were exported; without the export, none."""
        before = (self._exported or {}).get(photo_id or 0)
        if self._exported is None or (photo_id is not None and before is None):
            return
        if photo_id is None and photo.photo_id in self._exported:
            return  # a copy of another photo's box, with the answers about that one
        given = before.answers if before else {}
        answers = {
            name: shows
            for name, shows in photo.answers.items()
            if name not in given or given[name] is not shows
        }
        focus = photo.focus if before is None or photo.focus is not before.focus else None
        if answers or focus:
            self._difference.answered.append(replace(photo, answers=answers, focus=focus))


def _changed(photo_id: int | None) -> Message:
    return Message("photo %(photo)s was changed here since the export", photo=photo_id)


def _by_id(photos: Sequence[AnnotatedPhoto] | map[AnnotatedPhoto]) -> dict[int, AnnotatedPhoto]:
    return {photo.photo_id: photo for photo in photos if photo.photo_id is not None}
