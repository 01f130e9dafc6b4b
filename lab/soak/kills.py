"""Kills nights by ``kill -9``: at every failpoint, and at random moments of longer nights."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presslens.app.drill.proof import Proof
from presslens.lab.soak.night import Night, result
from presslens.lab.soak.storm import Place, Storm, Struck, after, at, kill, shared_statements
from presslens.pipelines.failpoints import Failpoint, WhenStruck

EDITIONS = 20
KILLS = 40
WHOLE = 600.0
SHARE = 2.0
PLACES: tuple[Place, ...] = tuple((point, moment) for point in Failpoint for moment in WhenStruck)


@contextmanager
def open_storm(
    folder: Path, *, editions: int = 1, result: Callable[[Night], str] = result
) -> Iterator[Storm]:
    """Prepare a night and do it undisturbed, in a process without threads."""
    with shared_statements():
        storm = Storm(folder, editions, result)
        storm.open()
        yield storm


def kill_everywhere(storm: Storm, *, share: float) -> dict[Place, Struck]:
    """Kill one night at each place, after a share of the times that it is come to."""
    return {
        place: kill_at(storm, place, 1 + round(share * (storm.passes[place] - 1)))
        for place in PLACES
    }


def kill_at(storm: Storm, place: Place, nth: int) -> Struck:
    """Kill a night when it comes to a place for the nth time."""
    return storm.strike(lambda _: at(place, kill, nth=nth))


def kill_at_random(storm: Storm, kills: int, seed: int) -> Struck:
    """Kill one night so often, at random moments all over it.

    Each time it comes some way: a work that did not end five times is given up, by design.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    usual = sum(storm.passes.values()) // (kills + 1)
    moments = [chance.randint(usual // 2, 3 * usual // 2) for _ in range(kills)]
    return storm.strike(*(lambda _, passes=passes: after(passes, kill) for passes in moments))


def small_nights(folder: Path) -> dict[str, dict[str, Any]]:
    """Kill a small night everywhere, the first time; return what came of each, by the place."""
    with open_storm(folder) as storm:
        struck = kill_everywhere(storm, share=0)
        return {" ".join(place): asdict(one) for place, one in struck.items()}


def long_night(folder: Path, *, seed: int) -> Struck:
    """Kill a night of many editions at random."""
    with open_storm(folder, editions=EDITIONS) as storm:
        return kill_at_random(storm, KILLS, seed)


def check(seconds: float) -> Iterator[Proof]:
    """Kill a small night everywhere, and long nights at random."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="presslens-") as folder:
        with open_storm(Path(folder) / "small") as storm:
            for share, time_ in ((0.0, "first"), (0.5, "middle"), (1.0, "last")):
                struck = list(kill_everywhere(storm, share=share).values())
                yield _proof(f"failpoints x {{before, after}}, the {time_} time", struck)
        nights: list[Struck] = []
        with open_storm(Path(folder) / "long", editions=EDITIONS) as storm:
            while not nights or time.monotonic() < until:
                nights.append(kill_at_random(storm, KILLS, seed=len(nights)))
        kills = sum(night.kills for night in nights)
        yield _proof(f"nights of {EDITIONS} editions with {kills} random kills", nights)


def _proof(what: str, struck: list[Struck]) -> Proof:
    equal = sum(one.equal and one.kills > 0 for one in struck)
    return Proof("R4", what, f"{equal} of {len(struck)} equal dumps", "all", equal == len(struck))
