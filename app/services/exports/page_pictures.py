"""The pictures of pages as files of an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.pages import page_view
from presslens.app.services.exports.batches import ReportProgress, no_progress


def page_pictures(
    home: Installation,
    names: Iterable[tuple[str, int]],
    progress: ReportProgress = no_progress,
) -> Iterator[tuple[str, Path]]:
    """Yield the pictures of pages by their names, each to be read before the next is asked for.

    A page whose picture is not there has none.

    Args:
        names: The name of each picture in the export, and the id of its page.
        progress: Called before each.
    """
    for number, (name, page_id) in enumerate(names):
        progress("pictures", number)
        try:
            with page_view(home, page_id) as path:
                home.storage.check_room()
                yield name, path
        except NotFound:
            continue
