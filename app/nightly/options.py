"""What a night is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from presslens.app.services.ingest.upload_mode import UploadMode


@dataclass(frozen=True, slots=True)
class NightOptions:
    """What a night is asked to do."""

    # What is done with editions whose day has one already; None: they are skipped.
    mode: UploadMode | None = None
    since: date | None = None  # leave editions of the inbox alone that are of earlier days
    limit: int | None = None  # largest number of pages that are looked at; None: any
    retry_failed: bool = False  # look again at all pages that could not be analysed
    # Folder that the report is written into; None: that of the settings, if any.
    report: Path | None = None
