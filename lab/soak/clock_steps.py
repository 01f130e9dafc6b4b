"""The clock jumps while a night is done: numbers stay, and nothing is lost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from presslens.app.drill.proof import Proof
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.services.figures.erasure import sweep_discarded
from presslens.lab.soak.kills import PLACES, open_storm
from presslens.lab.soak.night import Night, result
from presslens.lab.soak.storm import Storm, Struck, at

STEPS = {
    "+100 s": timedelta(seconds=100),
    "-1 day": timedelta(days=-1),
    "+1 year": timedelta(days=365),
}


def step_clock(storm: Storm, place: int, step: timedelta) -> Struck:
    """Do a night whose clock jumps when it comes to a place for the first time."""
    return storm.strike(lambda _: at(PLACES[place], lambda: _jump(step)))


def stepped_nights(folder: Path, places: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Have the clock jump once in each of some nights; return what came of each, by the step."""
    with open_storm(folder, result=swept) as storm:
        return {
            name: asdict(step_clock(storm, place, step))
            for place, (name, step) in zip(places, STEPS.items(), strict=True)
        }


def swept(night: Night) -> str:
    """Return what has come of a night once no removed file is left, however young it is.

    Whether an hour has passed since a file was removed, the clock alone can tell.
    """
    with open_installation(night.settings) as home:
        sweep_discarded(home, now=clock.now() + 2 * max(STEPS.values()))
    return result(night)


def _jump(step: timedelta) -> None:
    module: Any = clock  # of a child, which ends with its night
    module.now = lambda: datetime.now(UTC) + step


def check(seconds: float) -> Iterator[Proof]:
    """Step the clock at places all over a night, as many as there is time for."""
    until = time.monotonic() + seconds
    with (
        tempfile.TemporaryDirectory(prefix="presslens-") as folder,
        open_storm(Path(folder), result=swept) as storm,
    ):
        struck: dict[str, list[Struck]] = {name: [] for name in STEPS}
        for place, name in product(range(0, len(PLACES), 2), STEPS):
            if time.monotonic() < until or not struck[name]:
                struck[name].append(step_clock(storm, place, STEPS[name]))
    for name, nights in struck.items():
        equal = sum(night.equal and night.ended == (0,) for night in nights)
        value = f"{equal} of {len(nights)} equal dumps"
        yield Proof("R4", f"a clock that steps by {name}", value, "all", equal == len(nights))
