"""Evaluation of the front page: the focus of its lead photo on composed editions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presslens.models.accuracy import Measure, wilson
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.pipelines.analysis import Request, analyze

LEADER = "leader"
"""The folder of reference photos beside the composed pages, and the name they are enrolled by."""

_DAILIES = ("ordinary", "special")
"""Kinds of composed editions that resemble a newspaper; the others test single properties."""

_METHOD = (
    "composed for measuring, in five conditions; the leader is a stand-in, enrolled from photos "
    "that no page prints; the page is analysed from its file on"
)


@dataclass(frozen=True, slots=True)
class Front:
    """The front page of a composed edition.

    Attributes:
        edition: CONDITION, KIND-SEED.
        printed: The focus of its largest photo as composed.
        read: The focus of the largest detected photo; None if there is none.
    """

    edition: str
    printed: str
    read: str | None


def read_fronts(
    pages: Path, recipe: Recipe, registry: Registry, *, progress: Callable[[str], None]
) -> list[Front]:
    """Return the analysed front page of each daily edition below a folder.

    Args:
        pages: The folder of composed editions, with the folder of reference photos beside it.
        recipe: The rules.
        registry: Gives the weight files.
        progress: Receives a line for each analysed page.
    """
    printed = list(_printed(pages))
    document = analyze(
        Request([page for _, page, _ in printed], leaders={LEADER: pages.parent / LEADER}),
        recipe,
        registry,
        processes=0,
        progress=lambda done, of, _name: progress(f"front pages: {done} of {of}"),
    )
    fronts = []
    for (edition, _, focus), page in zip(printed, document["pages"], strict=True):
        lead = _lead(page["photos"])
        fronts.append(Front(edition, focus, lead["focus"]["verdict"] if lead else None))
    return fronts


def _printed(pages: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield the name, the file and the lead photo's focus of each front page that has one."""
    for truth in sorted(pages.rglob("truth.json")):
        page = json.loads(truth.read_text(encoding="utf-8"))["pages"][0]
        lead = _lead(page["photos"])
        daily = truth.parent.name.split("-")[0] in _DAILIES
        if daily and lead is not None and lead["focus"] in ("leader", "facility"):
            name = f"{truth.parent.parent.name}, {truth.parent.name}"
            yield name, truth.parent / page["file"], lead["focus"]


def measure_fronts(fronts: Sequence[Front]) -> list[Measure]:
    """Return the accuracy of the lead photo's focus, by its true focus."""
    by_focus: dict[str, list[Front]] = {}
    for front in fronts:
        by_focus.setdefault(front.printed, []).append(front)
    rows = []
    for focus, group in sorted(by_focus.items()):
        n = len(group)
        right = sum(front.read == focus for front in group) / n
        wrong = "; ".join(f"{f.edition}: {f.read}" for f in group if f.read != focus)
        what = f"front page whose lead photo is {focus}'s, right" + (
            f" (not {wrong})" * bool(wrong)
        )
        interval = wilson(right, n)
        rows.append(Measure("focus", what, "composed editions", n, right, interval, _METHOD))
    return rows


def _lead(photos: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the largest photo of a page; None if it has none."""
    return max(photos, key=lambda photo: _area(photo["box"]), default=None)


def _area(box: list[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
