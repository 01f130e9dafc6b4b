"""What a night is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from presslens.app.services.ingest.upload_mode import UploadMode


@dataclass(frozen=True, slots=True)
class NightOptions:
    """What a night is asked to do.

    Attributes:
        mode: What is done with editions whose day has one already; None: they are skipped.
        since: Leave editions of the inbox alone that are of earlier days.
        limit: Largest number of pages that are looked at; None: any.
        retry_failed: Look again at all pages that could not be analysed.
        report: Folder that the report is written into; None: that of the settings, if any.
    """

    mode: UploadMode | None = None
    since: date | None = None
    limit: int | None = None
    retry_failed: bool = False
    report: Path | None = None
