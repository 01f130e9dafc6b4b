"""Real pages on a Ray cluster of two nodes, one of which is killed; beside the local engine."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from presslens.app.demo import sample_pages
from presslens.app.drill.proof import Proof
from presslens.app.platform.settings import Settings
from presslens.app.sizing.measurement import commented
from presslens.lab.soak.ray_nodes import RayNodes
from presslens.models.registry import sha256_of
from presslens.pipelines.engine import OnRay, open_engine
from presslens.pipelines.task import Engine, PageResult, PageTask

SHARE = 6.0
PAGES = 60
"""As far as the time allows."""


def check(seconds: float) -> Iterator[Proof]:
    """Observe sample pages here, and then on two nodes of which one is killed."""
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    settings = Settings()
    recipe, registry = settings.load_recipe(), settings.load_registry()
    with tempfile.TemporaryDirectory(prefix="presslens-") as folder:
        tasks = _tasks(Path(folder), sample_pages(settings, PAGES))
        began = time.monotonic()
        with open_engine(recipe, registry, processes=2) as engine:
            here = _observed(engine, _until(tasks, began + 0.4 * seconds))
        local = time.monotonic() - began
        done = [task for task in tasks if task.key in here]
        with RayNodes.in_short_folder(head_cpus=1) as nodes:
            nodes.start_node().await_start()
            began = time.monotonic()
            on_ray = OnRay(nodes.address)
            with open_engine(recipe, registry, processes=0, on_ray=on_ray) as engine:
                there = _observed(engine, done, nodes)
            remote = time.monotonic() - began
    equal = sum(here[key] == there.get(key) for key in here)
    what = f"{len(here)} pages with all networks on two Ray nodes, one killed after a third"
    summary = f"{equal} of {len(here)} equal; {local:.0f} s in 2 processes, {remote:.0f} s on Ray"
    yield Proof("R5", what, summary, "all equal", equal == len(here) > 0)


def _tasks(folder: Path, pages: Sequence[bytes]) -> list[PageTask]:
    """Return tasks of pages; those that come again are other files."""
    tasks = []
    for i, page in enumerate(pages):
        path = folder / f"{i}.jpg"
        path.write_bytes(commented(page, str(i)))
        tasks.append(PageTask(str(i), path, sha256_of(path), 0, path.name))
    return tasks


def _until(tasks: Iterable[PageTask], end: float) -> Iterator[PageTask]:
    for task in tasks:
        if time.monotonic() > end:
            return
        yield task


def _observed(
    engine: Engine, tasks: Iterable[PageTask], nodes: RayNodes | None = None
) -> dict[str, object]:
    """Return what was seen of pages; a node is killed after a third of them."""
    pages = list(tasks) if nodes is not None else tasks
    seen: dict[str, object] = {}
    for result in engine.run(pages):
        if result.key in seen:
            raise RuntimeError(f"page {result.key} came twice")
        seen[result.key] = _flat(_fault_free(result).observation)
        if nodes is not None and isinstance(pages, list) and len(seen) == len(pages) // 3:
            nodes.lose(nodes.nodes[-1])
    return seen


def _fault_free(result: PageResult) -> PageResult:
    if result.observation is None:
        raise RuntimeError(f"page {result.key}: {result.failure or result.rejection}")
    return result


def _flat(value: object) -> object:
    """Return a value as tuples and bytes, to be compared to the last bit."""
    if is_dataclass(value):
        return tuple(_flat(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, (tuple, list)):
        return tuple(_flat(one) for one in value)
    return value
