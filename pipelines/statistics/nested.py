"""Shares of measures that another measure holds: each photo with a crowd is one with people.

No photo shows a measure with a larger probability than what holds the measure
(``consensus.HELD_BY``), so groups of photos are ordered and still add up. What that cuts off of the
drawn photos a common shift of the log odds gives back, so that the draw stays balanced (Firth &
Bennett 1998, doi 10.1111/1467-9868.00105). Ends of intervals are cut where they leave the order: a
share that is not above another one is not above its upper end either.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.share_estimate import GroupEstimate

_FARTHEST = 20.0
"""Largest shift, in logits: beyond it all photos have as much as is allowed."""

_HALVINGS = 60


def at_most(alone: Numbers, most: Numbers, shift: float = 0.0) -> Numbers:
    """Return probabilities that are shifted in common, and not above what is allowed, shape (n,).

    Args:
        alone: Probability of each photo, 0–1, shape (n,).
        most: The largest that is allowed, 0–1, shape (n,).
        shift: Of the log odds.
    """
    if shift:
        odds = scipy.special.logit(np.clip(alone, 1e-15, 1 - 1e-15))
        alone = scipy.special.expit(odds + shift)
    return np.minimum(alone, most)


def balancing_shift(alone: Numbers, label: Numbers, most: Numbers, pull: Numbers) -> float:
    """Return the shift, in logits, with which the draw balances what is not above a limit.

    Args:
        alone: Probability of each photo, 0–1, as the draw balances it, shape (n,).
        label: 1 or 0 where coders answered, NaN elsewhere, shape (n,).
        most: The largest that is allowed, 0–1, shape (n,).
        pull: How each photo counts in the balance, from ``design.pulls``, shape (n,).

    Returns:
        0 or more; 0 where nothing is cut off.
    """
    at = (pull != 0) & ~np.isnan(label)
    alone, most, pull = alone[at], most[at], pull[at]
    if not (alone > most).any():
        return 0.0
    total, low, high = float(pull @ alone), 0.0, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = float(pull @ at_most(alone, most, middle)) < total
        low, high = (middle, high) if below else (low, middle)
    return low


def shared_within(part: Numbers, most: Numbers) -> Numbers:
    """Return the first of probabilities that add up to 1, none of them above a limit, shape (n,).

    Args:
        part: Probability of each of j measures of which a photo shows one, shape (n, j).
        most: The largest that is allowed of each, 0–1, shape (n, j).
    """
    cut = np.minimum(part, most)
    loose = np.where(part < most, part, 0.0)
    room = loose.sum(axis=1)
    # Where answers leave no other measure, nothing is given to others.
    over = np.where(room > 0, (part - cut).sum(axis=1), 0.0)
    rest = loose * (over / np.where(room > 0, room, 1.0))[:, None]
    return np.where(room > 0, (cut + rest)[:, 0], part[:, 0])


def ordered(estimate: GroupEstimate, holder: GroupEstimate) -> GroupEstimate:
    """Return a share that is nowhere above that of the measure that holds this one.

    Args:
        estimate: The share of a measure.
        holder: The share of the same photos that show what holds the measure.
    """
    if estimate.n != holder.n or estimate.value is None or holder.value is None:
        return estimate
    counts = estimate.count
    if counts is not None and holder.count is not None:
        own, most = counts, holder.count
        counts = (min(own[0], most[0]), _least(own[1], most[1]), _least(own[2], most[2]))
    value, low, high = (
        _least(getattr(estimate, end), getattr(holder, end)) for end in ("value", "low", "high")
    )
    return replace(estimate, value=value, low=low, high=high, count=counts)


def _least(end: float | None, most: float | None) -> float | None:
    return end if end is None or most is None else min(end, most)
