"""The photos of a statistic as arrays: what the machine estimates, and what people answered.

``PhotoStatus`` says what a validation sample did with each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

CERTAIN = 1e-4
"""Probabilities are at least this far from 0 and 1 on the logit scale: none is certain."""


BY_PHOTO = ("edition", "probability", "weight", "label", "inclusion", "framed")
"""The arrays of a table that have a value for each photo, always."""


def alike(value: float, n: int) -> NDArray[Any]:
    """Return an array of n times a value, which takes no memory and nobody can change."""
    return np.broadcast_to(np.asarray(value), n)


class PhotoStatus(StrEnum):
    """What a validation sample did with a photo."""

    ANSWERED = "answered"  # drawn by chance, with a known inclusion probability, and answered
    NO_ANSWER = "no_answer"  # drawn: the coder skipped it, could not tell, or coders disagree
    PICKED = "picked"  # answered, and could have been drawn, but was not
    NOT_DRAWN = "not_drawn"  # could have been drawn, and nobody answered
    OUTSIDE = "outside"  # could not have been drawn: outside of the frame, answered or not

    @property
    def drawn(self) -> bool:
        """Whether the sample drew the photo."""
        return self in (PhotoStatus.ANSWERED, PhotoStatus.NO_ANSWER)

    @classmethod
    def of(cls, *, drawn: bool, answered: bool, framed: bool) -> PhotoStatus:
        """Return the status of a photo, by whether it was drawn, answered and in the frame."""
        if drawn:
            return cls.ANSWERED if answered else cls.NO_ANSWER
        if not framed:
            return cls.OUTSIDE
        return cls.PICKED if answered else cls.NOT_DRAWN


@dataclass(frozen=True, slots=True, eq=False)
class PhotoTable:
    """n photos of e editions, for one measure; arrays of shape (n,)."""

    edition: NDArray[np.int64]  # index of the photo's edition, 0 to e - 1
    probability: Numbers  # the machine's, 0–1
    weight: Numbers  # 1, or the printed area of the photo; above 0
    label: Numbers  # 1 or 0 where coders answered, NaN elsewhere
    # Probability with which the sample drew the photo, above 0 up to 1; NaN for photos that were
    # not drawn.
    inclusion: Numbers
    framed: Mask  # whether the sample could have drawn the photo; False everywhere without a sample
    editions: Sequence[str]  # the key of each edition, in the order of time, e of them
    # The calendar cells of each edition, from coarse to fine, for instance newspaper, year and
    # month; e of them.
    periods: Sequence[tuple[str, ...]]
    # The day of each edition, as ``date.toordinal``; e of them, or none where they have no days.
    days: Sequence[int] = ()
    pages: Sequence[int] = ()  # the number of pages of each edition; none where it is not known
    zones: NDArray[np.uint8] | None = None  # zones of each photo, as bits; None: not known
    # The same photos for the other measures that one answer settles, of which each photo shows
    # exactly one.
    beside: tuple[PhotoTable, ...] = ()
    # Place of each photo among those of the measure that holds this one, pool after pool, -1 if it
    # was not read for that; None: nothing holds the measure.
    held: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.edition)

    def at(self, mask: Mask) -> PhotoTable:
        """Return the table of the photos of a mask; the editions stay as they are."""
        arrays = {name: getattr(self, name)[mask] for name in BY_PHOTO}
        zones = None if self.zones is None else self.zones[mask]
        held = None if self.held is None else self.held[mask]
        beside = tuple(table.at(mask) for table in self.beside)
        return replace(self, **arrays, zones=zones, beside=beside, held=held)

    def without_answers(self) -> PhotoTable:
        """Return the table as the machine alone knows it."""
        nothing, nobody = alike(np.nan, len(self)), alike(False, len(self))
        beside = tuple(table.without_answers() for table in self.beside)
        return replace(self, label=nothing, inclusion=nothing, framed=nobody, beside=beside)

    def compact(self) -> PhotoTable:
        """Return the table without the editions that have no photos."""
        there, edition = np.unique(self.edition, return_inverse=True)
        if len(there) == len(self.editions):
            return self
        return replace(
            self,
            edition=edition.astype(np.int64),
            editions=[self.editions[i] for i in there],
            periods=[self.periods[i] for i in there],
            days=[self.days[i] for i in there] if self.days else (),
            pages=[self.pages[i] for i in there] if self.pages else (),
            beside=tuple(table.compact() for table in self.beside),
        )

    @classmethod
    def together(cls, tables: Sequence[PhotoTable]) -> PhotoTable:
        """Return the photos of tables, one after the other, without those beside them."""
        first = np.cumsum([0, *(len(one.editions) for one in tables)])
        return cls(
            edition=np.concatenate(
                [one.edition + i for one, i in zip(tables, first[:-1], strict=True)]
            ),
            probability=np.concatenate([one.probability for one in tables]),
            weight=np.concatenate([one.weight for one in tables]),
            label=np.concatenate([one.label for one in tables]),
            inclusion=np.concatenate([one.inclusion for one in tables]),
            framed=np.concatenate([one.framed for one in tables]),
            editions=[key for one in tables for key in one.editions],
            periods=[cells for one in tables for cells in one.periods],
        )

    @property
    def newspapers(self) -> NDArray[np.object_]:
        """The newspaper of each edition, shape (e,)."""
        return np.array([cells[0] if cells else "" for cells in self.periods], dtype=object)

    @property
    def logits(self) -> Numbers:
        """The log odds of the machine's probabilities."""
        return np.asarray(logit(np.clip(self.probability, CERTAIN, 1 - CERTAIN)))

    @property
    def answered(self) -> Mask:
        """Photos that coders answered, drawn or picked."""
        return ~np.isnan(self.label)

    @property
    def drawn(self) -> Mask:
        """Photos that were drawn by chance, answered or not."""
        return ~np.isnan(self.inclusion)

    @property
    def sampled(self) -> Mask:
        """Photos that were drawn by chance and answered."""
        return self.drawn & self.answered

    @property
    def picked(self) -> Mask:
        """Photos that coders answered although no chance chose them."""
        return self.answered & ~self.drawn

    @property
    def unanswered(self) -> Mask:
        """Photos that were drawn by chance, and that nobody answered."""
        return self.drawn & ~self.answered
