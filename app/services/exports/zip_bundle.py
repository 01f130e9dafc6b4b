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
            _copy(archive, path.name, path, method)


def write_documents(target: Path, documents: Iterable[tuple[str, bytes | Path]]) -> int:
    """Write documents and pictures into a ZIP file, and return their number.

    Args:
        target: The ZIP file.
        documents: Name of each, and its bytes or its file; pictures are compressed already.
    """
    count = 0
    with zipfile.ZipFile(target, "w", allowZip64=True, compresslevel=6) as archive:
        for name, content in documents:
            count += 1
            if isinstance(content, Path):
                picture = name.endswith(".jpg")
                _copy(
                    archive, name, content, zipfile.ZIP_STORED if picture else zipfile.ZIP_DEFLATED
                )
            else:
                archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), content)
    return count


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = method
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _copy(archive: zipfile.ZipFile, name: str, path: Path, method: int) -> None:
    entry = _entry(name, method)
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as out:
        shutil.copyfileobj(source, out, 2**20)
