"""The month, made once for all tests of this folder, and a copy of it to write to."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from app.month.make import make_month, shipped_recording
from app.sample_sources import sample_sources
from app.settings import Settings


@pytest.fixture(scope="session")
def month_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of a month, which several processes share: nobody writes to it.

    ``MONTH_FOLDER`` names one that is made already.
    """
    if made_before := os.environ.get("MONTH_FOLDER"):
        return Path(made_before)
    sources = sample_sources(Settings())
    missing = [w.file for w in sources.manifest.weight if not sources.location(w).is_file()]
    if missing:
        pytest.skip(f"not in {sources.packages}: {', '.join(missing)}; run `make setup`")
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with (shared / "month.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "month" / "data").is_dir():
            settings = Settings(min_free_bytes=0)
            recording = shipped_recording()
            made = make_month(settings, shared / "month", recording=recording, progress=_silent)
            (shared / "month" / "replayed").write_text(f"{made.replayed} of {len(made.names)}")
    return shared / "month"


def _silent(_step: str, _done: int, _of: int) -> None:
    pass


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
