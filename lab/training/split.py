"""Splits of labelled photos: what is never trained on, and cross-validation by group."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from sklearn.model_selection import GroupKFold

FOLDS = 5
"""Parts of the photos in a cross-validation."""

SplitItem = TypeVar("SplitItem")
Model = TypeVar("Model")


def held_out(key: str, share: float) -> bool:
    """Return whether the items of a group are held out of training for good.

    The answer depends on the key alone, through its hash: adding photos moves none from one side to
    the other, and a larger share holds out all that a smaller one does.

    Args:
        key: Names what belongs together, "rodong_sinmun_photos/2021-06-17" for instance.
        share: The share of keys to hold out, 0–1.
    """
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def out_of_fold(
    fit: Callable[[list[SplitItem]], Model],
    training: Sequence[SplitItem],
    scored: Sequence[SplitItem],
    *,
    group: Callable[[SplitItem], str],
) -> list[Model]:
    """Return for each scored item a model that was fitted without the items of its group.

    Args:
        fit: Returns a model fitted on some items.
        training: The items to fit on, dealt into ``FOLDS`` folds by group.
        scored: Items of the same groups.
        group: Returns the group of an item.
    """
    models: dict[str, Model] = {}
    groups = [group(item) for item in training]
    for fitted, left_out in GroupKFold(FOLDS).split(groups, groups=groups):
        model = fit([training[i] for i in fitted])
        models |= {groups[i]: model for i in left_out}
    return [models[group(item)] for item in scored]
