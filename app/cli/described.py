"""``presslens import`` of a folder that a library describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from presslens.app.cli.command import Printed
from presslens.app.cli.console import warn
from presslens.app.cli.notices import warn_of_misspelling, warn_of_no_leader, warn_of_queue
from presslens.app.cli.progress import progress
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.ingest.described import IssueInput, ingest_described, resolved_issue
from presslens.app.services.ingest.upload import Ingested, Uploader
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescribedPage,
    DescriptionUnusable,
)
from presslens.pipelines.archives.library_folder import READERS, described_edition, described_folder
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.sandbox import Sandbox


def only_described(scans: Sequence[Path]) -> Path | None:
    """Return the one folder that is given, if files in it describe an edition."""
    folder = scans[0]
    if len(scans) != 1 or not folder.is_dir() or described_folder(folder) is None:
        return None
    return folder


def check_fetched(scans: Sequence[Path]) -> None:
    """Check that no folder waits for pages of a IIIF manifest.

    Raises:
        InvalidRequest: One does.
    """
    for folder in scans:
        if (folder / "manifest.json.part").is_file():
            raise InvalidRequest(
                f"not all pages of {folder} are fetched: run `presslens fetch-iiif` again, or with"
                " --accept-missing; with --publication and --date what is there is taken in"
            )


def import_described(
    folder: Path,
    given: IssueInput,
    mode: UploadMode | None,
    edition_id: int | None,
    uploader: Callable[[str], Uploader],
    *,
    backfill: bool,
) -> Printed:
    """Import a folder with the description in it, and yield what came of it.

    Raises:
        InvalidRequest: The description can't be read, or doesn't go with what is given.
    """
    with open_installation(Settings()) as home:
        edition = _described(home, folder)
        warn_of_misspelling(home, resolved_issue(edition, given)[0])
        with progress("storing", kept="the edition is not imported") as work:

            def follow(pages: Sequence[DescribedPage]) -> Iterator[DescribedPage]:
                return iter(work.track(pages))

            done = ingest_described(
                home,
                edition,
                given,
                now=clock.now(),
                mode=mode,
                edition_id=edition_id,
                uploader=uploader(home.recipe.codebook),
                follow=follow,
                backfill=backfill,
            )
        return printed_import(home, done, edition)


def _described(home: Installation, folder: Path) -> DescribedEdition:
    try:
        with Sandbox(home.settings.limits, modules=READERS) as sandbox:
            edition = described_edition(folder, sandbox)
    except DescriptionUnusable as error:
        raise InvalidRequest(f"{error}; --plain leaves descriptions alone") from None
    if edition is None:
        raise InvalidRequest(f"what described {folder.name} is gone")
    return edition


def printed_import(
    home: Installation, done: Ingested, edition: DescribedEdition | None = None
) -> Printed:
    """Return what came of an import, and warn of what a person should know of it."""
    state = "imported" if done.created else "is there already"
    if done.added:
        state = f"has {counted(done.added, 'more file')}"
    parts: list[Any] = [done.to_json(), f"edition {done.edition_id} {state}"]
    if edition is not None:
        parts[0] = {**done.to_json(), "description": edition.to_json()}
        texts = sum(page.text is not None for page in edition.pages)
        parts.append(
            f"by {edition.document.name}: {counted(len(edition.pages), 'page')} of"
            f" {edition.pages_described}, {counted(texts, 'page')} with text"
        )
        for note in edition.notes:
            warn(note)
    hint = find_edition(home, done.edition_id).pages_hint
    if hint is not None:
        warn(hint)
    warn_of_no_leader(home)
    warn_of_queue(home)
    return iter(parts)
