"""Shares of groups over pools of newspapers, each pool estimated by itself.

Newspapers that a sample was drawn from together are one pool, and every other newspaper is one of
its own. The estimate of a group is that of its pools, weighed by their photos; the errors of pools
are independent (MOVER: Zou & Donner 2008, doi 10.1002/sim.3095). So a number is the same whatever
is asked beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import scipy  # which imports scipy.sparse when it is first used
from numpy.typing import NDArray

from presslens.models.message import Message, join_messages, join_notes
from presslens.pipelines.statistics.estimator import WIDEST, ShareEstimator
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.nested import ordered
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.practice import FEWEST
from presslens.pipelines.statistics.share_estimate import (
    GroupEstimate,
    PartEnds,
    ShareDifference,
    coded_difference,
    coded_share,
    difference_of_parts,
    few_editions,
    reach_of_parts,
    too_wide,
    with_count,
)
from presslens.pipelines.written_numbers import percent


@dataclass(frozen=True, eq=False)
class PooledShares:
    """Estimates the shares of k groups of photos, and their differences."""

    pools: tuple[ShareEstimator, ...]  # of the groups that have photos in each pool
    # Place of each of the k groups among those of each pool, -1 for none, shape (k,).
    places: tuple[NDArray[np.int64], ...]
    names: Sequence[str]  # names of the k groups

    @classmethod
    def of(
        cls,
        bases: Sequence[ShareEstimator],
        rows: Sequence[NDArray[np.int64]],
        group: NDArray[np.int64],
        names: Sequence[str],
        *,
        inference: Inference = Inference.THESE,
        estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    ) -> PooledShares:
        """Return the estimator of groups, by the models of some pools.

        Args:
            bases: An estimator of all photos of each pool.
            rows: The photos of each pool, of n.
            group: Group of each photo, 0 to k - 1; -1 for photos that only inform, shape (n,).
            names: Names of the k groups.
        """
        without = np.setdiff1d(np.arange(len(names)), group)  # a group without photos is somewhere
        pools: list[ShareEstimator] = []
        places = []
        for base, at in zip(bases, rows, strict=True):
            own = group[at]
            there = np.union1d(own[own >= 0], without if not pools else [])
            place = np.full(len(names) + 1, -1, np.int64)
            place[there.astype(np.int64)] = np.arange(len(there))
            of_pool = [names[int(k)] for k in there]
            places.append(place[:-1])
            pools.append(
                base.about(base.table, place[own], of_pool, inference=inference, estimand=estimand)
            )
        return cls(tuple(pools), tuple(places), names)

    def at(self, confidence: float) -> PooledShares:
        """Return the estimator with intervals of another level, 0.99 for instance."""
        if all(one.confidence == confidence for one in self.pools):
            return self
        return replace(self, pools=tuple(replace(one, confidence=confidence) for one in self.pools))

    def estimates(self) -> list[GroupEstimate]:
        """Return the estimate of each group."""
        return [self._estimate(k) for k in range(len(self.names))]

    def difference(self, first: int, second: int) -> ShareDifference:
        """Return the share of the first group less that of the second."""
        there = [(pool, at[[first, second]].tolist()) for pool, at in self._pools]
        there = [(pool, pair) for pool, pair in there if max(pair) >= 0]
        if len(there) == 1:
            pool, pair = there[0]
            return pool.difference(*pair)
        less = self._difference(first, second, there)
        own = zip((first, second), less.sides, strict=True)
        return less.noted(*(self._note(k, side) for k, side in own))

    def _difference(
        self, first: int, second: int, there: Sequence[tuple[ShareEstimator, Sequence[int]]]
    ) -> ShareDifference:
        sides = self._estimate(first), self._estimate(second)
        if sides[0].value is None or sides[1].value is None:
            return ShareDifference.without_photos(sides)
        # What is refused since it is wide may still tell a difference.
        refused = [pool.part(k).refused for pool, pair in there for k in pair if k >= 0]
        refused += [self._few(one) for one in sides]
        refused += [self._open(k, one) for k, one in zip((first, second), sides, strict=True)]
        if why := next(filter(None, refused), None):
            value = sides[0].value - sides[1].value
            return ShareDifference(value, None, None, None, sides, "", why)
        wholes = self._whole(first), self._whole(second)
        coders, confidence = self._coders, self.pools[0].confidence
        parts = [
            (
                _part(pool, one, wholes[0], coded=coders is None),
                _part(pool, other, wholes[1], coded=coders is None),
                pool.correlation(one, other) if min(one, other) >= 0 else 0.0,
            )
            for pool, (one, other) in there
        ]
        if coders is None:
            less = difference_of_parts(sides, parts, confidence)
            return replace(less, note=OPEN) if any(side.refused for side in sides) else less
        before = self._added(first, coded=False), self._added(second, coded=False)
        less = difference_of_parts(before, parts, confidence)
        return replace(coded_difference(less, coders, confidence=confidence), sides=sides)

    def _note(self, k: int, side: GroupEstimate) -> str | None:
        """Return the note of a group, with its newspapers where others are beside it."""
        there = [pool for pool, at in self._pools if at[k] >= 0]
        return side.note if len(there) > 1 else _of_pool(there[0], side.note)

    @cached_property
    def _coders(self) -> CoderAccuracy | None:
        """How often labels are right, where that is the same of all pools; else None.

        What is not known of coders all pools have in common, so it is taken out of what they add
        up to. Of measures that one answer settles it is taken out of each pool.
        """
        first = self.pools[0].coders
        if first is None or any(
            pool.coders is None
            or pool.coders.rates != first.rates
            or not pool.designed
            or pool.table.beside
            for pool in self.pools
        ):
            return None
        return first

    def _open(self, k: int, side: GroupEstimate) -> str | None:
        """Return why nothing at all is known of a group; None where something is."""
        ends = [pool.part(at[k]).interval for pool, at in self._pools if at[k] >= 0]
        return side.refused if all(end == (0.0, 1.0) for end in ends) else None

    @property
    def _pools(self) -> list[tuple[ShareEstimator, NDArray[np.int64]]]:
        return list(zip(self.pools, self.places, strict=True))

    def _whole(self, k: int) -> float:
        """Return the denominator of a group's share."""
        return sum(pool.whole(at[k]) for pool, at in self._pools if at[k] >= 0)

    def _estimate(self, k: int) -> GroupEstimate:
        there = [(pool, int(at[k])) for pool, at in self._pools if at[k] >= 0]
        if len(there) == 1:
            pool, own = there[0]
            found = pool.estimate(own)
            if len(pool.held_by) < 2:
                return found
        else:
            found = self._added(k)
        return found if self._holder is None else ordered(found, self._holder._estimate(k))

    @cached_property
    def _holder(self) -> PooledShares | None:
        """The estimator of the same groups for the measure that holds this one; None for none."""
        bases: dict[int, tuple[ShareEstimator, NDArray[np.int64]]] = {}
        for pool, place in self._pools:
            names = np.append(np.flatnonzero(place >= 0), -1)
            for base, group in pool.held_groups:
                _, before = bases.get(id(base), (base, names[group]))
                bases[id(base)] = base, np.maximum(before, names[group])
        if not bases:
            return None
        ends = np.cumsum([0, *(len(group) for _, group in bases.values())])
        return PooledShares.of(
            [base for base, _ in bases.values()],
            [np.arange(*pair) for pair in pairwise(ends)],
            np.concatenate([group for _, group in bases.values()]),
            self.names,
            inference=self.pools[0].inference,
            estimand=self.pools[0].estimand,
        ).at(self.pools[0].confidence)

    def _added(self, k: int, *, coded: bool = True) -> GroupEstimate:
        """Return the estimate of a group whose photos may be in several pools.

        Args:
            coded: Whether errors of coders that pools have in common are taken out.
        """
        there = [(pool, int(at[k])) for pool, at in self._pools if at[k] >= 0]
        whole, first, coders = self._whole(k), self.pools[0], self._coders
        parts = [pool.part(own, coded=coders is None) for pool, own in there]
        ends = [_part(pool, own, whole, coded=coders is None) for pool, own in there]
        value = sum(one.value for one in ends)
        below, above = reach_of_parts(ends)
        added = GroupEstimate(
            group=self.names[k],
            value=value,
            low=value - below,
            high=value + above,
            count=None,
            n=sum(one.n for one in parts),
            size=sum(one.size or 0.0 for one in parts),
            editions=sum(one.editions for one in parts),
            drawn=sum(one.drawn for one in parts),
            picked=sum(one.picked for one in parts),
            method=join_messages(dict.fromkeys([*(one.method for one in parts), ADDED])),
            refused=next((one.refused for one in parts if one.refused), None),
            note=join_notes(*map(_of_pool, (pool for pool, _ in there), (p.note for p in parts))),
            coding=join_messages(dict.fromkeys(one.coding for one in parts if one.coding)) or None,
        )
        why = added.refused or self._few(added)
        if why is None and above + below > WIDEST and not all(pool.designed for pool, _ in there):
            added = too_wide(added, max(0.0, value - below), min(1.0, value + above))
        elif why is not None:
            added = replace(added, low=None, high=None, refused=why)
        else:
            open_ = [_open_part(pool, own) for pool, own in there if pool.estimate(own).refused]
            added = replace(added, note=join_notes(added.note, *open_))
        if coded and coders is not None:
            added = coded_share(added, coders, confidence=first.confidence)
        return with_count(
            added,
            confidence=first.confidence,
            pooled=first.estimand is Estimand.SHARE_OF_PHOTOS,
            whole=first.inference is Inference.THESE,
            by_area=first.by_area,
            drawn=min((pool.drawn for pool, _ in there if pool.drawn), default=0),
        )

    def _few(self, added: GroupEstimate) -> str | None:
        """Return why practice is not known from so few editions; None where it is."""
        if self.pools[0].inference is Inference.THESE or added.editions >= FEWEST:
            return None
        return few_editions(added.editions)


def connected_pools(table: PhotoTable, sample: Sequence[Collection[str]]) -> NDArray[np.int64]:
    """Return the pool of each photo of a table, shape (n,).

    Args:
        table: The n photos.
        sample: Names of the samples that could have drawn each, n of them.
    """
    paper = np.unique(table.newspapers.astype(str), return_inverse=True)[1][table.edition]
    pairs = {(int(p), name) for p, names in zip(paper, sample, strict=True) for name in names}
    names = {name: i for i, name in enumerate(sorted({name for _, name in pairs}))}
    n = int(paper.max(initial=-1)) + 1
    edges = np.array([(p, n + names[name]) for p, name in pairs], np.int64).reshape(-1, 2).T
    graph = scipy.sparse.coo_matrix((np.ones(edges.shape[1]), edges), (n + len(names),) * 2)
    return np.asarray(scipy.sparse.csgraph.connected_components(graph)[1][paper], np.int64)


ADDED = Message("newspapers estimated one by one and added up")


OPEN = Message("a side alone has no interval: its share counts with all that it may be")


def _open_part(pool: ShareEstimator, k: int) -> Message | None:
    """Return between which ends a pool without an interval of its own counts in the whole."""
    low, high = pool.part(k).interval or (0.0, 1.0)
    says = Message(
        "by the machine alone the share may be anything from %(low)s to %(high)s, and counts as"
        " that in the whole",
        low=percent(low),
        high=percent(high),
    )
    return _of_pool(pool, says)


def _of_pool(pool: ShareEstimator, note: str | None) -> Message | None:
    """Return a note of a pool with the newspapers that it is about."""
    if note is None:
        return None
    newspapers = ", ".join(sorted(set(pool.table.newspapers.astype(str).tolist())))
    return Message("%(newspapers)s: %(note)s", newspapers=newspapers, note=note)


def _part(pool: ShareEstimator, k: int, whole: float, *, coded: bool) -> PartEnds:
    """Return what a pool adds to the share of a group, with its ends; all the same: no photos."""
    if k < 0:
        return PartEnds(0.0, 0.0, 0.0)
    part, weight = pool.part(k, coded=coded), pool.whole(k) / whole
    value = part.value or 0.0
    low, high = (value if end is None else end for end in (part.low, part.high))
    return PartEnds(value * weight, low * weight, high * weight)
