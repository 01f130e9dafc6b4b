"""Arranges the numbers of an edition beside what is usual, as a table for readers and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from presslens.app.web.photo_links import photos_behind
from presslens.models.message import Message
from presslens.pipelines.statistics.figure_photos import OF_PLACE, placed_note
from presslens.pipelines.statistics.measure import BUILT_IN
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN

Document = Mapping[str, Any]

COLUMNS = (
    "edition", "publication", "date", "metric", "value", "low", "high", "n", "photos_low",
    "photos_high", "usual", "usual_low", "usual_high", "usual_editions", "flag", "words", "method",
    "refused", "machine", "validity", "recipe",
)  # fmt: skip
"""The columns of the numbers as a table."""

IMPORTANT = (
    "pages", "photos", "front_lead_focus", "focus_facility", "focus_leader", "leader_photos",
    "children", "fireworks", "crowd", "photo_area_share",
)  # fmt: skip
"""Metrics whose flags are told first; the others follow in the order of the baseline."""


TAKEN = ("metric", "value", "n", "method", "refused", "machine", "validity")
"""The columns that are as in a row."""

BY_MACHINE = "machine alone"
"""How the method of a share begins that no person has corrected."""


def number_rows(
    composition: Document, baseline: Document | None, edition_id: int | None
) -> list[dict[str, Any]]:
    """Return a row for each metric of an edition: its value, and what is usual.

    Args:
        composition: Of the edition, in the JSON contract.
        baseline: Of the same edition; None where there is none.
        edition_id: Id of the edition, for the filter that finds the photos of a number.

    Returns:
        Rows with ``metric``, ``value``, ``interval``, ``n``, ``count``, ``method``, ``refused``,
        ``note``, ``machine`` (its value by the machine alone; None where it has no such value),
        ``decided`` (photos that are taken to show it; None where there are none such),
        ``decided_note`` (why these are not the share; None where they are),
        ``told`` (people have settled photos so that it is another one), ``standing`` (of the
        baseline, None where there is none) and ``filter`` (the parameters of ``/api/v1/photos`` by
        which its photos are found; None: it has none).
    """
    standings = {one["metric"]: one for one in baseline["metrics"]} if baseline else {}
    leaders = [use["name"] for use in composition["figures"] if use["role"] == "leader"]
    return [
        {
            **(_plain(name, composition) if name in PLAIN else _share(name, composition)),
            "standing": standings.get(name),
            "filter": _filter(photos_behind(Metric(name), leaders), edition_id),
        }
        for name in (*PLAIN, *BUILT_IN)
    ]


def _plain(name: str, composition: Document) -> dict[str, Any]:
    counted = f"{name}_interval" in composition
    machine, value = composition["machine"].get(name), composition[name]
    placed = composition["leader_placed"] if name in OF_PLACE else None
    return {
        "metric": name,
        "value": value,
        "interval": composition.get(f"{name}_interval"),
        "n": placed,
        "count": None,
        "method": composition["counts_method"] if counted else None,
        "refused": composition["not_known"].get(name),
        "note": _note(name, composition),
        "decided": None,
        "decided_note": None,
        "machine": machine,
        "validity": None,
        "told": name in composition["machine"] and machine != value,
    }


def _note(name: str, composition: Document) -> str | None:
    """Return the note beside a number."""
    placed, photos = composition["leader_placed"], composition["leader_photos"]
    if name in OF_PLACE and placed is not None and photos is not None:  # None of a part of pages
        return placed_note(placed, photos)
    if name == "photos" and composition.get("reprints"):
        return Message(
            "printed before: %(reprints)s; photos without them: %(rest)s",
            reprints=composition["reprints"],
            rest=f"{composition['photos_without_reprints']:g}",
        )
    return None


def _share(name: str, composition: Document) -> dict[str, Any]:
    share = composition["shares"][name]
    taken = ("interval", "n", "count", "method", "refused", "note", "provisional", "machine",
        "decided", "decided_note", "validity")  # fmt: skip
    own = {key: share[key] for key in taken}
    corrected = not (share["method"] or BY_MACHINE).startswith(BY_MACHINE)
    differs = corrected and share["machine"] != share["share"]
    return {"metric": name, "value": share["share"], **own, "told": differs}


def _filter(photos: Document | None, edition_id: int | None) -> dict[str, Any] | None:
    """Return the filter of the photos of an edition behind a number."""
    return None if photos is None or edition_id is None else {"edition": edition_id, **photos}


def flags_in_order(flags: Sequence[Document]) -> list[Document]:
    """Return the flags of an edition, the important ones first."""
    rank = {name: i for i, name in enumerate(IMPORTANT)}
    return sorted(flags, key=lambda flag: rank.get(flag["metric"], len(rank)))


def table_rows(rows: Sequence[Document], constant: Document) -> Iterator[dict[str, Any]]:
    """Yield the numbers as flat rows of ``COLUMNS``.

    Args:
        rows: From ``number_rows``.
        constant: The columns that all rows share: edition, publication, date and recipe.
    """
    for row in rows:
        standing: Document = row["standing"] or {}
        low, high = row["interval"] or (None, None)
        count = row["count"] or {}
        yield {
            **constant,
            **{key: row[key] for key in TAKEN},
            "low": low,
            "high": high,
            "photos_low": count.get("low"),
            "photos_high": count.get("high"),
            "usual": standing.get("usual"),
            "usual_low": standing.get("q1"),
            "usual_high": standing.get("q3"),
            "usual_editions": standing.get("baseline_n"),
            "flag": standing.get("flag"),
            "words": standing.get("words"),
        }
