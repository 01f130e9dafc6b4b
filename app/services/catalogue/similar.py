"""Finds the other prints of a photo's picture, and photos that look like it.

The prints were found when the photos came in. What looks alike is told by the cosine of image
features.

All features are compared, none is left out: 16-bit unit vectors lie in a nameless file of the data
folder that is mapped into memory, and grows as photos come in.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import IO, Annotated, Any, ClassVar
from weakref import finalize

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from presslens.app.db.cursor import decode, encode
from presslens.app.db.queries import printed_photos
from presslens.app.db.tables import OutcomeRow, PhotoFeaturesRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound, StoreMissing
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.catalogue.photo_columns import Ids, find, read_columns
from presslens.app.services.catalogue.photo_glance import PhotoGlance, glance_at
from presslens.app.services.catalogue.photo_index import PhotoIndex, photo_index
from presslens.app.services.catalogue.photo_views import PhotoSelection
from presslens.app.services.catalogue.reprints import OtherPrint, other_prints, was_compared
from presslens.pipelines.result import Served, digits

ROWS = 4096
"""Vectors that are read, or compared, at a time."""


@dataclass(frozen=True, slots=True)
class SimilarPhoto(Served):
    """A photo that looks like another one."""

    SERVED: ClassVar[str] = "*photo similarity reprint"

    photo: PhotoGlance
    similarity: Annotated[float, digits(4)]  # cosine of the image features, -1 to 1
    reprint: bool  # whether it is a print of the same picture


@dataclass(frozen=True, slots=True)
class SimilarPhotos(Served):
    """The other prints of a photo's picture, and the photos that look most like it."""

    SERVED: ClassVar[str] = "recipe=recipe_id photo compared reprints similar next=next_cursor"

    photo: int  # id of the photo that they are like
    # The other prints, the earliest first; None: not known, for none was found and the photo was
    # not compared.
    reprints: tuple[OtherPrint, ...] | None
    # One page of the list of photos that look alike, the most similar first.
    similar: tuple[SimilarPhoto, ...]
    compared: int  # photos that were compared
    recipe_id: str  # the recipe that they were observed under
    next_cursor: str | None  # the cursor of the next page of the list; None after the last


def similar_photos(
    home: Installation, photo_id: int, *, limit: int, start: str | None = None
) -> SimilarPhotos:
    """Return the other prints of a photo's picture, and the photos that look most like it.

    Photos of superseded uploads are left out, and the photo itself is.

    Args:
        limit: Largest number of photos that look alike.
        start: The cursor of the listing before; photos that came in since may move the list.

    Raises:
        NotFound: No page prints such a photo under the recipe, or its features are not stored.
        InvalidRequest: The cursor is not one of this list.
    """
    first = _place(start)
    index = photo_index(home)
    with home.database.read() as session:
        here = printed_photos(home.recipe, PhotoRow.id).where(PhotoRow.id == photo_id)
        if session.scalar(here.limit(1)) is None:
            raise NotFound("there is no such photo")
    vectors = _vectors(home)
    ids, cosines = vectors.compare(photo_id)
    places, similarity = _printed(index, ids, cosines, photo_id)
    best = np.argsort(-similarity, kind="stable")[first : first + limit]
    shown = PhotoSelection(places[best], index.columns.aspect[places[best]])
    glances = glance_at(home, index, shown)
    with home.database.read() as session:
        address = frame_ids(session, [photo_id])[photo_id]
        printed = tuple(other_prints(session, [photo_id], home.recipe)[photo_id])
        reprints = printed if printed or was_compared(session, photo_id) else None
    prints = {one.id for one in printed}
    similar = tuple(
        SimilarPhoto(glance, cosine, glance.id in prints)
        for glance, cosine in zip(glances, similarity[best].tolist(), strict=True)
    )
    after = first + len(best)
    cursor = encode([after]) if after < len(similarity) else None
    return SimilarPhotos(address, reprints, similar, len(similarity), home.recipe.id, cursor)


def _place(cursor: str | None) -> int:
    """Return how many photos of the list stand before a cursor."""
    place = 0 if cursor is None else decode(cursor, [int])[0]
    return place if isinstance(place, int) and place >= 0 else 0


def _printed(
    index: PhotoIndex, ids: Ids, cosines: NDArray[np.float32], photo_id: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the places of the printed photos that were compared, and their cosines."""
    columns = index.columns
    places, present = find(ids, columns.photos)
    by_photo = np.full(len(columns.photos), np.nan)
    by_photo[present] = cosines[places[present]]
    by_photo[columns.photos == photo_id] = np.nan
    similarity = by_photo[columns.photo].astype(np.float32)
    similarity[columns.superseded[columns.edition]] = np.nan
    there = np.flatnonzero(~np.isnan(similarity)).astype(np.int32)
    return there, similarity[there]


class _Vectors:
    """The unit vectors of all photos of an observation, by id."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        finalize(self, file.close)
        self._lock = Lock()
        self._version = ""
        self.ids: Ids = np.zeros(0, np.int64)
        self.outcomes: Ids = np.zeros(0, np.int64)
        self.length = 0

    def update(self, home: Installation, version: str) -> None:
        """Add the photos that have come in; begin again if some are gone.

        Args:
            version: Of the photos that are there; nothing is done where it is the same.
        """
        with self._lock, home.database.read() as session:
            if version == self._version:
                return
            connection = session.connection()
            observed = (
                select(PhotoRow.id, PhotoRow.outcome_id, PhotoFeaturesRow.vector)
                .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
                .join(PhotoFeaturesRow, PhotoFeaturesRow.photo_id == PhotoRow.id)
                .where(OutcomeRow.observation_id == home.recipe.observation_id)
                .order_by(PhotoRow.id)
            )
            last = int(self.ids[-1]) if len(self.ids) else 0
            before = observed.with_only_columns(PhotoRow.id, PhotoRow.outcome_id)
            current = read_columns(connection, before.where(PhotoRow.id <= last), (np.int64,) * 2)
            if not all(map(np.array_equal, current, (self.ids, self.outcomes))):
                self._file.truncate(0)
                self.ids, self.outcomes, last = self.ids[:0], self.outcomes[:0], 0
            rows = connection.execute(observed.where(PhotoRow.id > last))
            self._append(rows.partitions(ROWS))
            self._version = version

    def _append(self, parts: Iterator[Any]) -> None:
        ids, outcomes = [self.ids], [self.outcomes]
        # Vectors that were written before reading broke off are no photo's.
        stored = len(self.ids) * self.length * np.dtype(np.float16).itemsize
        self._file.seek(stored)
        self._file.truncate()
        for rows in parts:
            vectors = np.stack([row[2] for row in rows])
            norms = np.linalg.norm(vectors, axis=1, keepdims=True)
            self.length = vectors.shape[1]
            self._file.write((vectors / np.maximum(norms, 1e-12)).astype(np.float16).tobytes())
            ids.append(np.array([row[0] for row in rows], np.int64))
            outcomes.append(np.array([row[1] for row in rows], np.int64))
        self._file.flush()
        self.ids, self.outcomes = np.concatenate(ids), np.concatenate(outcomes)

    def compare(self, photo_id: int) -> tuple[Ids, NDArray[np.float32]]:
        """Return the ids of all photos, and the cosine of each with one of them.

        Raises:
            NotFound: The photo is not among them.
        """
        with self._lock:
            places, present = find(self.ids, np.array([photo_id]))
            if not present[0]:
                raise NotFound("there is no such photo, or its image features are not stored")
            shape = len(self.ids), self.length
            stored = np.memmap(self._file, np.float16, "r", shape=shape)
            vector = stored[places[0]].astype(np.float32)
            cosines = np.empty(len(self.ids), np.float32)
            for start in range(0, len(self.ids), ROWS):
                part = stored[start : start + ROWS].astype(np.float32)
                cosines[start : start + len(part)] = part @ vector
            return self.ids, cosines


def _vectors(home: Installation) -> _Vectors:
    """Return the vectors of all photos of the latest index."""

    def begin() -> _Vectors:
        try:
            return _Vectors(tempfile.TemporaryFile(dir=home.storage.incoming))
        except OSError as error:
            raise StoreMissing("the data folder can't be written to") from error

    version = photo_index(home).version
    cache, question = home.database.view().cache, ("vectors", home.recipe.observation_id)
    vectors = cache.find(question, None, begin, size=lambda _: 0)
    vectors.update(home, version)
    return vectors
