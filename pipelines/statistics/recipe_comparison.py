"""Compares two recipes: the interpretations of the same photos, and the decisions that flipped."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Rounded, Served, rounded
from presslens.pipelines.statistics.corrections import holm
from presslens.pipelines.statistics.measure import BUILT_IN
from presslens.pipelines.statistics.paired import Kappa, kappa, mcnemar

VERDICTS = tuple(Focus)


@dataclass(frozen=True, slots=True)
class PrintedPage(Served):
    """The page that prints a photo; ``edition`` and ``page`` are ids, ``number`` counts from 1."""

    SERVED: ClassVar[str] = "publication date edition page page_number=number"

    publication: str
    date: date
    edition: int
    page: int
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A photo's probabilities and decisions under a recipe."""

    photo: int  # id of the photo
    probabilities: Mapping[str, float]  # from ``measure.probabilities``, 0–1
    decided: frozenset[str]  # from ``measure.decided``
    verdict: Focus


@dataclass(frozen=True, slots=True, eq=False)
class PhotoPair:
    """A photo under both recipes; under different observations it has two ids."""

    printed: PrintedPage
    old: Scored
    new: Scored


@dataclass(frozen=True, slots=True)
class Move(Served):
    """A photo whose probability has changed, with both decisions."""

    SERVED: ClassVar[str] = """
        *printed measure old_photo new_photo old new change old_shows new_shows flipped
    """

    printed: PrintedPage
    measure: str
    old_photo: int
    new_photo: int
    old: Rounded
    new: Rounded
    old_shows: bool
    new_shows: bool

    @property
    def change(self) -> Rounded:
        """The new probability less the old one, −1 to 1."""
        return self.new - self.old

    @property
    def flipped(self) -> bool:
        """Whether exactly one of the recipes decides that the photo shows the measure."""
        return self.old_shows != self.new_shows


@dataclass(frozen=True, slots=True)
class EditionMove(Served):
    """An edition whose share has changed: means of the probabilities of its n photos, 0–1."""

    SERVED: ClassVar[str] = "publication date edition measure n old new change"

    publication: str
    date: date
    edition: int
    measure: str
    n: int
    old: Rounded
    new: Rounded

    @property
    def change(self) -> Rounded:
        """The new share less the old one, −1 to 1."""
        return self.new - self.old


_M = TypeVar("_M", Move, EditionMove)


@dataclass(frozen=True, slots=True)
class MeasureChange(Served):
    """The change of a measure between two recipes."""

    SERVED: ClassVar[str] = """
        measure n both only_old only_new neither old=old_share new=new_share change p p_holm
        kappa
    """

    measure: str  # its name
    n: int  # photos that both recipes read for it
    both: int  # photos that both decide to show it
    only_old: int  # photos that only the old one does
    only_new: int  # photos that only the new one does
    neither: int  # all others
    old: float  # expected share of the photos under the old recipe, the mean of their probabilities
    new: float  # the same under the new one
    p: float  # from ``paired.mcnemar``
    p_holm: float  # corrected for the number of measures
    kappa: Kappa | None  # agreement of the decisions; None where it is not defined

    @property
    def old_share(self) -> dict[str, Any]:
        """The share under the old recipe."""
        return {"share": rounded(self.old), "decided": self.both + self.only_old}

    @property
    def new_share(self) -> dict[str, Any]:
        """The share under the new recipe."""
        return {"share": rounded(self.new), "decided": self.both + self.only_new}

    @property
    def change(self) -> float | None:
        """The new share less the old one."""
        return rounded(self.new - self.old)


@dataclass(frozen=True, slots=True, eq=False)
class RecipeComparison:
    """The comparison of two recipes."""

    photos: int  # photos that both have interpreted
    measures: tuple[MeasureChange, ...]  # the change of each measure, built-in ones first
    # Photos by old verdict (row) and new one (column), in the order of ``VERDICTS``.
    focus: NDArray[np.int64]
    focus_kappa: Kappa | None  # agreement of the verdicts
    movers: tuple[Move, ...]  # the photos whose probability changed most, the largest change first
    flips: tuple[Move, ...]  # the photos whose decision flipped, the largest change first
    editions: tuple[EditionMove, ...]  # the editions whose share changed most


@dataclass(slots=True)
class _Sums:
    """Counts of a measure: by old and new decision, and sums of the probabilities."""

    table: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, 2), np.int64))
    old: float = 0.0
    new: float = 0.0


@dataclass(slots=True, eq=False)
class RecipeComparisonBuilder:
    """Sums up pairs, some editions at a time, in memory that does not grow with the archive."""

    measures: frozenset[str] = frozenset()  # names of the measures; empty: all
    most: int = 50  # largest number of movers
    confidence: float = 0.95  # level of the intervals
    _photos: int = 0
    _sums: dict[str, _Sums] = field(default_factory=dict)
    _focus: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((len(VERDICTS), len(VERDICTS)), np.int64)
    )
    _movers: list[Move] = field(default_factory=list)
    _flips: list[Move] = field(default_factory=list)
    _editions: list[EditionMove] = field(default_factory=list)

    def add(self, pairs: Sequence[PhotoPair]) -> None:
        """Add all pairs of some editions; no edition may come twice."""
        self._photos += len(pairs)
        for pair in pairs:
            self._focus[VERDICTS.index(pair.old.verdict), VERDICTS.index(pair.new.verdict)] += 1
        read = {name for p in pairs for name in p.old.probabilities.keys() & p.new.probabilities}
        for name in sorted(read & self.measures if self.measures else read):
            self._add(name, pairs)

    def result(self) -> RecipeComparison:
        """Return the comparison of all pairs."""
        tables = {name: self._sums[name].table for name in _ordered(self._sums)}
        p = {name: mcnemar(int(t[1, 0]), int(t[0, 1])) for name, t in tables.items()}
        corrected = dict(zip(p, holm(np.array(list(p.values()), float)).tolist(), strict=True))
        return RecipeComparison(
            photos=self._photos,
            measures=tuple(self._change(name, p[name], corrected[name]) for name in tables),
            focus=self._focus,
            focus_kappa=kappa(self._focus, self.confidence),
            movers=tuple(self._movers),
            flips=tuple(self._flips),
            editions=tuple(self._editions),
        )

    def _add(self, name: str, pairs: Sequence[PhotoPair]) -> None:
        read = [p for p in pairs if name in p.old.probabilities and name in p.new.probabilities]
        old = np.array([pair.old.probabilities[name] for pair in read])
        new = np.array([pair.new.probabilities[name] for pair in read])
        shows = np.array([(name in pair.old.decided, name in pair.new.decided) for pair in read])
        sums = self._sums.setdefault(name, _Sums())
        sums.table += np.bincount(shows @ (2, 1), minlength=4).reshape(2, 2)
        sums.old += float(old.sum())
        sums.new += float(new.sum())
        size = np.abs(new - old)
        moved, flipped = size > 0, shows[:, 0] != shows[:, 1]
        for top, some in ((self._movers, moved), (self._flips, flipped)):
            largest = self._largest(size, some)
            top[:] = _top([*top, *(_move(name, read[i]) for i in largest)], self.most)
        moves = (_edition(name, read, old, new, mask) for mask in _by_edition(read))
        self._editions = _top([*self._editions, *(m for m in moves if m.change)], self.most)

    def _largest(self, size: NDArray[np.float64], some: NDArray[np.bool_]) -> list[int]:
        chosen = np.flatnonzero(some)
        return [int(i) for i in chosen[np.argsort(-size[chosen], kind="stable")[: self.most]]]

    def _change(self, name: str, p: float, corrected: float) -> MeasureChange:
        sums = self._sums[name]
        (neither, only_new), (only_old, both) = sums.table.tolist()
        n = int(sums.table.sum())
        return MeasureChange(
            measure=name,
            n=n,
            both=both,
            only_old=only_old,
            only_new=only_new,
            neither=neither,
            old=sums.old / n,
            new=sums.new / n,
            p=p,
            p_holm=corrected,
            kappa=kappa(sums.table, self.confidence),
        )


def flips(pairs: Iterable[PhotoPair], measures: frozenset[str] = frozenset()) -> Iterator[Move]:
    """Yield each decision that flipped, photo by photo.

    Args:
        measures: Names of the measures; empty: all.
    """
    for pair in pairs:
        read = pair.old.probabilities.keys() & pair.new.probabilities
        changed = (pair.old.decided ^ pair.new.decided) & read
        for name in _ordered(changed & measures if measures else changed):
            yield _move(name, pair)


def _move(name: str, pair: PhotoPair) -> Move:
    old, new = pair.old, pair.new
    return Move(
        pair.printed,
        name,
        old.photo,
        new.photo,
        old.probabilities[name],
        new.probabilities[name],
        name in old.decided,
        name in new.decided,
    )


def _top(moves: list[_M], most: int) -> list[_M]:
    return heapq.nlargest(most, moves, key=lambda move: abs(move.change))


def _by_edition(pairs: Sequence[PhotoPair]) -> Iterator[NDArray[np.bool_]]:
    """Yield a mask of the pairs of each edition."""
    editions = np.array([pair.printed.edition for pair in pairs])
    for edition in np.unique(editions):
        yield editions == edition


def _edition(
    name: str,
    pairs: Sequence[PhotoPair],
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    mask: NDArray[np.bool_],
) -> EditionMove:
    printed = pairs[int(np.argmax(mask))].printed
    means = float(old[mask].mean()), float(new[mask].mean())
    return EditionMove(
        printed.publication, printed.date, printed.edition, name, int(mask.sum()), *means
    )


def _ordered(names: Iterable[str]) -> list[str]:
    """Return measures in the order of display: built-in ones first, then by name."""
    ranks = {name: i for i, name in enumerate(BUILT_IN)}
    return sorted(names, key=lambda name: (ranks.get(name, len(ranks)), name))
