"""A night on a Ray cluster of two nodes, whose worker, server and nodes are killed at random."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from presslens.app.db.tables import OutcomeRow
from presslens.app.drill.proof import NotHere, Proof
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.services.analysis.workload import workload
from presslens.app.services.ingest.inbox import import_inbox
from presslens.lab.soak.night import Night, prepare, result, spend
from presslens.lab.soak.ray_nodes import RayNodes
from presslens.lab.soak.storm import prepare_to_fork
from presslens.pipelines.lifeline import program

EDITIONS = 200
KILLS = 40
SHARE = 4.0
VICTIMS = {"worker": 12, "server": 12, "node": 12, "head": 4}
"""What is killed, and how often of all kills."""
PAGES_APART = 1, 5
"""The fewest and the most pages between two kills: all of them fall within the night."""
PATIENCE = 180.0
"""A night that comes no page further for so long stands still."""


@dataclass(slots=True)
class DisturbedNight:
    """A night in progress: its cluster, and the processes of its server and worker.

    Attributes:
        kills: How often each was killed.
    """

    night: Night
    nodes: RayNodes
    kills: Counter[str] = field(default_factory=Counter)
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """Start the second node, the worker and the server."""
        self.nodes.start_node()
        for name in ("worker", "server"):
            self._start(name)

    def close(self) -> None:
        """End the server and the worker."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.communicate()

    def kill(self, victim: str) -> None:
        """Kill the worker, the server, a node or the head, and start it again."""
        self.kills[victim] += 1
        if victim == "node":
            self.nodes.lose(self.nodes.nodes[-1])
            self.nodes.start_node()
        elif victim == "head":
            self.nodes.close()
            self.nodes.start_head()
            self.nodes.start_node()
        else:
            self._processes[victim].kill()
            self._processes[victim].communicate()
            self._start(victim)

    def _start(self, name: str) -> None:
        commands = {"worker": ["worker"], "server": ["serve", "--no-worker", "--port", "0"]}
        settings = self.night.settings
        variables = {
            "PRESSLENS_DATA_DIR": str(settings.data_dir),
            "PRESSLENS_DATABASE_URL": settings.database_url,
            "PRESSLENS_RECIPE": str(settings.recipe),
            "PRESSLENS_MIN_FREE_BYTES": "0",
            "PRESSLENS_POLL_SECONDS": "0.2",
            "PRESSLENS_ENGINE": "ray",
            "PRESSLENS_RAY_ADDRESS": self.nodes.address,
        }
        with (self.night.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - our own command
                program("presslens", *commands[name]),
                env={**os.environ, **variables},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )


def await_pages(home: Installation, pages: int) -> bool:
    """Wait until so many more pages have an outcome; return whether any still waits."""
    goal = _outcomes(home) + pages
    until = time.monotonic() + PATIENCE
    while any(workload(home).waiting.values()):
        if _outcomes(home) >= goal:
            return True
        if time.monotonic() > until:
            raise TimeoutError(f"no page in {PATIENCE:.0f} s: {workload(home).waiting}")
        time.sleep(0.2)
    return False


def _outcomes(home: Installation) -> int:
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(OutcomeRow)) or 0


def disturbed(night: Night, nodes: RayNodes, *, seed: int, until: float) -> Counter[str]:
    """Spend a night that is prepared while it is killed at random; return the kills."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    victims = [name for name, times in VICTIMS.items() for _ in range(times)]
    chance.shuffle(victims)
    with open_installation(night.settings) as home, ExitStack() as stack:
        import_inbox(home, night.inbox, now=clock.now())
        one = DisturbedNight(night, nodes)
        stack.callback(one.close)
        one.start()
        for victim in victims:
            if not await_pages(home, chance.randint(*PAGES_APART)) or time.monotonic() > until:
                break
            one.kill(victim)
        while await_pages(home, 1):
            pass
    return one.kills


def check(seconds: float) -> Iterator[Proof]:
    """Spend a night undisturbed, and the same one disturbed on a cluster."""
    if not (Path(sys.executable).with_name("ray")).is_file():
        raise NotHere("Ray is not installed")
    prepare_to_fork()  # and to say nothing
    until = time.monotonic() + seconds
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with tempfile.TemporaryDirectory(prefix="presslens-") as name:
        folder = Path(name)
        (folder / "first").mkdir()
        first = Night(folder / "first")
        prepare(first, editions=EDITIONS)
        calm, night = first.copy(folder / "calm"), first.copy(folder / "night")
        spend(calm)
        with RayNodes.in_short_folder(head_cpus=1) as nodes:
            kills = disturbed(night, nodes, seed=0, until=until)
        equal = result(night) == result(calm)
    by_name = ", ".join(f"{name} {times}" for name, times in kills.items())
    what = f"{EDITIONS} editions on two Ray nodes, {kills.total()} kills ({by_name})"
    yield Proof("R4", what, "equal dump" if equal else "another dump", "equal", equal)
