"""``presslens publish``: the archive as a site of files, for any web space."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, tell
from presslens.app.cli.options import Helps
from presslens.app.cli.progress import progress
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.publish.folder import check_folder
from presslens.app.publish.pictures import expected_tile_bytes
from presslens.app.publish.plan import SitePlan
from presslens.app.publish.site import SiteChoices, publish_site
from presslens.app.services.catalogue.edition_query import EditionQuery

REMAINS = "nothing was published, and what was there before is whole"


@command()
def publish(
    folder: Annotated[
        Path, typer.Argument(help="New, empty, or an earlier publication, which is replaced.")
    ],
    query: Annotated[EditionQuery, Helps(publication="Of this newspaper only.")],
    pictures: Annotated[
        str | None,
        typer.Option(
            "--pictures", metavar="RIGHTS", help="Pictures too, with this line of their rights."
        ),
    ] = None,
    unblurred: Annotated[
        bool, typer.Option("--unblurred", help="Photos that show children as they were printed.")
    ] = False,
    zoom: Annotated[
        bool, typer.Option("--zoom", help="Tiles of all pixels of each page, which take room.")
    ] = False,
    address: Annotated[
        str, typer.Option("--address", help="Where it will lie: https://…, to be cited by.")
    ] = "",
    author: Annotated[
        list[str] | None, typer.Option("--author", help="Who is to be cited.")
    ] = None,
) -> Printed:
    """Publish editions, photos, timelines and claims as files that any web space serves."""
    folder = folder.absolute()
    check_folder(folder)
    choices = SiteChoices(query.scope, pictures, unblurred, zoom, address, tuple(author or ()))
    choices.check()
    with open_installation(Settings()) as home:
        if zoom:
            pages = SitePlan(home, choices.scope, pictures=True).page_ids
            size = _megabytes(expected_tile_bytes(home, pages))
            tell(f"tiles of {len(pages):,} pages will take about {size}")
        with progress("publishing", remains=REMAINS) as work:
            site = publish_site(
                home,
                folder,
                choices,
                today=clock.now().date(),
                progress=lambda done, of, name: work.take_step(name, done, of or None),
            )
    yield site.to_json()
    tiles = f", {_megabytes(site.tile_bytes)} of them tiles" if zoom else ""
    yield f"{folder}: {site.pages:,} pages, {site.files:,} files, {_megabytes(site.bytes)}{tiles}"
    if pictures is not None and not unblurred:
        yield f"{site.blurred:,} photos are blurred, as they may show children"
    yield Aside(f"content sha256 {site.content_sha256}; open {folder / 'index.html'} in a browser")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
