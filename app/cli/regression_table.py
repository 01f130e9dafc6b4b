"""The table of a regression's coefficients on the command line."""

from __future__ import annotations

from rich.markup import escape

from presslens.app.cli.console import say
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.plain_regression import TableRegression


def print_regression(fit: TableRegression) -> None:
    """Print the coefficients with their intervals, or why there are none."""
    found = fit.regression
    unit = "share" if found.model is Model.LINEAR else "log odds"
    table = ReadableTable(title=escape(f"{fit.measure}: {unit} by {found.model} regression"))
    for heading in ("column", "coefficient", "interval", "p"):
        table.column(heading, right=heading != "column")
    for row in found.coefficients:
        bounds = f"{row.low:+.4f} to {row.high:+.4f}"
        table.add_row(escape(row.name), f"{row.value:+.4f}", bounds, f"{row.p_value:.3g}")
    if found.coefficients:
        print_table(table)
    of = ", ".join(f"{name} {value}" for name, value in fit.reference.items())
    if of and found.coefficients:
        say(f"The intercept is of {of}.")
    say(f"{found.refused}." if found.refused else f"How: {found.method}.")
