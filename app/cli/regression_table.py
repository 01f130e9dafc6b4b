"""The table of a regression's coefficients on the command line."""

from __future__ import annotations

from rich.table import Table

from app.cli.console import out
from pipelines.statistics.moments import Model
from pipelines.statistics.plain_regression import TableRegression


def print_regression(fit: TableRegression) -> None:
    """Print the coefficients with their intervals, or why there are none."""
    found = fit.regression
    unit = "share" if found.model is Model.LINEAR else "log odds"
    table = Table(title=f"{fit.measure}: {unit} by {found.model} regression", title_justify="left")
    for heading in ("column", "coefficient", "interval", "p"):
        table.add_column(heading, justify="left" if heading == "column" else "right")
    for row in found.coefficients:
        bounds = f"{row.low:+.4f} to {row.high:+.4f}"
        table.add_row(row.name, f"{row.value:+.4f}", bounds, f"{row.p_value:.3g}")
    if found.coefficients:
        out.print(table)
    of = ", ".join(f"{name} {value}" for name, value in fit.reference.items())
    if of and found.coefficients:
        out.print(f"The intercept is of {of}.")
    out.print(f"{found.refused}." if found.refused else f"How: {found.method}.")
