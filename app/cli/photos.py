"""``presslens photos``: single photos of the archive, by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say
from presslens.app.cli.options import JsonOption
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.catalogue.reprints import OtherPrint
from presslens.app.services.catalogue.similar import SimilarPhotos, similar_photos

cli = typer.Typer(no_args_is_help=True)

PLACE = ("id", "newspaper", "day", "page")
"""Columns that say where a photo is printed."""

MOST = 200
"""Photos that look alike that are listed at most."""


@cli.callback()
def photos() -> None:
    """Look up single photos of the archive."""


@cli.command()
def similar(
    photo: Annotated[int, typer.Argument(min=1, metavar="ID", help="Id of the photo.")],
    limit: Annotated[
        int, typer.Option(min=1, max=MOST, help="Most photos that look alike to list.")
    ] = 10,
    as_json: JsonOption = False,
) -> None:
    """List the other prints of a photo's picture, and the photos that look most like it."""
    with open_installation(Settings()) as home, progress("comparing photos"):
        found = similar_photos(home, find_address(home, photo).photo_id, limit=limit)
    if as_json:
        emit_json(found.to_json())
        return
    if found.reprints:
        print_table(_prints(found.reprints))
    elif found.reprints is None:
        say("not known whether another print of this photo is stored: it was not compared")
    else:
        say("no other print of this photo is stored")
    print_table(_alike(found))


def _prints(reprints: Sequence[OtherPrint]) -> ReadableTable:
    title = "other prints of the picture"
    table = ReadableTable.of(*PLACE, "printed", "probability", whole=("id", "day"), title=title)
    for one in reprints:
        when = "before" if one.earlier else "since"
        place = str(one.id), escape(one.publication), f"{one.day}", str(one.page_number)
        table.add_row(*place, when, f"{one.agreement.probability:.4f}")
    return table


def _alike(found: SimilarPhotos) -> ReadableTable:
    title = "photos that look alike"
    table = ReadableTable.of(*PLACE, "similarity", whole=("id", "day"), title=title)
    for one in found.similar:
        photo = one.photo
        place = str(photo.id), escape(photo.publication), f"{photo.day}", str(photo.page_number)
        table.add_row(*place, f"{one.similarity:.2f}")
    return table
