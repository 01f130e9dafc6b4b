"""``presslens report``: editions as pages that open without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.progress import progress
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.language import LANGUAGES
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.publications import named_for_readers
from presslens.app.web.report import report_font, stored_edition, write_report


@command()
def report(
    editions: Annotated[
        list[int], typer.Argument(metavar="EDITION…", help="Ids, as `presslens editions` lists.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder of the pages; report-EDITION without.")
    ] = None,
    language: Annotated[str, typer.Option(help=f"Of the pages: {', '.join(LANGUAGES)}.")] = "en",
    title: Annotated[str, typer.Option(help="The heading of several editions.")] = "Editions",
) -> Printed:
    """Write the pages of editions as files that open in a browser without a server."""
    if language not in LANGUAGES:
        raise typer.BadParameter(f"a language is one of {', '.join(LANGUAGES)}, not {language}")
    ids = list(dict.fromkeys(editions))
    folder = folder or Path(f"report-{'-'.join(map(str, ids))}")
    settings = Settings()
    remains = f"what is in {folder} may not be whole"
    with (
        open_installation(settings) as home,
        named_for_readers(home),
        progress("writing the pages", remains=remains),
    ):
        index = write_report(
            [stored_edition(home, edition) for edition in ids],
            folder,
            title=title,
            today=clock.now().date(),
            language=language,
            font=report_font(settings),
        )
    yield {"report": str(index), "editions": ids}
    yield f"open {index} in a browser"
