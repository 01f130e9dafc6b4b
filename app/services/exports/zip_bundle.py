"""ZIP files whose bytes depend on their content alone: no times, and names in a given order."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP file can give; it stands for none."""


def write_bundle(target: Path, files: Iterable[Path], *, deflate: bool = True) -> None:
    """Write files into a ZIP file under their own names.

    Args:
        target: The ZIP file.
        files: In their order in the ZIP file.
        deflate: Compress them; files that are compressed already gain nothing.
    """
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method, allowZip64=True, compresslevel=6) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.name, EPOCH)
            entry.compress_type = method
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as out:
                shutil.copyfileobj(source, out, 2**20)
