"""What a night would do: which editions it would import, how many pages it would look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, ClassVar

from presslens.app.db.columns import JobKind
from presslens.app.installation import Installation, open_installation
from presslens.app.nightly.options import NightOptions
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.runs import find_runs
from presslens.app.services.analysis.workload import workload
from presslens.app.services.catalogue.refused_pages import refused_pages
from presslens.app.services.ingest.inbox import InboxImport, preview_inbox
from presslens.app.services.ingest.upload_notes import ONE_PAGE
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served, digits
from presslens.pipelines.scans.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class NightPreview(Served):
    """What a night would do, if it began now."""

    SERVED: ClassVar[str] = """
        dry_run *imported new_pages waiting_pages editions_to_unpack pages seconds
    """

    imported: InboxImport  # what would come of the inbox
    new_pages: int  # pages of the editions that would be imported
    waiting_pages: int  # pages that wait already, those among them that would be tried again
    editions_to_unpack: int  # editions that wait already, and whose pages are not counted yet
    pages: int  # pages that would be looked at
    # About how long that takes, by the pace of the latest pages; None: not known.
    seconds: Annotated[float | None, digits(None)]

    @property
    def dry_run(self) -> bool:
        """Always true: nothing was done."""
        return True

    def text(self) -> str:
        """Return the preview for people."""
        took = "how long is not known: too few pages were looked at lately"
        if self.seconds is not None:
            minutes = max(1, round(self.seconds / 60))
            took = f"about {counted(minutes, 'minute')} at the pace of the latest pages"
        lines = [
            f"would import {counted(len(self.imported.new), 'edition')} of"
            f" {counted(self.new_pages, 'page')}; {self.imported.unchanged} known",
            f"would look at {counted(self.pages, 'page')}: {took}",
            *(f"would import {name}" for name in self.imported.new),
            *self.imported.lines(),
        ]
        if self.editions_to_unpack:
            waiting = counted(self.editions_to_unpack, "edition")
            lines.append(f"{waiting} wait to be unpacked, whose pages are not counted")
        return "\n".join(lines)


def preview_night(settings: Settings, inbox: Path, options: NightOptions) -> NightPreview:
    """Return what a night would do; nothing is written, and nothing waited for.

    Raises:
        PresslensError: The installation can't be opened, or the patterns can't be used.
    """
    with open_installation(settings) as home:
        imported, files = preview_inbox(
            home, inbox, now=clock.now(), mode=options.mode, since=options.since
        )
        new_pages = _count_pages(home, files)
        work, retried = workload(home).waiting, 0
        if options.retry_failed:
            retried = len(refused_pages(home))
        waiting = work[JobKind.OBSERVE] + retried
        pages = new_pages + waiting
        if options.limit is not None:
            pages = min(pages, options.limit)
        pace = find_runs(home, now=clock.now()).seconds_a_page
        seconds = None if pace is None else pages * pace
        unpack = work[JobKind.UNPACK]
        return NightPreview(imported, new_pages, waiting, unpack, pages, seconds)


def _count_pages(home: Installation, files: Sequence[Path]) -> int:
    """Return how many pages files have; those that may have several are opened."""
    several = [file for file in files if file.suffix.lower() not in ONE_PAGE]
    count = len(files) - len(several)
    if several:
        with Sandbox(home.settings.limits) as sandbox:
            for file in several:
                with TemporaryDirectory() as folder:
                    count += len(sandbox.unpack(file, file.name, Path(folder)))
    return count
