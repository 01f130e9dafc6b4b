"""``presslens stats photos``: the photos behind a share as a plain table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.console import say
from presslens.app.cli.options import FirstOption, LastOption, PublicationOption
from presslens.app.cli.progress import progress
from presslens.app.cli.stats import parsed_metric
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.platform.spreadsheet import quote_formula
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.photo_rows import COLUMNS, photo_rows
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.counted import counted


def photos(
    metric: Annotated[str, typer.Argument(help="children, leader@front, label:indoor, …")],
    save_to: Annotated[Path, typer.Option("--out", dir_okay=False, help="The CSV file to write.")],
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
) -> None:
    """Write the photos that a share is of as a table for estimate, R or pandas."""
    criteria = EditionCriteria(publication, first, last)
    with open_installation(Settings()) as home, progress("reading photos"):
        check_scope(home, criteria)
        rows = list(photo_rows(home, parsed_metric(metric), criteria))
    with save_to.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "publication": quote_formula(row["publication"])})
    drawn = sum(row["inclusion_probability"] is not None for row in rows)
    say(f"{counted(len(rows), 'photo')}, {drawn} of them drawn, in {save_to}")
