"""Tables that cut nothing: what must be typed stays whole, all else goes on in the next line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from presslens.app.cli.console import out, say
from presslens.app.platform.spreadsheet import quote_formula

if TYPE_CHECKING:  # numpy takes a tenth of a second, and most tables have no coefficients
    from presslens.pipelines.statistics.regression import Coefficient

LONGEST_WORD = 14
"""Up to so many characters, words of text are not broken."""

GAP = 2
"""Characters between two columns."""


class ReadableTable(Table):
    """A table for a narrow terminal.

    Columns that were added as ``whole`` hold what is typed again: ids, days, names, keys. If even
    the shortest lines of all columns don't fit, each row becomes a paragraph. ``notes`` stand
    below the table, in lines that the terminal wraps.
    """

    def __init__(self, *, title: str | None = None, notes: str = "") -> None:
        super().__init__(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
        self.heading = title  # Rich would wrap it where the table ends
        self.notes = notes

    @classmethod
    def of(
        cls,
        *headings: str,
        whole: Iterable[str] = (),
        right: Iterable[str] = (),
        rows: Iterable[Iterable[object]] = (),
        **options: Any,
    ) -> ReadableTable:
        """Return a table with these columns and rows.

        Args:
            headings: Of the columns.
            whole: Headings of columns whose cells are never broken.
            right: Headings of columns whose cells are aligned at the right, as numbers are.
            rows: Their cells, as they are printed: brackets in them are no markup.
            options: Title and notes.
        """
        table, unbroken, numbers = cls(**options), frozenset(whole), frozenset(right)
        for heading in headings:
            table.column(heading, whole=heading in unbroken, right=heading in numbers)
        for row in rows:
            table.add(*row)
        return table

    def add(self, *cells: object) -> None:
        """Add a row of cells as they are printed: brackets in them are no markup."""
        self.add_row(*(escape(str(cell)) for cell in cells))

    def column(self, heading: str = "", *, whole: bool = False, right: bool = False) -> None:
        """Add a column.

        Args:
            whole: Its cells are never broken.
            right: Its cells are aligned at the right, as numbers are.
        """
        self.add_column(
            heading, justify="right" if right else "left", no_wrap=whole, overflow="fold"
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table, or its rows as paragraphs where it is too wide."""
        if self.heading:
            yield Text.from_markup(self.heading, style="italic")
        widths = self._widths(options.max_width - GAP * (len(self.columns) - 1))
        if widths is None:
            yield from self._paragraphs()
            return
        for column, width in zip(self.columns, widths, strict=True):
            column.width = width
        yield from super().__rich_console__(console, options)

    def _widths(self, room: int) -> list[int] | None:
        """Return the widths of the columns, which together take no more than some characters.

        Rich would make the widest columns narrow without a regard to what they hold.
        """
        lines = [list(_lines(column)) for column in self.columns]
        natural = [max(map(cell_len, of), default=1) for of in lines]
        if sum(natural) <= room:
            return natural
        widths = [
            width if column.no_wrap else max(map(_longest_word, of), default=1)
            for column, of, width in zip(self.columns, lines, natural, strict=True)
        ]
        spare = room - sum(widths)
        if spare < 0:
            return None
        while spare:
            short = [i for i, width in enumerate(widths) if width < natural[i]]
            # The column whose text would have most lines gets the next character.
            i = max(short, key=lambda i: natural[i] / widths[i])
            widths[i] += 1
            spare -= 1
        return widths

    def _paragraphs(self) -> Iterator[Text]:
        names = [str(column.header) for column in self.columns]
        for row in zip(*(column.cells for column in self.columns), strict=True):
            head, *rest = zip(names, row, strict=True)
            yield _line(f"[bold]{' '.join(filter(None, map(str, head)))}[/bold]")
            for name, cell in rest:
                if str(cell):
                    yield _line(f"  {f'{name}: ' if name else ''}{cell}")


def write_rows(
    lines: IO[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, end: str = "\r\n"
) -> None:
    """Write rows as CSV, without what is in no column; texts are no formulas of a spreadsheet."""
    writer = csv.DictWriter(lines, columns, extrasaction="ignore", lineterminator=end)
    writer.writeheader()
    for row in rows:
        texts = {name: quote_formula(one) for name, one in row.items() if isinstance(one, str)}
        writer.writerow({**row, **texts})


def print_table(table: ReadableTable) -> None:
    """Print a table, and its notes below it."""
    out.print(table)
    if table.notes:
        say(table.notes)


def _line(markup: str) -> Text:
    return Text.from_markup(markup.replace("\n", " "), overflow="fold")


def _lines(column: Column) -> Iterator[str]:
    for cell in (column.header, *column.cells):
        yield from Text.from_markup(str(cell)).plain.splitlines()


def _longest_word(line: str) -> int:
    """Return the fewest characters that a line of text can be shown in."""
    return min(LONGEST_WORD, max((cell_len(word) for word in line.split()), default=1))


def coefficients_table(coefficients: Iterable[Coefficient], title: str) -> ReadableTable:
    """Return the coefficients of a regression with their intervals, a row each."""
    heads = ("coefficient", "interval", "p")
    rows = (
        (one.name, f"{one.value:+.4f}", f"{one.low:+.4f} to {one.high:+.4f}", f"{one.p_value:.3g}")
        for one in coefficients
    )
    return ReadableTable.of("column", *heads, right=heads, rows=rows, title=title)
