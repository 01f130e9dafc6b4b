"""Compositions as a table, one column an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from presslens.app.cli.estimates_in_words import amount, in_words, reasons
from presslens.app.cli.tables import ReadableTable
from presslens.app.platform.headings import NUMBERS, SHARES
from presslens.pipelines.statistics.share_estimate import NOT_KNOWN
from presslens.pipelines.written_numbers import NONE

Columns = Sequence[tuple[str, Mapping[str, Any]]]


def composition_table(columns: Columns, *, as_photos: bool = False) -> ReadableTable:
    """Return a table of compositions side by side.

    Each share has its interval, and the photos behind it with theirs: "30% (24–41%), 5.1 of 17
    (4–7)". What is not known is explained below the table.

    Args:
        columns: A title and the composition's JSON for each edition.
        as_photos: They are of single photos, which are on no page.
    """
    table = ReadableTable(notes="\n".join(_notes(columns)))
    table.column()
    for title, _ in columns:
        table.column(escape(title), right=True)
    numbers = {"photos": NUMBERS["photos"]} if as_photos else NUMBERS
    for key, label in numbers.items():
        table.add_row(label, *(_number(c, key) for _, c in columns))
        if key == "pages":
            table.add_row("pages seen", *(f"{c['pages_seen']} of {c['pages']}" for _, c in columns))
        if key == "photos" and not as_photos:
            for zone, where in (("front", "on the front page"), ("inside", "inside")):
                table.add_row(f"– {where}", *(_photos(c, zone) for _, c in columns))
    table.add_section()
    for key, label in SHARES.items():
        table.add_row(label, *(in_words(c["shares"][key]) for _, c in columns))
    table.add_section()
    for name in dict.fromkeys(name for _, c in columns for name in c["labels"]):
        shares = (c["labels"].get(name) for _, c in columns)
        cells = (NONE if share is None else in_words(share) for share in shares)
        table.add_row(escape(name.replace("_", " ")), *cells)
    return table


def _notes(columns: Columns) -> list[str]:
    every = [share for _, c in columns for share in (*c["shares"].values(), *c["labels"].values())]
    methods = list(dict.fromkeys(s["method"] for s in every if s["interval"] is not None))
    notes = ["shares of photos, with their intervals, and how many of how many photos that is"]
    notes += methods[:1]
    notes += [f"and in {len(methods) - 1} other ways; JSON tells each"] if methods[1:] else []
    for title, composition in columns:
        about = f"{title}, " if len(columns) > 1 else ""
        shares = {SHARES[key]: composition["shares"][key] for key in SHARES}
        labels = {name.replace("_", " "): s for name, s in composition["labels"].items()}
        notes += [f"{about}{line}" for line in reasons({**shares, **labels})]
        notes += [f"{about}{line}" for line in reasons(shares, "validity")]
    return notes


def _photos(composition: Mapping[str, Any], zone: str) -> str:
    photos = composition["zones"][zone]["photos"]
    return NOT_KNOWN if photos is None else amount(photos)


def _number(composition: Mapping[str, Any], key: str) -> str:
    value = composition[key]
    if value is None:
        return NOT_KNOWN if key in composition["not_known"] else NONE
    text, interval = f"{value:.2f}".removesuffix(".00"), composition.get(f"{key}_interval")
    if interval is None or interval[0] == interval[1]:
        return text
    low, high = (f"{bound:.2f}".removesuffix(".00") for bound in interval)
    return f"{text} ({low}–{high})"
