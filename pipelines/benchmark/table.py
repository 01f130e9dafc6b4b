"""The tables of scores as Markdown, and their place in a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from presslens.pipelines.benchmark.errors import InvalidBenchmark

BEGIN, END = "<!-- scores: begin -->", "<!-- scores: end -->"
"""What stands around the tables of a document, each on a line of its own."""

NONE = "–"
Cell = Callable[[Mapping[str, Any]], str]
Table = tuple[list[str], list[list[str]]]
"""Headings and rows."""

PHOTO_COLUMNS: Sequence[tuple[str, Cell]] = (
    ("photos", lambda s: str(s["n"])),
    ("F1 at 0.5", lambda s: _with_interval(s["f1"])),
    ("loss", lambda s: _value(s["loss"].get("f1"))),
    ("F1 at 0.75", lambda s: _value(s["f1_75"])),
    ("precision", lambda s: _value(s["precision"])),
    ("recall", lambda s: _value(s["recall"])),
    ("AP 0.5–0.95", lambda s: _with_interval(s["ap"])),
    ("distractors reported", lambda s: _of(s["distractors"]["reported"], s["distractors"]["n"])),
    ("pages exact", lambda s: _of(s["pages_with_exact_count"], s["pages"])),
    ("editions exact", lambda s: _of(s["editions_with_exact_count"], s["editions"])),
)


def score_tables(scores: Mapping[str, Any], differences: Sequence[str]) -> str:
    """Return the tables of a system as Markdown.

    Args:
        scores: The document of ``score_predictions``.
        differences: What sets the pictures apart from the published ones, in sentences.
    """
    about, least = dict(scores["about"]), scores["least_score"]
    boxes = "all boxes" if least is None else f"boxes from a score of {least:g} on, for AP all"
    system = _plain(about.pop("system"))
    further = "".join(f", {_plain(name)} {_code(value)}" for name, value in about.items())
    parts = [
        f"**{system}**{further}; benchmark version {_plain(scores['benchmark'])}; {boxes}."
        " Intervals of 95 %, in brackets: 1,000 draws of the sheets, where they don't all agree."
        f" *Loss* is against {_code(scores['compared_with'])}.",
        *(f"Not the published pictures: {_plain(difference)}." for difference in differences),
        "Photos on pages:",
        _markdown(photo_table(scores["conditions"])),
        "Single photos, F1 of subjects (in the heading: how many of how many photos show it), false"
        " alarms for children, and people as boxes:",
        _markdown(subject_table(scores["conditions"])),
    ]
    return "\n\n".join(parts)


def insert_tables(document: Path, tables: str) -> None:
    """Replace what stands between BEGIN and END in a document.

    Raises:
        InvalidBenchmark: They don't stand in it.
    """
    text = document.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise InvalidBenchmark(f"{document} has no lines {BEGIN} and {END}")
    document.write_text(f"{head}{BEGIN}\n\n{tables}\n\n{END}{tail}", encoding="utf-8")


def photo_table(conditions: Mapping[str, Any]) -> Table:
    """Return the figures of photos on pages, a row for each condition."""
    rows = [[name, *_photo_cells(scored["photos"])] for name, scored in conditions.items()]
    return ["condition", *(heading for heading, _ in PHOTO_COLUMNS)], rows


def _photo_cells(scored: Mapping[str, Any]) -> list[str]:
    if not scored["told"]:
        return [str(scored["n"]), *[NONE] * (len(PHOTO_COLUMNS) - 1)]
    return [cell(scored) for _, cell in PHOTO_COLUMNS]


def subject_table(conditions: Mapping[str, Any]) -> Table:
    """Return the figures of single photos, a row for each condition."""
    first = next(iter(conditions.values()))
    shown = [name for name, scored in first["subjects"].items() if scored["n"]]
    headings = [f"{name} ({_of(s['n'], s['photos'])})" for name, s in _picked(first, shown)]
    children, people = first["subjects"]["children"], first["people"]
    headings += [
        f"children, false alarms (of {children['photos']})",
        f"people, AP at 0.5 ({people['n']} in {people['photos']} photos)",
    ]
    rows = []
    for name, scored in conditions.items():
        cells = [_with_interval(s.get("f1")) for _, s in _picked(scored, shown)]
        alarms = scored["subjects"]["children"].get("false", NONE)
        rows.append([name, *cells, str(alarms), _with_interval(scored["people"].get("ap_50"))])
    return ["condition", *headings], rows


def _picked(scored: Mapping[str, Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    return [(name, scored["subjects"][name]) for name in names]


def _markdown(table: Table) -> str:
    headings, rows = table
    marked = [[_code(name), *cells] for name, *cells in rows]
    lines = [headings, ["---"] * len(headings), *marked]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """Return a text of others on one line, in which no mark of Markdown or HTML is read as one."""
    return re.sub(r"[&<>|`*\[\]\\]", lambda mark: f"&#{ord(mark[0])};", " ".join(text.split()))


def _code(text: str) -> str:
    """Return a text as code; as a plain one, if it has what would be read in code, too."""
    plain = _plain(text)
    return f"`{text}`" if plain == text else plain


def _value(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return NONE
    return _number(figure["value"])


def _with_interval(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return NONE
    if figure["interval"] is None:
        return _number(figure["value"])
    low, high = figure["interval"]
    return f"{_number(figure['value'])} [{_number(low)}, {_number(high)}]"


def _number(value: float) -> str:
    """Return a share with three digits and without its leading zero: .873."""
    text = f"{value:.3f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 and not text.endswith("1.000") else text


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}"
