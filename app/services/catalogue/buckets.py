"""A selection of photos in buckets, so that a page can be laid out before a picture is loaded.

Photos sorted by date are in buckets of a month, which are parted between editions where they would
be too large; others are in buckets of equal size. A bucket says how many photos it has and how wide
each is by its height: one byte a photo, so that a million take a megabyte.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.superseded import superseded_ids
from presslens.app.db.tables import EditionRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.cached import cached, is_at_hand
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_glance import PhotoGlance, glance_at
from presslens.app.services.catalogue.photo_index import INDEX, PhotoIndex, Places, photo_index
from presslens.app.services.catalogue.photo_views import Display, select_view
from presslens.pipelines.result import Served

MOST = 500
"""Photos of a bucket."""

STEPS, MIDDLE = 32, 128
"""A photo of the byte b is 2 ** ((b - MIDDLE) / STEPS) times as wide as high, to about 1 %."""


@dataclass(frozen=True, slots=True)
class PhotoBucket(Served):
    """A run of photos of a selection."""

    SERVED: ClassVar[str] = "key month first count aspects=encoded_aspects"

    key: str  # names it among the buckets of the selection
    month: str | None  # the month of its editions, "2025-12"; None if it is not sorted by date
    first: int  # place of its first photo in the selection, from 0
    count: int  # number of its photos
    aspects: bytes  # width by height of each, a byte a photo

    @property
    def encoded_aspects(self) -> str:
        """The shapes of its photos as base64, a byte a photo."""
        return base64.b64encode(self.aspects).decode()


@dataclass(frozen=True, slots=True)
class BucketList(Served):
    """All buckets of a selection, in its order."""

    SERVED: ClassVar[str] = "recipe=recipe_id version photos aspect buckets"

    buckets: tuple[PhotoBucket, ...]
    recipe_id: str  # the recipe that the photos were interpreted under
    version: str  # names the state of the database that they are of

    @property
    def photos(self) -> int:
        """Number of photos in all buckets."""
        return sum(bucket.count for bucket in self.buckets)

    @property
    def aspect(self) -> dict[str, int]:
        """How a byte is read: 2 ** ((byte - middle) / steps) times as wide as high."""
        return {"steps": STEPS, "middle": MIDDLE}


@dataclass(frozen=True, slots=True)
class PhotoPage(Served):
    """Some photos of a selection that follow one another."""

    SERVED: ClassVar[str] = "recipe=recipe_id version first total photos"

    photos: tuple[PhotoGlance, ...]
    first: int  # place of the first in the selection, from 0
    total: int  # number of photos of the whole selection; of pictures or pages if these are shown
    printed: int  # photos that the whole selection stands for
    recipe_id: str  # the recipe that the photos were interpreted under
    version: str  # names the state of the database that they are of


@cached
def list_buckets(
    home: Installation,
    photo_filter: PhotoFilter,
    sort: PhotoSort,
    view: Display = Display.PHOTO,
) -> BucketList:
    """Return the buckets of what is shown of the photos that a filter selects.

    Raises:
        InvalidRequest: They can't be sorted by probability.
    """
    index = photo_index(home)
    selection = select_view(index, photo_filter, sort, view)
    aspects = aspect_bytes(selection.aspects)
    return BucketList(
        tuple(
            PhotoBucket(key, month, first, last - first, aspects[first:last])
            for key, month, first, last in _runs(index, selection.places, sort)
        ),
        home.recipe.id,
        index.version,
    )


def photos_of_bucket(
    home: Installation,
    photo_filter: PhotoFilter,
    sort: PhotoSort,
    key: str,
    view: Display = Display.PHOTO,
) -> PhotoPage:
    """Return what is shown of one bucket.

    Raises:
        NotFound: The selection has no such bucket (any more).
        InvalidRequest: They can't be sorted by probability.
    """
    for bucket in list_buckets(home, photo_filter, sort, view).buckets:
        if bucket.key == key:
            return photos_between(home, photo_filter, sort, bucket.first, bucket.count, view)
    raise NotFound("there is no such bucket: read the list of buckets again")


def photos_between(
    home: Installation,
    photo_filter: PhotoFilter,
    sort: PhotoSort,
    first: int,
    limit: int,
    view: Display = Display.PHOTO,
) -> PhotoPage:
    """Return what is shown of a selection from a place on.

    While a large archive's photos are read, its latest ones are shown at once, each print by
    itself.

    Args:
        photo_filter: Selects the photos.
        sort: Their order.
        first: Place of the first one, from 0.
        view: What is shown of them.

    Raises:
        InvalidRequest: They can't be sorted by probability.
    """
    plain = photo_filter == PhotoFilter() and sort is PhotoSort.DATE_DOWN
    begins = plain and not first and view in (Display.PHOTO, Display.PICTURE)
    if begins and (latest := _latest(home, limit)) is not None:
        index, total = latest
        selection = select_view(index, photo_filter, sort, Display.PHOTO)
        photos = glance_at(home, index, selection.between(0, limit))
        return PhotoPage(photos, 0, total, total, home.recipe.id, index.version)
    index = photo_index(home)
    selection = select_view(index, photo_filter, sort, view)
    photos = glance_at(home, index, selection.between(first, first + limit))
    printed = len(selection) if selection.prints is None else int(selection.prints.sum())
    return PhotoPage(photos, first, len(selection), printed, home.recipe.id, index.version)


def _latest(home: Installation, limit: int) -> tuple[PhotoIndex, int] | None:
    """Return an index of the latest photos, and the number of all, while all are still read.

    None where the index of all is at hand, or read in no time.

    Args:
        limit: Photos that the latest editions in it have together, at least.
    """
    if is_at_hand(home, INDEX):
        return None
    row = EditionSummaryRow
    counted = (
        select(row.edition_id, row.photos)
        .join(EditionRow, EditionRow.id == row.edition_id)
        .where(row.recipe_id == home.recipe.id, row.photos > 0)
    )
    with home.database.read() as session:
        gone = superseded_ids(session, home.recipe)
        counted = counted.where(row.edition_id.not_in(gone))
        newest = counted.order_by(EditionRow.edition_date.desc(), EditionRow.id.desc()).limit(limit)
        rows = session.execute(newest).all()
        total = session.scalar(select(func.sum(counted.subquery().c.photos))) or 0
    needed = int(np.searchsorted(np.cumsum([n for _, n in rows]), limit)) + 1
    editions = [edition for edition, _ in rows[:needed]]
    return PhotoIndex(home, home.database.view(), editions=editions), total


def aspect_bytes(aspects: NDArray[np.float32]) -> bytes:
    """Return widths by heights, shape (n,), as bytes."""
    codes = np.round(STEPS * np.log2(np.maximum(aspects, 1e-6))) + MIDDLE
    return bytes(np.clip(codes, 0, 255).astype(np.uint8))


def _runs(
    index: PhotoIndex, places: Places, sort: PhotoSort
) -> Iterator[tuple[str, str | None, int, int]]:
    """Yield key, month, first place and the one behind the last of each bucket."""
    if not sort.by_date:
        for number, first in enumerate(range(0, len(places), MOST), 1):
            yield str(number), None, first, min(first + MOST, len(places))
        return
    if not len(places):
        return
    editions = index.columns.edition[places]
    months = index.columns.day.astype("datetime64[M]")[editions]
    starts = _starts(months)
    borders = np.array(_starts(editions), np.int64)
    for first, last in zip(starts, [*starts[1:], len(places)], strict=True):
        month = str(months[first])
        inside = borders[np.searchsorted(borders, first) : np.searchsorted(borders, last)]
        cuts = _cuts(inside.tolist(), last)
        for number, (a, b) in enumerate(pairwise(cuts), 1):
            yield f"{month}.{number}" if len(cuts) > 2 else month, month, a, b


def _starts(values: NDArray[Any]) -> list[int]:
    """Return where runs of equal values start."""
    if not len(values):
        return []
    return [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()]


def _cuts(borders: Sequence[int], last: int) -> list[int]:
    """Return the bounds of buckets, between editions wherever that is possible.

    Args:
        borders: Where editions start.
        last: The place behind the last of them.
    """
    cuts = [borders[0]]
    for start, end in zip(borders, [*borders[1:], last], strict=True):
        if end - cuts[-1] > MOST and start > cuts[-1]:
            cuts.append(start)
        while end - cuts[-1] > MOST:
            cuts.append(cuts[-1] + MOST)
    return [*cuts, last]
