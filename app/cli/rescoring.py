"""Two recipes side by side, as tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from app.services.recipes.comparison import SideBySide
from app.services.recipes.pairing import Coverage
from pipelines.statistics.recipe_comparison import (
    VERDICTS,
    EditionMove,
    MeasureChange,
    Move,
    PrintedPage,
)


def comparison_tables(found: SideBySide) -> Iterator[Table | str]:
    """Yield what differs between two recipes, and what that was seen on."""
    compared = found.comparison
    yield f"old {found.old.id[:12]}, new {found.new.id[:12]}: {compared.photos} photos compared"
    yield from _left_out(found.coverage)
    if not compared.photos:
        return
    yield _measures(compared.measures)
    yield _focus(found)
    if compared.movers:
        yield _moves("photos that moved most", compared.movers)
    if compared.flips:
        yield _moves("photos that flipped", compared.flips)
    if compared.editions:
        yield _editions(compared.editions)
    if found.coverage.unmatched:
        yield _unmatched(found.coverage)


def _left_out(coverage: Coverage) -> Iterator[str]:
    for side, pages, photos, waiting in (
        ("old", coverage.pages_only_old, coverage.only_old, coverage.waiting_old),
        ("new", coverage.pages_only_new, coverage.only_new, coverage.waiting_new),
    ):
        if pages or photos:
            yield f"only the {side} recipe has seen {pages} pages, and found {photos} photos"
        if waiting:
            yield f"{waiting} photos are not interpreted under the {side} recipe"
    if coverage.other_figures:
        yield (
            f"careful: for {coverage.other_figures} photos other figures or references were "
            "enrolled; leader, figures and focus may differ for that alone"
        )


def _measures(measures: Sequence[MeasureChange]) -> Table:
    table = Table(
        "measure", "photos", "old", "new", "change", "only old", "only new", "p (Holm)", "kappa"
    )
    for m in measures:
        flipped = str(m.only_old), str(m.only_new)
        shares = f"{m.old:.1%}", f"{m.new:.1%}", f"{100 * (m.new - m.old):+.1f} pp"
        kappa = "–"
        if m.kappa is not None:
            low, high = m.kappa.interval
            kappa = escape(f"{m.kappa.value:.2f} [{low:.2f} to {high:.2f}]")
        table.add_row(escape(m.measure), str(m.n), *shares, *flipped, f"{m.p_holm:.3g}", kappa)
    return table


def _focus(found: SideBySide) -> Table:
    names = [verdict.value for verdict in VERDICTS]
    table = Table("focus: old, down; new, across", *names)
    for name, row in zip(names, found.comparison.focus.tolist(), strict=True):
        table.add_row(name, *map(str, row))
    return table


def _moves(title: str, moves: Sequence[Move]) -> Table:
    table = Table("edition", "page", "photo", "measure", "old", "new", "flipped", title=title)
    for m in moves:
        values = f"{m.old:.2f}", f"{m.new:.2f}", "yes" if m.flipped else ""
        table.add_row(*_place(m.printed), str(m.new_photo), escape(m.measure), *values)
    return table


def _editions(editions: Sequence[EditionMove]) -> Table:
    table = Table(
        "edition", "measure", "photos", "old", "new", title="editions whose shares moved most"
    )
    for e in editions:
        edition = f"{escape(e.publication)} {e.date}"
        table.add_row(edition, escape(e.measure), str(e.n), f"{e.old:.1%}", f"{e.new:.1%}")
    return table


def _unmatched(coverage: Coverage) -> Table:
    table = Table("edition", "page", "photo", "found by", title="photos that only one has found")
    for photo in coverage.unmatched:
        side = "old" if photo.old else "new"
        table.add_row(*_place(photo.printed), str(photo.photo), side)
    return table


def _place(printed: PrintedPage) -> tuple[str, str]:
    return f"{escape(printed.publication)} {printed.date}", str(printed.number)
