"""Finds the frame of a sample in a plain table: which photos the sample could have drawn.

A table without a column ``status`` can be read in two ways: the photos with an inclusion
probability are those that were drawn, or they are the whole frame. Each reading has a likelihood:
of the labels, of what the draws stand for, and of where in the table these photos are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, xlog1py, xlogy

from presslens.models.message import Message, join_messages
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoStatus, PhotoTable
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference

MOST_WIDE = 2.0
"""Drawn photos that stand for more than so many times all photos are of a larger table."""

WHOLE = 0.99
"""Probability that a sample was drawn from all editions of the table, before looking at it."""

SURE = 3.0
"""Difference of two log likelihoods from which on one reading is taken: 20 to 1."""

FEW_VALUES = 20
"""A column of more values is rather a name or an id, and explains no frame."""

RATES = (np.arange(50) + 0.5) / 50
"""Shares of drawn photos with an answer, 0-1; high ones are likelier, as their third power."""

Codes = NDArray[np.int64]

Estimate = TypeVar("Estimate", GroupEstimate, ShareDifference)


@dataclass(frozen=True, slots=True, eq=False)
class Framed:
    """A table with its frame."""

    # The photos; ``framed`` tells those of the frame, and undrawn ones have no inclusion
    # probability.
    table: PhotoTable
    outside: int  # number of photos outside of the frame
    note: Message | None = None  # what the table can't tell of its sample; None for nothing

    def noted(self, estimate: Estimate) -> Estimate:
        """Return an estimate from the table with what the table can't tell."""
        if self.note is None:
            return estimate
        return replace(estimate, note=join_messages(filter(None, (estimate.note, self.note))))


def frame_by_status(table: PhotoTable, status: Sequence[PhotoStatus]) -> Framed:
    """Return a table with the frame that its statuses state.

    Args:
        table: Photos with the inclusion probabilities as given.
        status: What the sample did with each photo, n of them.
    """
    drawn = np.array([one.drawn for one in status])
    inside = np.array([one is not PhotoStatus.OUTSIDE for one in status]) & drawn.any()
    inclusion = np.where(drawn, table.inclusion, np.nan)
    outside = int((~inside).sum()) if drawn.any() else 0
    return Framed(replace(table, inclusion=inclusion, framed=inside), outside)


def frame_of(table: PhotoTable, columns: Sequence[Codes] = ()) -> Framed:
    """Find the frame of a table's sample.

    Args:
        table: Photos with the inclusion probabilities as given.
        columns: Other columns that may tell what the frame is of, pages or zones for instance: the
            number of each photo's value, shape (n,) each.

    Raises:
        ValueError: The draws stand for far fewer or far more photos than there are, or two readings
            are likely and differ.
    """
    given = ~np.isnan(table.inclusion)
    if not given.any():
        return Framed(table, 0)
    columns = [column for column in columns if 1 < len(np.unique(column)) <= FEW_VALUES]
    every = _whole_frame(table, given, columns)
    try:
        drawn = _only_drawn(table, given, columns)
    except ValueError:
        if every is None:
            raise
        return every.framed
    if every is None:
        return drawn.framed
    likelier = max(drawn, every, key=lambda one: one.likelihood)
    unlike = bool((drawn.framed.table.framed != every.framed.table.framed).any())
    if unlike and abs(drawn.likelihood - every.likelihood) < SURE:
        missing = int((given & ~table.answered).sum())
        raise ValueError(
            f"{counted(missing, 'photo')} with an inclusion_probability and without a label may"
            " have been drawn and not answered, or not drawn: add a column status"
            f" ({', '.join(PhotoStatus)})"
        )
    return likelier.framed


@dataclass(frozen=True, slots=True, eq=False)
class _LikelyFrame:
    """A table as it can be read, and the log likelihood of that."""

    framed: Framed
    likelihood: float


def _only_drawn(table: PhotoTable, given: Mask, columns: Sequence[Codes]) -> _LikelyFrame:
    """Return the reading by which the photos with an inclusion probability were all drawn.

    Raises:
        ValueError: They stand for far fewer or far more photos than there are.
    """
    chance = table.inclusion[given]
    stands_for = float((1 / chance).sum())
    if stands_for > MOST_WIDE * len(table):
        raise ValueError(
            f"the drawn photos stand for {counted(round(stands_for), 'photo')}, and the table has"
            f" {len(table):,}: it lacks photos that the sample could have drawn, or an"
            " inclusion_probability is too small"
        )
    noise = float(np.sqrt(((1 - chance) / chance**2).sum()))
    most = 3 * noise + 0.02 * len(table)
    frame = whole = _FrameOfDraws.of(table, given, np.ones(len(table), bool))
    if whole.lacking > most:
        parts = (np.isin(one, np.unique(one[given])) for one in columns)
        frames = [_FrameOfDraws.of(table, given, part) for part in parts]
        fitting = (one for one in frames if abs(one.lacking) <= most)
        frame = max(fitting, key=lambda one: one.likelihood, default=whole)
    if frame.lacking > most:
        raise ValueError(
            f"the drawn photos stand for {counted(round(stands_for), 'photo')}, and there are"
            f" {int(frame.photos.sum()):,}: give the inclusion_probability of every photo that the"
            " sample could have drawn, or a column status"
        )
    structure = 0.0
    if frame is not whole:
        structure = max(_structures(table, frame.photos, columns)[1:], default=0.0)
    seen = int(table.answered[given].sum())
    answers = logsumexp(_rate_prior() + _binomial(seen, len(chance), RATES))
    found = Framed(replace(table, framed=frame.photos), int((~frame.photos).sum()))
    return _LikelyFrame(found, float(answers + frame.likelihood + structure))


@dataclass(frozen=True, slots=True, eq=False)
class _FrameOfDraws:
    """The likeliest frame of photos that were all drawn, with its log likelihood."""

    photos: Mask
    lacking: float  # photos of the frame that the drawn ones do not stand for
    likelihood: float

    @classmethod
    def of(cls, table: PhotoTable, given: Mask, part: Mask) -> _FrameOfDraws:
        """Return the frame within a part of the photos: all times, or from a day on, or to one.

        Newspapers without a draw are in it, or are not; likewise editions at both ends. A sample of
        a fixed size stands for the frame's photos exactly, one of independent draws by and large.
        """
        e = len(table.editions)
        draws = np.bincount(table.edition[given], minlength=e)
        undrawn = np.zeros(e, bool)
        for own in _papers(table):
            undrawn[own] = not draws[own].any()
        first, last = np.flatnonzero(draws)[[0, -1]]
        starts, ends = np.arange(first + 1), np.arange(last + 1, e + 1)
        best: list[_FrameOfDraws] = []
        stands_for = float((1 / table.inclusion[given]).sum())
        for every in (True, False) if undrawn.any() else (True,):
            there = part & (every | ~undrawn[table.edition])
            size, picked = (
                np.subtract.outer(-total[starts], -total[ends])
                for mask in (there, there & table.picked)
                for total in [np.append(0, np.cumsum(np.bincount(table.edition[mask], None, e)))]
            )
            # Picks may have been closed to the sample or not: they settle themselves either way.
            lacking = size - stands_for
            lacking = lacking - np.clip(lacking, 0, picked)
            prior = np.full(size.shape, np.log((1 - WHOLE) / size.size))
            prior[0, -1] = np.log(WHOLE)
            likelihood = prior + _of_draws(lacking, stands_for, int(draws.sum()))
            i, j = np.unravel_index(likelihood.argmax(), size.shape)
            within = np.zeros(e, bool)
            within[starts[i] : ends[j]] = True
            photos = there & within[table.edition]
            best.append(cls(photos, float(lacking[i, j]), float(likelihood[i, j])))
        return max(best, key=lambda one: one.likelihood)


def _whole_frame(table: PhotoTable, given: Mask, columns: Sequence[Codes]) -> _LikelyFrame | None:
    """Return the reading by which the photos with an inclusion probability are the whole frame.

    Returns:
        None where more of them have a label than were drawn by any luck.
    """
    chance, seen = table.inclusion[given], table.answered[given]
    noise = float(np.sqrt((chance * (1 - chance)).sum()))
    missing = float(chance.sum()) - int(seen.sum())
    if missing < -4 * noise - 1e-6 * len(chance):
        return None
    by_chance = np.log(np.where(seen, RATES[:, None] * chance, 1 - RATES[:, None] * chance))
    fixed = _fixed_size(chance, seen)
    answers = logsumexp(_rate_prior() + np.logaddexp(by_chance.sum(axis=1), fixed) - np.log(2))
    where = np.logaddexp(
        np.log(0.95) + max(_structures(table, given, columns)),
        np.log(0.05 / (len(table) + 1)) - _log_choose(len(table), len(chance)),
    )
    inclusion = np.where(table.answered, table.inclusion, np.nan)
    note = None
    if missing > 2 * min(noise, 0.5 if np.isfinite(fixed).any() else noise) + 1:
        note = Message(
            "about %(photos)s of the sample got no answer, it seems: say which in a column named"
            " status, and the interval takes them into account",
            photos=counted(round(missing), "photo"),
        )
    found = Framed(replace(table, inclusion=inclusion, framed=given), int((~given).sum()), note)
    return _LikelyFrame(found, float(answers + where))


def _of_draws(lacking: Numbers, stands_for: float, drawn: int) -> Numbers:
    """Return the log probability of drawing just these photos of frames, shape as ``lacking``.

    Args:
        lacking: Photos of each frame that the drawn ones do not stand for.
        stands_for: Photos that they stand for.
    """
    size = np.maximum(lacking + stands_for, drawn)
    exact = 0.5 + 0.002 * size  # but for rounded probabilities
    fixed = -((lacking / exact) ** 2) / 2 - _log_choose(size, drawn)
    one_by_one = xlogy(drawn, drawn / stands_for) + xlog1py(size - drawn, -drawn / stands_for)
    return np.asarray(np.logaddexp(fixed, one_by_one) - np.log(2))


def _rate_prior() -> Numbers:
    return np.asarray(np.log(RATES**3 / (RATES**3).sum()))


def _binomial(yes: int, n: int, rate: Numbers) -> Numbers:
    """Return the log probability of these very answers at each rate of answers."""
    return np.asarray(yes * np.log(rate) + (n - yes) * np.log1p(-rate))


def _log_choose(n: Any, k: Any) -> Any:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(np.maximum(n - k, 0) + 1)


def _fixed_size(chance: Numbers, seen: Mask) -> Numbers:
    """Return the log probability of the labels at each rate of answers, by strata of fixed size.

    Photos of one chance are a stratum, of which a whole number was drawn; minus infinity where none
    of that is so.
    """
    _, stratum = np.unique(chance.round(6), return_inverse=True)
    size, answered = np.bincount(stratum), np.bincount(stratum, seen).astype(int)
    drawn = np.bincount(stratum, chance)
    whole = np.rint(drawn).astype(int)
    if (np.abs(drawn - whole) > 0.02).any() or (answered > whole).any():
        return np.full(len(RATES), -np.inf)
    ways = sum(
        _log_choose(n - k, m - k) - _log_choose(n, m)
        for n, m, k in zip(size.tolist(), whole.tolist(), answered.tolist(), strict=True)
    )
    return np.asarray(_binomial(int(answered.sum()), int(whole.sum()), RATES) + ways)


def _structures(table: PhotoTable, frame: Mask, columns: Sequence[Codes]) -> list[float]:
    """Return log probabilities of a frame: of times and newspapers, and of values of columns.

    The first is minus infinity where an edition has photos within the frame and outside of it;
    columns that have such values are left out.
    """
    found = [-np.inf]
    if _apart(table.edition, frame):
        inside = np.zeros(len(table.editions), bool)
        inside[table.edition[frame]] = True
        found[0] = np.log(0.5)
        for own in _papers(table) if not frame.all() else []:
            changes = int((inside[own][1:] != inside[own][:-1]).sum())
            found[0] -= np.log(2 * len(own)) + _log_choose(len(own) - 1, changes)
    some = [column for column in columns if _apart(column, frame)]
    return found + [-len(np.unique(one)) * np.log(2) - np.log(len(columns)) for one in some]


def _apart(column: Codes, given: Mask) -> bool:
    """Return whether no value of a column is both within the frame and outside of it."""
    return not np.isin(column[~given], np.unique(column[given])).any()


def _papers(table: PhotoTable) -> list[Codes]:
    """Return the editions of each newspaper, in the order of time."""
    papers = np.array([cells[0] if cells else "" for cells in table.periods])
    return [np.flatnonzero(papers == paper) for paper in dict.fromkeys(papers.tolist())]
