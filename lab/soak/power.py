"""Takes the power away at every failpoint, with whatever was not synced lost or kept."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presslens.app.drill.proof import Proof
from presslens.lab.soak.disk import Disk, Survives
from presslens.lab.soak.kills import PLACES, open_storm
from presslens.lab.soak.night import Night
from presslens.lab.soak.storm import Place, Storm, Strike, Struck, kill
from presslens.pipelines.failpoints import Action, Failpoint, WhenStruck

LOST = {
    "all": lambda _: False,
    "bytes": lambda path: path.startswith("name "),
    "names": lambda path: path.startswith("bytes "),
}
"""What is lost of the unsynced."""

STORE: tuple[Place, ...] = tuple(
    (point, WhenStruck.AFTER) for point in Failpoint if point.startswith(("store.", "view."))
)
"""The places where files change."""


def without_power(place: Place, nth: int, survives: Survives) -> Strike:
    """Return what takes the power away when a night comes to a place for the nth time."""

    def strike(night: Night) -> Action:
        disk = Disk(night.settings.data_dir)
        disk.watch()
        left = nth

        def come(point: Failpoint, when: WhenStruck) -> None:
            nonlocal left
            left -= (point, when) == place
            if left == 0:
                disk.lose_power(survives)
                kill()

        return come

    return strike


def lose(storm: Storm, place: Place, lost: str) -> Struck:
    """Take the power away in the middle of the times that a night comes to a place."""
    return storm.strike(without_power(place, (storm.passes[place] + 1) // 2, LOST[lost]))


def lose_at_random(storm: Storm, *, seed: int) -> Struck:
    """Take the power away anywhere, and leave each unsynced change to chance."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    place = chance.choice(PLACES)
    nth = chance.randint(1, storm.passes[place])
    return storm.strike(without_power(place, nth, lambda _: chance.random() < 0.5))


def small_nights(folder: Path) -> dict[str, dict[str, Any]]:
    """Take the power away wherever files change; return what came of each, by the place."""
    with open_storm(folder) as storm:
        return {" ".join(place): asdict(lose(storm, place, "all")) for place in STORE}


def check(seconds: float) -> Iterator[Proof]:
    """Take the power away everywhere, with all, bytes, names, or anything at random lost."""
    until = time.monotonic() + seconds
    with (
        tempfile.TemporaryDirectory(prefix="presslens-") as folder,
        open_storm(Path(folder)) as storm,
    ):
        struck = []
        for lost in LOST:
            struck += [lose(storm, place, lost) for place in PLACES if time.monotonic() < until]
        while time.monotonic() < until:
            struck.append(lose_at_random(storm, seed=len(struck)))
    equal = sum(one.equal and one.kills == 1 for one in struck)
    value = f"{equal} of {len(struck)} equal dumps"
    yield Proof("R4", "losses of power at failpoints", value, "all", equal == len(struck))
