"""Claims about a newspaper's practice, of which the editions at hand are a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.models.message import Message, join_messages
from presslens.pipelines.statistics.claim.quantity import INFINITY, Quantity
from presslens.pipelines.statistics.claim.tree import (
    Node,
    OverEditions,
    Usual,
    is_of_editions,
    walk,
)
from presslens.pipelines.statistics.plain_means import FEWEST_EDITIONS
from presslens.pipelines.statistics.practice import FEWEST, RatioSpread

MEAN = "mean"


def practice_problem(rule: Node) -> str | None:
    """Return why a rule can't be about practice; None: it can.

    Practice is a mean: what any, all or the largest of the editions shows is a fact about these.
    """
    over = {part.function for part in walk(rule) if isinstance(part, OverEditions | Usual)}
    if not is_of_editions(rule) and over and over <= {MEAN}:
        return None
    return (
        "a claim about the newspaper's practice compares means over editions, such as"
        " mean(share(children)) > 12 %: state it of practice in this way, or test it of these"
        " editions"
    )


def mean_of_practice(mean: Quantity, editions: Sequence[Quantity], risk: float) -> Quantity:
    """Return the mean of a newspaper's practice, estimated from editions.

    Its bounds are those of the editions' spread, with errors that neighbouring editions share
    (``pipelines.statistics.practice``), moved out by what the mean of these editions may itself be
    off: errors of the machine that all editions share show in no spread.

    Args:
        mean: The mean of these editions, with its bounds.
        editions: The number of each edition, in the order of time.
        risk: Probability that the bounds miss, 0–1.
    """
    values = np.array([one.value for one in editions if one.value is not None], dtype=float)
    reason: str | None = None
    fewest = FEWEST if mean.share else FEWEST_EDITIONS
    if len(values) < fewest or mean.value is None or risk <= 0.0:
        reason = Message("practice needs %(fewest)s editions or more", fewest=fewest)
    else:
        spread = RatioSpread.of(values, np.ones(len(values)))
        reason = spread.serial.refused
    if reason or mean.value is None:
        low, high = (0.0, 1.0) if mean.share else (-INFINITY, INFINITY)
        return replace(mean, low=low, high=high, reasons=(*mean.reasons, reason or ""))
    reach = float(scipy.special.stdtrit(spread.freedom, 1 - risk / 2)) * spread.error
    low, high = spread.value - reach, spread.value + reach
    if mean.share:
        low, high = spread.interval(1 - risk)
    low, high = low - (mean.value - mean.low), high + (mean.high - mean.value)
    if mean.share:
        low, high = max(0.0, low), min(1.0, high)
    method = Message("practice: %(method)s, by their spread", method=mean.method)
    method = join_messages(filter(None, (method, spread.serial.note)))
    return replace(mean, low=low, high=high, method=method)
