"""``presslens photos``: single photos of the archive, by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
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


@command(cli, "similar", doing="comparing photos")
def similar(
    home: Installation,
    photo: Annotated[int, typer.Argument(min=1, metavar="ID", help="Id of the photo.")],
    limit: Annotated[
        int, typer.Option(min=1, max=MOST, help="Most photos that look alike to list.")
    ] = 10,
) -> Printed:
    """List the other prints of a photo's picture, and the photos that look most like it."""
    result = similar_photos(home, find_address(home, photo).photo_id, limit=limit)
    yield result
    if result.reprints:
        yield _prints(result.reprints)
    elif result.reprints is None:
        yield "not known whether another print of this photo is stored: it was not compared"
    else:
        yield "no other print of this photo is stored"
    yield _alike(result)


def _prints(reprints: Sequence[OtherPrint]) -> ReadableTable:
    rows = (
        (
            one.id, one.publication, one.day, one.page_number,
            "before" if one.earlier else "since", f"{one.agreement.probability:.4f}",
        )
        for one in reprints
    )  # fmt: skip
    heads = (*PLACE, "printed", "probability")
    title = "other prints of the picture"
    return ReadableTable.of(*heads, whole=("id", "day"), rows=rows, title=title)


def _alike(result: SimilarPhotos) -> ReadableTable:
    rows = (
        (one.photo.id, one.photo.publication, one.photo.day, one.photo.page_number,
         f"{one.similarity:.2f}")
        for one in result.similar
    )  # fmt: skip
    title = "photos that look alike"
    return ReadableTable.of(*PLACE, "similarity", whole=("id", "day"), rows=rows, title=title)
