"""A copy of the month to write to."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def own_month(month_folder: Path, tmp_path: Path) -> Path:
    """The folder of a month of a test's own; scans and pictures are those of the shared one."""
    own = tmp_path / "month"
    (own / "data" / "tmp").mkdir(parents=True)
    for name in ("presslens.db", ".presslens"):
        shutil.copyfile(month_folder / "data" / name, own / "data" / name)
    for name in ("data/scans", "data/views", "truth"):
        (own / name).symlink_to(month_folder / name)
    return own
