"""All printed photos in memory, by which they are counted, filtered, sorted and listed at once.

An index is of the revision that counts. A photo is in it once its edition is added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sqlalchemy import select

from presslens.app.db import cursor
from presslens.app.db.archive_view import ArchiveView
from presslens.app.db.publications import find_publication
from presslens.app.db.reprints import ReprintRow
from presslens.app.installation import Installation
from presslens.app.services.cached import cached_result
from presslens.app.services.catalogue.photo_columns import (
    VERDICTS,
    Numbers32,
    PhotoColumns,
    SightingColumns,
    StoredPhotos,
    SummedPhotos,
    arrange_photos,
    find,
    read_measure,
    read_sightings,
    read_stored,
    read_summed,
)
from presslens.app.services.catalogue.photo_filter import (
    AppearanceFilter,
    PhotoFilter,
    PhotoSort,
    photos_with_text,
    size_bounds,
)
from presslens.app.services.shares.consensus_photos import OF_FOCUS, consensus_by_measure
from presslens.app.services.shares.decisions import load_decisions
from presslens.models.vocabulary import Answer, Focus
from presslens.pipelines.cache import Cache
from presslens.pipelines.mapped import mapped
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.measure import BITS, FIGURE, LABEL, Zone
from presslens.pipelines.statistics.photo_table import Mask

T = TypeVar("T")

Places = NDArray[np.int32]
"""Places of printed photos in an index, shape (m,)."""

FACETS = (
    "superseded", "publication", "date", "edition", "page", "zone", "subject", "label", "figure",
    "focus", "size", "min_size", "text", "reviewed",
)  # fmt: skip
"""What a filter may ask for, each apart from the others."""


class PhotoIndex:
    """The printed photos of an archive at one revision; safe for threads.

    Attributes:
        version: Names the revision and the recipe: equal for equal content.
        columns: The photos.
        sightings: Which figures were seen in them.
        focus: What they are composed around, a place in ``VERDICTS`` or ``UNREAD``, as people
            have settled or else as the machine says; shape (n,).
    """

    def __init__(
        self,
        home: Installation,
        view: ArchiveView,
        before: PhotoIndex | None = None,
        editions: Sequence[int] | None = None,
    ) -> None:
        """Read the photos.

        Args:
            before: The index of an earlier revision; None: there is none.
            editions: Ids of the only editions whose photos are in it; None: all.
        """
        self._home = home
        self._lock = RLock()
        self._measures: dict[str, Numbers32] = {}
        self._decisions: dict[str, list[Decisions]] = {}
        self._summed: SummedPhotos | None = None
        self._cache = view.cache if editions is None else Cache(0)
        self.version = f"{view.number}-{home.recipe.id[:16]}"
        with home.database.read() as session:
            connection = session.connection()
            earlier = before._stored if before else None
            self._stored: StoredPhotos = read_stored(connection, earlier, editions)
            self.columns: PhotoColumns = arrange_photos(
                connection, home.recipe, self._stored, editions
            )
            sighted = None if editions is None else self.columns.photos.tolist()
            self.sightings: SightingColumns = read_sightings(connection, home.recipe, sighted)
            consensus = consensus_by_measure(session)
        self._consensus: dict[str, tuple[Mask, Mask]] = {
            measure: (self._of_photos(yes), self._of_photos(no))
            for measure, (yes, no) in consensus.items()
        }
        self.focus: NDArray[np.uint8] = self._focus()
        for measure in before.measures if before else ():
            self.probability(measure)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that were asked for so far."""
        with self._lock:
            return tuple(self._measures)

    def probability(self, measure: str) -> Numbers32:
        """Return the probability of a measure by printed photo, shape (n,); NaN where unread.

        Args:
            measure: A subject, ``label:NAME`` or ``figure:NAME``.
        """
        with self._lock:
            if measure not in self._measures:
                values = {measure: self._read(measure)[self.columns.photo]}
                self._measures |= mapped(values)
            return self._measures[measure]

    def shows(self, measure: str, least: float) -> Mask:
        """Return the photos that show a subject or a label, shape (n,).

        Args:
            measure: The subject, or ``label:NAME``.
            least: Probability from which on the machine's word counts where nobody has settled it.
                The recipe's own means the photos that the newspaper's calibration decides; from
                there others are as far, in log odds.
        """
        lowest = self._lowest(measure, least)[self.columns.publication][self.columns.edition]
        machine = self.probability(measure) >= lowest
        if measure not in self._consensus:
            return np.asarray(machine)
        yes, no = self._consensus[measure]
        return np.asarray(yes | (machine & ~no))

    def _lowest(self, measure: str, least: float) -> Numbers32:
        """Return the machine's probability that means another one, by newspaper."""
        recipe, names = self._home.recipe, self.columns.publications
        with self._lock:
            if measure not in self._decisions:
                with self._home.database.read() as session:
                    self._decisions[measure] = [
                        load_decisions(session, name, recipe, (measure,)) for name in names
                    ]
            made = self._decisions[measure]
        return np.array([one.lowest(measure, least) for one in made], np.float32)

    def _focus(self) -> NDArray[np.uint8]:
        """Return ``focus``; see ``pipelines.statistics.consensus.focus_of``."""
        machine = self.columns.verdict
        focus = machine.copy()
        answers = {
            code: self._consensus[f"{OF_FOCUS}{one.value}"]
            for code, one in enumerate(VERDICTS)
            if f"{OF_FOCUS}{one.value}" in self._consensus
        }
        for code, (_, no) in answers.items():
            focus[no & (machine == code)] = VERDICTS.index(Focus.UNSURE)
        for code, (yes, _) in answers.items():
            focus[yes] = code
        return focus

    def _read(self, measure: str) -> Numbers32:
        photos = self.columns.photos
        if not measure.startswith(FIGURE):
            with self._home.database.read() as session:
                connection, recipe = session.connection(), self._home.recipe
                if self._summed is None:
                    self._summed = read_summed(connection, recipe, photos)
                return read_measure(connection, recipe, measure, photos, self._summed)
        seen = self.sightings
        own = seen.figure == measure.removeprefix(FIGURE)
        values = np.full(len(photos), np.nan, np.float32)
        places, present = find(photos, seen.photo[own])
        values[places[present]] = seen.probability[own][present]
        return values

    @property
    def nbytes(self) -> int:
        """Size in memory, without what files hold."""
        masks = [mask for both in self._consensus.values() for mask in both]
        return int(sum(one.nbytes for one in (self.focus, *masks)))

    def pictures(self) -> NDArray[np.int32]:
        """Return a number of each photo's picture, shape (u,); prints of one picture have one."""
        return self.cached(("pictures",), self._pictures)

    def _pictures(self) -> NDArray[np.int32]:
        photos = self.columns.photos
        with self._home.database.read() as session:
            rows = session.execute(select(ReprintRow.photo_id, ReprintRow.other_id)).all()
        pairs = np.array(rows, np.int64).reshape(-1, 2)
        (one, is_one), (other, is_other) = (find(photos, column) for column in pairs.T)
        both = is_one & is_other
        prints = coo_matrix(
            (both[both], (one[both], other[both])), shape=(len(photos), len(photos))
        )
        return np.asarray(connected_components(prints, directed=False)[1], np.int32)

    def cached(self, question: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Return what was computed of the index before, or compute it.

        Args:
            question: Names what is computed.
            compute: Computes it out of the index alone.
        """
        return self._cache.find(("photo index", *question), self.version, compute)

    def select(self, photo_filter: PhotoFilter, sort: PhotoSort = PhotoSort.DATE) -> Places:
        """Return the places of the photos that a filter selects, sorted.

        Raises:
            InvalidRequest: They can't be sorted by probability.
        """
        return self.cached(("photos", photo_filter, sort), lambda: self._select(photo_filter, sort))

    def _select(self, photo_filter: PhotoFilter, sort: PhotoSort) -> Places:
        places = np.flatnonzero(self.matching(photo_filter)).astype(np.int32)
        if not sort.by_date:
            places = places[self._order(places, photo_filter, sort)]
        return places[::-1] if sort.descending else places

    def _order(self, places: Places, photo_filter: PhotoFilter, sort: PhotoSort) -> Places:
        keys = [values for _, values in self._keys(places, photo_filter, sort)]
        return np.lexsort(keys[::-1]).astype(np.int32)

    def _keys(
        self, places: Places, photo_filter: PhotoFilter, sort: PhotoSort
    ) -> list[tuple[type[cursor.Value], NDArray[Any]]]:
        """Return type and values of what photos are sorted by, first first; unique together.

        Raises:
            InvalidRequest: They can't be sorted by probability.
        """
        columns = self.columns
        if sort.by_date:
            edition = columns.edition[places]
            return [
                (date, columns.day[edition]),
                (int, columns.edition_id[edition]),
                (int, columns.number[places]),
                (int, columns.position[places]),
            ]
        if sort.by_probability:
            values: NDArray[np.floating] = np.nan_to_num(self.probability(photo_filter.measure))
        elif sort in (PhotoSort.SIZE, PhotoSort.SIZE_DOWN):
            values = columns.area
        else:
            values = columns.score
        ids = columns.photos[columns.photo[places]]
        return [(float, values[places]), (int, columns.page[places]), (int, ids)]

    def part(
        self, photo_filter: PhotoFilter, sort: PhotoSort, *, limit: int, start: str | None = None
    ) -> tuple[Places, str | None]:
        """Return the places of a part of the sorted photos, and the cursor of the next part.

        Args:
            start: The cursor of the part before; None for the first one.

        Raises:
            InvalidRequest: They can't be sorted by probability, or the cursor is not one of a list
                that is sorted like this.
        """
        places, first = self.select(photo_filter, sort), 0
        if start is not None:
            keys = self._keys(places, photo_filter, sort)
            position = cursor.decode(start, [kind for kind, _ in keys])
            behind, same = np.zeros(len(places), bool), np.ones(len(places), bool)
            for (kind, values), one in zip(keys, position, strict=True):
                value: Any = np.datetime64(str(one)) if kind is date else one
                behind |= same & (values < value if sort.descending else values > value)
                same &= values == value
            first = len(places) - int(np.count_nonzero(behind))
        part = places[first : first + limit]
        if first + limit >= len(places):
            return part, None
        last = self._keys(part[-1:], photo_filter, sort)
        return part, cursor.encode([values[0].item() for _, values in last])

    def matching(self, photo_filter: PhotoFilter, *, without: str | None = None) -> Mask:
        """Return which printed photos a filter selects, shape (n,).

        Args:
            without: One of ``FACETS`` that the filter is taken not to ask for.
        """
        chosen = np.ones(len(self.columns), bool)
        for facet, mask in self.masks(photo_filter):
            if facet != without:
                chosen &= mask
        return chosen

    def masks(self, photo_filter: PhotoFilter) -> Iterator[tuple[str, Mask]]:
        """Yield each of ``FACETS`` that a filter asks for, and the photos that have it."""
        columns = self.columns
        for facet, editions in self._of_editions(photo_filter):
            yield facet, editions[columns.edition]
        if photo_filter.page is not None:
            yield "page", columns.number == photo_filter.page
        if photo_filter.zone is not Zone.ALL:
            yield "zone", self.in_zone(photo_filter.zone)
        yield from self._of_size(photo_filter)
        if photo_filter.text is not None:
            yield "text", self._with_text(photo_filter.text)
        if photo_filter.reviewed is not None:
            yield "reviewed", columns.reviewed == photo_filter.reviewed
        yield from self._of_content(photo_filter)

    def _of_editions(self, photo_filter: PhotoFilter) -> Iterator[tuple[str, Mask]]:
        """Yield what a filter asks of editions, and the editions that have it, shape (e,)."""
        columns, scope = self.columns, photo_filter.scope
        if photo_filter.drops_superseded and columns.superseded.any():
            yield "superseded", ~columns.superseded
        if scope.publication is not None:
            yield "publication", columns.publication == self.newspaper(scope.publication)
        if scope.first is not None:
            yield "date", columns.day >= np.datetime64(scope.first)
        if scope.last is not None:
            yield "date", columns.day <= np.datetime64(scope.last)
        if scope.edition is not None:
            yield "edition", columns.edition_id == scope.edition

    def newspaper(self, name: str) -> int:
        """Return the place of a newspaper, named by its name or an alias; -1 if it has none.

        Names are asked of the database of this moment: the index may be of before a renaming.
        """
        with self._home.database.read() as session:
            row = find_publication(session, name)
        ids = self.columns.publication_ids
        return ids.index(row.id) if row is not None and row.id in ids else -1

    def _of_size(self, photo_filter: PhotoFilter) -> Iterator[tuple[str, Mask]]:
        area = self.columns.area
        if photo_filter.min_size is not None:
            yield "min_size", area >= photo_filter.min_size
        if photo_filter.size is not None:
            low, high = size_bounds(self._home.recipe.aggregate)[photo_filter.size]
            yield "size", (area >= low) & (area < high)

    def _of_content(self, photo_filter: PhotoFilter) -> Iterator[tuple[str, Mask]]:
        least, decision = photo_filter.min_probability, self._home.recipe.aggregate.decision
        if photo_filter.focuses:
            codes = [VERDICTS.index(focus) for focus in photo_filter.focuses]
            yield "focus", np.isin(self.focus, codes)
        for subject in photo_filter.subjects:
            yield "subject", self.shows(subject.value, least)
        for label in photo_filter.labels:
            yield "label", self.shows(f"{LABEL}{label}", decision)
        for name in photo_filter.figures:
            yield "figure", self.with_figure(photo_filter, name)
        if not photo_filter.figures and photo_filter.appearance != AppearanceFilter():
            yield "figure", self.with_figure(photo_filter)

    def ids(self, places: Places) -> Sequence[tuple[int, int]]:
        """Return the ids of the photo and of its page of each of some printed photos."""
        photos = self.columns.photos[self.columns.photo[places]]
        return list(zip(photos.tolist(), self.columns.page[places].tolist(), strict=True))

    def different(self, photo_filter: PhotoFilter) -> list[int]:
        """Return the ids of the different photos that a filter selects, ascending."""
        places = np.unique(self.columns.photo[self.matching(photo_filter)])
        return list(map(int, self.columns.photos[places]))

    def count_figures(self, photo_filter: PhotoFilter) -> dict[str, tuple[int, int]]:
        """Return how many printed photos surely show each figure, and how many may, by name.

        Args:
            photo_filter: Which photos, and how a figure appears in them; it names no figure.
        """
        seen, columns = self.sightings, self.columns
        printed = self.matching(replace(photo_filter, appearance=AppearanceFilter()))
        times = np.bincount(columns.photo[printed], minlength=len(columns.photos))
        meant = self.meant_sightings(photo_filter)
        sure = ((seen.answer == Answer.YES.value) | seen.confirmed)[meant]
        photos, figures = seen.photo[meant], seen.figure[meant]
        if photo_filter.appearance.is_met_by_answers:
            photos = np.concatenate((photos, seen.answered_photo))
            figures = np.concatenate((figures, seen.answered_figure))
            sure = np.concatenate((sure, np.ones(len(seen.answered_photo), bool)))
        places, listed = find(columns.photos, photos)
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for name, is_sure, n in zip(figures.tolist(), sure, times[places] * listed, strict=True):
            counts[name][0 if is_sure else 1] += int(n)
        return {name: (yes, perhaps) for name, (yes, perhaps) in counts.items() if yes or perhaps}

    def in_zone(self, zone: Zone) -> Mask:
        """Return the photos in a zone of their edition, shape (n,)."""
        return np.asarray(self.columns.zones & BITS[zone], bool)

    def around(self, focus: Focus) -> Mask:
        """Return the photos that are composed around this, shape (n,)."""
        return np.asarray(self.focus == VERDICTS.index(focus))

    def with_figure(self, photo_filter: PhotoFilter, name: str | None = None) -> Mask:
        """Return the photos that show a figure as a filter says, shape (n,).

        Args:
            photo_filter: Its least probability and its appearance.
            name: The figure; None for any.
        """
        seen, how = self.sightings, photo_filter.appearance
        ids = seen.photo[self.meant_sightings(photo_filter, name)]
        if how.is_met_by_answers:
            answered = seen.answered_photo
            own = answered if name is None else answered[seen.answered_figure == name]
            ids = np.concatenate([ids, own])
        return self._of_photos(ids)

    def meant_sightings(self, photo_filter: PhotoFilter, name: str | None = None) -> Mask:
        """Return the sightings of a figure that are as a filter says, shape (s,).

        Args:
            photo_filter: Its least probability and its appearance.
            name: The figure; None for any.
        """
        seen, how = self.sightings, photo_filter.appearance
        meant = (seen.probability >= photo_filter.min_probability) | seen.confirmed
        if name is not None:
            meant &= seen.figure == name
        for words, word in ((seen.shot_size, how.shot_size), (seen.facing, how.facing)):
            if word is not None:
                meant &= words == word.value
        if how.answer is not None:
            sure = (seen.answer == Answer.YES.value) | seen.confirmed
            meant &= sure if how.answer is Answer.YES else ~sure
        if how.alone is not None:
            meant &= seen.people_beside == 0 if how.alone else seen.people_beside > 0
        return np.asarray(meant)

    def _with_text(self, text: str) -> Mask:
        with self._home.database.read() as session:
            ids = session.connection().scalars(photos_with_text(text)).all()
        return self._of_photos(np.array(ids, np.int64))

    def _of_photos(self, ids: NDArray[np.int64]) -> Mask:
        columns = self.columns
        mask = np.zeros(len(columns.photos), bool)
        places, present = find(columns.photos, ids)
        mask[places[present]] = True
        return mask[columns.photo]


INDEX = ("photo index",)
"""The question for the index of an installation."""


def photo_index(home: Installation) -> PhotoIndex:
    """Return the index of an installation, of the revision that counts."""

    def read() -> PhotoIndex:
        view, question, recipe_id = home.database.view(), "latest photo index", home.recipe.id
        index = PhotoIndex(home, view, view.cache.get(question, recipe_id))
        view.cache.put(question, recipe_id, index, 0)
        return index

    return cached_result(home, INDEX, read)
