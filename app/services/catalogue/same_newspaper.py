"""Names under which one newspaper may have been taken for several."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

from presslens.pipelines.statistics.newspaper_names import folded, name_parts


def likely_same(names: Mapping[int, Sequence[str]]) -> dict[int, list[int]]:
    """Return the ids of the newspapers that look like each one under another spelling or script.

    Two do if names of theirs are equal when folded, or if both are names of one newspaper that
    the seeds know; what a name has in brackets, and what stands outside, are names too.
    Nothing is merged by it: a person decides.

    Args:
        names: All names of each newspaper, by its id.
    """
    seeded = _seeded()
    meant: dict[str, set[int]] = defaultdict(set)
    for id_, own in names.items():
        for name in map(folded, chain.from_iterable(map(name_parts, own))):
            meant[seeded.get(name, name)].add(id_)
    alike: dict[int, set[int]] = {id_: set() for id_ in names}
    for ids in meant.values():
        for id_ in ids:
            alike[id_] |= ids - {id_}
    return {id_: sorted(others) for id_, others in alike.items()}


@cache
def _seeded() -> Mapping[str, str]:
    """Return what the first name of each seeded newspaper is folded to, by all of its names."""
    seeds = tomllib.loads((files("presslens.seeds") / "publications.toml").read_text("utf-8"))
    return {
        folded(name): folded(seed["name"])
        for seed in seeds["publication"]
        for name in (seed["name"], *seed.get("aliases", ()))
    }
