"""``presslens stats photos``: the photos behind a share as a plain table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.options import Helps
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import write_rows
from presslens.app.installation import Installation
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.photo_rows import columns_of, photo_rows
from presslens.app.services.statistics.queries import ShareQuery
from presslens.pipelines.counted import counted


@command(doing="reading photos", plain=True)
def photos(
    home: Installation,
    metric: Annotated[str, typer.Argument(help="children, leader@front, label:indoor, …")],
    save_to: Annotated[Path, typer.Option("--out", dir_okay=False, help="The CSV file to write.")],
    query: Annotated[ShareQuery, Helps(page="", estimand="", recipe="")],
) -> Printed:
    """Write the photos that a share is of as a table for estimate, R or pandas."""
    check_scope(home, query.criteria)
    share = parsed_metric(metric, home)
    rows = list(photo_rows(home, share, query.criteria))
    with save_to.open("w", newline="", encoding="utf-8") as lines:
        write_rows(lines, columns_of(share.name), rows, end="\n")
    drawn = sum(row["inclusion_probability"] is not None for row in rows)
    yield f"{counted(len(rows), 'photo')}, {drawn} of them drawn, in {save_to}"
